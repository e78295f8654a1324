//! One event on one card: the conditional write, and the reading of its answer.
//!
//! The write either happens or brings back the card that stood against it. That card tells whether the
//! event had happened before (a lost answer, a repeated request: success), or why it is refused. If by
//! that card the event is allowed, the card changed in between, and the write is simply made again.

use cardwright_domain::card::{Card, Event, Refused};
use cardwright_domain::ids::CardId;
use cardwright_domain::time::Time;

use crate::error::PortError;
use crate::limits::CHANGE_TRIES;
use crate::ports::{ChangeCard, Changed};

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
