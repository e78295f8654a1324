//! What an operator does with a card that was made: activates it when the holder has it, deactivates it for a
//! while, or locks it for good.
//!
//! Each command is one conditional write, so nothing is half done. All but the lock are bound to the version of the
//! card that the operator saw: a request that comes late or twice does not undo what somebody did since. A lost card
//! has to be locked at once, whatever happened to it since it was seen, and a lock is final anyway.

use std::fmt;

use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::Refusal;
use cardwright_domain::time::Time;

use crate::apply::{Applied, Seen, apply, refusal};
use crate::count::count;
use crate::error::Error;
use crate::ports::{ChangeCard, Clock, ReadCard};

#[derive(Clone)]
pub enum Command {
    Activate { comment: Option<String> },
    Deactivate { reason: String },
    Reactivate { comment: Option<String> },
}

impl Command {
    fn counter(&self) -> &'static str {
        match self {
            Self::Activate { .. } => "CardsActivated",
            Self::Deactivate { .. } => "CardsDeactivated",
            Self::Reactivate { .. } => "CardsReactivated",
        }
    }
}

/// What people write may be personal.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.counter())
    }
}

/// # Errors
/// There is no such card, its state forbids the command, it is not as it was seen, or the store does not answer.
pub async fn manage_card(
    store: &(impl ChangeCard + ReadCard),
    clock: &impl Clock,
    by: &Actor,
    command: &Command,
    seen: Seen,
) -> Result<Card, Error> {
    let now = clock.now();
    let (by, seen_version) = (by.clone(), seen.version);
    let event = match command.clone() {
        Command::Activate { comment: reason } => Event::Activate {
            by,
            seen_version,
            reason,
            valid_until: valid_until(store, seen.card_id, now).await?,
        },
        Command::Deactivate { reason } => Event::Deactivate {
            by,
            seen_version,
            reason,
        },
        Command::Reactivate { comment: reason } => Event::Reactivate {
            by,
            seen_version,
            reason,
        },
    };
    do_it(store, seen.card_id, &event, now, command.counter()).await
}

/// # Errors
/// There is no such card, its state forbids it, or the store does not answer.
pub async fn lock_card(
    store: &impl ChangeCard,
    clock: &impl Clock,
    by: &Actor,
    reason: String,
    card_id: CardId,
) -> Result<Card, Error> {
    let by = by.clone();
    let event = Event::Lock { by, reason };
    do_it(store, card_id, &event, clock.now(), "CardsLocked").await
}

/// For how long the card is valid was frozen with its order, so it can be read before the write.
async fn valid_until(store: &impl ReadCard, card_id: CardId, now: Time) -> Result<Time, Error> {
    let card = store.card(card_id).await?.ok_or(Refusal::CardNotFound)?;
    Ok(card.validity_from(now))
}

async fn do_it(
    store: &impl ChangeCard,
    card_id: CardId,
    event: &Event,
    now: Time,
    counter: &'static str,
) -> Result<Card, Error> {
    match apply(store, card_id, event, now).await? {
        Applied::Done(card) => {
            count(counter, 1);
            Ok(*card)
        }
        Applied::Already(card) => Ok(*card),
        Applied::Refused(card, refused) => Err(refusal(&card, &refused).into()),
        Applied::Missing => Err(Refusal::CardNotFound.into()),
    }
}

#[cfg(test)]
mod tests;
