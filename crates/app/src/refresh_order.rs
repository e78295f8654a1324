//! "Update card order": the producer is asked now how far it is with an order.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | read the card | nothing happened |
//! | 2 | ask the producer | nothing happened |
//! | 3 | write what it said | the same request, or the next news, leads on |

use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::Refusal;

use crate::count::count;
use crate::error::{Error, PortError};
use crate::ports::{ChangeCard, Clock, FollowOrder, ReadCard, Status};
use crate::take_status::{Taken, take_status};

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
    let in_hand = matches!(state, StateKind::Ordered | StateKind::InProduction);
    let producer_order_id = card.producer_order_id.clone().filter(|_| in_hand);
    let producer_order_id = producer_order_id.ok_or(Refusal::CardState { state })?;
    let status = match producer.status(&producer_order_id).await {
        Status::Known(status) => status,
        Status::Contradicts => {
            count("ProducerOrderMismatch", 1);
            tracing::error!(card.id = %card_id, order.id = %card.order_id(),
                card.state = state.as_str(), "the producer knows no such order, or another one under its id");
            return Err(Refusal::ProducerContradicts.into());
        }
        Status::Unknown => {
            return Err(PortError::new("producer.status", "the producer did not answer").into());
        }
    };
    match take_status(store, clock, by, card, &status).await? {
        Taken::Card(card) => Ok(*card),
        Taken::Contradicted(_) => Err(Refusal::ProducerContradicts.into()),
    }
}

#[cfg(test)]
mod tests;
