//! `CardsAddonExtProdProcAbort`: an operator takes back an order that no worker has claimed.
//!
//! Promise: a card that was answered `aborted` is never sent to the producer. The one write here and the
//! drain's claim exclude each other by their conditions; there is nothing to clean up, since the drain
//! drops the message of an aborted card.

use cardwright_domain::card::{Card, Event, Guard, Refused};
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::Refusal;

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::error::Error;
use crate::ports::{ChangeCard, Clock};

/// # Errors
/// There is no such card, its state or a claim forbids it, or the store does not answer.
pub async fn abort_order(
    store: &impl ChangeCard,
    clock: &impl Clock,
    card_id: CardId,
    by: Actor,
    reason: Option<String>,
) -> Result<Card, Error> {
    let event = Event::Abort { by, reason };
    match apply(store, card_id, &event, clock.now()).await? {
        Applied::Done(card) => {
            count("OrdersAborted", 1);
            Ok(*card)
        }
        Applied::Already(card) => Ok(*card),
        Applied::Refused(card, refused) => {
            let state = card.state.kind();
            Err(match refused {
                Refused::Guard(Guard::Unclaimed) => Refusal::CardClaimed { state },
                Refused::State(_) | Refused::Guard(_) => Refusal::CardState { state },
            }
            .into())
        }
        Applied::Missing => Err(Refusal::CardNotFound.into()),
    }
}
