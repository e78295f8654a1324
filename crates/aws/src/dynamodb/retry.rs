//! Pauses before a retry that the SDK does not make by itself: unprocessed entries of a batch, and
//! writes that met somebody else's transaction.

use crate::limits::{TABLE_FIRST_PAUSE, TABLE_LONGEST_PAUSE};
use std::time::Duration;

/// Waits before retry number `retry`, from 0, for a random time that may grow with each one.
/// The randomness keeps those who collided once from colliding again ("full jitter":
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub(super) async fn pause(retry: u32) {
    let doubled = TABLE_FIRST_PAUSE.saturating_mul(1 << retry.min(16));
    let longest = doubled.min(TABLE_LONGEST_PAUSE);
    #[expect(
        clippy::disallowed_methods,
        reason = "a pause decides nothing that a test would want to repeat"
    )]
    let micros = fastrand::u64(0..=u64::try_from(longest.as_micros()).unwrap_or(u64::MAX));
    tokio::time::sleep(Duration::from_micros(micros)).await;
}
