//! A tick of the schedule of deadlines.

use cardwright_app::error::PortError;
use cardwright_app::keep_deadlines::{Deadlines, Report};
use cardwright_app::ports::{ChangeCard, PassedDeadlines};
use cardwright_domain::ids::Actor;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

use super::deadline;
use super::tick::{self, Cost, TickAnswer};
use crate::limits::TICK_MARGIN;
use crate::system::System;

/// Runs a tick that ends what time ends. What the event says does not matter.
///
/// # Errors
/// The tick failed as a whole; it is logged already. The next tick does its work.
pub async fn deadline_tick(
    store: &(impl PassedDeadlines + ChangeCard),
    event: LambdaEvent<Value>,
) -> Result<TickAnswer<Report>, Error> {
    let deadlines = Deadlines {
        store,
        clock: &System,
        by: Actor::system("keep-deadlines"),
        deadline: deadline(&event.context, TICK_MARGIN),
    };
    tick::run(&event.context, deadlines.tick(), log).await
}

fn log(cost: &Cost, ticked: &Result<Report, PortError>) {
    let nothing = Report::default();
    let report = ticked.as_ref().unwrap_or(&nothing);
    tracing::info!(
        outcome = cost.outcome,
        duration_ms = cost.duration_ms,
        aws.requests = cost.aws_requests,
        deadlines.expired = report.expired,
        deadlines.assignments_ended = report.assignments_ended,
        deadlines.left = report.left,
        deadlines.failed = report.failed,
        "tick"
    );
}

#[cfg(test)]
mod tests;
