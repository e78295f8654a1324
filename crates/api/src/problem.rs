//! The one place where HTTP errors are made: RFC 9457 problems, each with a page in
//! `docs/problems/`.

use std::error::Error as StdError;

use cardwright_app::error::{Error, PortError};
use cardwright_domain::refusal::{FieldError, Refusal, problem_type};
use serde::Serialize;
use serde_json::{Value, json};

use crate::caller::Role;
use crate::limits::{MAX_BODY_BYTES, RETRY_AFTER_SECONDS};

/// A query parameter that does not fit.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ParameterError {
    pub parameter: &'static str,
    pub detail: &'static str,
}

/// Why a request gets no good answer.
#[derive(Debug)]
pub enum Problem {
    Unauthenticated,
    RouteNotFound,
    /// The caller has none of these.
    RoleRequired(&'static [Role]),
    ParameterInvalid(Vec<ParameterError>),
    IdempotencyKeyMissing,
    IdempotencyKeyMalformed,
    PreconditionRequired,
    /// No key that both sides know gives the signature, or there is none.
    WebhookSignatureInvalid,
    /// The request was signed too long ago, or in the future.
    WebhookTimestampInvalid,
    BodyTooLarge,
    BodyMalformed,
    BodyInvalid(FieldError),
    /// The rules of the product say no.
    Refused(Refusal),
    /// A service behind a port did not answer; nobody knows what it did.
    Unavailable(PortError),
    /// A mistake of ours.
    Internal(Box<dyn StdError + Send + Sync>),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Unavailable(error) => Self::Unavailable(error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::SearchTextInvalid { detail } => Self::ParameterInvalid(vec![ParameterError {
                parameter: "q",
                detail,
            }]),
            other => Self::Refused(other),
        }
    }
}

impl Problem {
    /// The last part of the problem type, and the name of its page.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::RouteNotFound => "route-not-found",
            Self::RoleRequired(_) => "role-required",
            Self::ParameterInvalid(_) => "parameter-invalid",
            Self::IdempotencyKeyMissing => "idempotency-key-missing",
            Self::IdempotencyKeyMalformed => "idempotency-key-malformed",
            Self::PreconditionRequired => "precondition-required",
            Self::WebhookSignatureInvalid => "webhook-signature-invalid",
            Self::WebhookTimestampInvalid => "webhook-timestamp-invalid",
            Self::BodyTooLarge => "body-too-large",
            Self::BodyMalformed => "body-malformed",
            Self::BodyInvalid(_) => "body-invalid",
            Self::Refused(refusal) => refusal.slug(),
            Self::Unavailable(_) => "temporarily-unavailable",
            Self::Internal(_) => "internal-error",
        }
    }

    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::ParameterInvalid(_)
            | Self::IdempotencyKeyMissing
            | Self::IdempotencyKeyMalformed
            | Self::WebhookTimestampInvalid
            | Self::BodyMalformed => 400,
            Self::Unauthenticated | Self::WebhookSignatureInvalid => 401,
            Self::RoleRequired(_) => 403,
            Self::RouteNotFound => 404,
            Self::BodyTooLarge => 413,
            Self::BodyInvalid(_) => 422,
            Self::PreconditionRequired => 428,
            Self::Internal(_) => 500,
            Self::Unavailable(_) => 503,
            Self::Refused(refusal) => match refusal {
                Refusal::SearchTextInvalid { .. } | Refusal::CursorInvalid => 400,
                Refusal::UseCaseDisabled { .. } | Refusal::RequesterOnly | Refusal::OwnOrder => 403,
                Refusal::UserNotFound | Refusal::CardNotFound => 404,
                Refusal::UserInactive
                | Refusal::OpenOrderExists { .. }
                | Refusal::CardState { .. }
                | Refusal::CardClaimed { .. }
                | Refusal::ProducerContradicts => 409,
                Refusal::CardChanged { .. } | Refusal::OptionsChanged { .. } => 412,
                Refusal::IdempotencyKeyReused
                | Refusal::ProductionTypeUnknown
                | Refusal::UserAttributeMissing { .. }
                | Refusal::CardDataInvalid { .. }
                | Refusal::OptionsInvalid { .. } => 422,
            },
        }
    }

    /// The header that goes with the status, if there is one.
    pub(crate) fn header(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Unauthenticated => Some(("www-authenticate", "Bearer".into())),
            Self::WebhookSignatureInvalid => Some(("www-authenticate", "Standard-Webhooks".into())),
            Self::Unavailable(_) => Some(("retry-after", RETRY_AFTER_SECONDS.to_string())),
            _ => None,
        }
    }

    /// What went wrong behind the API. Only for the log: the caller is not told.
    pub(crate) fn fault(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Unavailable(error) => Some(error),
            Self::Internal(error) => Some(&**error),
            _ => None,
        }
    }

    /// The body of the answer. Nothing in it repeats the request.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let common = [
            ("type", problem_type(self.slug()).into()),
            ("title", self.title().into()),
            ("status", self.status().into()),
            ("detail", self.detail().into()),
            ("instance", format!("urn:request:{request_id}").into()),
        ];
        let members = common.into_iter().chain(self.extensions());
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "The caller is not authenticated",
            Self::RouteNotFound => "There is no such route",
            Self::RoleRequired(_) => "The caller lacks the role",
            Self::ParameterInvalid(_) => "A parameter does not fit",
            Self::IdempotencyKeyMissing => "The Idempotency-Key is missing",
            Self::IdempotencyKeyMalformed => "The Idempotency-Key is not well-formed",
            Self::PreconditionRequired => "If-Match is required",
            Self::WebhookSignatureInvalid => "The signature does not fit",
            Self::WebhookTimestampInvalid => "The timestamp is too far from now",
            Self::BodyTooLarge => "The body is too large",
            Self::BodyMalformed => "The body is not JSON",
            Self::BodyInvalid(_) => "The body does not fit",
            Self::Refused(refusal) => refusal.title(),
            Self::Unavailable(_) => "A service behind the API did not answer",
            Self::Internal(_) => "Something went wrong on our side",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthenticated => "Send an access token that names the caller.".into(),
            Self::RouteNotFound => "No operation has this method and path.".into(),
            Self::RoleRequired(any_of) => {
                let names: Vec<_> = any_of.iter().map(|role| role.as_str()).collect();
                format!("This needs one of the roles: {}.", names.join(", "))
            }
            Self::ParameterInvalid(_) => "Correct the listed parameters.".into(),
            Self::IdempotencyKeyMissing => "Send a fresh Idempotency-Key with each order, and the \
                same one when you repeat it."
                .into(),
            Self::IdempotencyKeyMalformed => {
                "The key needs 1 to 255 visible ASCII characters.".into()
            }
            Self::PreconditionRequired => "Send the ETag of what you read as If-Match.".into(),
            Self::WebhookSignatureInvalid => "Sign the body as Standard Webhooks says, with a key \
                that both sides know."
                .into(),
            Self::WebhookTimestampInvalid => "Sign each delivery anew, by a clock that is right; \
                within five minutes it is taken."
                .into(),
            Self::BodyTooLarge => format!("A body has at most {MAX_BODY_BYTES} bytes."),
            Self::BodyMalformed => "The body is not JSON in UTF-8.".into(),
            Self::BodyInvalid(_) => "Correct the listed members and send the request again.".into(),
            Self::Refused(refusal) => refusal.detail(),
            Self::Unavailable(_) => "Try the same request again in a few seconds.".into(),
            Self::Internal(_) => "The fault was logged under the id in instance.".into(),
        }
    }

    fn extensions(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::ParameterInvalid(errors) => vec![("errors", json!(errors))],
            Self::BodyInvalid(error) => vec![("errors", json!([error]))],
            Self::Unavailable(_) => vec![("retryAfterSeconds", RETRY_AFTER_SECONDS.into())],
            Self::Refused(
                Refusal::UserAttributeMissing { errors }
                | Refusal::CardDataInvalid { errors }
                | Refusal::OptionsInvalid { errors },
            ) => vec![("errors", json!(errors))],
            Self::Refused(Refusal::OpenOrderExists { card_id, state }) => {
                vec![("cardId", json!(card_id)), ("state", state.as_str().into())]
            }
            Self::Refused(Refusal::CardState { state } | Refusal::CardClaimed { state }) => {
                vec![("state", state.as_str().into())]
            }
            _ => vec![],
        }
    }
}
