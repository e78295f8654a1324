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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{check_counts, counted};

    #[test]
    fn a_counter_leaves_zero_out_and_a_gauge_does_not() {
        let ((), counts) = counted(async {
            count("Nothing", 0);
            count("One", 1);
            count("Some", 7);
            gauge("Zero", 0);
        });
        check_counts(&counts, &[("One", 1), ("Some", 7), ("Zero", 0)]);
    }
}
