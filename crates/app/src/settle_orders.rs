//! Orders are settled: claimed, asked for at the producer, and marked.
//!
//! A drain does it to what waits in the queue, an approval or a repeat to a direct delivery. Whatever is lost or dies
//! on the way, the claim's lease ends and the sweep of a drain takes over.

use std::collections::HashSet;

use cardwright_domain::card::{Card, Event, State};
use cardwright_domain::ids::{Actor, OrderId, UserId};
use cardwright_domain::production_type::Delivery;
use futures_util::StreamExt;
use futures_util::stream;

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::drain_orders::Report;
use crate::error::{Error, PortError};
use crate::hand_over::{accept, hand_over};
use crate::limits::{CLAIM_LEASE, STOPS_IN_FLIGHT, WRITES_IN_FLIGHT};
use crate::ports::{
    ActiveHolders, Answer, Cancelled, ChangeCard, Clock, Producer, ReadCard, RemindOfEmails,
    RemindOfOrders, Tokens,
};

/// Who settles orders, and what it works with.
#[derive(Debug)]
pub struct Worker<'a, Store, Queues, Bureau, Chance> {
    pub store: &'a Store,
    pub queues: &'a Queues,
    pub producer: &'a Bureau,
    pub chance: &'a Chance,
    /// Its name in timelines.
    pub by: Actor,
}

/// What became of the card of an inactive holder.
#[derive(Clone, Copy)]
enum Stopped {
    Inactive,
    /// The producer had taken the order before.
    Accepted,
    /// The producer had refused it before.
    Refused,
    Unknown,
    /// It is in another worker's hands, or settled.
    Before,
}

enum Claimed {
    Yes(Box<Card>),
    /// Settled, unknown, or in another worker's hands.
    NothingToDo,
    Failed(OrderId, PortError),
}

impl<Store, Queues, Bureau, Chance> Worker<'_, Store, Queues, Bureau, Chance>
where
    Store: ChangeCard + ActiveHolders,
    Queues: RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    /// At most [`crate::limits::ORDERS_PER_REQUEST`] orders. Gives those that a failing service left for
    /// another time.
    pub async fn settle(&self, orders: &[OrderId], report: &mut Report) -> HashSet<OrderId> {
        let mut left = HashSet::new();
        let claimed = self.claim(orders, &mut left, report).await;
        let (active, inactive) = self.part(claimed, &mut left).await;
        if !active.is_empty() {
            let handed = hand_over(
                self.store,
                self.queues,
                self.producer,
                self.chance,
                &self.by,
                active,
            )
            .await;
            report.accepted += handed.accepted;
            report.refused += handed.refused;
            report.unknown += handed.unknown;
            report.mismatched += handed.mismatched;
            left.extend(handed.failed);
        }
        // Later, because a producer that must be asked first may take its time.
        self.stop_all(inactive, &mut left, report).await;
        report.failed += left.len() as u64;
        left
    }

    async fn claim(
        &self,
        orders: &[OrderId],
        left: &mut HashSet<OrderId>,
        report: &mut Report,
    ) -> Vec<Card> {
        let claims: Vec<_> = orders.iter().map(|id| self.claim_one(*id)).collect();
        let answers: Vec<_> = stream::iter(claims)
            .buffer_unordered(WRITES_IN_FLIGHT)
            .collect()
            .await;
        let mut cards = Vec::new();
        for answer in answers {
            match answer {
                Claimed::Yes(card) => {
                    report.claimed += 1;
                    report.taken_over += u64::from(card.claims > 1);
                    cards.push(*card);
                }
                Claimed::NothingToDo => report.dropped += 1,
                Claimed::Failed(order_id, error) => {
                    tracing::error!(order.id = %order_id, error = &error as &dyn std::error::Error,
                        "the card was not claimed; another tick will");
                    left.insert(order_id);
                }
            }
        }
        cards
    }

    async fn claim_one(&self, order_id: OrderId) -> Claimed {
        let now = self.chance.now();
        let token = self.chance.claim_token();
        let event = Event::Claim {
            attempt: order_id.attempt,
            token,
            lease_until: now.plus(CLAIM_LEASE),
        };
        match apply(self.store, order_id.card_id, &event, now).await {
            Ok(Applied::Done(card) | Applied::Already(card)) => Claimed::Yes(card),
            Ok(Applied::Refused(..) | Applied::Missing) => Claimed::NothingToDo,
            Err(error) => Claimed::Failed(order_id, error),
        }
    }

    /// Looks again which holders are active: the cards of those who are, and of those who are not.
    async fn part(&self, cards: Vec<Card>, left: &mut HashSet<OrderId>) -> (Vec<Card>, Vec<Card>) {
        let holders = cards.iter().filter_map(|card| card.holder.as_ref());
        let ids: HashSet<UserId> = holders.map(|holder| holder.user_id.clone()).collect();
        if ids.is_empty() {
            return (cards, Vec::new());
        }
        let ids: Vec<_> = ids.into_iter().collect();
        let active = match self.store.active_holders(&ids).await {
            Ok(active) => active,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the holders could not be looked up; the sweep will take the cards over"
                );
                left.extend(cards.iter().map(Card::order_id));
                return (Vec::new(), Vec::new());
            }
        };
        cards.into_iter().partition(|card| {
            card.holder
                .as_ref()
                .is_none_or(|holder| active.contains(&holder.user_id))
        })
    }

    /// Ends the cards of inactive holders.
    async fn stop_all(&self, cards: Vec<Card>, left: &mut HashSet<OrderId>, report: &mut Report) {
        let stops: Vec<_> = cards
            .iter()
            .map(|card| async { (card.order_id(), self.stop(card).await) })
            .collect();
        let stopped: Vec<_> = stream::iter(stops)
            .buffer_unordered(STOPS_IN_FLIGHT)
            .collect()
            .await;
        for (order_id, outcome) in stopped {
            match outcome {
                Ok(Stopped::Inactive) => report.holder_inactive += 1,
                Ok(Stopped::Accepted) => report.accepted += 1,
                Ok(Stopped::Refused) => report.refused += 1,
                Ok(Stopped::Unknown) => report.unknown += 1,
                Ok(Stopped::Before) => {}
                Err(error) => {
                    tracing::error!(order.id = %order_id, error = &error as &dyn std::error::Error,
                        "a card of an inactive holder was not stopped; the sweep will try again");
                    left.insert(order_id);
                }
            }
        }
    }

    /// Ends the card of an inactive holder. If an earlier worker may have asked the producer, the key is
    /// fenced first, so that `failed` is true for good.
    async fn stop(&self, card: &Card) -> Result<Stopped, PortError> {
        let Some(claim) = card.claim() else {
            return Ok(Stopped::Before);
        };
        let by = self.by.clone();
        let inactive = Event::HolderInactive {
            by: by.clone(),
            token: claim.token,
        };
        let (event, stopped) = if card.claims == 1 {
            (inactive, Stopped::Inactive)
        } else {
            match self.producer.cancel(card.order_id()).await {
                Cancelled::Done => (inactive, Stopped::Inactive),
                Cancelled::TooLate(Answer::Accepted(id)) => {
                    (accept(card, self.chance, &by, id), Stopped::Accepted)
                }
                Cancelled::TooLate(Answer::Rejected(failure)) => {
                    let token = claim.token;
                    (Event::Refuse { by, token, failure }, Stopped::Refused)
                }
                Cancelled::TooLate(Answer::Unknown) => return Ok(Stopped::Unknown),
            }
        };
        let applied = apply(self.store, card.card_id, &event, self.chance.now()).await?;
        if !matches!(applied, Applied::Done(_)) {
            return Ok(Stopped::Before);
        }
        match stopped {
            Stopped::Accepted => count("OrdersHandedOver", 1),
            Stopped::Refused => count("OrdersRefused", 1),
            Stopped::Inactive | Stopped::Unknown | Stopped::Before => {}
        }
        Ok(stopped)
    }
}

/// Brings on its way a card that was approved or ordered again: a direct delivery is settled at once. One
/// that went on before may have lost its way, so that it is reminded of again.
///
/// # Errors
/// The store does not answer. The card goes on nevertheless.
pub(crate) async fn go_on<Store, Queues, Bureau, Chance>(
    worker: &Worker<'_, Store, Queues, Bureau, Chance>,
    card: Card,
) -> Result<Card, Error>
where
    Store: ChangeCard + ActiveHolders + ReadCard,
    Queues: RemindOfOrders + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    if card.delivery == Delivery::Queue || !waits(&card, worker.chance) {
        remind_of_waiting(worker.queues, worker.chance, [&card]).await;
        return Ok(card);
    }
    let mut report = Report::default();
    worker.settle(&[card.order_id()], &mut report).await;
    count("OrdersHolderInactive", report.holder_inactive);
    let after = worker.store.card(card.card_id).await?;
    Ok(after.unwrap_or(card))
}

/// Whether the card waits for whoever takes it to the producer.
fn waits(card: &Card, clock: &impl Clock) -> bool {
    card.state == State::QUEUED && !card.is_held(clock.now())
}

/// Reminds a drain of those of the cards that wait for it.
pub(crate) async fn remind_of_waiting(
    queues: &impl RemindOfOrders,
    clock: &impl Clock,
    cards: impl IntoIterator<Item = &Card>,
) {
    let waiting = cards.into_iter().filter(|card| waits(card, clock));
    let orders: Vec<_> = waiting.map(Card::order_id).collect();
    if !orders.is_empty() {
        remind_of(queues, &orders).await;
    }
}

/// Wakes a drain. The sweep repairs a reminder that is lost.
pub(crate) async fn remind_of(queues: &impl RemindOfOrders, orders: &[OrderId]) {
    if let Err(error) = queues.remind_of_orders(orders).await {
        tracing::warn!(
            order.id = orders.first().map(tracing::field::display),
            orders = orders.len(),
            error = &error as &dyn std::error::Error,
            "reminders were not sent; the sweep will find the orders"
        );
    }
}
