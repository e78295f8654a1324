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
use tracing::Instrument;

use super::{Invocation, TickAnswer, deadline, span};
use crate::limits::TICK_MARGIN;
use crate::producer;
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
    let tick = async {
        let (invocation, asked_before) = (Invocation::begin(), producer::requests_made());
        let ticked = Box::pin(drain.tick()).await;
        let producer_requests = producer::requests_made() - asked_before;
        log(
            &invocation,
            &ticked,
            producer_requests,
            producer.is_available(),
        );
        let aws_requests = invocation.aws_requests();
        Ok(TickAnswer {
            report: ticked?,
            aws_requests,
            producer_requests,
        })
    };
    tick.instrument(span(&event.context)).await
}

fn log(
    invocation: &Invocation,
    ticked: &Result<Report, PortError>,
    producer_requests: u64,
    available: bool,
) {
    let report = match ticked {
        Ok(report) => report,
        Err(error) => {
            let error = error as &(dyn std::error::Error + 'static);
            tracing::error!(error, "the tick failed; the next one does its work");
            &Report::default()
        }
    };
    tracing::info!(
        outcome = if ticked.is_ok() { "ok" } else { "failed" },
        duration_ms = invocation.duration_ms(),
        aws.requests = invocation.aws_requests(),
        producer.requests = producer_requests,
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
