//! Requests that their sender has signed, by Standard Webhooks
//! (<https://www.standardwebhooks.com>): a key that both sides know stands for the token of a caller.
//!
//! While keys are changed there are two. Whoever signs uses one of them or both; one that fits is enough.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cardwright_app::ports::{Clock, SigningKey, SigningKeys};
use cardwright_domain::ids::EventId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::event::Event;
use crate::limits::{MAX_BODY_BYTES, WEBHOOK_TOLERANCE_SECONDS};
use crate::problem::Problem;

/// A request that was surely sent by who knows the key, and not long ago.
pub struct Delivery {
    pub(crate) id: EventId,
    pub(crate) body: Vec<u8>,
    event: Event,
}

impl Delivery {
    /// Method and path template.
    pub(crate) fn route(&self) -> &str {
        &self.event.route_key
    }
}

/// Who sends it puts anything into it.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delivery(redacted)")
    }
}

/// # Errors
/// The body is too large, a header is missing or malformed, the timestamp is far from now, no key gives
/// the signature, or the keys can't be read.
pub(crate) async fn verified(
    event: Event,
    keys: &impl SigningKeys,
    clock: &impl Clock,
) -> Result<Delivery, Problem> {
    let body = event.body_bytes();
    let body = body.map_err(|_| Problem::WebhookSignatureInvalid)?;
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::BodyTooLarge);
    }
    let header = |name: &str| event.headers.get(name).map(String::as_str);
    let header = |name: &str| header(name).ok_or(Problem::WebhookSignatureInvalid);
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let signatures = header("webhook-signature")?;
    let (Ok(event_id), Ok(sent)) = (EventId::parse(id), timestamp.parse::<i64>()) else {
        return Err(Problem::WebhookSignatureInvalid);
    };
    if clock.now().unix_seconds().abs_diff(sent) > WEBHOOK_TOLERANCE_SECONDS {
        return Err(Problem::WebhookTimestampInvalid);
    }
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &body];
    for did_not_fit in [false, true] {
        let keys = keys.signing_keys(did_not_fit).await;
        if any_fits(&keys.map_err(Problem::Unavailable)?, signatures, &signed) {
            let id = event_id;
            return Ok(Delivery { id, body, event });
        }
    }
    Err(Problem::WebhookSignatureInvalid)
}

/// Whether one of the signatures, `v1,<base64>` with spaces between them, was made with one of the keys.
fn any_fits(keys: &[SigningKey], signatures: &str, signed: &[&[u8]]) -> bool {
    let macs: Vec<_> = keys.iter().filter_map(|key| mac(key, signed)).collect();
    let signatures = signatures
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"));
    let mut signatures = signatures.filter_map(|one| STANDARD.decode(one).ok());
    signatures.any(|signature| {
        let fits = |mac: &Hmac<Sha256>| mac.clone().verify_slice(&signature).is_ok();
        macs.iter().any(fits)
    })
}

fn mac(key: &SigningKey, signed: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::new_from_slice(key.reveal()).ok()?;
    for part in signed {
        mac.update(part);
    }
    Some(mac)
}

#[cfg(test)]
mod tests;
