//! Transactions, and the reading of why one was cancelled: a reason for each action.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};
use cardwright_app::error::PortError;

use super::Tables;
use super::retry::pause;
use crate::call::port_error;
use crate::limits::TABLE_CONFLICT_TRIES;

const OPERATION: &str = "dynamodb.TransactWriteItems";

/// Reasons that pass: another transaction on the same item, or too much at once.
/// The SDK does not retry them, because for it the cancelled transaction is an answer.
const PASSING: [&str; 3] = [
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
];

#[derive(Debug)]
pub(super) enum Transacted {
    Done,
    /// At least one condition did not hold; the reasons are in the order of the actions.
    Refused(Vec<CancellationReason>),
}

impl Tables {
    /// One transaction. Under one token it is done at most once in ten minutes, so that a retry
    /// whose first try landed after all is told the same again.
    pub(super) async fn transact(
        &self,
        actions: Vec<TransactWriteItem>,
        token: Option<String>,
    ) -> Result<Transacted, PortError> {
        let call = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .set_client_request_token(token);
        for retry in 0..TABLE_CONFLICT_TRIES {
            let Err(error) = call.clone().send().await else {
                return Ok(Transacted::Done);
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
                error.as_service_error()
            else {
                return Err(port_error(OPERATION, error));
            };
            let reasons = cancelled.cancellation_reasons();
            if reasons.iter().any(condition_failed) {
                return Ok(Transacted::Refused(reasons.to_vec()));
            }
            if !reasons.iter().any(passing) {
                return Err(port_error(OPERATION, error));
            }
            pause(retry).await;
        }
        let error = "another transaction was in the way of every try";
        Err(PortError::new(OPERATION, error))
    }
}

pub(super) fn condition_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

fn passing(reason: &CancellationReason) -> bool {
    reason.code().is_some_and(|code| PASSING.contains(&code))
}
