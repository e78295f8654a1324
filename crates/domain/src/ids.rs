//! The identifiers of the product. Each is a type, so that none can be taken for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::limits::{MAX_ACTOR_CHARS, MAX_EVENT_ID_CHARS, MAX_ID_CHARS, MAX_IDEMPOTENCY_KEY_CHARS};

/// Keeps the ids derived here apart from name-based UUIDs made elsewhere from the same text.
const CARD_NAMESPACE: Uuid = Uuid::from_u128(0x6f0c_9a1e_58d3_4c1b_9b7a_2f4e_8d61_c0a5);

/// A text is not an identifier of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: expected {expected}")]
pub struct InvalidId {
    what: &'static str,
    expected: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// # Errors
            /// The text is empty, longer than [`MAX_ID_CHARS`], has other characters than `A-Za-z0-9._-`,
            /// or is `.` or `..`, which a URL can't carry.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let fits = (1..=MAX_ID_CHARS).contains(&text.len())
                    && !matches!(text, "." | "..")
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
                let expected = "1 to 64 characters of A-Z a-z 0-9 . _ -";
                fits.then(|| Self(text.to_owned())).ok_or(InvalidId { what: $what, expected })
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A person in the directory.
    UserId,
    "user id"
);
text_id!(
    /// A card product of the producer.
    ProductionTypeId,
    "production type"
);
text_id!(
    /// The producer's own name for an order that it accepted.
    ProducerOrderId,
    "producer order id"
);

/// A card, from its order to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CardId(Uuid);

impl CardId {
    /// The id that this caller's key always leads to. It is what makes an order idempotent:
    /// the same key can only ever put the same card.
    #[must_use]
    pub fn derive(caller: &Actor, key: &IdempotencyKey) -> Self {
        // The length keeps ("ab", "c") apart from ("a", "bc").
        let name = format!("{}:{}{}", caller.0.len(), caller.0, key.0);
        Self(Uuid::new_v5(&CARD_NAMESPACE, name.as_bytes()))
    }

    #[must_use]
    pub fn as_uuid(&self) -> &Uuid {
        &self.0
    }
}

impl TryFrom<String> for CardId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl FromStr for CardId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let hyphenated = (text.len() == uuid::fmt::Hyphenated::LENGTH).then_some(text);
        let uuid = hyphenated.and_then(|text| Uuid::try_parse(text).ok());
        uuid.map(Self).ok_or(InvalidId {
            what: "card id",
            expected: "a UUID with hyphens",
        })
    }
}

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How often a card has been ordered, from 1; a repeat counts one up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderAttempt(pub u32);

impl OrderAttempt {
    pub const FIRST: Self = Self(1);

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The key under which the producer knows an order: one card, one attempt.
/// Everybody who asks the producer for it, however late, uses the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OrderId {
    pub card_id: CardId,
    pub attempt: OrderAttempt,
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.card_id, self.attempt.0)
    }
}

impl FromStr for OrderId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            what: "order id",
            expected: "a card id, a hyphen and a number",
        };
        let (card_id, attempt) = text.rsplit_once('-').ok_or_else(|| invalid.clone())?;
        let attempt = attempt
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or(invalid)?;
        Ok(Self {
            card_id: card_id.parse()?,
            attempt: OrderAttempt(attempt),
        })
    }
}

impl From<OrderId> for String {
    fn from(id: OrderId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for OrderId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

/// Proves which worker holds a claim. It is random, so nobody can hold it by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClaimToken(pub Uuid);

/// Begins the name of a function of the product itself.
const SYSTEM: &str = "system:";

/// Who does something: the name of the signed-in caller, or `system:<function>`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(String);

impl Actor {
    /// # Errors
    /// The name is empty, longer than [`MAX_ACTOR_CHARS`] or has control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let fits = (1..=MAX_ACTOR_CHARS).contains(&text.chars().count())
            && !text.chars().any(char::is_control);
        let expected = "1 to 256 printable characters";
        fits.then(|| Self(text.to_owned())).ok_or(InvalidId {
            what: "caller",
            expected,
        })
    }

    /// A function of the product itself.
    #[must_use]
    pub fn system(function: &'static str) -> Self {
        Self(format!("{SYSTEM}{function}"))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a function of the product itself, and no person. No caller can have such a name.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.0.starts_with(SYSTEM)
    }

    /// The name by which two callers are one person.
    #[must_use]
    pub fn caseless(&self) -> String {
        caseless(&self.0)
    }
}

/// A name as directories compare it: in any case, and composed or not.
#[must_use]
pub fn caseless(name: &str) -> String {
    let composed: String = name.nfkc().collect();
    // By way of the capitals, because some letters have several small forms.
    let folded = composed.to_lowercase().to_uppercase().to_lowercase();
    folded
        .nfkc()
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect()
}

/// A caller's name is often an address, so it stays out of logs.
impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Actor(redacted)")
    }
}

/// The caller's own name for one attempt to order, from the `Idempotency-Key` header
/// (IETF draft-ietf-httpapi-idempotency-key-header).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// # Errors
    /// The key is empty, longer than [`MAX_IDEMPOTENCY_KEY_CHARS`] or not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let fits = (1..=MAX_IDEMPOTENCY_KEY_CHARS).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic());
        let expected = "1 to 255 visible ASCII characters";
        fits.then(|| Self(text.to_owned())).ok_or(InvalidId {
            what: "idempotency key",
            expected,
        })
    }
}

/// The producer's own name for one event: the same however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventId(String);

impl EventId {
    /// # Errors
    /// The id is empty, longer than [`MAX_EVENT_ID_CHARS`], not visible ASCII, or has a dot, which parts
    /// it from what else is signed.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let fits = (1..=MAX_EVENT_ID_CHARS).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() && b != b'.');
        let expected = "1 to 128 visible ASCII characters without a dot";
        fits.then(|| Self(text.to_owned())).ok_or(InvalidId {
            what: "event id",
            expected,
        })
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_name_in_any_case_is_one_name(name in "\\PC{0,12}") {
            let folded = caseless(&name);
            prop_assert_eq!(&caseless(&folded), &folded);
            prop_assert_eq!(&caseless(&name.to_uppercase()), &folded);
            prop_assert_eq!(&caseless(&name.to_lowercase()), &folded);
        }
    }

    fn derive(caller: &str, key: &str) -> CardId {
        CardId::derive(
            &Actor::parse(caller).unwrap(),
            &IdempotencyKey::parse(key).unwrap(),
        )
    }

    #[test]
    fn a_callers_key_always_leads_to_the_same_card_and_no_other_does() {
        assert_eq!(derive("ab", "c"), derive("ab", "c"));
        assert_ne!(derive("ab", "c"), derive("a", "bc"));
        assert_ne!(derive("ab", "c"), derive("ab", "d"));
    }

    #[test]
    fn a_card_id_shows_its_uuid() {
        let id = derive("ab", "c");
        assert_eq!(id.as_uuid().to_string(), id.to_string());
    }

    #[test]
    fn an_order_id_reads_back_what_it_shows() {
        let id = OrderId {
            card_id: derive("a", "b"),
            attempt: OrderAttempt(12),
        };
        assert_eq!(id.to_string().parse::<OrderId>().unwrap(), id);
        for bad in [
            "",
            "-1",
            "x-1",
            &format!("{}-0", id.card_id),
            &id.card_id.to_string(),
        ] {
            assert!(bad.parse::<OrderId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn text_ids_refuse_what_could_bend_a_key_or_a_path() {
        for bad in ["", ".", "..", "a/b", "a b", "a#b", "ü", &"x".repeat(65)] {
            assert!(UserId::parse(bad).is_err(), "{bad}");
        }
        assert!(UserId::parse("u-1.A_b").is_ok());
    }

    #[test]
    fn a_callers_name_stays_out_of_debug_output() {
        let shown = format!("{:?}", Actor::parse("ada@example.com").unwrap());
        assert!(!shown.contains("ada"), "{shown}");
    }

    #[test]
    fn a_function_is_no_person() {
        assert!(Actor::system("drain-orders").is_system());
        assert!(!Actor::parse("ada@system:example").unwrap().is_system());
    }

    #[test]
    fn a_key_is_visible_ascii_of_a_bounded_length() {
        for bad in ["", "a b", "é", "a\n", &"k".repeat(256)] {
            assert!(IdempotencyKey::parse(bad).is_err(), "{bad}");
        }
        assert!(IdempotencyKey::parse(&"k".repeat(255)).is_ok());
    }

    #[test]
    fn an_event_id_is_visible_ascii_of_a_bounded_length() {
        for bad in ["", "a b", "é", "a\n", "a.b", &"e".repeat(129)] {
            assert!(EventId::parse(bad).is_err(), "{bad}");
        }
        let longest = "e".repeat(128);
        assert_eq!(EventId::parse(&longest).unwrap().as_str(), longest);
    }
}
