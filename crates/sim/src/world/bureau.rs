//! A card producer that keeps the promises of `infra/producer-api.yaml`: the first decision about a
//! key is the decision for ever, and a cancel is a fence. It counts what it really makes.

use std::collections::BTreeMap;

use cardwright_app::ports::{Answer, Cancelled};
use cardwright_domain::card::Failure;
use cardwright_domain::ids::{OrderId, ProducerOrderId};

use super::state::WorkerId;

#[derive(Debug, Clone)]
enum Decision {
    Accepted(ProducerOrderId),
    Rejected(Failure),
}

/// The order id is the key. The worker belongs to it only in a world that is broken on purpose.
pub(crate) type Key = (OrderId, Option<WorkerId>);

#[derive(Debug, Default)]
pub(crate) struct Bureau {
    decisions: BTreeMap<Key, Decision>,
    /// How many cards it made under each order id: the figure that must never be two.
    pub(crate) made: BTreeMap<OrderId, u32>,
    orders: Vec<OrderId>,
}

impl Bureau {
    /// Decides a key, or repeats its decision. `true` if a card is made by this.
    pub(crate) fn submit(&mut self, key: Key, rejects: bool) -> (Answer, bool) {
        if let Some(decision) = self.decisions.get(&key) {
            return (answer(decision), false);
        }
        let number = self.orders.len() + 1;
        let id = ProducerOrderId::parse(&format!("P-{number}"));
        let decision = match id {
            Ok(id) if !rejects => Decision::Accepted(id),
            _ => Decision::Rejected(Failure::producer_rejected("unknown article".into())),
        };
        let made = matches!(decision, Decision::Accepted(_));
        if made {
            self.orders.push(key.0);
            *self.made.entry(key.0).or_default() += 1;
        }
        let told = answer(&decision);
        self.decisions.insert(key, decision);
        (told, made)
    }

    pub(crate) fn cancel(&mut self, key: Key) -> Cancelled {
        match self.decisions.get(&key) {
            Some(decision) => match answer(decision) {
                Answer::Rejected(failure) if failure.detail == FENCED => Cancelled::Done,
                before => Cancelled::TooLate(before),
            },
            None => {
                let fence = Failure::producer_rejected(FENCED.into());
                self.decisions.insert(key, Decision::Rejected(fence));
                Cancelled::Done
            }
        }
    }

    /// Which order the producer's own name stands for.
    pub(crate) fn order(&self, producer_order_id: &str) -> Option<OrderId> {
        let number: usize = producer_order_id.strip_prefix("P-")?.parse().ok()?;
        self.orders.get(number.checked_sub(1)?).copied()
    }

    pub(crate) fn made(&self, order_id: OrderId) -> u32 {
        self.made.get(&order_id).copied().unwrap_or(0)
    }
}

const FENCED: &str = "cancelled";

fn answer(decision: &Decision) -> Answer {
    match decision {
        Decision::Accepted(id) => Answer::Accepted(id.clone()),
        Decision::Rejected(failure) => Answer::Rejected(failure.clone()),
    }
}
