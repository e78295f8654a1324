//! The producer tells by itself how far an order is.
//!
//! | step | what | if it dies here |
//! | --- | --- | --- |
//! | 1 | read the card, and whether the event was handled before | nothing happened |
//! | 2 | write what it says, or keep it for an operator | the producer sends it again, and that leads on |
//! | 3 | remember the event | the same; it finds the card where it has to be |
//!
//! So an event that is not answered may be handled twice, and is never lost.

use std::fmt;

use cardwright_domain::ids::{Actor, EventId};
use cardwright_domain::order_status::OrderStatus;

use crate::count::count;
use crate::error::PortError;
use crate::limits::EVENT_MEMORY;
use crate::ports::{ChangeCard, Clock, EventContext, Quarantine, RememberEvents};
use crate::take_status::{Taken, take_status};

/// An event that the producer has signed.
pub struct ProducerEvent<'a> {
    pub id: EventId,
    /// As it came.
    pub body: &'a [u8],
    /// What it says; `None` if that can't be read.
    pub status: Option<OrderStatus>,
}

/// Who sends an event puts anything into its body and its id.
impl fmt::Debug for ProducerEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProducerEvent")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The card is where the producer says, or was further already.
    Taken,
    /// It was handled before.
    Duplicate,
    /// An operator has to look at it.
    Kept,
}

/// # Errors
/// A service does not answer; the producer has to send the event again.
pub async fn receive_producer_event(
    store: &(impl RememberEvents + ChangeCard),
    quarantine: &impl Quarantine,
    clock: &impl Clock,
    event: &ProducerEvent<'_>,
) -> Result<Outcome, PortError> {
    let card_id = event.status.as_ref().map(|status| status.order_id.card_id);
    let context = store.event_context(&event.id, card_id).await?;
    if context.is_known {
        count("ProducerEventsDuplicate", 1);
        return Ok(Outcome::Duplicate);
    }
    let outcome = take(store, clock, event, context).await?;
    if outcome == Outcome::Kept {
        quarantine.quarantine(event.body).await?;
        count("ProducerEventsKept", 1);
    }
    let until = clock.now().plus(EVENT_MEMORY);
    store.remember_event(&event.id, until).await?;
    Ok(outcome)
}

async fn take(
    store: &impl ChangeCard,
    clock: &impl Clock,
    event: &ProducerEvent<'_>,
    context: EventContext,
) -> Result<Outcome, PortError> {
    let Some(status) = &event.status else {
        tracing::warn!("an event of the producer can't be read");
        return Ok(Outcome::Kept);
    };
    let Some(card) = context.card else {
        count("ProducerOrderMismatch", 1);
        tracing::error!(order.id = %status.order_id, "the producer tells of an order that nobody made");
        return Ok(Outcome::Kept);
    };
    let by = Actor::system("receive-producer-event");
    Ok(match take_status(store, clock, &by, card, status).await? {
        Taken::Card(_) => Outcome::Taken,
        Taken::Contradicted => Outcome::Kept,
    })
}

#[cfg(test)]
mod tests;
