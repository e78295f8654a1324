//! The model's changes in the words of [`crate::transition`].

use std::collections::BTreeSet;

use cardwright_domain::card::{EventKind, StateKind};

use super::state::{Card, Due, Email, Kind};
use crate::transition::{ClaimShape, EmailShape, Shape, Triple};

/// What a write did to the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Change {
    Request,
    Order,
    Approve,
    Reject,
    Abort,
    Claim,
    Accept,
    Refuse,
    Inactive,
    Repeat,
    RequestRepeat,
    ClaimEmail,
    RemindEmail,
    EmailSent,
    EmailRefused,
    EmailDeferred,
    EmailGivenUp,
    /// By broken variants only; the code has no such event.
    Foreign,
}

impl Change {
    fn event(self) -> Option<EventKind> {
        Some(match self {
            Self::Request => EventKind::Request,
            Self::Order => EventKind::Order,
            Self::Approve => EventKind::Approve,
            Self::Reject => EventKind::Reject,
            Self::Abort => EventKind::Abort,
            Self::Claim => EventKind::Claim,
            Self::Accept => EventKind::Accept,
            Self::Refuse => EventKind::Refuse,
            Self::Inactive => EventKind::HolderInactive,
            Self::Repeat => EventKind::Repeat,
            Self::RequestRepeat => EventKind::RequestRepeat,
            Self::ClaimEmail => EventKind::ClaimEmail,
            Self::RemindEmail => EventKind::RemindEmail,
            Self::EmailSent => EventKind::EmailSent,
            Self::EmailRefused => EventKind::EmailUndeliverable,
            Self::EmailDeferred => EventKind::EmailDeferred,
            Self::EmailGivenUp => EventKind::EmailGivenUp,
            Self::Foreign => return None,
        })
    }
}

/// Adds the change to the set, in the words that the world shares.
pub(super) fn note(seen: &mut BTreeSet<Triple>, before: &Card, change: Change, after: &Card) {
    if let Some(event) = change.event() {
        seen.insert((before.shape(), event, after.shape()));
    }
}

impl Card {
    fn shape(&self) -> Shape {
        let Some(state) = self.state() else {
            return Shape::ABSENT;
        };
        let claim = match (self.kind, self.due) {
            (Kind::Claimed(_), Due::Now) => ClaimShape::Over,
            (Kind::Claimed(_), _) => ClaimShape::Running,
            _ => ClaimShape::None,
        };
        let email = match self.email {
            Email::Off => EmailShape::Off,
            Email::Pending => EmailShape::Pending,
            Email::Sending { over: false, .. } => EmailShape::SendingRunning,
            Email::Sending { over: true, .. } => EmailShape::SendingOver,
            Email::Sent => EmailShape::Sent,
            Email::Undeliverable(_) => EmailShape::Undeliverable,
        };
        Shape {
            state: Some(state),
            claim,
            email,
            due: self.due != Due::No,
        }
    }

    fn state(&self) -> Option<StateKind> {
        Some(match self.kind {
            Kind::Absent => return None,
            Kind::Requested => StateKind::Requested,
            Kind::Queued | Kind::Claimed(_) => StateKind::Processing,
            Kind::Ordered => StateKind::Ordered,
            Kind::Aborted(_) => StateKind::Aborted,
            Kind::Rejected => StateKind::Rejected,
            Kind::Failed(_) => StateKind::Failed,
        })
    }
}
