//! Pauses before a retry that the SDK does not make by itself: unprocessed entries of a batch, and writes
//! that met somebody else's transaction.

use std::time::Duration;

use super::{FIRST_PAUSE_MS, LONGEST_PAUSE_MS};

/// Waits before retry number `retry`, from 0, for a random time that may grow with each one.
/// The randomness keeps those who collided once from colliding again ("full jitter":
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub(super) async fn pause(retry: u32) {
    let doubled = FIRST_PAUSE_MS.saturating_mul(1 << retry.min(16));
    let longest_ms = doubled.min(LONGEST_PAUSE_MS);
    #[expect(
        clippy::disallowed_methods,
        reason = "a pause decides nothing that a test would want to repeat"
    )]
    let pause_ms = fastrand::u64(0..=longest_ms);
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
}
