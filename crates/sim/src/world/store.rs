//! The effects on tables, queues, bureau and mail service, as the adapters of `crates/aws` have them:
//! a change of a card is [`Card::on`] under its own condition, an order is one transaction.

use std::mem;

use cardwright_app::ports::{
    Answer, Cancelled, Changed, OpenOrderGuard, OrderContext, Placed, Placement,
};
use cardwright_domain::card::{Card, Email, Event, EventKind, State as CardState};
use cardwright_domain::ids::{CardId, OrderId, UserId};
use cardwright_domain::time::Time;
use cardwright_domain::user::UserState;

use super::bureau::Key;
use super::flaw::Flaw;
use super::post::Mail;
use super::state::State;

impl State {
    pub(crate) fn context(&self, user_id: &UserId, card_id: Option<CardId>) -> OrderContext {
        OrderContext {
            user: self
                .users
                .iter()
                .find(|user| user.user_id == *user_id)
                .cloned(),
            options: self.options.clone(),
            card: card_id.and_then(|id| self.cards.get(&id).cloned()),
            open_order: self.pointers.get(user_id).copied(),
        }
    }

    pub(crate) fn place(&mut self, placement: &Placement) -> Placed {
        let Placement {
            card,
            user_id,
            user_version,
            guard,
        } = placement;
        let before = self.cards.get(&card.card_id);
        if let Some(before) = before.filter(|_| self.flaw != Some(Flaw::PutWithoutCondition)) {
            return Placed::CardExists(Box::new(before.clone()));
        }
        let as_seen = |user: &&cardwright_domain::user::User| {
            user.user_id == *user_id
                && user.state == UserState::Active
                && user.version == *user_version
        };
        let user = self.users.iter().any(|user| as_seen(&user));
        let pointer = match guard {
            OpenOrderGuard::Always => true,
            OpenOrderGuard::OnlyIf { seen } => {
                self.pointers.get(user_id) == seen.as_ref()
                    || self.flaw == Some(Flaw::PointerUnguarded)
            }
        };
        if !user || !pointer {
            return Placed::ContextChanged;
        }
        let card = card.clone();
        self.pointers.insert(user_id.clone(), card.card_id);
        self.note(|state| format!("placed {}", state.shown(&card)));
        self.placed(&card, user_id, *guard);
        self.cards.insert(card.card_id, card);
        Placed::Done
    }

    pub(crate) fn change(&mut self, card_id: CardId, event: &Event, now: Time) -> Changed {
        let Some(card) = self.cards.get(&card_id) else {
            self.note(|state| format!("{:?}: no {}", event.kind(), state.card_name(card_id)));
            return Changed::Missing;
        };
        let claims = event.kind() == EventKind::Claim && card.claim().is_some();
        if self.flaw == Some(Flaw::ClaimForEver) && claims {
            return Changed::Conflict(Box::new(card.clone()));
        }
        let loosened = self.flaw.and_then(|flaw| flaw.loosened(card, event));
        let outcome = loosened.as_ref().unwrap_or(card).on(event, now);
        let Ok(mut after) = outcome else {
            let before = card.clone();
            self.note(|state| format!("{:?} refused: {}", event.kind(), state.shown(&before)));
            return Changed::Conflict(Box::new(before));
        };
        if self.flaw == Some(Flaw::MarkLost) && event.kind() == EventKind::Accept {
            return Changed::Done(Box::new(after));
        }
        if self.flaw == Some(Flaw::MarkLostForEver)
            && event.kind() == EventKind::Accept
            && let Some(card) = self.cards.get_mut(&card_id)
        {
            card.due_at = None;
            return Changed::Done(Box::new(after));
        }
        if self.flaw == Some(Flaw::EmailNeverDue) && event.kind() == EventKind::Accept {
            after.due_at = None;
        }
        let answer = Box::new(after.clone());
        let Some(card) = self.cards.get_mut(&card_id) else {
            return Changed::Missing;
        };
        let before = mem::replace(card, after);
        self.note(|state| format!("{:?}: {}", event.kind(), state.shown(&answer)));
        self.changed(&before, event, &answer);
        Changed::Done(answer)
    }

    /// Cards whose due time has passed, the longest due first.
    pub(crate) fn due(&self, now: Time, limit: usize) -> Vec<Card> {
        if matches!(self.flaw, Some(Flaw::SweepOff | Flaw::DeletedOnReceive)) {
            return Vec::new();
        }
        let due = |card: &&Card| card.due_at.is_some_and(|due| due <= now);
        let mut cards: Vec<_> = self.cards.values().filter(due).cloned().collect();
        cards.sort_by_key(|card| card.due_at);
        cards.truncate(limit);
        cards
    }

    /// The producer decides one order, or repeats its decision.
    pub(crate) fn submit(&mut self, key: Key, rejects: bool) -> Answer {
        let (answer, made) = self.bureau.submit(key, rejects);
        self.note(|state| format!("submit {}: {answer:?}", state.card_name(key.0.card_id)));
        if made {
            self.made(key.0);
        }
        answer
    }

    pub(crate) fn cancel(&mut self, key: Key) -> Cancelled {
        if self.flaw == Some(Flaw::CancelWithoutFence) {
            return Cancelled::Done;
        }
        let cancelled = self.bureau.cancel(key);
        self.note(|state| format!("cancel {}: {cancelled:?}", state.card_name(key.0.card_id)));
        cancelled
    }

    pub(crate) fn take_mail(&mut self, mail: Mail) {
        self.note(|state| {
            let card = mail.order.map(|order| state.card_name(order.card_id));
            format!("the mail service takes an email of {card:?}")
        });
        self.post.taken.push(mail);
        self.mailed(mail);
    }

    pub(crate) fn key(&self, order_id: OrderId) -> Key {
        let broken = self.flaw == Some(Flaw::KeyPerWorker);
        (order_id, self.acting.filter(|_| broken))
    }
}

impl Flaw {
    /// The card, changed so that a condition that this flaw leaves out holds.
    fn loosened(self, card: &Card, event: &Event) -> Option<Card> {
        let drops_claim = matches!(
            (self, event.kind()),
            (Self::ClaimWithoutCondition, EventKind::Claim)
                | (Self::AbortWithoutGuard, EventKind::Abort)
        );
        let claimable = matches!(
            card.state,
            CardState::Processing { .. } | CardState::Aborted { .. }
        );
        if drops_claim && claimable {
            let card = card.clone();
            return Some(Card {
                state: CardState::QUEUED,
                ..card
            });
        }
        if self == Self::HoldIgnored && event.kind() == EventKind::Claim {
            let held_until = None;
            return Some(Card {
                held_until,
                ..card.clone()
            });
        }
        if self == Self::EmailRecordedByAnyone {
            return owned(card, event);
        }
        let sends = self == Self::EmailWithoutClaim && event.kind() == EventKind::ClaimEmail;
        sends.then(|| Card {
            email: Email::Pending,
            ..card.clone()
        })
    }
}

/// The card, as if whoever writes down what became of its email had the claim on it.
fn owned(card: &Card, event: &Event) -> Option<Card> {
    let (Event::EmailSent { token, .. }
    | Event::EmailUndeliverable { token, .. }
    | Event::EmailDeferred { token, .. }) = event
    else {
        return None;
    };
    let Email::Sending { lease_until, .. } = card.email else {
        return None;
    };
    let token = *token;
    let email = Email::Sending { token, lease_until };
    Some(Card {
        email,
        ..card.clone()
    })
}
