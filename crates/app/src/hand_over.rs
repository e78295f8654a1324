//! Ask the producer for claimed cards, then write down what it said.
//!
//! Promise: `ordered` is written only if the producer accepted, `failed` only if it refused for good.
//! An answer that is not known changes nothing: the claim stays, and whoever takes it over asks again
//! under the same key. Accepted cards whose email waits are reminded of; the sweep repairs a lost reminder.
//!
//! | it dies after | what is left |
//! | --- | --- |
//! | the request to the producer | claims; the sweep takes them over, the producer answers the same again |
//! | some of the marks | the same, for the cards not marked |
//! | the marks | cards `ordered` with `due_at` for their emails; the sweep reminds |

use cardwright_domain::card::{Card, Email, Event, Failure};
use cardwright_domain::ids::{Actor, OrderId, ProducerOrderId};
use futures_util::StreamExt;
use futures_util::stream;

use crate::apply::{Applied, apply};
use crate::error::PortError;
use crate::limits::{EMAIL_GRACE, WRITES_IN_FLIGHT};
use crate::ports::{Answer, ChangeCard, Clock, Producer, ProducerOrder, RemindOfEmails};

/// What became of the cards.
#[derive(Debug, Default)]
pub struct HandOver {
    /// The cards as they are now, in any order.
    pub cards: Vec<Card>,
    pub accepted: u64,
    pub refused: u64,
    pub unknown: u64,
    /// The producer accepted what the card can't take: somebody has to look.
    pub mismatched: u64,
    /// The answer of the producer could not be written down; the sweep will ask again.
    pub failed: Vec<OrderId>,
}

enum Mark {
    Accepted(Box<Card>),
    Refused(Box<Card>),
    Unknown(Box<Card>),
    Mismatched(Box<Card>),
    Failed(Box<Card>, PortError),
}

/// `claimed` are at most [`crate::limits::ORDERS_PER_REQUEST`] cards whose claim is this worker's.
pub async fn hand_over(
    store: &impl ChangeCard,
    queues: &impl RemindOfEmails,
    producer: &impl Producer,
    clock: &impl Clock,
    by: &Actor,
    claimed: Vec<Card>,
) -> HandOver {
    let orders: Vec<_> = claimed.iter().map(producer_order).collect();
    let answers = producer.submit(&orders).await;
    // An answer that is missing is not known.
    let answers = answers
        .into_iter()
        .chain(std::iter::repeat(Answer::Unknown));
    let pairs = claimed.into_iter().zip(answers);
    let marks: Vec<_> = pairs
        .map(|(card, answer)| mark(store, clock, by, card, answer))
        .collect();
    let marks: Vec<_> = stream::iter(marks)
        .buffer_unordered(WRITES_IN_FLIGHT)
        .collect()
        .await;
    let handed = sum_up(marks);
    remind(queues, &handed.cards).await;
    handed
}

/// What leaves the house: the frozen data, and of that the production type's fields only.
fn producer_order(card: &Card) -> ProducerOrder {
    let wanted = |field: &&String| card.producer_fields.contains(field);
    let data = card.data.iter().filter(|(field, _)| wanted(field));
    ProducerOrder {
        order_id: card.order_id(),
        production_type: card.production_type.clone(),
        data: data
            .map(|(field, text)| (field.clone(), text.clone()))
            .collect(),
    }
}

/// Writes down one answer.
async fn mark(
    store: &impl ChangeCard,
    clock: &impl Clock,
    by: &Actor,
    card: Card,
    answer: Answer,
) -> Mark {
    let event = match answer {
        Answer::Accepted(id) => accept(&card, clock, by, id),
        Answer::Rejected(failure) => match refuse(&card, by, failure) {
            Some(event) => event,
            None => return Mark::Unknown(Box::new(card)),
        },
        Answer::Unknown => return Mark::Unknown(Box::new(card)),
    };
    let accepted = matches!(event, Event::Accept { .. });
    match apply(store, card.card_id, &event, clock.now()).await {
        Ok(Applied::Done(card) | Applied::Already(card)) if accepted => Mark::Accepted(card),
        Ok(Applied::Done(card) | Applied::Already(card)) => Mark::Refused(card),
        // Accepted is a fact. If the card can't take it, producer and card tell different stories.
        Ok(Applied::Refused(card, _)) if accepted => Mark::Mismatched(card),
        // Another worker took the claim over; the producer tells it the same.
        Ok(Applied::Refused(card, _)) => Mark::Unknown(card),
        Ok(Applied::Missing) => Mark::Mismatched(Box::new(card)),
        Err(error) => Mark::Failed(Box::new(card), error),
    }
}

/// The event that writes an acceptance down.
pub(crate) fn accept(
    card: &Card,
    clock: &impl Clock,
    by: &Actor,
    producer_order_id: ProducerOrderId,
) -> Event {
    // A card that failed in production and was ordered again may have lost its mail worker before.
    let email_waits = matches!(card.email, Email::Pending | Email::Sending { .. });
    Event::Accept {
        by: by.clone(),
        attempt: card.attempt,
        producer_order_id,
        email_due: email_waits.then(|| clock.now().plus(EMAIL_GRACE)),
    }
}

fn refuse(card: &Card, by: &Actor, failure: Failure) -> Option<Event> {
    let token = card.claim()?.token;
    Some(Event::Refuse {
        by: by.clone(),
        token,
        failure,
    })
}

fn sum_up(marks: Vec<Mark>) -> HandOver {
    let mut handed = HandOver::default();
    for mark in marks {
        let card = match mark {
            Mark::Accepted(card) => {
                handed.accepted += 1;
                card
            }
            Mark::Refused(card) => {
                handed.refused += 1;
                card
            }
            Mark::Unknown(card) => {
                handed.unknown += 1;
                card
            }
            Mark::Mismatched(card) => {
                handed.mismatched += 1;
                tracing::error!(card.id = %card.card_id, order.id = %card.order_id(),
                    card.state = card.state.kind().as_str(),
                    "the producer accepted an order that the card does not stand for");
                card
            }
            Mark::Failed(card, error) => {
                tracing::error!(order.id = %card.order_id(), error = &error as &dyn std::error::Error,
                    "the producer's answer was not written down; the sweep will ask again");
                handed.failed.push(card.order_id());
                card
            }
        };
        handed.cards.push(*card);
    }
    for (name, number) in [
        ("OrdersHandedOver", handed.accepted),
        ("OrdersRefused", handed.refused),
        ("OrdersUnknown", handed.unknown),
        ("ProducerOrderMismatch", handed.mismatched),
    ] {
        crate::count::count(name, number);
    }
    handed
}

async fn remind(queues: &impl RemindOfEmails, cards: &[Card]) {
    let waiting = |card: &&Card| card.due_at.is_some() && card.email == Email::Pending;
    let ordered = cards.iter().filter(|card| card.producer_order_id.is_some());
    let ids: Vec<_> = ordered.filter(waiting).map(Card::order_id).collect();
    if ids.is_empty() {
        return;
    }
    if let Err(error) = queues.remind_of_emails(&ids).await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "reminders of emails were not sent; the sweep will find them"
        );
    }
}

#[cfg(test)]
mod tests;
