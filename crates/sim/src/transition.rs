//! What the model and the world agree to call a change of a card, so that one can be held against
//! the other.
//!
//! A [`Triple`] is one write that took effect: the card before, what happened, the card after.
//! Both shapes are taken at the moment when the write takes effect, not when it was asked for: a
//! claim that lands after its own lease is `Over` at once. A placement is one write: `(ABSENT,
//! Order, ...)` whether the card is placed unclaimed (queue) or with the order function's claim
//! (direct), `(ABSENT, Request, ...)` if it waits for approval.

use cardwright_domain::card::{Card, Email, EventKind, StateKind};
use cardwright_domain::time::Time;

/// A card as the protocol sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shape {
    /// `None`: there is no card yet.
    pub(crate) state: Option<StateKind>,
    pub(crate) claim: ClaimShape,
    pub(crate) email: EmailShape,
    /// Whether the sweep will look at the card, now or later.
    pub(crate) due: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ClaimShape {
    None,
    Running,
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum EmailShape {
    Off,
    Pending,
    SendingRunning,
    SendingOver,
    Sent,
    Undeliverable,
}

/// The card before, the event, the card after.
pub(crate) type Triple = (Shape, EventKind, Shape);

impl Shape {
    pub(crate) const ABSENT: Self = Self {
        state: None,
        claim: ClaimShape::None,
        email: EmailShape::Off,
        due: false,
    };

    pub(crate) fn of(card: &Card, now: Time) -> Self {
        let claim = match card.claim() {
            None => ClaimShape::None,
            Some(claim) if claim.lease_until <= now => ClaimShape::Over,
            Some(_) => ClaimShape::Running,
        };
        let email = match &card.email {
            Email::Off => EmailShape::Off,
            Email::Pending => EmailShape::Pending,
            Email::Sending { lease_until, .. } if *lease_until <= now => EmailShape::SendingOver,
            Email::Sending { .. } => EmailShape::SendingRunning,
            Email::Sent { .. } => EmailShape::Sent,
            Email::Undeliverable { .. } => EmailShape::Undeliverable,
        };
        Self {
            state: Some(card.state.kind()),
            claim,
            email,
            due: card.due_at.is_some(),
        }
    }
}
