//! Approvers approve or reject orders that wait in `requested`.
//!
//! Promises: what is approved is what was seen, because a decision is bound to the version of the card;
//! nobody decides about their own order, unless the options let them when it was made. Both stand in the
//! condition of the one write, so of two decisions one happens and the other is told what stands.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | read each card that may be approved: is it held? | nothing happened |
//! | 2 | one conditional write for each card | the same request tells the truth |
//! | 3 | approved, queue: a reminder with ids only, or none if the card is held | the sweep finds the card by `due_at` |
//! | 3 | approved by itself, direct: claimed, asked for and marked like an order of the queue | the same, or the claim's lease ends |

use std::fmt;

use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::Refusal;
use cardwright_domain::time::Time;
use futures_util::StreamExt;
use futures_util::stream;

use crate::apply::{Applied, Seen, apply, refusal};
use crate::count::count;
use crate::error::Error;
use crate::limits::{ORDER_GRACE, WRITES_IN_FLIGHT};
use crate::ports::{
    ActiveHolders, ChangeCard, Clock, Producer, ReadCard, RemindOfEmails, RemindOfOrders, Tokens,
};
use crate::settle_orders::{Worker, go_on, remind_of_waiting};

#[derive(Clone)]
pub enum Decision {
    Approve { comment: Option<String> },
    Reject { reason: String },
}

impl Decision {
    fn counter(&self) -> &'static str {
        match self {
            Self::Approve { .. } => "OrdersApproved",
            Self::Reject { .. } => "OrdersRejected",
        }
    }
}

/// What people write may be personal.
impl fmt::Debug for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approve { .. } => "Approve",
            Self::Reject { .. } => "Reject",
        })
    }
}

/// Decides about one card. A direct delivery that is approved is answered as the producer answered it.
///
/// # Errors
/// There is no such card, it is not waiting, not as it was seen, the approver's own, or the store does
/// not answer.
pub async fn decide_order<Store, Queues, Bureau, Chance>(
    worker: &Worker<'_, Store, Queues, Bureau, Chance>,
    by: &Actor,
    decision: &Decision,
    seen: Seen,
) -> Result<Card, Error>
where
    Store: ChangeCard + ActiveHolders + ReadCard,
    Queues: RemindOfOrders + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    let decided = decide(worker.store, worker.chance, by, decision, seen).await?;
    count(decision.counter(), u64::from(decided.now));
    go_on(worker, decided.card).await
}

/// Decides about each card by itself: one that is refused holds up no other. At most
/// [`crate::limits::MAX_DECISIONS`] cards; the answers are in their order. Direct deliveries are left to
/// the drain, because so many would not be settled in the time of one answer.
///
/// # Errors
/// As for [`decide_order`], for each card.
pub async fn decide_orders(
    store: &(impl ChangeCard + ReadCard),
    queues: &impl RemindOfOrders,
    clock: &impl Clock,
    by: &Actor,
    decision: &Decision,
    seen: &[Seen],
) -> Vec<Result<Card, Error>> {
    let decisions: Vec<_> = seen
        .iter()
        .map(|seen| decide(store, clock, by, decision, *seen))
        .collect();
    let decided: Vec<_> = stream::iter(decisions)
        .buffered(WRITES_IN_FLIGHT)
        .collect()
        .await;
    let made = decided.iter().flatten().filter(|decided| decided.now);
    count(decision.counter(), made.count() as u64);
    let cards = decided.iter().flatten().map(|decided| &decided.card);
    remind_of_waiting(queues, clock, cards).await;
    let cards = decided.into_iter();
    cards.map(|decided| Ok(decided?.card)).collect()
}

struct Decided {
    card: Card,
    /// False if the very same decision had been made before.
    now: bool,
}

async fn decide(
    store: &(impl ChangeCard + ReadCard),
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
            due: due(store, seen.card_id, now).await?,
        },
        Decision::Reject { reason } => Event::Reject {
            by,
            seen_version,
            reason,
        },
    };
    let decided = |card: Box<Card>, now| Ok(Decided { card: *card, now });
    match apply(store, seen.card_id, &event, now).await? {
        Applied::Done(card) => decided(card, true),
        Applied::Already(card) => decided(card, false),
        Applied::Refused(card, refused) => Err(refusal(&card, &refused).into()),
        Applied::Missing => Err(Refusal::CardNotFound.into()),
    }
}

/// When the sweep looks after the card once it is approved. A hold never changes, so it can be read before
/// the write.
async fn due(store: &impl ReadCard, card_id: CardId, now: Time) -> Result<Time, Error> {
    let card = store.card(card_id).await?.ok_or(Refusal::CardNotFound)?;
    let held_until = card.held_until.filter(|until| now < *until);
    Ok(held_until.unwrap_or(now.plus(ORDER_GRACE)))
}

#[cfg(test)]
mod tests;
