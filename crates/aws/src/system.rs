//! The system's clock and source of chance: the only place that asks for either.

use cardwright_app::ports::{Clock, Tokens};
use cardwright_domain::ids::ClaimToken;
use cardwright_domain::time::Time;
use jiff::Timestamp;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Time {
        Time::new(timestamp())
    }
}

impl Tokens for System {
    /// 122 random bits from the operating system: no two workers ever hold the same token.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the chance that others get injected"
    )]
    fn claim_token(&self) -> ClaimToken {
        ClaimToken(Uuid::new_v4())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that others get injected"
)]
pub(crate) fn timestamp() -> Timestamp {
    Timestamp::now()
}

/// A random time up to the longest, so that those who collided once do not collide again ("full
/// jitter": <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
#[cfg(any(feature = "ses", feature = "producer"))]
#[expect(
    clippy::disallowed_methods,
    reason = "a pause decides nothing that a test would repeat"
)]
pub(crate) fn below(longest: std::time::Duration) -> std::time::Duration {
    let longest_ms = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    std::time::Duration::from_millis(fastrand::u64(0..=longest_ms))
}
