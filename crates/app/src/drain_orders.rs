//! The drain: takes queued cards to the producer. It runs on a schedule; two ticks at once are harmless.
//!
//! Promise: every card in `processing` ends `ordered`, `failed` or `aborted`, whatever is lost or dies.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 0 | sweep: cards whose `due_at` has passed are claimed like received ones; late emails are reminded of | they are still due |
//! | 1 | receive messages; what can't be read goes to quarantine | they become visible again |
//! | 2 | claim each card, and look whether its holder is active | the claim's lease ends and is taken over |
//! | 3 | ask the producer, many orders a request | the same; the key makes asking again harmless |
//! | 4 | mark each card, and remind of its email | see `hand_over` |
//! | 5 | delete the messages | they come again and find the cards settled |
//!
//! Who may write what: a worker changes only cards that carry its claim token, except that anybody may
//! write down an acceptance, because that is a fact. A claim is never given back: from then on the
//! producer may have heard of the order.

mod report;
mod wave;

use cardwright_domain::card::{Card, Email, Event, State};
use cardwright_domain::ids::OrderId;
use cardwright_domain::time::Time;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;

pub use self::report::Report;
use self::wave::Wave;
use crate::apply::{Applied, apply};
use crate::count::{count, gauge};
use crate::error::PortError;
use crate::limits::{
    EMAIL_GRACE, LANES, MESSAGES_PER_RECEIVE, ORDERS_PER_REQUEST, SWEEP_CARDS, WAVE_TIME,
    WRITES_IN_FLIGHT,
};
use crate::ports::{
    ActiveHolders, ChangeCard, Clock, DueCards, OrderInbox, Producer, Quarantine, RemindOfEmails,
    Tokens,
};
use crate::settle_orders::Worker;

/// What a tick works with.
#[derive(Debug)]
pub struct Drain<'a, Store, Queues, Bureau, Chance> {
    pub worker: Worker<'a, Store, Queues, Bureau, Chance>,
    /// When the function is stopped.
    pub deadline: Time,
}

impl<Store, Queues, Bureau, Chance> Drain<'_, Store, Queues, Bureau, Chance>
where
    Store: DueCards + ChangeCard + ActiveHolders,
    Queues: OrderInbox + Quarantine + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    /// One tick.
    ///
    /// # Errors
    /// The sweep could not read what is due. Errors later on end a lane and stand in the report.
    pub async fn tick(&self) -> Result<Report, PortError> {
        let mut report = Report::default();
        let overdue = self.sweep(&mut report).await?;
        let mut swept = overdue.chunks(ORDERS_PER_REQUEST).map(Wave::swept);
        // One wave goes ahead. If the producer answers none of it, the others stay abortable.
        let scout = self.lane(swept.next().into_iter(), 1).await;
        let goes_on = scout.shows_the_way();
        report.add(&scout);
        if goes_on {
            let swept: Vec<_> = swept.collect();
            let lanes = (0..LANES).map(|lane| {
                let waves = swept.iter().skip(lane).step_by(LANES).cloned();
                self.lane(waves, usize::MAX)
            });
            for lane in join_all(lanes).await {
                report.add(&lane);
            }
        }
        report.record();
        Ok(report)
    }

    /// Reminds of late emails, puts them off, or gives them up; answers the orders that are late.
    async fn sweep(&self, report: &mut Report) -> Result<Vec<OrderId>, PortError> {
        let now = self.worker.chance.now();
        let due = self.worker.store.due_cards(now, SWEEP_CARDS).await?;
        let oldest = due.iter().filter_map(|card| card.due_at).min();
        let age = oldest.map_or(0, |oldest| now.since(oldest).as_secs());
        gauge("OldestDueSeconds", u64::try_from(age).unwrap_or(0));
        let (orders, emails): (Vec<_>, Vec<_>) = due
            .into_iter()
            .partition(|card| matches!(card.state, State::Processing { .. }));
        // The sweep is how a held card is taken up; it was neither lost nor late.
        let late = orders.iter().filter(|card| card.held_until != card.due_at);
        report.swept_orders = late.count() as u64;
        self.remind_of_late_emails(&emails, report).await;
        Ok(orders.iter().map(Card::order_id).collect())
    }

    async fn remind_of_late_emails(&self, cards: &[Card], report: &mut Report) {
        let now = self.worker.chance.now();
        let waits = |card: &&Card| matches!(card.email, Email::Pending | Email::Sending { .. });
        let late: Vec<_> = cards.iter().filter(waits).collect();
        let moves: Vec<_> = late
            .iter()
            .map(|card| async {
                let (event, reminds) = self.late_email(card, now);
                let ends = matches!(event, Event::EmailGivenUp { .. });
                let moved = apply(self.worker.store, card.card_id, &event, now).await;
                let moved = matches!(moved, Ok(Applied::Done(_)));
                count("EmailUndeliverable", u64::from(moved && ends));
                (moved && reminds).then(|| card.order_id())
            })
            .collect();
        let moved: Vec<_> = stream::iter(moves)
            .buffer_unordered(WRITES_IN_FLIGHT)
            .collect()
            .await;
        let ids: Vec<_> = moved.into_iter().flatten().collect();
        if ids.is_empty() {
            return;
        }
        match self.worker.queues.remind_of_emails(&ids).await {
            Ok(()) => report.swept_emails = ids.len() as u64,
            Err(error) => {
                report.failed += ids.len() as u64;
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "late emails were not reminded of; they are due again later"
                );
            }
        }
    }

    /// What becomes of a late email, and whether it gets a message now.
    fn late_email(&self, card: &Card, now: Time) -> (Event, bool) {
        let Some(next) = card.next_email_try(now) else {
            return (
                Event::EmailGivenUp {
                    by: self.worker.by.clone(),
                },
                false,
            );
        };
        let reminds = next <= now;
        let due = if reminds { now.plus(EMAIL_GRACE) } else { next };
        (Event::RemindEmail { due }, reminds)
    }

    /// Settles up to so many waves, one after the other: first the swept ones, the longest due first,
    /// then what the queue holds.
    async fn lane(&self, mut swept: impl Iterator<Item = Wave>, waves: usize) -> Report {
        let mut report = Report::default();
        for _ in 0..waves {
            if !self.may_go_on() {
                break;
            }
            let wave = match swept.next() {
                Some(wave) => wave,
                None => match self.receive(&mut report).await {
                    Ok(wave) if wave.is_empty() => break,
                    Ok(wave) => wave,
                    Err(error) => {
                        report.failed += 1;
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "orders were not received; they stay in the queue"
                        );
                        break;
                    }
                },
            };
            let (orders, failed_before) = (wave.orders(), report.failed);
            // A wave on AWS nests so many futures that the compiler gives up on their size; the box hides it.
            Box::pin(self.settle(wave, &mut report)).await;
            // One bad card stops nobody. A service that fails for most will fail for the next as well.
            if (report.failed - failed_before) * 2 > orders {
                break;
            }
        }
        report
    }

    fn may_go_on(&self) -> bool {
        self.worker.producer.is_available()
            && self.deadline.since(self.worker.chance.now()) >= WAVE_TIME
    }

    /// Up to [`ORDERS_PER_REQUEST`] messages. Only a full first answer is worth asking for more.
    async fn receive(&self, report: &mut Report) -> Result<Wave, PortError> {
        let mut messages = self.worker.queues.receive_orders(true).await?;
        if messages.len() == MESSAGES_PER_RECEIVE {
            let more = (1..ORDERS_PER_REQUEST / MESSAGES_PER_RECEIVE)
                .map(|_| self.worker.queues.receive_orders(false));
            for answer in join_all(more).await {
                // What one call failed to bring stays in the queue for the next wave.
                messages.extend(answer.unwrap_or_default());
            }
        }
        report.received += messages.len() as u64;
        let mut wave = Wave::default();
        for message in messages {
            match message.body {
                Ok(order_id) => wave.add(order_id, message.receipt),
                Err(body) => match self.worker.queues.quarantine(body.as_bytes()).await {
                    Ok(()) => {
                        tracing::warn!("a message that can't be read was put aside");
                        report.quarantined += 1;
                        wave.done(message.receipt);
                    }
                    // Garbage that can't be put aside must not hold up the orders beside it.
                    Err(error) => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "a message that can't be read stays in the queue"
                        );
                    }
                },
            }
        }
        Ok(wave)
    }
}

#[cfg(test)]
mod tests;
