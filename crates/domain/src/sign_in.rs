//! Who signs in: a caller is the user whose UPN is the name in their token.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::ids::Actor;
use crate::user::{User, UserState};

/// Keeps the keys made here apart from name-based UUIDs made elsewhere from the same text.
const SIGN_IN_NAMESPACE: Uuid = Uuid::from_u128(0x41d8_b6f3_0c72_4e95_8a1f_7b60_e3d9_25c4);

/// A name that people sign in by, as a key of fixed length from which nobody reads the name.
///
/// Names are one in any case, composed or not. Others that only look alike are strangers:
/// [`crate::ids::caseless`] also joins letters of another width or form, which is right where it keeps
/// somebody out and wrong where it lets them in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignIn(Uuid);

impl SignIn {
    #[must_use]
    pub fn of(name: &str) -> Self {
        let name = fold(name);
        Self(Uuid::new_v5(&SIGN_IN_NAMESPACE, name.as_bytes()))
    }
}

fn fold(name: &str) -> String {
    let composed: String = name.nfc().collect();
    let lower = composed.to_lowercase();
    // Which of the two small letters a capital sigma becomes depends on its neighbours.
    lower.replace('\u{3c2}', "\u{3c3}").nfc().collect()
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Whoever knows a name can make its key, so the key stays out of logs like the name.
impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn(redacted)")
    }
}

impl Actor {
    #[must_use]
    pub fn sign_in(&self) -> SignIn {
        SignIn::of(self.as_str())
    }
}

impl User {
    /// What the user signs in by; `None` if the directory has no UPN of them, or they are not active.
    #[must_use]
    pub fn sign_in(&self) -> Option<SignIn> {
        let upn = self.upn.as_deref()?;
        (self.state == UserState::Active).then(|| SignIn::of(upn))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::UserId;

    proptest! {
        #[test]
        fn a_name_is_itself_in_lower_case_and_decomposed(name in "\\PC{0,12}") {
            let decomposed: String = name.nfd().collect();
            for same in [name.to_lowercase(), decomposed, fold(&name)] {
                prop_assert_eq!(fold(&same), fold(&name));
            }
        }
    }

    #[test]
    fn a_name_is_one_in_any_case_and_composed_or_not() {
        for (one, other) in [
            ("Ada@Example.com", "ada@example.COM"),
            ("Åsa@example.com", "a\u{30a}sa@example.com"),
            ("ΝΙΚΟΣ.Α@example.com", "νικος.α@example.com"),
            ("νικοσ.α@example.com", "νικος.α@example.com"),
        ] {
            assert_eq!(SignIn::of(one), SignIn::of(other), "{one}");
        }
    }

    #[test]
    fn a_name_that_looks_alike_is_another_one() {
        for (one, other) in [
            ("ada@example.com", "ａda@example.com"),
            ("ada@example.com", "аda@example.com"),
            ("ada@example.com", "ada@example.com "),
            ("ada@example.com", "åda@example.com"),
            ("office@example.com", "oﬃce@example.com"),
            ("strauss@example.com", "strauß@example.com"),
            ("", "a"),
        ] {
            assert_ne!(SignIn::of(one), SignIn::of(other), "{other}");
        }
    }

    /// It is stored: another key for the same name would be nobody's.
    #[test]
    fn a_key_stays_as_it_is() {
        let key = SignIn::of("ada@example.com").to_string();
        assert_eq!(key, "38328916-bb7d-56bd-aec8-05d7518c90c5");
    }

    #[test]
    fn a_caller_is_the_user_whose_upn_is_their_name() {
        let user = |upn: Option<&str>| User {
            user_id: UserId::parse("u1").unwrap(),
            state: UserState::Active,
            version: 1,
            common_name: "Ada".into(),
            given_name: None,
            family_name: None,
            upn: upn.map(str::to_owned),
            email: None,
            employee_number: None,
            department: None,
        };
        let caller = Actor::parse("ADA@example.com").unwrap().sign_in();
        assert_eq!(user(Some("ada@example.com")).sign_in(), Some(caller));
        assert_ne!(user(Some("bea@example.com")).sign_in(), Some(caller));
        assert_eq!(user(None).sign_in(), None);
        let gone = User {
            state: UserState::Inactive,
            ..user(Some("ada@example.com"))
        };
        assert_eq!(gone.sign_in(), None);
    }

    #[test]
    fn a_key_stays_out_of_debug_output() {
        let key = SignIn::of("ada@example.com");
        assert_eq!(format!("{key:?}"), "SignIn(redacted)");
    }
}
