//! One event on one card: the conditional write, and the reading of its answer.
//!
//! The write either happens or brings back the card that stood against it. That card tells whether the
//! event had happened before (a lost answer, a repeated request: success), or why it is refused. If by
//! that card the event is allowed, the card changed in between, and the write is simply made again.

use cardwright_domain::card::{Card, Event, Guard, Refused};
use cardwright_domain::ids::CardId;
use cardwright_domain::refusal::Refusal;
use cardwright_domain::time::Time;

use crate::error::PortError;
use crate::limits::CHANGE_TRIES;
use crate::ports::{ChangeCard, Changed};

/// A card as a person saw it.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub card_id: CardId,
    pub version: u64,
}

#[derive(Debug)]
pub enum Applied {
    /// The event happened now.
    Done(Box<Card>),
    /// The very same event had happened before.
    Already(Box<Card>),
    Refused(Box<Card>, Refused),
    Missing,
}

/// # Errors
/// The store did not answer, or the card changed under every try.
pub async fn apply(
    store: &impl ChangeCard,
    card_id: CardId,
    event: &Event,
    now: Time,
) -> Result<Applied, PortError> {
    for _ in 0..CHANGE_TRIES {
        match store.change_card(card_id, event, now).await? {
            Changed::Done(card) => return Ok(Applied::Done(card)),
            Changed::Missing => return Ok(Applied::Missing),
            Changed::Conflict(card) if event.already_on(&card) => {
                return Ok(Applied::Already(card));
            }
            Changed::Conflict(card) => {
                if let Err(refused) = event.allowed(&card, now) {
                    return Ok(Applied::Refused(card, refused));
                }
            }
        }
    }
    Err(PortError::new("apply", "the card changed under every try"))
}

/// What a caller is told whose event the card did not take.
pub(crate) fn refusal(card: &Card, refused: &Refused) -> Refusal {
    let state = card.state.kind();
    match refused {
        Refused::Guard(Guard::Version(_)) => Refusal::CardChanged {
            current: card.version,
        },
        Refused::Guard(Guard::NotBarred(_)) => Refusal::OwnOrder,
        Refused::Guard(Guard::RequesterWhileRequested(_)) => Refusal::RequesterOnly,
        Refused::Guard(Guard::Unclaimed) => Refusal::CardClaimed { state },
        Refused::State(_) | Refused::Guard(_) => Refusal::CardState { state },
    }
}
