//! Why the product says no. Each variant is a documented problem type: `docs/problems/<slug>.md`.

use serde::Serialize;

use crate::card::StateKind;
use crate::ids::CardId;

/// Problem types and failure types are URIs below this one (RFC 9457, section 3.1.1).
pub const PROBLEM_BASE: &str = "https://cardwright.example/problems/";

/// One field that does not fit, named by a JSON pointer (RFC 6901) into the body or the card's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    pub pointer: String,
    pub detail: String,
}

impl FieldError {
    #[must_use]
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }

    /// The same error of something that lies below this pointer.
    #[must_use]
    pub fn below(self, pointer: &str) -> Self {
        Self {
            pointer: format!("{pointer}{}", self.pointer),
            ..self
        }
    }
}

/// A refusal by the rules of the product. What only concerns HTTP is refused by the API's edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    UseCaseDisabled { use_case: &'static str },
    UserNotFound,
    CardNotFound,
    UserInactive,
    OpenOrderExists { card_id: CardId, state: StateKind },
    CardState { state: StateKind },
    CardClaimed { state: StateKind },
    RequesterOnly,
    OwnOrder,
    CardChanged { current: u64 },
    ProducerContradicts,
    IdempotencyKeyReused,
    ProductionTypeUnknown,
    UserAttributeMissing { errors: Vec<FieldError> },
    CardDataInvalid { errors: Vec<FieldError> },
    SearchTextInvalid { detail: &'static str },
    CursorInvalid,
    OptionsInvalid { errors: Vec<FieldError> },
    OptionsChanged { current: u64 },
}

impl Refusal {
    /// The last part of the problem type, and the name of its page.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::UseCaseDisabled { .. } => "use-case-disabled",
            Self::UserNotFound => "user-not-found",
            Self::CardNotFound => "card-not-found",
            Self::UserInactive => "user-inactive",
            Self::OpenOrderExists { .. } => "open-order-exists",
            Self::CardState { .. } => "card-state",
            Self::CardClaimed { .. } => "card-claimed",
            Self::RequesterOnly => "requester-only",
            Self::OwnOrder => "own-order",
            Self::ProducerContradicts => "producer-contradicts",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::ProductionTypeUnknown => "production-type-unknown",
            Self::UserAttributeMissing { .. } => "user-attribute-missing",
            Self::CardDataInvalid { .. } => "card-data-invalid",
            Self::SearchTextInvalid { .. } => "parameter-invalid",
            Self::CursorInvalid => "cursor-invalid",
            Self::OptionsInvalid { .. } => "options-invalid",
            Self::CardChanged { .. } | Self::OptionsChanged { .. } => "precondition-failed",
        }
    }

    /// A short sentence for people; the same for every occurrence of the type.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::UseCaseDisabled { .. } => "This use case is not enabled",
            Self::UserNotFound => "There is no such user",
            Self::CardNotFound => "There is no such card",
            Self::UserInactive => "The user is not active",
            Self::OpenOrderExists { .. } => "The user already has an open order",
            Self::CardState { .. } => "The card's state does not allow this",
            Self::CardClaimed { .. } => "The card is being handed to the producer",
            Self::RequesterOnly => "Only the requester may take this request back",
            Self::OwnOrder => "Nobody decides about their own order",
            Self::ProducerContradicts => "The producer tells another story than the card",
            Self::IdempotencyKeyReused => "The Idempotency-Key was used for another request",
            Self::ProductionTypeUnknown => "There is no such production type to choose",
            Self::UserAttributeMissing { .. } => "The user lacks an attribute that the card needs",
            Self::CardDataInvalid { .. } => "The card data does not fit the production type",
            Self::SearchTextInvalid { .. } => "A parameter does not fit",
            Self::CursorInvalid => "The cursor does not fit this list",
            Self::OptionsInvalid { .. } => "The options are not valid",
            Self::CardChanged { .. } | Self::OptionsChanged { .. } => {
                "Somebody changed this in the meantime"
            }
        }
    }

    /// What happened here and what to do next.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::UseCaseDisabled { use_case } => format!(
                "An administrator has to enable useCases.{use_case} in the options first."
            ),
            Self::UserNotFound => "Search for the user and use the userId of the answer.".into(),
            Self::CardNotFound => "Check the card id; a card is never deleted.".into(),
            Self::UserInactive => {
                "Only an active user may hold a card. Activate the user in the directory first."
                    .into()
            }
            Self::OpenOrderExists { card_id, state } => format!(
                "Card {card_id} is {}. Abort it or wait until it is produced, or allow multiple orders.",
                state.as_str()
            ),
            Self::CardState { state } => {
                format!(
                    "The card is {}. Read it again to see what it allows now.",
                    state.as_str()
                )
            }
            Self::CardClaimed { .. } => {
                "It can no longer be aborted. Read it again in a minute to see how it went on."
                    .into()
            }
            Self::RequesterOnly => {
                "While an order waits for approval, only its requester aborts it. An approver can reject it."
                    .into()
            }
            Self::OwnOrder => {
                "Another approver than the requester and the holder has to decide.".into()
            }
            Self::CardChanged { current } => format!(
                "The card is at version {current} now. Read it, and decide about what it is."
            ),
            Self::ProducerContradicts => {
                "Nothing was changed. Call the producer, and compare its order with the card."
                    .into()
            }
            Self::IdempotencyKeyReused => {
                "Use a new key for a new order. The card of the first request was not changed."
                    .into()
            }
            Self::ProductionTypeUnknown => {
                "Choose one of the productionTypes that the card draft lists.".into()
            }
            Self::UserAttributeMissing { .. } => {
                "Complete the user in the directory, or change the mapping in the options.".into()
            }
            Self::CardDataInvalid { .. } => "Correct the user in the directory, choose another \
                production type, or change its rules in the options."
                .into(),
            Self::SearchTextInvalid { detail } => (*detail).into(),
            Self::CursorInvalid => {
                "Start again without a cursor, and pass back only what `next` gave you.".into()
            }
            Self::OptionsInvalid { .. } => {
                "Correct the listed fields and send the whole document again.".into()
            }
            Self::OptionsChanged { current } => format!(
                "The options are at version {current} now. Read them, apply your change, send it again."
            ),
        }
    }
}

/// The full URI of a problem type.
#[must_use]
pub fn problem_type(slug: &str) -> String {
    format!("{PROBLEM_BASE}{slug}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(slug: &str) -> String {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/problems");
        std::fs::read_to_string(format!("{pages}/{slug}.md")).unwrap()
    }

    #[test]
    fn every_refusal_says_what_its_page_says() {
        let card_id = "8d1f6a52-3c0b-5e47-9a64-0f2b7c915de3".parse().unwrap();
        let state = StateKind::Ordered;
        let errors = Vec::new();
        for refusal in [
            Refusal::UseCaseDisabled {
                use_case: "orderCard",
            },
            Refusal::UserNotFound,
            Refusal::CardNotFound,
            Refusal::UserInactive,
            Refusal::OpenOrderExists { card_id, state },
            Refusal::CardState { state },
            Refusal::CardClaimed { state },
            Refusal::RequesterOnly,
            Refusal::OwnOrder,
            Refusal::CardChanged { current: 4 },
            Refusal::ProducerContradicts,
            Refusal::IdempotencyKeyReused,
            Refusal::ProductionTypeUnknown,
            Refusal::UserAttributeMissing {
                errors: errors.clone(),
            },
            Refusal::CardDataInvalid {
                errors: errors.clone(),
            },
            Refusal::SearchTextInvalid {
                detail: "Correct the listed parameters.",
            },
            Refusal::CursorInvalid,
            Refusal::OptionsInvalid { errors },
            Refusal::OptionsChanged { current: 4 },
        ] {
            let slug = refusal.slug();
            let page = page(slug);
            assert_eq!(
                page.lines().next(),
                Some(&*format!("# {}", refusal.title()))
            );
            for line in [
                format!("- Type: `https://cardwright.example/problems/{slug}`"),
                format!("  \"type\": \"{}\",", problem_type(slug)),
                format!("  \"detail\": \"{}\",", refusal.detail()),
            ] {
                assert!(page.lines().any(|shown| shown == line), "{slug}: {line}");
            }
        }
    }
}
