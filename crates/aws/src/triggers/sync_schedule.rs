//! A tick of the sync's schedule.

use cardwright_app::error::PortError;
use cardwright_app::ports::{ChangeCard, FollowOrder, SilentOrders};
use cardwright_app::sync_orders::{Report, Sync};
use cardwright_domain::ids::Actor;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use tracing::Instrument;

use super::{Invocation, TickAnswer, deadline, span};
use crate::limits::TICK_MARGIN;
use crate::producer;
use crate::system::System;

/// Runs a tick of the sync. What the event says does not matter.
///
/// # Errors
/// The tick failed as a whole; it is logged already. The next tick does its work.
pub async fn sync_tick(
    store: &(impl SilentOrders + ChangeCard),
    producer: &impl FollowOrder,
    event: LambdaEvent<Value>,
) -> Result<TickAnswer<Report>, Error> {
    let sync = Sync {
        store,
        producer,
        clock: &System,
        by: Actor::system("sync-orders"),
        deadline: deadline(&event.context, TICK_MARGIN),
    };
    let tick = async {
        let (invocation, asked_before) = (Invocation::begin(), producer::requests_made());
        let ticked = Box::pin(sync.tick()).await;
        let producer_requests = producer::requests_made() - asked_before;
        log(&invocation, &ticked, producer_requests);
        let aws_requests = invocation.aws_requests();
        Ok(TickAnswer {
            report: ticked?,
            aws_requests,
            producer_requests,
        })
    };
    tick.instrument(span(&event.context)).await
}

fn log(invocation: &Invocation, ticked: &Result<Report, PortError>, producer_requests: u64) {
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
        sync.asked = report.asked,
        sync.moved = report.moved,
        sync.unchanged = report.unchanged,
        sync.contradicted = report.contradicted,
        sync.unanswered = report.unanswered,
        sync.failed = report.failed,
        "tick"
    );
}

#[cfg(test)]
mod tests;
