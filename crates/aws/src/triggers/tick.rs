//! What the ticks of all schedules share: what one costs, and how it ends.

use std::future::Future;
use std::pin::Pin;

use cardwright_app::error::PortError;
use lambda_runtime::{Context, Error};
use serde::Serialize;
use tracing::Instrument;

use super::{Invocation, span};
use crate::requests;

/// What a tick did and cost, for whoever runs one by hand.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TickAnswer<Report> {
    #[serde(flatten)]
    pub report: Report,
    pub aws_requests: u64,
    pub producer_requests: u64,
}

/// What the log says of every tick, beside what it did.
#[derive(Debug)]
pub(super) struct Cost {
    pub(super) outcome: &'static str,
    pub(super) duration_ms: u64,
    pub(super) aws_requests: u64,
    pub(super) producer_requests: u64,
}

/// Runs a tick, and lets it say in one line how it went.
///
/// # Errors
/// The tick failed as a whole; it is logged already.
pub(super) async fn run<Report>(
    context: &Context,
    tick: impl Future<Output = Result<Report, PortError>>,
    log: impl FnOnce(&Cost, &Result<Report, PortError>),
) -> Result<TickAnswer<Report>, Error> {
    // A tick on AWS nests so many futures that the compiler gives up on their size; the box hides them.
    let tick: Pin<Box<dyn Future<Output = _> + '_>> = Box::pin(tick);
    let run = async {
        let (invocation, asked_before) = (Invocation::begin(), requests::made_to_producer());
        let ticked = tick.await;
        if let Err(error) = &ticked {
            let error = error as &(dyn std::error::Error + 'static);
            tracing::error!(error, "the tick failed; the next one does its work");
        }
        let cost = Cost {
            outcome: if ticked.is_ok() { "ok" } else { "failed" },
            duration_ms: invocation.duration_ms(),
            aws_requests: invocation.aws_requests(),
            producer_requests: requests::made_to_producer() - asked_before,
        };
        log(&cost, &ticked);
        Ok(TickAnswer {
            report: ticked?,
            aws_requests: cost.aws_requests,
            producer_requests: cost.producer_requests,
        })
    };
    run.instrument(span(context)).await
}
