//! The card producer, spoken to as `infra/producer-api.yaml` says.
//!
//! Every call may be repeated, because the order's key makes it idempotent. So whatever gives no
//! definite answer is tried again, with random pauses and inside a budget of time, and what is left
//! then is `Unknown`. A definite answer is never asked for twice, and one bad order never holds up
//! the others: a request that the producer refuses as a whole is split in two until the order is
//! found that it can't take.
//!
//! | answer of the producer | becomes |
//! | --- | --- |
//! | `accepted` with an id that can be read | `Accepted` |
//! | `rejected` | `Rejected` |
//! | `deferred`, no entry, an entry that can't be read, two different entries | `Unknown` |
//! | no answer, 429, 5xx, a body that can't be read | tried again, then `Unknown` |
//! | 401 | the token is read again, and the call is made once more; then `Unknown` |
//! | 400, 413, 422 | the halves one by one; a single order is cancelled, and then `Rejected` |
//! | any other status | `Unknown` |
//! | asked how far an order is: 404, or another order | `Contradicts` |
//!
//! An order that is refused by itself can't be read by the producer and never will be. Its key is
//! cancelled, so that `Rejected` is true for good, but only if the producer has just read other
//! orders of the same request: else the fault is not the order's, and it stays `Unknown`.
//!
//! When requests fail in a row the circuit opens ([`circuit`]) and nothing is asked for a while.

mod answers;
mod circuit;
mod failed;
mod http;
#[cfg(test)]
mod parsers;
mod secret;
mod token;
mod webhook_keys;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::time::Duration;

use cardwright_app::ports::{Answer, Cancelled, FollowOrder, Producer, ProducerOrder, Status};
use cardwright_domain::card::Failure;
use cardwright_domain::ids::{OrderId, ProducerOrderId};
use serde::Serialize;
use tokio::time::Instant;

pub use self::answers::event;
use self::failed::Failed;
pub use self::webhook_keys::WebhookKeys;
use self::wire::{Request, Wire};
use crate::config::ConfigError;
use crate::limits;

/// How long and how often the producer is asked. Tests have smaller ones.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) connect: Duration,
    pub(crate) attempt: Duration,
    pub(crate) budget: Duration,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: limits::PRODUCER_CONNECT,
            attempt: limits::PRODUCER_ATTEMPT,
            budget: limits::PRODUCER_BUDGET,
            first_pause: limits::PRODUCER_FIRST_PAUSE,
            longest_pause: limits::PRODUCER_LONGEST_PAUSE,
        }
    }
}

/// A producer at one URL, with one token.
pub struct Bureau {
    wire: Wire,
    budget: Duration,
}

impl Bureau {
    /// `url` is the base of the API, `secret_id` the secret whose text is the bearer token. The
    /// token is read when it is first needed.
    ///
    /// # Errors
    /// The URL is not one to send personal data and a token to.
    pub fn new(
        secrets: aws_sdk_secretsmanager::Client,
        url: &str,
        secret_id: String,
    ) -> Result<Self, ConfigError> {
        Self::with(Settings::default(), secrets, url, secret_id)
    }

    pub(crate) fn with(
        settings: Settings,
        secrets: aws_sdk_secretsmanager::Client,
        url: &str,
        secret_id: String,
    ) -> Result<Self, ConfigError> {
        let budget = settings.budget;
        Ok(Self {
            wire: Wire::new(settings, secrets, url, secret_id)?,
            budget,
        })
    }

    /// The same for a use case in which a person waits for the answer.
    #[must_use]
    pub fn direct(self) -> Self {
        Self {
            budget: limits::PRODUCER_BUDGET_DIRECT,
            ..self
        }
    }

    /// All that became known of the orders before the deadline.
    async fn ask(&self, orders: &[ProducerOrder], deadline: Instant) -> HashMap<OrderId, Answer> {
        let mut known = HashMap::new();
        let mut any_read = false;
        let mut refused = Vec::new();
        let mut parts = vec![orders];
        while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
            let body = body(part);
            let read = |bytes: &[u8]| answers::submission(bytes, part);
            let request = Request::Post("/orders".into(), Some(body));
            match self.wire.call(request, deadline, read).await {
                Ok(answers) => {
                    any_read = true;
                    known.extend(answers);
                }
                Err(Failed::Refused { status }) => match part {
                    [only] => refused.push((only.order_id, status)),
                    _ => {
                        let (left, right) = part.split_at(part.len() / 2);
                        parts.extend([right, left]);
                    }
                },
                Err(error) => {
                    report(&error);
                    break;
                }
            }
        }
        for (order_id, status) in &refused {
            tracing::error!(order.id = %order_id, producer.status = status,
                "the producer refuses a request with this order alone");
            if any_read && Instant::now() < deadline {
                known.insert(*order_id, self.fence(*order_id, *status, deadline).await);
            }
        }
        if !refused.is_empty() && !any_read {
            // Not one order was taken: that looks like the producer's fault or ours, not like a bad
            // order.
            self.wire.count_failure();
        }
        known
    }

    /// Ends an order that the producer can't read.
    async fn fence(&self, order_id: OrderId, status: u16, deadline: Instant) -> Answer {
        match self.cancel_by(order_id, deadline).await {
            Cancelled::Done => {
                let detail = format!("The producer can't read this order (HTTP {status}).");
                Answer::Rejected(Failure::producer_rejected(detail))
            }
            Cancelled::TooLate(answer) => answer,
        }
    }

    async fn cancel_by(&self, order_id: OrderId, deadline: Instant) -> Cancelled {
        let request = Request::Post(format!("/orders/by-key/{order_id}/cancel"), None);
        let read = |bytes: &[u8]| answers::cancelled(bytes, order_id);
        match self.wire.call(request, deadline, read).await {
            Ok(cancelled) => cancelled,
            Err(error) => {
                report(&error);
                Cancelled::TooLate(Answer::Unknown)
            }
        }
    }
}

/// Says why something is unknown: as an error if somebody has to mend it.
fn report(failed: &Failed) {
    let error = failed as &dyn Error;
    let status = failed.status();
    match failed {
        Failed::CircuitOpen => tracing::warn!(circuit = "open", "the producer was not asked"),
        failed if failed.needs_a_person() => {
            tracing::error!(
                producer.status = status,
                error,
                "the producer can't be asked"
            );
        }
        _ => tracing::warn!(
            producer.status = status,
            error,
            "the producer did not answer"
        ),
    }
}

impl Producer for Bureau {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        let known = self.ask(orders, Instant::now() + self.budget).await;
        let answer = |order: &ProducerOrder| known.get(&order.order_id).cloned();
        orders
            .iter()
            .map(|order| answer(order).unwrap_or(Answer::Unknown))
            .collect()
    }

    async fn cancel(&self, order_id: OrderId) -> Cancelled {
        self.cancel_by(order_id, Instant::now() + self.budget).await
    }

    fn is_available(&self) -> bool {
        self.wire.is_available()
    }
}

impl FollowOrder for Bureau {
    async fn status(&self, id: &ProducerOrderId) -> Status {
        // The id has no character that a path would have to hide.
        let request = Request::Get(format!("/orders/{id}"));
        let read = |bytes: &[u8]| answers::status(bytes, id);
        let deadline = Instant::now() + self.budget;
        match self.wire.try_once(&request, deadline, &read).await {
            Ok(status) => status,
            Err(Failed::NotFound) => Status::Contradicts,
            Err(error) => {
                report(&error);
                Status::Unknown
            }
        }
    }
}

#[derive(Serialize)]
struct Submission<'a> {
    orders: Vec<Order<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    key: OrderId,
    production_type: &'a str,
    data: &'a BTreeMap<String, String>,
}

fn body(orders: &[ProducerOrder]) -> Vec<u8> {
    let orders = orders
        .iter()
        .map(|order| Order {
            key: order.order_id,
            production_type: order.production_type.as_str(),
            data: &order.data,
        })
        .collect();
    // Texts can always be written as JSON.
    serde_json::to_vec(&Submission { orders }).unwrap_or_default()
}

impl fmt::Debug for Bureau {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bureau")
            .field("wire", &self.wire)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
