//! The shapes and limits of `infra/producer-api.yaml`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::problem::Problem;

pub(crate) const MAX_ORDERS_PER_REQUEST: usize = 100;
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
pub(crate) const MAX_PRODUCER_ORDER_ID_CHARS: usize = 64;
const MAX_KEY_CHARS: usize = 64;
const MAX_PRODUCTION_TYPE_CHARS: usize = 64;
const MAX_VALUE_CHARS: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Submission {
    pub(crate) orders: Vec<Order>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Order {
    pub(crate) key: String,
    pub(crate) production_type: String,
    pub(crate) data: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct SubmissionAnswer {
    pub(crate) answers: Vec<Answer>,
}

/// What is said about one key, in the answer to a submission, a look-up or a cancel.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) key: String,
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(
    tag = "status",
    rename_all = "lowercase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Verdict {
    Accepted { producer_order_id: String },
    Rejected { reason: Reason },
    Cancelled,
    Deferred,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    pub(crate) code: String,
    pub(crate) detail: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrderStatus {
    pub(crate) producer_order_id: String,
    pub(crate) key: String,
    #[serde(flatten)]
    pub(crate) progress: Progress,
    #[serde(serialize_with = "milliseconds")]
    pub(crate) changed_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    pub(crate) state: ProductionState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tracking: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Reason>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProductionState {
    Accepted,
    InProduction,
    Produced,
    Failed,
}

impl Submission {
    /// Checks what the contract answers with 400, which is never one order's content.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let count = self.orders.len();
        if count == 0 || count > MAX_ORDERS_PER_REQUEST {
            return Err(Problem::malformed(format!(
                "A request holds 1 to {MAX_ORDERS_PER_REQUEST} orders; this one holds {count}."
            )));
        }
        self.orders
            .iter()
            .try_for_each(|order| check_key(&order.key))
    }
}

impl Order {
    /// Why a bureau that can read the order can't make the card.
    pub(crate) fn flaw(&self) -> Option<Reason> {
        let type_chars = self.production_type.chars().count();
        if type_chars == 0 || type_chars > MAX_PRODUCTION_TYPE_CHARS {
            return Some(Reason::new(
                "production-type-unknown",
                "The bureau does not know this production type.",
            ));
        }
        let (field, _) = self
            .data
            .iter()
            .find(|(_, value)| value.chars().count() > MAX_VALUE_CHARS)?;
        let detail = format!("The field {field} is longer than {MAX_VALUE_CHARS} characters.");
        Some(Reason::new("data-invalid", detail))
    }
}

impl Reason {
    pub(crate) fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            detail: detail.into(),
        }
    }
}

pub(crate) fn check_key(key: &str) -> Result<(), Problem> {
    let is_key_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (1..=MAX_KEY_CHARS).contains(&key.len()) && key.bytes().all(is_key_byte) {
        return Ok(());
    }
    Err(Problem::malformed(format!(
        "A key has 1 to {MAX_KEY_CHARS} characters of A-Z a-z 0-9 -."
    )))
}

/// RFC 3339 with milliseconds, always of the same width, so that times sort as text.
pub(crate) fn milliseconds<S: Serializer>(
    time: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}
