//! What may happen to a card. An event alone, without the card, says what it needs and what it changes,
//! so that the store can do it in one conditional write without reading first.

use super::{
    Card, CardKind, Email, Entry, EventKind, Failure, Frozen, Guard, Holder, Refused, State,
};
use crate::ids::{Actor, ClaimToken, OrderAttempt, ProducerOrderId, UserId};
use crate::order_status::Shipment;
use crate::time::Time;

/// Something that happens to a card, with all that it brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order that waits for approval.
    Request {
        by: Actor,
        reason: Option<String>,
        options_version: u64,
    },
    /// An order without approval. `due` is when the sweep looks after it.
    Order {
        by: Actor,
        reason: Option<String>,
        options_version: u64,
        due: Time,
    },
    Approve {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
        due: Time,
    },
    Reject {
        by: Actor,
        seen_version: u64,
        reason: String,
    },
    Abort {
        by: Actor,
        reason: Option<String>,
        /// Whose card it has to be, if the caller may abort no others.
        held_by: Option<UserId>,
    },
    /// A worker takes the right to ask the producer. In no timeline: a long outage claims often.
    Claim {
        attempt: OrderAttempt,
        token: ClaimToken,
        lease_until: Time,
    },
    /// The producer took the order. Whoever learns of it may write it down: it is a fact by now.
    Accept {
        by: Actor,
        attempt: OrderAttempt,
        producer_order_id: ProducerOrderId,
        /// When the sweep looks after the email; `None` if there is none to send.
        email_due: Option<Time>,
    },
    /// The producer definitely refused, and will refuse this attempt for ever.
    Refuse {
        by: Actor,
        token: ClaimToken,
        failure: Failure,
    },
    /// The holder is not active, and the producer definitely has not taken the order.
    HolderInactive {
        by: Actor,
        token: ClaimToken,
    },
    /// A failed order again, under a key of its own at the producer.
    Repeat {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
        /// What is frozen anew, if that was asked for.
        frozen: Option<Box<Frozen>>,
        due: Time,
    },
    /// The same where what is frozen anew has to be approved first.
    RequestRepeat {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
        frozen: Box<Frozen>,
    },
    StartProduction {
        by: Actor,
        attempt: OrderAttempt,
    },
    /// Made and shipped.
    Produce {
        by: Actor,
        attempt: OrderAttempt,
        shipment: Shipment,
    },
    /// The producer tells later how a card travels that it has shipped.
    Track {
        by: Actor,
        attempt: OrderAttempt,
        shipment: Shipment,
    },
    ProductionFailed {
        by: Actor,
        attempt: OrderAttempt,
        failure: Failure,
    },
    /// The producer was asked and had nothing new to say. In no timeline: a long production is asked about
    /// often.
    HearNothingNew {
        attempt: OrderAttempt,
    },
    /// The holder has the card. Its validity begins.
    Activate {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
        valid_until: Time,
    },
    Deactivate {
        by: Actor,
        seen_version: u64,
        reason: String,
    },
    Reactivate {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
    },
    /// For good. Bound to no version, because a lost card has to be locked at once.
    Lock {
        by: Actor,
        reason: String,
    },
    /// The validity of the card is over.
    Expire {
        by: Actor,
    },
    /// A temporary card joins the stock.
    Initialize {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
    },
    Assign {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
        holder: Holder,
        until: Time,
    },
    Withdraw {
        by: Actor,
        seen_version: u64,
        reason: Option<String>,
    },
    /// The time for which a temporary card was assigned is over.
    EndAssignment {
        by: Actor,
    },
    /// A worker takes the right to send the email. In no timeline, like a claim.
    ClaimEmail {
        token: ClaimToken,
        lease_until: Time,
    },
    /// A new message was sent for an email that is late; look again at `due`. In no timeline either.
    RemindEmail {
        due: Time,
    },
    EmailSent {
        by: Actor,
        token: ClaimToken,
        message_id: String,
    },
    EmailUndeliverable {
        by: Actor,
        token: ClaimToken,
        reason: String,
    },
    /// The mail service surely took nothing, so this try does not count. In no timeline.
    EmailDeferred {
        token: ClaimToken,
        due: Time,
    },
    /// The mail service gave no clear answer to any try.
    EmailGivenUp {
        by: Actor,
    },
}

impl Event {
    /// Whether the card's state and the event's guards let it happen.
    ///
    /// # Errors
    /// The state, or the first guard that does not hold.
    pub fn allowed(&self, card: &Card, now: Time) -> Result<(), Refused> {
        let state = card.state.kind();
        if !self.kind().from().any(|from| from == state) {
            return Err(Refused::State(state));
        }
        let broken = self
            .guards(now)
            .into_iter()
            .find(|guard| !guard.holds(card));
        broken.map_or(Ok(()), |guard| Err(Refused::Guard(guard)))
    }

    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Request { .. } => EventKind::Request,
            Self::Order { .. } => EventKind::Order,
            Self::Approve { .. } => EventKind::Approve,
            Self::Reject { .. } => EventKind::Reject,
            Self::Abort { .. } => EventKind::Abort,
            Self::Claim { .. } => EventKind::Claim,
            Self::Accept { .. } => EventKind::Accept,
            Self::Refuse { .. } => EventKind::Refuse,
            Self::HolderInactive { .. } => EventKind::HolderInactive,
            Self::Repeat { .. } => EventKind::Repeat,
            Self::RequestRepeat { .. } => EventKind::RequestRepeat,
            Self::StartProduction { .. } => EventKind::StartProduction,
            Self::Produce { .. } => EventKind::Produce,
            Self::Track { .. } => EventKind::Track,
            Self::ProductionFailed { .. } => EventKind::ProductionFailed,
            Self::HearNothingNew { .. } => EventKind::HearNothingNew,
            Self::Activate { .. } => EventKind::Activate,
            Self::Deactivate { .. } => EventKind::Deactivate,
            Self::Reactivate { .. } => EventKind::Reactivate,
            Self::Lock { .. } => EventKind::Lock,
            Self::Expire { .. } => EventKind::Expire,
            Self::Initialize { .. } => EventKind::Initialize,
            Self::Assign { .. } => EventKind::Assign,
            Self::Withdraw { .. } => EventKind::Withdraw,
            Self::EndAssignment { .. } => EventKind::EndAssignment,
            Self::ClaimEmail { .. } => EventKind::ClaimEmail,
            Self::RemindEmail { .. } => EventKind::RemindEmail,
            Self::EmailSent { .. } => EventKind::EmailSent,
            Self::EmailUndeliverable { .. } => EventKind::EmailUndeliverable,
            Self::EmailDeferred { .. } => EventKind::EmailDeferred,
            Self::EmailGivenUp { .. } => EventKind::EmailGivenUp,
        }
    }

    /// What must hold beyond the state.
    #[must_use]
    pub fn guards(&self, now: Time) -> Vec<Guard> {
        match self {
            Self::Approve {
                by, seen_version, ..
            }
            | Self::Reject {
                by, seen_version, ..
            } => {
                vec![Guard::Version(*seen_version), Guard::NotBarred(by.clone())]
            }
            Self::Abort { by, held_by, .. } => {
                let guards = [Guard::RequesterWhileRequested(by.clone()), Guard::Unclaimed];
                let held_by = held_by.clone().map(Guard::HeldBy);
                held_by.into_iter().chain(guards).collect()
            }
            Self::Claim { attempt, .. } => {
                vec![
                    Guard::Attempt(*attempt),
                    Guard::NotHeld(now),
                    Guard::NoLiveClaim(now),
                ]
            }
            Self::Repeat { seen_version, .. } | Self::RequestRepeat { seen_version, .. } => {
                vec![Guard::Version(*seen_version), Guard::EmailAtRest(now)]
            }
            Self::Accept { attempt, .. } => vec![Guard::ClaimedAttempt(*attempt)],
            Self::Refuse { token, .. } | Self::HolderInactive { token, .. } => {
                vec![Guard::ClaimedBy(*token)]
            }
            Self::Activate { seen_version, .. } => {
                vec![
                    Guard::Version(*seen_version),
                    Guard::Kind(CardKind::Personal),
                ]
            }
            Self::Initialize { seen_version, .. } => {
                vec![
                    Guard::Version(*seen_version),
                    Guard::Kind(CardKind::Temporary),
                ]
            }
            Self::Deactivate { seen_version, .. }
            | Self::Reactivate { seen_version, .. }
            | Self::Assign { seen_version, .. }
            | Self::Withdraw { seen_version, .. } => vec![Guard::Version(*seen_version)],
            Self::Expire { .. } | Self::EndAssignment { .. } => vec![Guard::DeadlineOver(now)],
            Self::ClaimEmail { .. } => vec![Guard::EmailTry(now)],
            Self::EmailGivenUp { .. } => vec![Guard::EmailDue(now), Guard::EmailTriesUsed],
            Self::RemindEmail { .. } => vec![Guard::EmailDue(now)],
            Self::EmailSent { token, .. }
            | Self::EmailUndeliverable { token, .. }
            | Self::EmailDeferred { token, .. } => {
                vec![Guard::EmailClaimedBy(*token)]
            }
            Self::Track { attempt, .. } => vec![Guard::Attempt(*attempt), Guard::NoTracking],
            Self::StartProduction { attempt, .. }
            | Self::Produce { attempt, .. }
            | Self::ProductionFailed { attempt, .. }
            | Self::HearNothingNew { attempt } => vec![Guard::Attempt(*attempt)],
            Self::Request { .. } | Self::Order { .. } | Self::Lock { .. } => vec![],
        }
    }

    /// Whether the card shows that this very event has happened before: a conflict with oneself is success.
    #[must_use]
    pub fn already_on(&self, card: &Card) -> bool {
        match (self, &card.state, &card.email) {
            (Self::Claim { token, .. }, State::Processing { claim: Some(claim) }, _) => {
                claim.token == *token
            }
            (Self::Abort { by, .. }, State::Aborted { by: before }, _) => by == before,
            (Self::Lock { by, .. }, State::Locked, _) => {
                card.was_done_by(by, None, &[EventKind::Lock])
            }
            (Self::Approve { by, .. }, _, _) => {
                card.was_done_by(by, self.seen_version(), &[EventKind::Approve])
            }
            (
                Self::Activate { .. }
                | Self::Deactivate { .. }
                | Self::Reactivate { .. }
                | Self::Initialize { .. }
                | Self::Assign { .. }
                | Self::Withdraw { .. },
                _,
                _,
            ) => card.tells_of(self),
            (Self::Reject { by, reason, .. }, State::Rejected { reason: before }, _) => {
                reason == before && card.was_done_by(by, self.seen_version(), &[EventKind::Reject])
            }
            (
                Self::Accept {
                    attempt,
                    producer_order_id,
                    ..
                },
                _,
                _,
            ) => {
                card.attempt == *attempt
                    && card.producer_order_id.as_ref() == Some(producer_order_id)
            }
            // Of one version there is one repeat, whatever it froze anew.
            (Self::Repeat { by, .. } | Self::RequestRepeat { by, .. }, _, _) => {
                let repeats = [EventKind::Repeat, EventKind::RequestRepeat];
                card.was_done_by(by, self.seen_version(), &repeats)
            }
            (Self::Refuse { failure, .. }, State::Failed { failure: before }, _) => {
                failure == before
            }
            (Self::HolderInactive { .. }, State::Failed { failure }, _) => {
                *failure == Failure::holder_inactive()
            }
            (
                Self::EmailUndeliverable { reason, .. },
                _,
                Email::Undeliverable { reason: before },
            ) => reason == before,
            (Self::EmailGivenUp { .. }, _, email) => *email == Email::given_up(),
            (Self::ClaimEmail { token, .. }, _, Email::Sending { token: before, .. }) => {
                token == before
            }
            (Self::EmailSent { message_id, .. }, _, Email::Sent { message_id: before }) => {
                message_id == before
            }
            _ => false,
        }
    }

    /// The line in the timeline.
    #[must_use]
    pub fn entry(&self, now: Time) -> Option<Entry> {
        let (by, reason) = self.who_and_why()?;
        let to = self.step().to.map(|state| state.kind());
        Some(Entry {
            at: now,
            event: self.kind(),
            to,
            by: by.clone(),
            reason,
            seen_version: self.seen_version(),
            options_version: self.options_version(),
        })
    }

    /// The version of the card that whoever does it has seen, if the event is bound to one.
    fn seen_version(&self) -> Option<u64> {
        match self {
            Self::Approve { seen_version, .. }
            | Self::Reject { seen_version, .. }
            | Self::Repeat { seen_version, .. }
            | Self::RequestRepeat { seen_version, .. }
            | Self::Activate { seen_version, .. }
            | Self::Deactivate { seen_version, .. }
            | Self::Reactivate { seen_version, .. }
            | Self::Initialize { seen_version, .. }
            | Self::Assign { seen_version, .. }
            | Self::Withdraw { seen_version, .. } => Some(*seen_version),
            _ => None,
        }
    }

    /// The version of the options that the event brings, if it brings data.
    fn options_version(&self) -> Option<u64> {
        match self {
            Self::Request {
                options_version, ..
            }
            | Self::Order {
                options_version, ..
            } => Some(*options_version),
            _ => self.step().frozen.map(|frozen| frozen.options_version),
        }
    }

    fn who_and_why(&self) -> Option<(&Actor, Option<String>)> {
        match self {
            Self::Claim { .. }
            | Self::ClaimEmail { .. }
            | Self::RemindEmail { .. }
            | Self::EmailDeferred { .. }
            | Self::HearNothingNew { .. } => None,
            Self::Request { by, reason, .. }
            | Self::Order { by, reason, .. }
            | Self::Approve { by, reason, .. }
            | Self::Abort { by, reason, .. }
            | Self::Repeat { by, reason, .. }
            | Self::RequestRepeat { by, reason, .. }
            | Self::Activate { by, reason, .. }
            | Self::Reactivate { by, reason, .. }
            | Self::Initialize { by, reason, .. }
            | Self::Assign { by, reason, .. }
            | Self::Withdraw { by, reason, .. } => Some((by, reason.clone())),
            Self::Reject { by, reason, .. }
            | Self::Deactivate { by, reason, .. }
            | Self::Lock { by, reason }
            | Self::EmailUndeliverable { by, reason, .. } => Some((by, Some(reason.clone()))),
            Self::Refuse { by, failure, .. } | Self::ProductionFailed { by, failure, .. } => {
                Some((by, Some(failure.detail.clone())))
            }
            Self::Accept { by, .. }
            | Self::HolderInactive { by, .. }
            | Self::StartProduction { by, .. }
            | Self::Produce { by, .. }
            | Self::Track { by, .. }
            | Self::Expire { by }
            | Self::EndAssignment { by }
            | Self::EmailSent { by, .. }
            | Self::EmailGivenUp { by } => Some((by, None)),
        }
    }
}
