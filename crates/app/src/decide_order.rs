//! Approvers approve or reject orders that wait in `requested`.
//!
//! Promises: what is approved is what was seen, because a decision is bound to the version of the card;
//! nobody decides about their own order, unless the options let them when it was made. Both stand in the
//! condition of the one write, so of two decisions one happens and the other is told what stands.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | one conditional write for each card | the same request tells the truth |
//! | 2 | approved, queue: a reminder with ids only | the sweep finds the card by `due_at` |
//! | 2 | approved, direct: claimed, asked for and marked like an order of the queue | the same, or the claim's lease ends |

use cardwright_domain::card::{Card, Event, Guard, Refused};
use cardwright_domain::ids::{Actor, CardId, OrderId};
use cardwright_domain::options::Delivery;
use cardwright_domain::refusal::Refusal;
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::drain_orders::Report;
use crate::error::Error;
use crate::limits::{ORDER_GRACE, WRITES_IN_FLIGHT};
use crate::ports::{
    ActiveHolders, ChangeCard, Clock, Producer, ReadCard, RemindOfEmails, RemindOfOrder, Tokens,
};
use crate::settle_orders::Worker;

#[derive(Debug, Clone)]
pub enum Decision {
    Approve { comment: Option<String> },
    Reject { reason: String },
}

/// A card as the approver saw it.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub card_id: CardId,
    pub version: u64,
}

/// Decides about each card by itself: one that is refused holds up no other. At most
/// [`crate::limits::MAX_DECISIONS`] cards; the answers are in their order.
///
/// # Errors
/// For each card: there is none, it is not waiting, not as it was seen, the approver's own, or the store
/// does not answer.
pub async fn decide_orders<Store, Queues, Bureau, Chance>(
    worker: &Worker<'_, Store, Queues, Bureau, Chance>,
    by: &Actor,
    decision: &Decision,
    seen: &[Seen],
) -> Vec<Result<Card, Error>>
where
    Store: ChangeCard + ActiveHolders + ReadCard,
    Queues: RemindOfOrder + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    let decisions: Vec<_> = seen
        .iter()
        .map(|seen| decide(worker.store, worker.chance, by, decision, *seen))
        .collect();
    let decided: Vec<_> = stream::iter(decisions)
        .buffered(WRITES_IN_FLIGHT)
        .collect()
        .await;
    let made = decided.iter().flatten().filter(|decided| decided.now);
    let made: Vec<_> = made.map(|decided| &decided.card).collect();
    let number = made.len() as u64;
    if let Decision::Reject { .. } = decision {
        count("OrdersRejected", number);
        return decided.into_iter().map(|answer| Ok(answer?.card)).collect();
    }
    count("OrdersApproved", number);
    let (queued, direct): (Vec<_>, Vec<_>) = made
        .into_iter()
        .partition(|card| card.delivery == Delivery::Queue);
    remind(worker.queues, &queued).await;
    let direct: Vec<_> = direct.into_iter().map(Card::order_id).collect();
    let settled = settle(worker, &direct).await;
    let answers = decided.into_iter().map(|answer| {
        let card = answer?.card;
        let after = settled.iter().find(|after| after.card_id == card.card_id);
        Ok(after.cloned().unwrap_or(card))
    });
    answers.collect()
}

struct Decided {
    card: Card,
    /// False if the very same decision had been made before.
    now: bool,
}

async fn decide(
    store: &impl ChangeCard,
    clock: &impl Clock,
    by: &Actor,
    decision: &Decision,
    seen: Seen,
) -> Result<Decided, Error> {
    let now = clock.now();
    let (by, seen_version) = (by.clone(), seen.version);
    let event = match decision.clone() {
        Decision::Approve { comment: reason } => Event::Approve {
            by,
            seen_version,
            reason,
            due: now.plus(ORDER_GRACE),
        },
        Decision::Reject { reason } => Event::Reject {
            by,
            seen_version,
            reason,
        },
    };
    let decided = |card: Box<Card>, now| Ok(Decided { card: *card, now });
    let refusal = match apply(store, seen.card_id, &event, now).await? {
        Applied::Done(card) => return decided(card, true),
        Applied::Already(card) => return decided(card, false),
        Applied::Refused(card, refused) => match refused {
            Refused::Guard(Guard::Version(_)) => Refusal::CardChanged {
                current: card.version,
            },
            Refused::Guard(Guard::NotBarred(_)) => Refusal::OwnOrder,
            Refused::State(state) => Refusal::CardState { state },
            Refused::Guard(_) => Refusal::CardState {
                state: card.state.kind(),
            },
        },
        Applied::Missing => Refusal::CardNotFound,
    };
    Err(refusal.into())
}

async fn remind(queues: &impl RemindOfOrder, cards: &[&Card]) {
    let reminders = cards
        .iter()
        .map(|card| queues.remind_of_order(card.order_id()));
    for error in join_all(reminders)
        .await
        .into_iter()
        .filter_map(Result::err)
    {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "a reminder was not sent; the sweep will find the order"
        );
    }
}

/// The cards as they are after the producer was asked for them; none whose look-up failed.
async fn settle<Store, Queues, Bureau, Chance>(
    worker: &Worker<'_, Store, Queues, Bureau, Chance>,
    orders: &[OrderId],
) -> Vec<Card>
where
    Store: ChangeCard + ActiveHolders + ReadCard,
    Queues: RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    if orders.is_empty() {
        return Vec::new();
    }
    let mut report = Report::default();
    worker.settle(orders, &mut report).await;
    report.record();
    let cards = orders.iter().map(|order| worker.store.card(order.card_id));
    let cards = join_all(cards).await.into_iter();
    cards.filter_map(|card| card.ok().flatten()).collect()
}

#[cfg(test)]
mod tests;
