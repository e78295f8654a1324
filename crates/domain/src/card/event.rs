//! What may happen to a card. An event alone, without the card, says what it needs and what it changes,
//! so that the store can do it in one conditional write without reading first.

use super::{
    Card, CardKind, Claim, Email, Entry, EventKind, Failure, Guard, Holder, Refused, State,
};
use crate::ids::{Actor, ClaimToken, OrderAttempt, ProducerOrderId};
use crate::time::Time;

/// Something that happens to a card, with all that it brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An order that waits for approval.
    Request {
        by: Actor,
        reason: Option<String>,
    },
    /// An order without approval. `due` is when the sweep looks after it.
    Order {
        by: Actor,
        reason: Option<String>,
        due: Time,
    },
    Approve {
        by: Actor,
        seen_version: u64,
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
    },
    /// A worker takes the right to ask the producer. In no timeline: a long outage claims often.
    Claim {
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
    Repeat {
        by: Actor,
        due: Time,
    },
    StartProduction {
        by: Actor,
    },
    /// Made and shipped.
    Produce {
        by: Actor,
    },
    ProductionFailed {
        by: Actor,
        failure: Failure,
    },
    Activate {
        by: Actor,
    },
    Deactivate {
        by: Actor,
        reason: Option<String>,
    },
    Reactivate {
        by: Actor,
    },
    Lock {
        by: Actor,
        reason: Option<String>,
    },
    Expire {
        by: Actor,
    },
    Initialize {
        by: Actor,
    },
    Assign {
        by: Actor,
        holder: Holder,
        until: Time,
    },
    Withdraw {
        by: Actor,
        reason: Option<String>,
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
}

/// What becomes of the time at which the sweep looks at the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Keep,
    At(Time),
    Clear,
}

/// All that an event changes, besides version, time and timeline, which every event changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `None`: the state stays.
    pub to: Option<State>,
    pub due: Due,
    pub counts_claim: bool,
    /// The next order attempt begins, and with it a new count of claims.
    pub new_attempt: bool,
    pub email: Option<Email>,
    pub producer_order_id: Option<ProducerOrderId>,
    pub holder: Option<Holder>,
}

impl Step {
    fn to(state: State) -> Self {
        Self {
            to: Some(state),
            ..Self::stay()
        }
    }

    fn stay() -> Self {
        Self {
            to: None,
            due: Due::Keep,
            counts_claim: false,
            new_attempt: false,
            email: None,
            producer_order_id: None,
            holder: None,
        }
    }

    fn due(self, time: Time) -> Self {
        Self {
            due: Due::At(time),
            ..self
        }
    }

    fn settled(self) -> Self {
        Self {
            due: Due::Clear,
            ..self
        }
    }
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
            Self::StartProduction { .. } => EventKind::StartProduction,
            Self::Produce { .. } => EventKind::Produce,
            Self::ProductionFailed { .. } => EventKind::ProductionFailed,
            Self::Activate { .. } => EventKind::Activate,
            Self::Deactivate { .. } => EventKind::Deactivate,
            Self::Reactivate { .. } => EventKind::Reactivate,
            Self::Lock { .. } => EventKind::Lock,
            Self::Expire { .. } => EventKind::Expire,
            Self::Initialize { .. } => EventKind::Initialize,
            Self::Assign { .. } => EventKind::Assign,
            Self::Withdraw { .. } => EventKind::Withdraw,
            Self::ClaimEmail { .. } => EventKind::ClaimEmail,
            Self::RemindEmail { .. } => EventKind::RemindEmail,
            Self::EmailSent { .. } => EventKind::EmailSent,
            Self::EmailUndeliverable { .. } => EventKind::EmailUndeliverable,
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
                vec![
                    Guard::Version(*seen_version),
                    Guard::NeitherRequesterNorHolder(by.clone()),
                ]
            }
            Self::Abort { by, .. } => {
                vec![Guard::RequesterWhileRequested(by.clone()), Guard::Unclaimed]
            }
            Self::Claim { .. } => vec![Guard::NoLiveClaim(now)],
            Self::Accept { attempt, .. } => vec![Guard::ClaimedAttempt(*attempt)],
            Self::Refuse { token, .. } | Self::HolderInactive { token, .. } => {
                vec![Guard::ClaimedBy(*token)]
            }
            Self::Activate { .. } => vec![Guard::Kind(CardKind::Personal)],
            Self::Initialize { .. } => vec![Guard::Kind(CardKind::Temporary)],
            Self::ClaimEmail { .. } | Self::RemindEmail { .. } => vec![Guard::EmailDue(now)],
            Self::EmailSent { token, .. } | Self::EmailUndeliverable { token, .. } => {
                vec![Guard::EmailClaimedBy(*token)]
            }
            Self::Request { .. }
            | Self::Order { .. }
            | Self::Repeat { .. }
            | Self::StartProduction { .. }
            | Self::Produce { .. }
            | Self::ProductionFailed { .. }
            | Self::Deactivate { .. }
            | Self::Reactivate { .. }
            | Self::Lock { .. }
            | Self::Expire { .. }
            | Self::Assign { .. }
            | Self::Withdraw { .. } => vec![],
        }
    }

    /// What the event changes.
    #[must_use]
    pub fn step(&self) -> Step {
        match self {
            Self::Request { .. } => Step::to(State::Requested),
            Self::Order { due, .. } | Self::Approve { due, .. } => {
                Step::to(State::QUEUED).due(*due)
            }
            Self::Reject { reason, .. } => Step::to(State::Rejected {
                reason: reason.clone(),
            })
            .settled(),
            Self::Abort { by, .. } => Step::to(State::Aborted { by: by.clone() }).settled(),
            Self::Claim { token, lease_until } => {
                let claim = Claim {
                    token: *token,
                    lease_until: *lease_until,
                };
                let step = Step::to(State::Processing { claim: Some(claim) }).due(*lease_until);
                Step {
                    counts_claim: true,
                    ..step
                }
            }
            Self::Accept {
                producer_order_id,
                email_due,
                ..
            } => Step {
                producer_order_id: Some(producer_order_id.clone()),
                due: email_due.map_or(Due::Clear, Due::At),
                ..Step::to(State::Ordered)
            },
            Self::Refuse { failure, .. } | Self::ProductionFailed { failure, .. } => {
                Step::to(State::Failed {
                    failure: failure.clone(),
                })
                .settled()
            }
            Self::HolderInactive { .. } => Step::to(State::Failed {
                failure: Failure::holder_inactive(),
            })
            .settled(),
            Self::Repeat { due, .. } => Step {
                new_attempt: true,
                ..Step::to(State::QUEUED).due(*due)
            },
            Self::StartProduction { .. } => Step::to(State::InProduction),
            Self::Produce { .. } => Step::to(State::Produced),
            Self::Activate { .. } | Self::Reactivate { .. } => Step::to(State::Active),
            Self::Deactivate { .. } => Step::to(State::Inactive),
            Self::Lock { .. } => Step::to(State::Locked),
            Self::Expire { .. } => Step::to(State::Expired),
            Self::Initialize { .. } | Self::Withdraw { .. } => Step::to(State::Unassigned),
            Self::Assign { holder, until, .. } => Step {
                holder: Some(holder.clone()),
                ..Step::to(State::Assigned { until: *until })
            },
            Self::ClaimEmail { token, lease_until } => Step {
                email: Some(Email::Sending {
                    token: *token,
                    lease_until: *lease_until,
                }),
                ..Step::stay().due(*lease_until)
            },
            Self::RemindEmail { due } => Step::stay().due(*due),
            Self::EmailSent { message_id, .. } => Step {
                email: Some(Email::Sent {
                    message_id: message_id.clone(),
                }),
                ..Step::stay().settled()
            },
            Self::EmailUndeliverable { reason, .. } => Step {
                email: Some(Email::Undeliverable {
                    reason: reason.clone(),
                }),
                ..Step::stay().settled()
            },
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
        })
    }

    fn who_and_why(&self) -> Option<(&Actor, Option<String>)> {
        match self {
            Self::Claim { .. } | Self::ClaimEmail { .. } | Self::RemindEmail { .. } => None,
            Self::Request { by, reason }
            | Self::Order { by, reason, .. }
            | Self::Abort { by, reason }
            | Self::Deactivate { by, reason }
            | Self::Lock { by, reason }
            | Self::Withdraw { by, reason } => Some((by, reason.clone())),
            Self::Reject { by, reason, .. } | Self::EmailUndeliverable { by, reason, .. } => {
                Some((by, Some(reason.clone())))
            }
            Self::Refuse { by, failure, .. } | Self::ProductionFailed { by, failure } => {
                Some((by, Some(failure.detail.clone())))
            }
            Self::Approve { by, .. }
            | Self::Accept { by, .. }
            | Self::HolderInactive { by, .. }
            | Self::Repeat { by, .. }
            | Self::StartProduction { by }
            | Self::Produce { by }
            | Self::Activate { by }
            | Self::Reactivate { by }
            | Self::Expire { by }
            | Self::Initialize { by }
            | Self::Assign { by, .. }
            | Self::EmailSent { by, .. } => Some((by, None)),
        }
    }
}
