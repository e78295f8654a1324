//! The promises that are looked at while things happen: each effect is held against them at once, so
//! that a broken one is found at the step that broke it.

use std::collections::{BTreeMap, BTreeSet};

use cardwright_app::apply::Seen;
use cardwright_app::error::Error;
use cardwright_app::ports::OpenOrderGuard;
use cardwright_domain::card::{Card, Event, EventKind, State as CardState, StateKind};
use cardwright_domain::ids::{CardId, OrderId, UserId};
use cardwright_domain::refusal::Refusal;

use super::post::Mail;
use super::state::State;
use crate::transition::Shape;

pub(crate) const NEVER_TWICE: &str = "never two producer orders for one order id";
pub(crate) const NEVER_ABORTED: &str = "a card answered as aborted or rejected is never sent";
pub(crate) const HELD: &str = "a card is not taken before its hold is over";
pub(crate) const ONLY_CLAIMED: &str = "only a claimed card is made";
pub(crate) const TRUE_STATE: &str = "a card's state says what the producer did";
pub(crate) const ONE_OPEN_ORDER: &str = "one open order per user";
pub(crate) const SAME_KEY: &str = "the same key leads to the same card, another body to a refusal";
pub(crate) const SAME_REPEAT: &str = "a repeat that was answered is answered the same again";
pub(crate) const APPROVED: &str = "what was approved is what is produced";
pub(crate) const EMAIL_OF_ORDERED: &str = "an email is sent only of an ordered card";

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Cards that were answered 201, and the body that the key was used with.
    pub(crate) ordered: BTreeMap<CardId, String>,
    /// Orders that were answered as aborted or rejected.
    pub(crate) stopped: BTreeSet<OrderId>,
    /// Cards that were answered as ordered again, each with the version that was seen.
    pub(crate) repeated: BTreeSet<(CardId, u64)>,
    /// Open cards that the pointer does not see: placed or repeated beside others.
    pub(crate) unseen: BTreeSet<CardId>,
    /// Messages were moved to the dead-letter queue by force.
    pub(crate) queue_lied: bool,
}

impl State {
    /// An order was written. `card` is not in the table yet.
    pub(super) fn placed(&mut self, card: &Card) {
        self.tally.placed += 1;
        let asks = card.state.kind() == StateKind::Requested;
        let event = if asks {
            EventKind::Request
        } else {
            EventKind::Order
        };
        let triple = (Shape::ABSENT, event, Shape::of(card, self.now));
        self.tally.transition(triple);
    }

    /// A card was placed or repeated, and the pointer names it.
    pub(super) fn opened(&mut self, card_id: CardId, user_id: &UserId, guard: OpenOrderGuard) {
        let is_held = |other: &&Card| {
            let holder = other.holder.as_ref().map(|holder| &holder.user_id);
            other.is_open_order() && holder == Some(user_id) && other.card_id != card_id
        };
        let mut held = self.cards.values().filter(is_held).map(|card| card.card_id);
        if guard == OpenOrderGuard::Always {
            // The pointer now names the newest one only.
            self.told.unseen.extend(held);
            self.told.unseen.insert(card_id);
            return;
        }
        let other = held.find(|other| !self.told.unseen.contains(other));
        self.told.unseen.remove(&card_id);
        if let Some(other) = other {
            let (card, other) = (self.card_name(card_id), self.card_name(other));
            self.violate(ONE_OPEN_ORDER, format!("{card} beside {other}"));
        }
    }

    /// An event was written.
    pub(super) fn changed(&mut self, before: &Card, event: &Event, after: &Card) {
        let shape = |card| Shape::of(card, self.now);
        let triple = (shape(before), event.kind(), shape(after));
        self.tally.transition(triple);
        let order_id = before.order_id();
        let made = self.bureau.made(order_id);
        match event.kind() {
            EventKind::Claim if before.is_held(self.now) => {
                self.violate(HELD, self.shown(after));
            }
            EventKind::Repeat if self.options.approval.single && !same_product(before, after) => {
                self.violate(APPROVED, self.shown(after));
            }
            EventKind::Accept => {
                let id = after.producer_order_id.as_ref();
                let order = id.and_then(|id| self.bureau.order(id.as_str()));
                if order != Some(order_id) {
                    let detail = format!("{} is ordered as {id:?}", self.card_name(after.card_id));
                    self.violate(TRUE_STATE, detail);
                }
            }
            EventKind::Abort | EventKind::Reject if made > 0 => {
                let detail = format!("{} was made before", self.card_name(after.card_id));
                self.violate(NEVER_ABORTED, detail);
            }
            EventKind::Refuse | EventKind::HolderInactive if made > 0 => {
                let detail = format!("{} failed and was made", self.card_name(after.card_id));
                self.violate(TRUE_STATE, detail);
            }
            _ => {}
        }
    }

    /// The producer has just begun to make a card.
    pub(super) fn made(&mut self, order_id: OrderId) {
        self.tally.made += 1;
        let name = self.card_name(order_id.card_id);
        if self.bureau.made(order_id) > 1 {
            self.violate(
                NEVER_TWICE,
                format!("{name} attempt {}", order_id.attempt.0),
            );
        }
        if self.told.stopped.contains(&order_id) {
            self.violate(NEVER_ABORTED, name.clone());
        }
        let claimed = |card: &&Card| {
            card.attempt == order_id.attempt
                && matches!(card.state, CardState::Processing { claim: Some(_) })
        };
        let card = self.cards.get(&order_id.card_id);
        if card.filter(claimed).is_none() {
            let shown = card.map(|card| self.shown(card));
            self.violate(ONLY_CLAIMED, format!("{name}: {shown:?}"));
        }
    }

    /// The mail service has just taken an email.
    pub(super) fn mailed(&mut self, mail: Mail) {
        self.tally.mailed += 1;
        let card = mail.order.and_then(|order| self.cards.get(&order.card_id));
        let ordered = card.is_some_and(|card| card.producer_order_id.is_some());
        if !ordered {
            self.violate(EMAIL_OF_ORDERED, format!("{mail:?}"));
        }
    }

    /// A client was answered an order. `expected` is the card that its key leads to; `known` says that
    /// it had been answered 201 when this request began.
    pub(super) fn order_answered(
        &mut self,
        expected: CardId,
        body: String,
        known: bool,
        answer: &Result<Card, Error>,
    ) {
        self.note(|state| match answer {
            Ok(card) => format!("is answered 201: {}", state.shown(card)),
            Err(error) => format!("is answered {error:?}"),
        });
        let before = self.told.ordered.get(&expected);
        let same = before.is_none_or(|before| *before == body);
        let wrong = match answer {
            Ok(card) => card.card_id != expected || !same,
            Err(Error::Refused(Refusal::IdempotencyKeyReused)) => before.is_some() && same,
            Err(Error::Refused(Refusal::OpenOrderExists { card_id, .. })) => {
                known || *card_id == expected
            }
            // Once it has been answered 201, only a service that fails may hide it. A request that
            // began before may have looked before.
            Err(Error::Refused(_)) => known,
            Err(Error::Unavailable(_)) => self.calm,
        };
        self.tally.repeats += u64::from(before.is_some());
        if wrong {
            let detail = format!("{}: {answer:?}", self.card_name(expected));
            self.violate(SAME_KEY, detail);
        }
        if answer.is_ok() {
            self.told.ordered.insert(expected, body);
        }
    }

    /// A client was answered the repeat of a card as they had seen it. `known` says that it had been
    /// answered as ordered again when this request began.
    pub(super) fn repeat_answered(
        &mut self,
        seen: Seen,
        known: bool,
        answer: &Result<Card, Error>,
    ) {
        self.note(|state| match answer {
            Ok(card) => format!("is answered 200: {}", state.shown(card)),
            Err(error) => format!("is answered {error:?}"),
        });
        let card_id = seen.card_id;
        let wrong = match answer {
            Ok(card) => card.card_id != card_id || card.version <= seen.version,
            // The card itself does not stand in its way.
            Err(Error::Refused(Refusal::OpenOrderExists { card_id: open, .. })) => {
                known || *open == card_id
            }
            Err(Error::Refused(_)) => known,
            Err(Error::Unavailable(_)) => self.calm,
        };
        if wrong {
            let detail = format!("{}: {answer:?}", self.card_name(card_id));
            self.violate(SAME_REPEAT, detail);
        }
        if answer.is_ok() {
            self.tally.repeated += 1;
            self.told.repeated.insert((card_id, seen.version));
        }
    }

    /// Somebody was told that an order will not be made.
    pub(super) fn stop_answered(&mut self, order_id: OrderId) {
        self.note(|_| "is answered that the order is stopped".into());
        self.tally.stopped += 1;
        self.told.stopped.insert(order_id);
        if self.bureau.made(order_id) > 0 {
            let name = self.card_name(order_id.card_id);
            self.violate(NEVER_ABORTED, name);
        }
    }
}

/// Whether the producer gets the same of both.
fn same_product(one: &Card, other: &Card) -> bool {
    one.data == other.data && one.producer_fields == other.producer_fields
}
