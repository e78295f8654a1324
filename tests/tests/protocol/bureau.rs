//! A producer in memory that is idempotent by key, and can be told to fall silent.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use cardwright_app::ports::{Answer, Cancelled, Producer, ProducerOrder};
use cardwright_domain::card::{Card, Failure};
use cardwright_domain::ids::{OrderId, ProducerOrderId};

/// What the producer does with the next requests that it gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Fine,
    /// Takes no order and gives no answer.
    Dead,
    /// Takes the orders, but the answer is lost.
    Mute,
}

/// A producer that is idempotent by key, as the contract asks.
pub(crate) struct Bureau {
    pub(crate) mood: Mutex<Mood>,
    pub(crate) rejects: Mutex<Vec<OrderId>>,
    pub(crate) orders: Mutex<BTreeMap<OrderId, ProducerOrder>>,
    pub(crate) fenced: Mutex<Vec<OrderId>>,
    pub(crate) circuit_open: Mutex<bool>,
    pub(crate) requests: AtomicU64,
}

impl Bureau {
    pub(super) fn new() -> Self {
        Self {
            mood: Mutex::new(Mood::Fine),
            rejects: Mutex::default(),
            orders: Mutex::default(),
            fenced: Mutex::default(),
            circuit_open: Mutex::default(),
            requests: AtomicU64::default(),
        }
    }

    pub(crate) fn has(&self, card: &Card) -> bool {
        self.orders.lock().unwrap().contains_key(&card.order_id())
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn take(&self, order: &ProducerOrder) -> Answer {
        let refused = self.rejects.lock().unwrap().contains(&order.order_id)
            || self.fenced.lock().unwrap().contains(&order.order_id);
        if refused {
            return Answer::Rejected(Failure::producer_rejected("article withdrawn".into()));
        }
        self.orders
            .lock()
            .unwrap()
            .entry(order.order_id)
            .or_insert_with(|| order.clone());
        accepted(order.order_id)
    }
}

fn accepted(order_id: OrderId) -> Answer {
    Answer::Accepted(ProducerOrderId::parse(&format!("P-{order_id}")).unwrap())
}

impl Producer for Bureau {
    async fn submit(&self, orders: &[ProducerOrder]) -> Vec<Answer> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        // A real producer takes its time, and others go on meanwhile.
        tokio::task::yield_now().await;
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Fine => orders.iter().map(|order| self.take(order)).collect(),
            Mood::Dead => vec![Answer::Unknown; orders.len()],
            Mood::Mute => {
                orders.iter().for_each(|order| drop(self.take(order)));
                vec![Answer::Unknown; orders.len()]
            }
        }
    }

    async fn cancel(&self, order_id: OrderId) -> Cancelled {
        if *self.mood.lock().unwrap() != Mood::Fine {
            return Cancelled::TooLate(Answer::Unknown);
        }
        if self.orders.lock().unwrap().contains_key(&order_id) {
            return Cancelled::TooLate(accepted(order_id));
        }
        self.fenced.lock().unwrap().push(order_id);
        Cancelled::Done
    }

    fn is_available(&self) -> bool {
        !*self.circuit_open.lock().unwrap()
    }
}
