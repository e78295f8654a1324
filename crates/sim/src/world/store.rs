//! The effects on tables, queues, bureau and mail service, as the adapters of `crates/aws` have them:
//! a change of a card is [`Card::on`] under its own condition, an order and a repeat are one transaction
//! each.

use std::mem;

use cardwright_app::limits::ORDER_GRACE;
use cardwright_app::ports::{
    Answer, Cancelled, Changed, OpenOrderGuard, OrderContext, Placed, Placement, Repeated,
    Repetition,
};
use cardwright_domain::card::{Card, Email, Event, EventKind, State as CardState};
use cardwright_domain::ids::{CardId, OrderId, UserId};
use cardwright_domain::time::Time;
use cardwright_domain::user::{User, UserState};

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
        if !self.is_as_seen(user_id, *user_version, *guard) {
            return Placed::ContextChanged;
        }
        let card = card.clone();
        self.pointers.insert(user_id.clone(), card.order_id());
        self.note(|state| format!("placed {}", state.shown(&card)));
        self.placed(&card);
        self.opened(card.card_id, user_id, *guard);
        self.cards.insert(card.card_id, card);
        Placed::Done
    }

    /// The card has the first word, as with an order.
    pub(crate) fn repeat(&mut self, repetition: &Repetition) -> Repeated {
        let Repetition {
            order_id,
            event,
            now,
            user_id,
            user_version,
            guard,
        } = repetition;
        let card_id = order_id.card_id;
        let takes = |card: &Card| card.on(event, *now).is_ok();
        let takes = self.cards.get(&card_id).is_some_and(takes);
        if takes && !self.is_as_seen(user_id, *user_version, *guard) {
            return Repeated::ContextChanged;
        }
        let unapproved = self.flaw == Some(Flaw::RepeatUnapproved);
        let skipped = unapproved.then(|| without_approval(event, *now)).flatten();
        match self.change(card_id, skipped.as_ref().unwrap_or(event), *now) {
            Changed::Done(_) => {
                self.pointers.insert(user_id.clone(), *order_id);
                self.opened(card_id, user_id, *guard);
                Repeated::Done
            }
            Changed::Conflict(card) => Repeated::Conflict(card),
            Changed::Missing => Repeated::ContextChanged,
        }
    }

    /// Whether the user is active and, with the open-order pointer, as seen.
    fn is_as_seen(&self, user_id: &UserId, user_version: u64, guard: OpenOrderGuard) -> bool {
        let as_seen = |user: &User| {
            user.user_id == *user_id
                && user.state == UserState::Active
                && user.version == user_version
        };
        let pointer = match guard {
            OpenOrderGuard::Always => true,
            OpenOrderGuard::OnlyIf { seen } => self.points_at(user_id, seen),
        };
        pointer && self.users.iter().any(as_seen)
    }

    fn points_at(&self, user_id: &UserId, seen: Option<OrderId>) -> bool {
        let pointer = self.pointers.get(user_id).copied();
        let card = |order: OrderId| order.card_id;
        let same_card = pointer.map(card) == seen.map(card);
        pointer == seen
            || self.flaw == Some(Flaw::PointerUnguarded)
            || (self.flaw == Some(Flaw::PointerWithoutAttempt) && same_card)
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

/// A repeat whose data would have to be approved, as one that would not.
fn without_approval(event: &Event, now: Time) -> Option<Event> {
    let Event::RequestRepeat {
        by,
        seen_version,
        reason,
        frozen,
    } = event.clone()
    else {
        return None;
    };
    Some(Event::Repeat {
        by,
        seen_version,
        reason,
        frozen: Some(frozen),
        due: now.plus(ORDER_GRACE),
    })
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
