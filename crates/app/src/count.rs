//! Counters, by way of the log: `crates/aws/src/telemetry.rs` turns them into CloudWatch metrics.

/// Adds to a counter. Names are listed in `docs/logging.md`; nothing is written for zero.
pub fn count(name: &'static str, number: u64) {
    if number > 0 {
        gauge(name, number);
    }
}

/// Records a value, zero as well.
pub fn gauge(name: &'static str, value: u64) {
    tracing::info!(target: "metric", name, value);
}
