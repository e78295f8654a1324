//! Signed events: what the bureau tells its customer when an order's state has changed (section 6
//! of `infra/producer-api.yaml`).
//!
//! Each delivery is kept with its outcome, and each attempt asks for the receiver anew: who mends
//! the key mends the deliveries that are still under way, and without a receiver they end.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url, header};
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use crate::faults::{Fault, Kind};
use crate::problem::Problem;
use crate::protocol::{OrderStatus, ProductionState};
use crate::{Bureau, now};

/// Together with the pauses less than two seconds, unless the customer is slow. A real bureau goes
/// on for days.
const MAX_ATTEMPTS: u32 = 6;
/// Doubled after each attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Longer than API Gateway lets a customer's function take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(35);

const MIN_KEY_BYTES: usize = 24;
const MAX_KEY_BYTES: usize = 64;

/// The value of the header `webhook-signature` that one key gives: `v1,` and the Base64 of
/// HMAC-SHA256 over `{id}.{timestamp}.{body}`.
///
/// `key` is what [`signing_key`] reads, `id` is the value of the header `webhook-id`, `timestamp`
/// that of `webhook-timestamp` in Unix seconds, and `body` the bytes that are sent. See the
/// specification of Standard Webhooks, <https://www.standardwebhooks.com>.
#[must_use]
pub fn sign(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length");
    };
    let signature = mac
        .chain_update(format!("{id}.{timestamp}."))
        .chain_update(body)
        .finalize()
        .into_bytes();
    format!("v1,{}", STANDARD.encode(signature))
}

/// The bytes of a key that is written as `whsec_` and Base64. `None` if it is not written so, or
/// has less than 24 or more than 64 bytes.
#[must_use]
pub fn signing_key(text: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
    (MIN_KEY_BYTES..=MAX_KEY_BYTES)
        .contains(&key.len())
        .then_some(key)
}

/// The body of `PUT /_sim/events`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReceiverSettings {
    url: String,
    key: String,
}

/// Where events go, and the key that they are signed with.
pub(crate) struct Receiver {
    url: Url,
    key: Vec<u8>,
}

#[derive(Debug, Default)]
pub(crate) struct Events {
    receiver: Option<Receiver>,
    /// How many deliveries there ever were; their numbers, and so the events' ids, never come back.
    made: u64,
    deliveries: BTreeMap<u64, Delivery>,
}

/// An event on its way to the receiver, as `/_sim/events` shows it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Delivery {
    webhook_id: String,
    producer_order_id: String,
    state: ProductionState,
    outcome: DeliveryOutcome,
    attempts: u32,
    /// The last answer's, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip)]
    body: String,
    /// Signed with a key that nobody has.
    #[serde(skip)]
    forged: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum DeliveryOutcome {
    /// A fault holds it back until the order's next event.
    Held,
    Sending,
    /// 2xx.
    Delivered,
    /// Sending it again would not help.
    Refused,
    /// After too many attempts, or because there is no receiver any more.
    GivenUp,
}

/// One request, signed.
struct Attempt {
    url: Url,
    webhook_id: String,
    timestamp: i64,
    signature: String,
    body: String,
}

impl Receiver {
    pub(crate) fn parse(settings: &ReceiverSettings) -> Result<Self, Problem> {
        let url = Url::parse(&settings.url)
            .ok()
            .filter(|url| url.scheme() == "http" && url.host_str().is_some_and(is_this_machine))
            .ok_or_else(|| Problem::malformed("url must be an http URL on this machine."))?;
        let key = signing_key(&settings.key).ok_or_else(|| {
            Problem::malformed(format!(
                "key must be whsec_ and the Base64 of {MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes."
            ))
        })?;
        Ok(Self { url, key })
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Receiver")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

impl Events {
    pub(crate) fn set_receiver(&mut self, receiver: Option<Receiver>) {
        self.receiver = receiver;
    }

    pub(crate) fn url(&self) -> Option<&str> {
        self.receiver.as_ref().map(|receiver| receiver.url.as_str())
    }

    /// Oldest first.
    pub(crate) fn deliveries(&self) -> Vec<&Delivery> {
        self.deliveries.values().collect()
    }

    /// Forgets the deliveries. The receiver stays.
    pub(crate) fn forget(&mut self) {
        self.deliveries.clear();
    }

    /// Makes the event of a change; the numbers of what is to be sent now, in this order.
    pub(crate) fn order_changed(&mut self, status: &OrderStatus, faults: &[Fault]) -> Vec<u64> {
        let hit = |kind| faults.iter().any(|fault| fault.kind == kind);
        // The time makes it another one than any before a restart.
        let webhook_id = format!(
            "evt_{}-{}",
            status.changed_at.as_microsecond(),
            self.made + 1
        );
        let body = json!({
            "type": "order.state_changed",
            "timestamp": format!("{:.3}", status.changed_at),
            "data": status,
        });
        let copies = if hit(Kind::DuplicateEvent) { 2 } else { 1 };
        for _ in 0..copies {
            self.made += 1;
            let delivery = Delivery {
                webhook_id: webhook_id.clone(),
                producer_order_id: status.producer_order_id.clone(),
                state: status.progress.state,
                outcome: DeliveryOutcome::Held,
                attempts: 0,
                status: None,
                body: body.to_string(),
                forged: hit(Kind::ForgeEvent),
            };
            self.deliveries.insert(self.made, delivery);
        }
        if hit(Kind::HoldEvent) {
            return Vec::new();
        }
        self.release(&status.producer_order_id)
    }

    /// What is held of an order, the newest first: so an event that was held back comes too late.
    fn release(&mut self, producer_order_id: &str) -> Vec<u64> {
        let mut released = Vec::new();
        for (&number, delivery) in self.deliveries.iter_mut().rev() {
            if delivery.outcome == DeliveryOutcome::Held
                && delivery.producer_order_id == producer_order_id
            {
                delivery.outcome = DeliveryOutcome::Sending;
                released.push(number);
            }
        }
        released
    }

    /// The next attempt of a delivery, signed now; `None` if it was forgotten or has nowhere to go.
    fn begin(&mut self, number: u64, now: Timestamp) -> Option<Attempt> {
        let delivery = self.deliveries.get_mut(&number)?;
        let Some(receiver) = &self.receiver else {
            delivery.outcome = DeliveryOutcome::GivenUp;
            return None;
        };
        delivery.attempts += 1;
        let key: Vec<u8> = if delivery.forged {
            receiver.key.iter().map(|byte| !byte).collect()
        } else {
            receiver.key.clone()
        };
        let timestamp = now.as_second();
        let body = delivery.body.clone();
        Some(Attempt {
            url: receiver.url.clone(),
            webhook_id: delivery.webhook_id.clone(),
            timestamp,
            signature: sign(&key, &delivery.webhook_id, timestamp, body.as_bytes()),
            body,
        })
    }

    /// Notes how an attempt ended, `None` if without an answer; the pause until the next attempt,
    /// if there is to be one.
    fn end(&mut self, number: u64, status: Option<StatusCode>) -> Option<Duration> {
        let delivery = self.deliveries.get_mut(&number)?;
        delivery.status = status.map(|status| status.as_u16());
        delivery.outcome = match status {
            Some(status) if status.is_success() => DeliveryOutcome::Delivered,
            Some(status) if !is_passing(status) => DeliveryOutcome::Refused,
            Some(_) | None if delivery.attempts >= MAX_ATTEMPTS => DeliveryOutcome::GivenUp,
            Some(_) | None => DeliveryOutcome::Sending,
        };
        let pause = FIRST_PAUSE * 2_u32.pow(delivery.attempts.saturating_sub(1));
        (delivery.outcome == DeliveryOutcome::Sending).then_some(pause)
    }
}

/// Sends the deliveries one after the other, each until it is settled.
pub(crate) async fn send(bureau: Arc<Bureau>, deliveries: Vec<u64>) {
    for number in deliveries {
        send_one(&bureau, number).await;
    }
}

/// The HTTP client for [`send`]. It is built for plain HTTP, but refuses to be built without TLS:
/// this one trusts nobody.
pub(crate) fn client() -> io::Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(Policy::none())
        .no_proxy()
        .timeout(ATTEMPT_TIMEOUT)
        .build()
        .map_err(io::Error::other)
}

async fn send_one(bureau: &Bureau, number: u64) {
    loop {
        let attempt = bureau.state().events.begin(number, now());
        let Some(attempt) = attempt else { return };
        let status = post(&bureau.http, attempt).await;
        let pause = bureau.state().events.end(number, status);
        let Some(pause) = pause else { return };
        tokio::time::sleep(pause).await;
    }
}

async fn post(http: &Client, attempt: Attempt) -> Option<StatusCode> {
    let answer = http
        .post(attempt.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", attempt.webhook_id)
        .header("webhook-timestamp", attempt.timestamp.to_string())
        .header("webhook-signature", attempt.signature)
        .body(attempt.body)
        .send()
        .await;
    answer.ok().map(|answer| answer.status())
}

/// Whether the same event may be taken a little later: clocks and keys get mended, too.
fn is_passing(status: StatusCode) -> bool {
    let mended = [
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    status.is_server_error() || mended.contains(&status)
}

fn is_this_machine(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
