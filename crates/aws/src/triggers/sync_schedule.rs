//! A tick of the sync's schedule.

use cardwright_app::error::PortError;
use cardwright_app::ports::{ChangeCard, FollowOrder, SilentOrders};
use cardwright_app::sync_orders::{Report, Sync};
use cardwright_domain::ids::Actor;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

use super::deadline;
use super::tick::{self, Cost, TickAnswer};
use crate::limits::TICK_MARGIN;
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
    tick::run(&event.context, sync.tick(), log).await
}

fn log(cost: &Cost, ticked: &Result<Report, PortError>) {
    let nothing = Report::default();
    let report = ticked.as_ref().unwrap_or(&nothing);
    tracing::info!(
        outcome = cost.outcome,
        duration_ms = cost.duration_ms,
        aws.requests = cost.aws_requests,
        producer.requests = cost.producer_requests,
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
