//! "Update card order": the producer is asked now how far it is with an order.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | read the card | nothing happened |
//! | 2 | ask the producer | nothing happened |
//! | 3 | write what it said | the same request, or the next news, leads on |

use cardwright_domain::card::Card;
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::Refusal;

use crate::error::{Error, PortError};
use crate::ports::{ChangeCard, Clock, FollowOrder, ReadCard};
use crate::take_status::{Taken, ask_about};

/// # Errors
/// There is no such card, the producer does not have it in hand, it tells another story than the card, or
/// a service does not answer.
pub async fn refresh_order(
    store: &(impl ReadCard + ChangeCard),
    producer: &impl FollowOrder,
    clock: &impl Clock,
    by: &Actor,
    card_id: CardId,
) -> Result<Card, Error> {
    let card = store.card(card_id).await?.ok_or(Refusal::CardNotFound)?;
    let state = card.state.kind();
    let producer_order_id = card.in_producers_hands().cloned();
    let producer_order_id = producer_order_id.ok_or(Refusal::CardState { state })?;
    let asked = ask_about(store, producer, clock, by, card, &producer_order_id).await?;
    match asked {
        Some(Taken::Card(card)) => Ok(*card),
        Some(Taken::Contradicted) => Err(Refusal::ProducerContradicts.into()),
        None => {
            let error = PortError::new("producer.status", "the producer did not answer");
            Err(error.into())
        }
    }
}

#[cfg(test)]
mod tests;
