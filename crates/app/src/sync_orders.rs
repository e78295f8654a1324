//! The sync: asks the producer about orders of which nothing was heard for long. It runs on a schedule; two
//! ticks at once are harmless.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | list the orders that are silent for long | nothing happened |
//! | 2 | ask the producer about each | nothing happened |
//! | 3 | write what it said, or that there was nothing new | the next tick asks again |
//!
//! Promise: an order that was asked about goes to the end of the list, whatever the producer said. So none is asked
//! about more than once a day, and none that gets no answer is in the way of the others.

use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::Actor;
use cardwright_domain::time::Time;
use futures_util::future::join_all;
use serde::Serialize;

use crate::apply::apply;
use crate::count::count;
use crate::error::PortError;
use crate::limits::{SILENCE, SYNC_ORDERS, SYNC_WAVE, SYNC_WAVE_TIME};
use crate::ports::{ChangeCard, Clock, FollowOrder, SilentOrders};
use crate::take_status::{Taken, ask_about};

/// What a tick works with.
#[derive(Debug)]
pub struct Sync<'a, Store, Bureau, Watch> {
    pub store: &'a Store,
    pub producer: &'a Bureau,
    pub clock: &'a Watch,
    /// Its name in timelines.
    pub by: Actor,
    /// When the function is stopped.
    pub deadline: Time,
}

/// What a tick did, in numbers of orders.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub asked: u64,
    pub moved: u64,
    pub unchanged: u64,
    pub contradicted: u64,
    /// The producer said nothing about these.
    pub unanswered: u64,
    /// What the producer said about these could not be written.
    pub failed: u64,
}

impl<Store, Bureau, Watch> Sync<'_, Store, Bureau, Watch>
where
    Store: SilentOrders + ChangeCard,
    Bureau: FollowOrder,
    Watch: Clock,
{
    /// One tick.
    ///
    /// # Errors
    /// The silent orders could not be listed. What goes wrong with one of them stands in the report.
    pub async fn tick(&self) -> Result<Report, PortError> {
        let since = self.clock.now().plus(-SILENCE);
        let silent = self.store.silent_orders(since, SYNC_ORDERS).await?;
        let mut report = Report::default();
        for wave in silent.chunks(SYNC_WAVE) {
            if self.deadline.since(self.clock.now()) < SYNC_WAVE_TIME {
                break;
            }
            let before = report.unanswered;
            for asked in join_all(wave.iter().map(|card| self.ask(card))).await {
                report.add(asked);
            }
            // Who says nothing about any of them will say nothing about the next.
            if report.unanswered - before == wave.len() as u64 {
                break;
            }
        }
        report.record();
        Ok(report)
    }

    async fn ask(&self, card: &Card) -> Asked {
        match self.ask_or_fail(card).await {
            Ok(asked) => asked,
            Err(error) => {
                tracing::error!(card.id = %card.card_id, error = &error as &dyn std::error::Error,
                    "what the producer says of an order was not written; the next tick asks again");
                Asked::Failed
            }
        }
    }

    async fn ask_or_fail(&self, card: &Card) -> Result<Asked, PortError> {
        let Some(producer_order_id) = card.in_producers_hands() else {
            return Ok(Asked::Unchanged);
        };
        let asked = ask_about(
            self.store,
            self.producer,
            self.clock,
            &self.by,
            card.clone(),
            producer_order_id,
        )
        .await?;
        let asked = match asked {
            None => Asked::Unanswered,
            Some(Taken::Card(after)) if after.state != card.state => return Ok(Asked::Moved),
            Some(Taken::Card(_)) => Asked::Unchanged,
            Some(Taken::Contradicted) => Asked::Contradicted,
        };
        // Whatever came of it, it is the others' turn now. If the card takes it no more, there was news by
        // another way.
        let attempt = card.attempt;
        let event = Event::HearNothingNew { attempt };
        apply(self.store, card.card_id, &event, self.clock.now()).await?;
        Ok(asked)
    }
}

/// What came of asking about one order.
enum Asked {
    Moved,
    Unchanged,
    Contradicted,
    Unanswered,
    Failed,
}

impl Report {
    fn add(&mut self, asked: Asked) {
        self.asked += 1;
        *match asked {
            Asked::Moved => &mut self.moved,
            Asked::Unchanged => &mut self.unchanged,
            Asked::Contradicted => &mut self.contradicted,
            Asked::Unanswered => &mut self.unanswered,
            Asked::Failed => &mut self.failed,
        } += 1;
    }

    /// Counts what no other place counts.
    fn record(&self) {
        count("OrdersMovedBySync", self.moved);
        count("StatusUnanswered", self.unanswered);
        count("SyncFailures", self.failed);
    }
}

#[cfg(test)]
mod tests;
