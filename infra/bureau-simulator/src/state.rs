//! What the bureau remembers: a decision for each key, and an order for each accepted one.

use std::collections::BTreeMap;
use std::slice;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::events::Events;
use crate::faults::{Call, Fault, Faults, Kind};
use crate::protocol::{
    Answer, MAX_PRODUCER_ORDER_ID_CHARS, Order, OrderStatus, ProductionState, Progress, Reason,
    Verdict, milliseconds,
};

/// An order's id is its key behind this, so a bureau that has lost its memory gives the same one.
const PRODUCER_ORDER_ID_PREFIX: &str = "P-";

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) faults: Faults,
    pub(crate) events: Events,
    /// How often `POST /orders` was called with the right token.
    pub(crate) requests: u64,
    keys: BTreeMap<String, KeyRecord>,
}

#[derive(Debug, Default)]
struct KeyRecord {
    submits: u64,
    decision: Option<Decision>,
}

#[derive(Debug)]
enum Decision {
    Accepted(AcceptedOrder),
    Rejected(Reason),
    Cancelled,
}

/// An accepted order as `/_sim/orders` shows it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AcceptedOrder {
    #[serde(flatten)]
    status: OrderStatus,
    production_type: String,
    data: BTreeMap<String, String>,
    #[serde(serialize_with = "milliseconds")]
    received_at: Timestamp,
}

/// An accepted order together with how often its key was submitted.
#[derive(Debug, Serialize)]
pub(crate) struct SubmittedOrder {
    #[serde(flatten)]
    order: AcceptedOrder,
    submits: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct SeenKey {
    #[serde(flatten)]
    answer: Answer,
    submits: u64,
}

/// How a call to `POST /orders` ends.
#[derive(Debug)]
pub(crate) enum Outcome {
    Unavailable,
    Answered {
        answers: Vec<Answer>,
        delay: Duration,
        dropped: bool,
    },
}

impl State {
    pub(crate) fn submit(&mut self, orders: Vec<Order>, now: Timestamp) -> Outcome {
        let faults = self.faults.hit(Call::Submission, &orders);
        if faults.iter().any(|fault| fault.kind == Kind::Unavailable) {
            return Outcome::Unavailable;
        }
        let delay_ms = faults
            .iter()
            .filter_map(|fault| fault.delay_ms)
            .max()
            .unwrap_or(0);
        let dropped = faults.iter().any(|fault| fault.kind == Kind::DropAnswer);
        let answers = orders
            .into_iter()
            .map(|order| self.answer(order, &faults, now))
            .collect();
        Outcome::Answered {
            answers,
            delay: Duration::from_millis(delay_ms),
            dropped,
        }
    }

    /// What is decided about `key`, if anything is.
    pub(crate) fn look_up(&self, key: &str) -> Option<Answer> {
        let decision = self.keys.get(key)?.decision.as_ref()?;
        Some(Answer {
            key: key.to_owned(),
            verdict: decision.verdict(),
        })
    }

    /// Fences the key off unless something is decided already; answers what stands.
    pub(crate) fn cancel(&mut self, key: String) -> Answer {
        let record = self.keys.entry(key.clone()).or_default();
        let verdict = record.decision.get_or_insert(Decision::Cancelled).verdict();
        Answer { key, verdict }
    }

    pub(crate) fn status(&self, producer_order_id: &str) -> Option<&OrderStatus> {
        let record = self.keys.get(&key_of(producer_order_id))?;
        match record.decision.as_ref()? {
            Decision::Accepted(order) if order.has(producer_order_id) => Some(&order.status),
            Decision::Accepted(_) | Decision::Rejected(_) | Decision::Cancelled => None,
        }
    }

    /// Moves an order from any state to any state; says the order and which deliveries are to be
    /// sent now, or nothing if there is no such order.
    pub(crate) fn set_progress(
        &mut self,
        producer_order_id: &str,
        progress: Progress,
        now: Timestamp,
    ) -> Option<(SubmittedOrder, Vec<u64>)> {
        let record = self.keys.get_mut(&key_of(producer_order_id))?;
        let Some(Decision::Accepted(order)) = &mut record.decision else {
            return None;
        };
        if !order.has(producer_order_id) {
            return None;
        }
        order.status.progress = progress;
        order.status.changed_at = now;
        let moved = SubmittedOrder {
            order: order.clone(),
            submits: record.submits,
        };
        let deliveries = self.announce(&moved.order);
        Some((moved, deliveries))
    }

    /// The accepted orders, sorted by key.
    pub(crate) fn orders(&self) -> Vec<SubmittedOrder> {
        let accepted = |record: &KeyRecord| match &record.decision {
            Some(Decision::Accepted(order)) => Some(SubmittedOrder {
                order: order.clone(),
                submits: record.submits,
            }),
            Some(Decision::Rejected(_) | Decision::Cancelled) | None => None,
        };
        self.keys.values().filter_map(accepted).collect()
    }

    /// Every key that was submitted or cancelled, sorted; `deferred` if nothing is decided.
    pub(crate) fn seen_keys(&self) -> Vec<SeenKey> {
        let seen = |(key, record): (&String, &KeyRecord)| {
            let verdict = record
                .decision
                .as_ref()
                .map_or(Verdict::Deferred, Decision::verdict);
            SeenKey {
                answer: Answer {
                    key: key.clone(),
                    verdict,
                },
                submits: record.submits,
            }
        };
        self.keys.iter().map(seen).collect()
    }

    /// Forgets orders, keys, counts and deliveries. Faults and the receiver of events stay.
    pub(crate) fn forget(&mut self) {
        self.keys.clear();
        self.requests = 0;
        self.events.forget();
    }

    /// The deliveries to be sent now that the order has changed. Without a receiver there are none,
    /// and no fault is used up.
    fn announce(&mut self, order: &AcceptedOrder) -> Vec<u64> {
        if self.events.url().is_none() {
            return Vec::new();
        }
        let submitted = order.submitted();
        let faults = self.faults.hit(Call::Event, slice::from_ref(&submitted));
        self.events.order_changed(&order.status, &faults)
    }

    fn answer(&mut self, order: Order, faults: &[Fault], now: Timestamp) -> Answer {
        let key = order.key.clone();
        let record = self.keys.entry(key.clone()).or_default();
        record.submits += 1;
        if record.decision.is_none() {
            record.decision = decide(order, faults, now);
        }
        let verdict = match &record.decision {
            None => Verdict::Deferred,
            Some(Decision::Cancelled) => Verdict::Rejected {
                reason: Reason::new(
                    "cancelled",
                    "The key was cancelled before the order arrived.",
                ),
            },
            Some(decision) => decision.verdict(),
        };
        Answer { key, verdict }
    }
}

impl Decision {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Accepted(order) => Verdict::Accepted {
                producer_order_id: order.status.producer_order_id.clone(),
            },
            Self::Rejected(reason) => Verdict::Rejected {
                reason: reason.clone(),
            },
            Self::Cancelled => Verdict::Cancelled,
        }
    }
}

/// The first decision about a new key. The oldest fault that concerns the order has its way.
fn decide(order: Order, faults: &[Fault], now: Timestamp) -> Option<Decision> {
    let deciding =
        |fault: &&Fault| matches!(fault.kind, Kind::Reject | Kind::Defer) && fault.concerns(&order);
    match faults.iter().find(deciding) {
        Some(fault) if fault.kind == Kind::Defer => return None,
        Some(fault) => return Some(Decision::Rejected(fault.rejection())),
        None => {}
    }
    if let Some(flaw) = order.flaw() {
        return Some(Decision::Rejected(flaw));
    }
    Some(Decision::Accepted(AcceptedOrder::new(order, now)))
}

impl AcceptedOrder {
    fn new(order: Order, now: Timestamp) -> Self {
        Self {
            status: OrderStatus {
                producer_order_id: producer_order_id(&order.key),
                key: order.key,
                progress: Progress {
                    state: ProductionState::Accepted,
                    carrier: None,
                    tracking: None,
                    reason: None,
                },
                changed_at: now,
            },
            production_type: order.production_type,
            data: order.data,
            received_at: now,
        }
    }

    /// The order as it was submitted.
    fn submitted(&self) -> Order {
        Order {
            key: self.status.key.clone(),
            production_type: self.production_type.clone(),
            data: self.data.clone(),
        }
    }

    fn has(&self, producer_order_id: &str) -> bool {
        self.status.producer_order_id == producer_order_id
    }
}

/// The id of the order under a key. A key that leaves no room for the prefix stands alone, with `_`
/// for each `-`: no other key has such an id.
fn producer_order_id(key: &str) -> String {
    let id = format!("{PRODUCER_ORDER_ID_PREFIX}{key}");
    if id.len() <= MAX_PRODUCER_ORDER_ID_CHARS {
        id
    } else {
        key.replace('-', "_")
    }
}

/// The key of the order that has this id, if any has.
fn key_of(producer_order_id: &str) -> String {
    match producer_order_id.strip_prefix(PRODUCER_ORDER_ID_PREFIX) {
        Some(key) => key.to_owned(),
        None => producer_order_id.replace('_', "-"),
    }
}
