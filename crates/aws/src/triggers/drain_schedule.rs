//! A tick of the drain's schedule.

use cardwright_app::drain_orders::{Drain, Report};
use cardwright_app::error::PortError;
use cardwright_app::ports::{
    ActiveHolders, ChangeCard, DueCards, OrderInbox, Producer, Quarantine, RemindOfEmails,
};
use cardwright_app::settle_orders::Worker;
use cardwright_domain::ids::Actor;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

use super::deadline;
use super::tick::{self, Cost, TickAnswer};
use crate::limits::TICK_MARGIN;
use crate::system::System;

/// Runs a tick of the drain. What the event says does not matter.
///
/// # Errors
/// The tick failed as a whole; it is logged already. The next tick does its work.
pub async fn drain_tick(
    store: &(impl DueCards + ChangeCard + ActiveHolders),
    queues: &(impl OrderInbox + Quarantine + RemindOfEmails),
    producer: &impl Producer,
    event: LambdaEvent<Value>,
) -> Result<TickAnswer<Report>, Error> {
    let deadline = deadline(&event.context, TICK_MARGIN);
    let drain = Drain {
        worker: Worker {
            store,
            queues,
            producer,
            chance: &System,
            by: Actor::system("drain-orders"),
        },
        deadline,
    };
    let log = |cost: &Cost, ticked: &_| log(cost, ticked, producer.is_available());
    tick::run(&event.context, drain.tick(), log).await
}

fn log(cost: &Cost, ticked: &Result<Report, PortError>, available: bool) {
    let nothing = Report::default();
    let report = ticked.as_ref().unwrap_or(&nothing);
    tracing::info!(
        outcome = cost.outcome,
        duration_ms = cost.duration_ms,
        aws.requests = cost.aws_requests,
        producer.requests = cost.producer_requests,
        circuit = (!available).then_some("open"),
        drain.repaired = report.swept_orders + report.swept_emails,
        drain.received = report.received,
        drain.quarantined = report.quarantined,
        drain.claimed = report.claimed,
        drain.dropped = report.dropped,
        drain.accepted = report.accepted,
        drain.refused = report.refused,
        drain.holder_inactive = report.holder_inactive,
        drain.unknown = report.unknown,
        drain.failed = report.failed,
        "tick"
    );
}

#[cfg(test)]
mod tests;
