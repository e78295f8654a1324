//! `CardsAddonExtProdProcOrder` for a card that failed: it is ordered again.
//!
//! Promises: the order goes to the producer under a new key, so that what became of the last one does not
//! matter; it is what the operator saw that is repeated, because it is bound to the version of the card; a
//! user still has one open order unless the options allow more. What was approved is what is produced: data
//! that is frozen anew, and is not as it was, goes through approval again.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | read the card, then user, options and open order | nothing happened |
//! | 2 | change card and open-order pointer, if the user is active and as seen, in one transaction | the same request tells the truth |
//! | 3 | approval: nothing; the card waits for `decide_order` | |
//! | 3 | queue: a reminder with ids only | the sweep finds the card by `due_at` |
//! | 3 | direct: claimed, asked for and marked like an order of the queue | the same, or the claim's lease ends |

use cardwright_domain::card::{Card, Event, Frozen, Guard, Refused};
use cardwright_domain::ids::{Actor, OrderId};
use cardwright_domain::options::Options;
use cardwright_domain::refusal::Refusal;

use crate::apply::Seen;
use crate::apply::refusal;
use crate::card_draft::open_order;
use crate::count::count;
use crate::error::{Error, PortError};
use crate::freeze::freeze;
use crate::limits::{ORDER_GRACE, ORDER_TRIES};
use crate::ports::{
    ActiveHolders, ChangeCard, Clock, OpenOrderGuard, Producer, ReadCard, ReadOrderContext,
    RemindOfEmails, RemindOfOrders, RepeatOrder, Repeated, Repetition, Tokens,
};
use crate::settle_orders::{Worker, go_on};

#[derive(Debug)]
pub struct RepeatRequest {
    pub by: Actor,
    pub seen: Seen,
    /// Freeze the card data anew from the user as they are now.
    pub refresh: bool,
    pub comment: Option<String>,
}

/// # Errors
/// A rule forbids it and nothing was written; or a service did not answer, and the same request tells
/// later whether the card was ordered again.
pub async fn repeat_order<Store, Queues, Bureau, Chance>(
    worker: &Worker<'_, Store, Queues, Bureau, Chance>,
    request: &RepeatRequest,
) -> Result<Card, Error>
where
    Store: ReadOrderContext + ReadCard + RepeatOrder + ChangeCard + ActiveHolders,
    Queues: RemindOfOrders + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    let mut card = read(worker.store, request).await?;
    for _ in 0..ORDER_TRIES {
        let repetition = match prepare(worker.store, worker.chance, &card, request).await? {
            Prepared::Before => return go_on(worker, card).await,
            Prepared::Now(repetition) => repetition,
        };
        match worker.store.repeat_order(&repetition).await? {
            Repeated::Done => {
                count("OrdersRepeated", 1);
                // The write was bound to this version, so this is what it made of the card.
                let after = card.on(&repetition.event, repetition.now);
                let after = after.map_err(|refused| refusal(&card, &refused))?;
                return go_on(worker, after).await;
            }
            Repeated::Conflict(now) => card = *now,
            Repeated::ContextChanged => {}
        }
    }
    let error = "user, card or open order changed under every try";
    Err(PortError::new("repeat_order", error).into())
}

async fn read(store: &impl ReadCard, request: &RepeatRequest) -> Result<Card, Error> {
    let card = store.card(request.seen.card_id).await?;
    Ok(card.ok_or(Refusal::CardNotFound)?)
}

enum Prepared {
    Now(Box<Repetition>),
    /// The very same repeat had happened before.
    Before,
}

async fn prepare(
    store: &(impl ReadOrderContext + ReadCard),
    clock: &impl Clock,
    card: &Card,
    request: &RepeatRequest,
) -> Result<Prepared, Error> {
    let now = clock.now();
    let repeat = Event::Repeat {
        by: request.by.clone(),
        seen_version: request.seen.version,
        reason: request.comment.clone(),
        frozen: None,
        due: now.plus(ORDER_GRACE),
    };
    if repeat.already_on(card) {
        return Ok(Prepared::Before);
    }
    match repeat.allowed(card, now) {
        // Whether the last attempt's email was sent has to be known before the next attempt sends one.
        Err(Refused::Guard(Guard::EmailAtRest(_))) => {
            return Err(PortError::new("repeat_order", "the last email is being sent").into());
        }
        allowed => allowed.map_err(|refused| refusal(card, &refused))?,
    }
    // A card of the stock has no holder whom it could be ordered for.
    let state = card.state.kind();
    let holder = card.holder.as_ref().ok_or(Refusal::CardState { state })?;
    let context = store.order_context(&holder.user_id, None).await?;
    let user = context.user.ok_or(Refusal::UserNotFound)?;
    let options = context.options;
    let blockers = options.repeat_blockers(&user, &card.production_type);
    if let Some(refusal) = blockers.into_iter().next() {
        return Err(refusal.into());
    }
    let event = if request.refresh {
        let production_type = options
            .production_type(Some(card.production_type.as_str()))
            .ok_or(Refusal::ProductionTypeUnknown)?;
        let frozen = freeze(&user, &options, production_type, &request.by)?;
        anew(card, repeat, keeping(card, frozen), &options)
    } else {
        repeat
    };
    // Its own card has failed, as was seen.
    let other = context
        .open_order
        .filter(|open| open.card_id != card.card_id);
    if let (false, Some(other)) = (options.multiple_orders, other)
        && let Some(refusal) = open_order(store, other).await?
    {
        return Err(refusal.into());
    }
    Ok(Prepared::Now(Box::new(Repetition {
        order_id: OrderId {
            card_id: card.card_id,
            attempt: card.attempt.next(),
        },
        event,
        now,
        user_id: user.user_id,
        user_version: user.version,
        guard: OpenOrderGuard::of(&options, context.open_order),
    })))
}

/// The repeat with what was frozen anew, which is approved first if it is not as it was.
fn anew(card: &Card, repeat: Event, frozen: Frozen, options: &Options) -> Event {
    let same = card.data == frozen.data && card.producer_fields == frozen.producer_fields;
    let frozen = Box::new(frozen);
    match repeat {
        Event::Repeat {
            by,
            seen_version,
            reason,
            ..
        } if options.approval.single && !same => Event::RequestRepeat {
            by,
            seen_version,
            reason,
            frozen,
        },
        Event::Repeat {
            by,
            seen_version,
            reason,
            due,
            ..
        } => Event::Repeat {
            by,
            seen_version,
            reason,
            frozen: Some(frozen),
            due,
        },
        other => other,
    }
}

/// What outlives the attempt: an email that may have been sent, and who could not approve it before. The
/// directory may have another name for the same person by now.
fn keeping(card: &Card, frozen: Frozen) -> Frozen {
    let email = if card.email_tries > 0 {
        card.email.clone()
    } else {
        frozen.email
    };
    let mut barred_approvers = frozen.barred_approvers;
    if !barred_approvers.is_empty() {
        barred_approvers.extend(card.barred_approvers.iter().cloned());
        barred_approvers.sort_unstable();
        barred_approvers.dedup();
    }
    Frozen {
        email,
        barred_approvers,
        ..frozen
    }
}

#[cfg(test)]
mod tests;
