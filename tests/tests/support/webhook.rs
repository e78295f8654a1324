//! The producer's side of an event: it signs what it sends. The bureau's own code does that here, so that
//! the function's is not held against itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bureau_simulator::{sign, signing_key};
use serde_json::Value;

/// The key that the sample events are signed with, and the only one that the tests' world knows.
pub(crate) const KEY: &str = "whsec_YW4gZXhhbXBsZSBrZXksIG5vdCBhIHNlY3JldA==";

/// Of the same form, and known to nobody.
pub(crate) const OTHER_KEY: &str = "whsec_YW5vdGhlciBrZXkgdGhhdCBub2JvZHkgdXNlcw==";

/// The time of the tests' clock, in which the sample events were signed.
pub(crate) const NOW: i64 = 1_772_439_330;

/// Stands for the signature of a request, which is made when it is sent.
pub(crate) const WHEN_SENT: &str = "signed when it is sent";

/// The signature that the event's id, timestamp and body get with a key.
pub(crate) fn signature(key: &str, event: &Value) -> String {
    let header = |name: &str| event["headers"][name].as_str().unwrap_or_default();
    let text = event["body"].as_str().unwrap_or_default();
    let body = if event["isBase64Encoded"] == true {
        STANDARD.decode(text).unwrap_or_default()
    } else {
        text.as_bytes().to_vec()
    };
    let timestamp = header("webhook-timestamp").parse().unwrap_or_default();
    sign(
        &signing_key(key).unwrap(),
        header("webhook-id"),
        timestamp,
        &body,
    )
}

/// Signs an event that is to be signed now.
pub(crate) fn signed(mut event: Value) -> Value {
    if event["headers"]["webhook-signature"] == WHEN_SENT {
        event["headers"]["webhook-signature"] = signature(KEY, &event).into();
    }
    event
}
