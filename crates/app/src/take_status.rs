//! What the producer says about an order is written on the card, however one came to hear of it.
//!
//! Promises: a card never moves backwards, so that it does not matter in which order news come, or how
//! often; what card and producer tell differently is shown to a person, and changes nothing.
//!
//! Each step is one conditional write, bound to the order attempt. If it is the last, the same news lead on
//! from there.

use cardwright_domain::card::{Card, Event, State, StateKind};
use cardwright_domain::ids::{Actor, ProducerOrderId};
use cardwright_domain::order_status::{OrderStatus, Progress, Shipment};

use crate::apply::{Applied, apply};
use crate::count::count;
use crate::error::PortError;
use crate::hand_over::accept;
use crate::limits::STATUS_STEPS;
use crate::ports::{ChangeCard, Clock, FollowOrder, Status};

#[derive(Debug)]
pub(crate) enum Taken {
    /// The card as it is now, moved or not.
    Card(Box<Card>),
    /// The producer tells another story than this card.
    Contradicted,
}

/// Asks the producer about an order that it has in hand, and takes what it says. `None` if it says
/// nothing.
///
/// # Errors
/// The store does not answer.
pub(crate) async fn ask_about(
    store: &impl ChangeCard,
    producer: &impl FollowOrder,
    clock: &impl Clock,
    by: &Actor,
    card: Card,
    producer_order_id: &ProducerOrderId,
) -> Result<Option<Taken>, PortError> {
    match producer.status(producer_order_id).await {
        Status::Known(status) => take_status(store, clock, by, card, &status).await.map(Some),
        Status::Contradicts => Ok(Some(contradicted(&card))),
        Status::Unknown => Ok(None),
    }
}

/// # Errors
/// The store does not answer.
pub(crate) async fn take_status(
    store: &impl ChangeCard,
    clock: &impl Clock,
    by: &Actor,
    mut card: Card,
    status: &OrderStatus,
) -> Result<Taken, PortError> {
    for _ in 0..STATUS_STEPS {
        let event = match next(&card, clock, by, status) {
            Next::Event(event) => event,
            Next::Nothing => return Ok(Taken::Card(Box::new(card))),
            Next::Contradiction => return Ok(contradicted(&card)),
        };
        card = match apply(store, card.card_id, &event, clock.now()).await? {
            Applied::Done(card) | Applied::Already(card) | Applied::Refused(card, _) => *card,
            Applied::Missing => return Ok(contradicted(&card)),
        };
    }
    let error = "the card changed under every step";
    Err(PortError::new("take_status", error))
}

/// Somebody has to look.
fn contradicted(card: &Card) -> Taken {
    count("ProducerOrderMismatch", 1);
    tracing::error!(card.id = %card.card_id, order.id = %card.order_id(),
        card.state = card.state.kind().as_str(),
        "the producer knows no such order, or tells another story of it than the card");
    Taken::Contradicted
}

/// Whether it says more about how the card travels than the card does.
fn is_news(shipment: &Shipment, card: &Card) -> bool {
    let known = &card.shipment;
    let tells_tracking = known.tracking.is_none() && shipment.tracking.is_some();
    tells_tracking || *known == Shipment::default() && *shipment != *known
}

enum Next {
    Event(Event),
    /// It is known already, or overtaken by what came after it.
    Nothing,
    Contradiction,
}

fn next(card: &Card, clock: &impl Clock, by: &Actor, status: &OrderStatus) -> Next {
    use StateKind as S;
    if status.order_id.card_id != card.card_id {
        return Next::Contradiction;
    }
    let (by, attempt) = (by.clone(), status.order_id.attempt);
    let produced = matches!(status.progress, Progress::Produced(_));
    if attempt < card.attempt {
        // The order was made again, because this attempt had failed.
        return if produced {
            Next::Contradiction
        } else {
            Next::Nothing
        };
    }
    let known = card.producer_order_id.as_ref() == Some(&status.producer_order_id);
    let state = card.state.kind();
    if attempt > card.attempt || !known && state != S::Processing {
        return Next::Contradiction;
    }
    match (state, &status.progress) {
        // Its answer was lost, and a worker may still be asking.
        (S::Processing, _) => match &card.state {
            State::Processing { claim: Some(_) } => {
                Next::Event(accept(card, clock, &by, status.producer_order_id.clone()))
            }
            _ => Next::Contradiction,
        },
        (S::Ordered, Progress::InProduction) => Next::Event(Event::StartProduction { by, attempt }),
        (S::Ordered | S::InProduction, Progress::Produced(shipment)) => {
            let shipment = shipment.clone();
            Next::Event(Event::Produce {
                by,
                attempt,
                shipment,
            })
        }
        (S::Ordered | S::InProduction, Progress::Failed(failure)) => {
            let failure = failure.clone();
            Next::Event(Event::ProductionFailed {
                by,
                attempt,
                failure,
            })
        }
        (S::Produced, Progress::Produced(shipment)) if is_news(shipment, card) => {
            let carrier = shipment.carrier.as_ref().or(card.shipment.carrier.as_ref());
            let shipment = Shipment {
                carrier: carrier.cloned(),
                tracking: shipment.tracking.clone(),
            };
            Next::Event(Event::Track {
                by,
                attempt,
                shipment,
            })
        }
        (S::Failed, Progress::Produced(_)) => Next::Contradiction,
        (S::Ordered | S::InProduction | S::Failed, _) => Next::Nothing,
        (S::Registered | S::Requested | S::Aborted | S::Rejected, _) | (_, Progress::Failed(_)) => {
            Next::Contradiction
        }
        (
            S::Produced
            | S::Active
            | S::Inactive
            | S::Locked
            | S::Expired
            | S::Unassigned
            | S::Assigned,
            _,
        ) => Next::Nothing,
    }
}

#[cfg(test)]
mod tests;
