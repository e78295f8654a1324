//! The faults between the processes, which change every second: of AWS by the proxy, of the bureau
//! by its simulator. The seed decides them all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::proxy::Fired;
use super::site::Site;
use crate::error::Error;

/// How long the faults stay the same.
const SAME: Duration = Duration::from_millis(900);

/// Faults of AWS that are there at once.
const AT_ONCE: usize = 4;

/// The calls that the functions make. The filter tells the writes of the mail function from others.
const CALLS: [(&str, &str, Option<&str>); 12] = [
    ("dynamodb", "BatchGetItem", None),
    ("dynamodb", "TransactWriteItems", None),
    ("dynamodb", "UpdateItem", Some(OF_ORDERS)),
    ("dynamodb", "UpdateItem", Some(OF_ORDERS)),
    ("dynamodb", "UpdateItem", Some(OF_EMAILS)),
    ("dynamodb", "Query", None),
    ("sqs", "SendMessage", None),
    ("sqs", "SendMessageBatch", None),
    ("sqs", "ReceiveMessage", None),
    ("sqs", "DeleteMessageBatch", None),
    ("ses", "SendEmail", None),
    ("secretsmanager", "GetSecretValue", None),
];
const OF_EMAILS: &str = "contains(UpdateExpression, '#email')";
const OF_ORDERS: &str = "!contains(UpdateExpression, '#email')";

/// Changes the faults until it is over, then takes them away. Answers all that the proxy did.
pub(super) async fn change(
    site: Arc<Site>,
    seed: u64,
    over: Arc<AtomicBool>,
) -> Result<Vec<Fired>, Error> {
    let mut chance = fastrand::Rng::with_seed(!seed);
    let mut fired = Vec::new();
    let mut of_emails = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let faults: Vec<_> = (0..AT_ONCE).map(|_| fault_of_aws(&mut chance)).collect();
        of_emails.extend(site.proxy.set(&faults).await?);
        if chance.u64(0..100) < 30 {
            site.bureau_fault(&fault_of_bureau(&mut chance)).await?;
        }
        tokio::time::sleep(SAME).await;
        let news = site.proxy.fired(fired.last()).await?;
        fired.extend(news.into_iter().map(|fired| fired.known(&of_emails)));
    }
    site.proxy.set(&[]).await?;
    site.clear_bureau_faults().await?;
    let news = site.proxy.fired(fired.last()).await?;
    fired.extend(news.into_iter().map(|fired| fired.known(&of_emails)));
    Ok(fired)
}

/// A rule of the proxy, and whether it concerns the writes of the mail function.
fn fault_of_aws(chance: &mut fastrand::Rng) -> (Value, bool) {
    let (service, operation, body) = CALLS[chance.usize(0..CALLS.len())];
    // Up to more times than a call is tried.
    let mut rule = json!({
        "service": service, "operation": operation, "times": chance.u64(1..=4),
    });
    if let Some(body) = body {
        rule["body"] = json!(body);
    }
    let throttled = match service {
        "dynamodb" => "ProvisionedThroughputExceededException",
        "sqs" => "RequestThrottled",
        _ => "Throttling",
    };
    let (name, value) = match chance.u64(0..100) {
        // The answer is lost after the write has landed.
        0..30 => ("response", json!({ "abort_bytes": 0 })),
        // The request is lost.
        30..45 => ("reset", json!(true)),
        45..60 => ("error", json!({ "code": throttled, "status": 400 })),
        60..70 => (
            "error",
            json!({ "code": "InternalServerError", "status": 500 }),
        ),
        70..75 => (
            "error",
            json!({ "code": "ServiceUnavailable", "status": 503 }),
        ),
        // The write lands after the caller has given up waiting for it.
        75..85 => ("latency", json!({ "min": 3_100, "max": 6_000 })),
        _ => ("latency", json!({ "min": 20, "max": 1_500 })),
    };
    rule[name] = value;
    (rule, body == Some(OF_EMAILS))
}

fn fault_of_bureau(chance: &mut fastrand::Rng) -> Value {
    match chance.u64(0..5) {
        0 | 1 => json!({ "kind": "drop-answer", "calls": chance.u64(1..=3) }),
        2 => json!({ "kind": "unavailable", "calls": chance.u64(1..=2) }),
        3 => json!({ "kind": "slow", "calls": 1, "delayMs": chance.u64(200..=8_000) }),
        _ => json!({ "kind": "defer", "calls": 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64) -> Vec<(Value, bool)> {
        let mut chance = fastrand::Rng::with_seed(seed);
        (0..2_000).map(|_| fault_of_aws(&mut chance)).collect()
    }

    #[test]
    fn a_seed_always_gives_the_same_faults_and_another_seed_gives_others() {
        assert_eq!(faults(7), faults(7));
        assert_ne!(faults(7), faults(8));
    }

    #[test]
    fn every_call_meets_every_kind_of_fault() {
        let faults = faults(1);
        for (service, operation, _) in CALLS {
            for kind in ["response", "reset", "error", "latency"] {
                let meets = |(rule, _): &(Value, bool)| {
                    rule["service"] == service
                        && rule["operation"] == operation
                        && !rule[kind].is_null()
                };
                assert!(faults.iter().any(meets), "{operation} {kind}");
            }
        }
    }
}
