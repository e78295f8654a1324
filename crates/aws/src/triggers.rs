//! What starts the functions that no person waits for: the schedules and the mail queue. The API's
//! events are the business of `crates/api`.
//!
//! Each invocation is one span with Lambda's request id, and ends with one line that says how it
//! went.

#[cfg(feature = "schedule")]
mod deadline_schedule;
#[cfg(feature = "schedule")]
mod drain_schedule;
#[cfg(all(feature = "ses", feature = "sqs"))]
mod mail_queue;
#[cfg(feature = "schedule")]
mod sync_schedule;
#[cfg(feature = "schedule")]
mod tick;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cardwright_app::ports::Clock;
use cardwright_domain::time::Time;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Context;
use tracing::Span;

#[cfg(feature = "schedule")]
pub use self::deadline_schedule::deadline_tick;
#[cfg(feature = "schedule")]
pub use self::drain_schedule::drain_tick;
#[cfg(all(feature = "ses", feature = "sqs"))]
pub use self::mail_queue::mail_queue;
#[cfg(feature = "schedule")]
pub use self::sync_schedule::sync_tick;
#[cfg(feature = "schedule")]
pub use self::tick::TickAnswer;
use crate::requests;
use crate::system::System;

static COLD: AtomicBool = AtomicBool::new(true);

/// What an invocation has cost so far.
#[derive(Debug)]
struct Invocation {
    began: Time,
    requests_before: u64,
}

impl Invocation {
    fn begin() -> Self {
        Self {
            began: System.now(),
            requests_before: requests::made(),
        }
    }

    fn duration_ms(&self) -> u64 {
        let milliseconds = System.now().since(self.began).as_millis();
        u64::try_from(milliseconds).unwrap_or(0)
    }

    fn aws_requests(&self) -> u64 {
        requests::made() - self.requests_before
    }
}

fn span(context: &Context) -> Span {
    let cold_start = COLD.swap(false, Ordering::Relaxed);
    tracing::info_span!("invocation", request.id = %context.request_id, cold_start)
}

/// When the invocation has to be over: so long before Lambda stops it.
fn deadline(context: &Context, margin: Duration) -> Time {
    let end = i64::try_from(context.deadline).unwrap_or(i64::MAX);
    let end = Timestamp::from_millisecond(end).unwrap_or(Timestamp::MAX);
    let margin = SignedDuration::try_from(margin).unwrap_or_default();
    Time::new(end.saturating_sub(margin).unwrap_or(Timestamp::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_is_a_little_before_lambdas() {
        let mut context = Context::default();
        context.deadline = 1_795_348_800_500;
        let deadline = deadline(&context, Duration::from_secs(2));
        assert_eq!(deadline.to_string(), "2026-11-22T11:59:58.500Z");
    }
}
