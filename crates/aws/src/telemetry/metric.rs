//! Counters as CloudWatch's embedded metric format: a log line from which CloudWatch makes a
//! metric.
//!
//! Format:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The target of the events that count.
pub(super) const TARGET: &str = "metric";

const NAMESPACE: &str = "Cardwright";

/// The line for one event with `name` and `value`. The alarms look at the stage alone, people also
/// at the function.
pub(super) fn line(
    function: &str,
    stage: &str,
    now: Timestamp,
    fields: &Map<String, Value>,
) -> String {
    let name = fields
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or("Unnamed");
    let unit = if name.ends_with("Seconds") {
        "Seconds"
    } else {
        "Count"
    };
    let mut line = json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Stage"], ["Stage", "Function"]],
                "Metrics": [{ "Name": name, "Unit": unit }],
            }],
        },
        "Stage": stage,
        "Function": function,
    });
    line[name] = fields.get("value").cloned().unwrap_or_default();
    format!("{line}\n")
}
