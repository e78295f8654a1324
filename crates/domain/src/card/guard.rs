//! Conditions of an event beyond the card's state. Each has one meaning here and one in the store.

use super::{Card, CardKind, Email, State, StateKind};
use crate::ids::{Actor, ClaimToken, OrderAttempt, UserId};
use crate::limits::MAX_EMAIL_TRIES;
use crate::time::Time;

/// What must hold for an event, apart from the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    Kind(CardKind),
    /// The card is this user's.
    HeldBy(UserId),
    /// While the card is `requested`, only this caller may do it.
    RequesterWhileRequested(Actor),
    /// The caller is none of those who must not decide about the order.
    NotBarred(Actor),
    /// The card has not changed since it was seen.
    Version(u64),
    /// The producer has not said yet under which number the card travels.
    NoTracking,
    /// The time that the card had in its state is over at this time.
    DeadlineOver(Time),
    /// The card is at this order attempt.
    Attempt(OrderAttempt),
    /// No worker has claimed the card, so the producer can't have heard of it.
    Unclaimed,
    /// The hold time of the card is over at this time.
    NotHeld(Time),
    /// No worker's lease is running at this time.
    NoLiveClaim(Time),
    /// The claim is this worker's.
    ClaimedBy(ClaimToken),
    /// Some worker has claimed this attempt, so the producer may have heard of it.
    ClaimedAttempt(OrderAttempt),
    /// The email has to be sent and no worker's lease on it is running at this time.
    EmailDue(Time),
    /// The email has to be sent, has tries left, and the wait after its last try is over at this time.
    EmailTry(Time),
    /// No worker is sending the email at this time.
    EmailAtRest(Time),
    /// The email has had all its tries.
    EmailTriesUsed,
    /// The email is being sent by this worker.
    EmailClaimedBy(ClaimToken),
}

/// Why an event is not allowed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    State(StateKind),
    Guard(Guard),
}

impl Guard {
    #[must_use]
    pub fn holds(&self, card: &Card) -> bool {
        match self {
            Self::Kind(kind) => card.kind == *kind,
            Self::HeldBy(user_id) => card.is_held_by(user_id),
            Self::RequesterWhileRequested(actor) => {
                card.state.kind() != StateKind::Requested || card.requested_by == *actor
            }
            Self::NotBarred(actor) => !card.barred_approvers.contains(&actor.caseless()),
            Self::Version(version) => card.version == *version,
            Self::NoTracking => card.shipment.tracking.is_none(),
            Self::DeadlineOver(now) => card.deadline_at.is_some_and(|deadline| deadline <= *now),
            Self::Attempt(attempt) => card.attempt == *attempt,
            Self::Unclaimed => card.claim().is_none(),
            Self::NotHeld(now) => !card.is_held(*now),
            Self::NoLiveClaim(now) => card.claim().is_none_or(|claim| claim.lease_until <= *now),
            Self::ClaimedBy(token) => card.claim().is_some_and(|claim| claim.token == *token),
            Self::ClaimedAttempt(attempt) => card.claim().is_some() && card.attempt == *attempt,
            Self::EmailDue(now) => match &card.email {
                Email::Pending => true,
                Email::Sending { lease_until, .. } => lease_until <= now,
                Email::Off | Email::Sent { .. } | Email::Undeliverable { .. } => false,
            },
            Self::EmailTry(now) => card.next_email_try(*now).is_some_and(|next| next <= *now),
            Self::EmailAtRest(now) => match &card.email {
                Email::Sending { lease_until, .. } => lease_until <= now,
                Email::Off | Email::Pending | Email::Sent { .. } | Email::Undeliverable { .. } => {
                    true
                }
            },
            Self::EmailTriesUsed => card.email_tries >= MAX_EMAIL_TRIES,
            Self::EmailClaimedBy(owner) => match &card.email {
                Email::Sending { token, .. } => token == owner,
                Email::Off | Email::Pending | Email::Sent { .. } | Email::Undeliverable { .. } => {
                    false
                }
            },
        }
    }
}

impl Card {
    /// The claim on the card, whether its lease is running or over.
    #[must_use]
    pub fn claim(&self) -> Option<&super::Claim> {
        match &self.state {
            State::Processing { claim } => claim.as_ref(),
            _ => None,
        }
    }
}
