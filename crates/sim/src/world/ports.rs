//! The ports of `crates/app` on the world. Each method is one point: what a fault does to a call is
//! said here, what the call itself does is in `store`.

use std::collections::HashSet;

use cardwright_app::error::PortError;
use cardwright_app::limits::MESSAGES_PER_RECEIVE;
use cardwright_app::ports::{
    ActiveHolders, ChangeCard, Changed, Clock, DueCards, OrderContext, OrderInbox, PlaceOrder,
    Placed, Placement, Quarantine, ReadCard, ReadOrderContext, Received, RemindOfEmails,
    RemindOfOrders, RepeatOrder, Repeated, Repetition, Result, Tokens,
};
use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::{CardId, ClaimToken, OrderId, UserId};
use cardwright_domain::time::Time;
use cardwright_domain::user::UserState;

use super::fault::{Call, Fault};
use super::flaw::Flaw;
use super::late::Effect;
use super::queue::Queue;
use super::state::{State, Worker};

/// The error of a call, whatever the fault was.
pub(super) fn lost<T>(operation: &'static str, fault: Fault) -> Result<T> {
    Err(PortError::new(operation, fault.as_str()))
}

impl Clock for Worker {
    fn now(&self) -> Time {
        self.world.state().now
    }
}

impl Tokens for Worker {
    fn claim_token(&self) -> ClaimToken {
        let mut state = self.world.state();
        state.tokens += 1;
        ClaimToken(uuid::Uuid::from_u128(state.tokens))
    }
}

// ---- tables ----

impl ReadOrderContext for Worker {
    async fn order_context(
        &self,
        user_id: &UserId,
        card_id: Option<CardId>,
    ) -> Result<OrderContext> {
        self.at(Call::OrderContext, |state, fault| match fault {
            None => Ok(state.context(user_id, card_id)),
            Some(fault) => lost("dynamodb.BatchGetItem", fault),
        })
        .await
    }
}

impl ReadCard for Worker {
    async fn card(&self, card_id: CardId) -> Result<Option<Card>> {
        self.at(Call::ReadCard, |state, fault| match fault {
            None => Ok(state.cards.get(&card_id).cloned()),
            Some(fault) => lost("dynamodb.GetItem", fault),
        })
        .await
    }
}

impl ActiveHolders for Worker {
    async fn active_holders(&self, ids: &[UserId]) -> Result<HashSet<UserId>> {
        self.at(Call::ActiveHolders, |state, fault| {
            if let Some(fault) = fault {
                return lost("dynamodb.BatchGetItem", fault);
            }
            let active = state
                .users
                .iter()
                .filter(|user| user.state == UserState::Active);
            let wanted = active.filter(|user| ids.contains(&user.user_id));
            Ok(wanted.map(|user| user.user_id.clone()).collect())
        })
        .await
    }
}

impl DueCards for Worker {
    async fn due_cards(&self, now: Time, limit: usize) -> Result<Vec<Card>> {
        self.at(Call::DueCards, |state, fault| match fault {
            None => Ok(state.due(now, limit)),
            Some(Fault::Stale) => {
                let mut cards = state.due(now, limit);
                cards.retain(|_| state.rng.bool());
                Ok(cards)
            }
            Some(fault) => lost("dynamodb.Query", fault),
        })
        .await
    }
}

impl PlaceOrder for Worker {
    async fn place_order(&self, placement: &Placement) -> Result<Placed> {
        self.at(Call::PlaceOrder, |state, fault| {
            let Some(fault) = fault else {
                return Ok(state.place(placement));
            };
            match fault {
                Fault::Conflict => return Ok(Placed::ContextChanged),
                Fault::AnswerLost => drop(state.place(placement)),
                Fault::AppliedLate => {
                    let Placement {
                        card,
                        user_id,
                        user_version,
                        guard,
                    } = placement;
                    let card = Box::new(card.clone());
                    let late = Effect::Place(card, user_id.clone(), *user_version, *guard);
                    state.late.push(late);
                }
                _ => {}
            }
            lost("dynamodb.TransactWriteItems", fault)
        })
        .await
    }
}

impl RepeatOrder for Worker {
    async fn repeat_order(&self, repetition: &Repetition) -> Result<Repeated> {
        self.at(Call::RepeatOrder, |state, fault| {
            let Some(fault) = fault else {
                return Ok(state.repeat(repetition));
            };
            match fault {
                Fault::Conflict => return Ok(Repeated::ContextChanged),
                Fault::AnswerLost => drop(state.repeat(repetition)),
                Fault::AppliedLate => {
                    let late = Box::new(copied(repetition));
                    state.late.push(Effect::Repeat(late));
                }
                _ => {}
            }
            lost("dynamodb.TransactWriteItems", fault)
        })
        .await
    }
}

fn copied(repetition: &Repetition) -> Repetition {
    Repetition {
        event: repetition.event.clone(),
        user_id: repetition.user_id.clone(),
        ..*repetition
    }
}

impl ChangeCard for Worker {
    async fn change_card(&self, card_id: CardId, event: &Event, now: Time) -> Result<Changed> {
        self.at(Call::ChangeCard(event.kind()), |state, fault| {
            let Some(fault) = fault else {
                return Ok(state.change(card_id, event, now));
            };
            match fault {
                Fault::Twice => {
                    state.change(card_id, event, now);
                    return Ok(state.change(card_id, event, now));
                }
                Fault::AnswerLost => drop(state.change(card_id, event, now)),
                Fault::AppliedLate => {
                    let event = Box::new(event.clone());
                    state.late.push(Effect::Change(card_id, event, now));
                }
                _ => {}
            }
            lost("dynamodb.UpdateItem", fault)
        })
        .await
    }
}

// ---- queues ----

impl RemindOfOrders for Worker {
    async fn remind_of_orders(&self, order_ids: &[OrderId]) -> Result<()> {
        self.at(Call::RemindOfOrders, |state, fault| {
            let now = state.now;
            for order_id in arriving(order_ids, fault) {
                state.orders.send(Ok(order_id), now);
            }
            if fault == Some(Fault::AppliedLate) {
                state.late.push(Effect::SendOrders(order_ids.to_vec()));
            }
            answered("sqs.SendMessageBatch", fault)
        })
        .await
    }
}

impl RemindOfEmails for Worker {
    async fn remind_of_emails(&self, order_ids: &[OrderId]) -> Result<()> {
        self.at(Call::RemindOfEmails, |state, fault| {
            let now = state.now;
            for order_id in arriving(order_ids, fault) {
                state.mails.send(Ok(order_id), now);
            }
            if fault == Some(Fault::AppliedLate) {
                state.late.push(Effect::SendEmails(order_ids.to_vec()));
            }
            answered("sqs.SendMessageBatch", fault)
        })
        .await
    }
}

/// The messages that come into the queue at once, one as often as the fault makes of it.
fn arriving(order_ids: &[OrderId], fault: Option<Fault>) -> impl Iterator<Item = OrderId> {
    let (entries, times) = match fault {
        None | Some(Fault::AnswerLost) => (order_ids.len(), 1),
        Some(Fault::Doubled) => (order_ids.len(), 2),
        Some(Fault::Partial) => (order_ids.len() / 2, 1),
        Some(_) => (0, 0),
    };
    let entries = order_ids[..entries].iter();
    entries.flat_map(move |order_id| std::iter::repeat_n(*order_id, times))
}

/// A queue that loses or doubles a message says that all is well.
fn answered(operation: &'static str, fault: Option<Fault>) -> Result<()> {
    match fault {
        None | Some(Fault::Lost | Fault::Doubled) => Ok(()),
        Some(fault) => lost(operation, fault),
    }
}

impl OrderInbox for Worker {
    async fn receive_orders(&self, _wait: bool) -> Result<Vec<Received>> {
        self.at(Call::ReceiveOrders, |state, fault| match fault {
            Some(Fault::NotApplied | Fault::Throttled) => {
                lost("sqs.ReceiveMessage", Fault::NotApplied)
            }
            _ => {
                let some = fault == Some(Fault::Partial);
                let most = if some { 1 } else { MESSAGES_PER_RECEIVE };
                let received = receive(state, most, fault == Some(Fault::Doubled));
                match fault {
                    Some(Fault::AnswerLost) => lost("sqs.ReceiveMessage", Fault::AnswerLost),
                    _ => Ok(received),
                }
            }
        })
        .await
    }

    async fn delete_received(&self, receipts: &[String]) -> Result<()> {
        self.at(Call::DeleteReceived, |state, fault| {
            let ids: Vec<u64> = receipts.iter().filter_map(|id| id.parse().ok()).collect();
            let deleted = match fault {
                None | Some(Fault::AnswerLost) => ids.len(),
                Some(Fault::Partial) => ids.len() / 2,
                Some(_) => 0,
            };
            for id in &ids[..deleted] {
                state.orders.delete(*id);
            }
            if fault == Some(Fault::AppliedLate) {
                state.late.push(Effect::Delete(ids));
            }
            answered("sqs.DeleteMessageBatch", fault)
        })
        .await
    }
}

fn receive(state: &mut State, most: usize, stays_visible: bool) -> Vec<Received> {
    let State {
        orders,
        rng,
        now,
        flaw,
        ..
    } = state;
    let messages = Queue::receive(orders, most, *now, rng);
    if *flaw == Some(Flaw::DeletedOnReceive) {
        for message in &messages {
            orders.delete(message.id);
        }
    }
    if stays_visible {
        for message in &messages {
            orders.show_again(message.id, *now);
        }
    }
    let received = messages.into_iter().map(|message| Received {
        receipt: message.id.to_string(),
        body: message.body,
    });
    let received: Vec<_> = received.collect();
    if !received.is_empty() {
        state.note(|_| format!("receives {} messages", received.len()));
    }
    received
}

impl Quarantine for Worker {
    async fn quarantine(&self, body: &[u8]) -> Result<()> {
        self.at(Call::Quarantine, |state, fault| {
            let body = String::from_utf8_lossy(body).into_owned();
            match fault {
                None | Some(Fault::AnswerLost) => state.quarantined.push(body),
                Some(Fault::AppliedLate) => state.late.push(Effect::Quarantine(body)),
                Some(_) => {}
            }
            answered("sqs.SendMessage", fault)
        })
        .await
    }
}
