//! One wave: up to a hundred orders that are claimed, asked for and marked together.

use std::collections::{BTreeMap, HashSet};

use cardwright_domain::ids::OrderId;

use super::{Drain, Report};
use crate::ports::{
    ActiveHolders, ChangeCard, Clock, OrderInbox, Producer, RemindOfEmails, Tokens,
};

/// Orders, each with the receipts of the messages that reminded of it.
#[derive(Debug, Default, Clone)]
pub(super) struct Wave {
    orders: BTreeMap<OrderId, Vec<String>>,
    /// Receipts that can be deleted whatever happens.
    done: Vec<String>,
}

impl Wave {
    pub(super) fn swept(order_ids: &[OrderId]) -> Self {
        let orders = order_ids.iter().map(|id| (*id, Vec::new())).collect();
        Self {
            orders,
            done: Vec::new(),
        }
    }

    /// A doubled message adds a receipt, not an order.
    pub(super) fn add(&mut self, order_id: OrderId, receipt: String) {
        self.orders.entry(order_id).or_default().push(receipt);
    }

    pub(super) fn done(&mut self, receipt: String) {
        self.done.push(receipt);
    }

    /// How many orders it holds.
    pub(super) fn orders(&self) -> u64 {
        self.orders.len() as u64
    }

    pub(super) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.done.is_empty()
    }

    /// The receipts of all orders but those that a failing service left for another time.
    fn receipts(self, left: &HashSet<OrderId>) -> Vec<String> {
        let settled = self.orders.into_iter().filter(|(id, _)| !left.contains(id));
        settled
            .flat_map(|(_, receipts)| receipts)
            .chain(self.done)
            .collect()
    }
}

impl<Store, Queues, Bureau, Chance> Drain<'_, Store, Queues, Bureau, Chance>
where
    Store: ChangeCard + ActiveHolders,
    Queues: OrderInbox + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    /// Claims, asks, marks, and deletes the messages.
    pub(super) async fn settle(&self, wave: Wave, report: &mut Report) {
        let orders: Vec<_> = wave.orders.keys().copied().collect();
        let left = self.worker.settle(&orders, report).await;
        let receipts = wave.receipts(&left);
        if receipts.is_empty() {
            return;
        }
        if let Err(error) = self.worker.queues.delete_received(&receipts).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "messages were not deleted; they come again and find their cards settled"
            );
        }
    }
}
