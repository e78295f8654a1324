//! What an event changes on a card.

use super::{Claim, Email, Event, Failure, Frozen, Holder, State};
use crate::ids::{Actor, ProducerOrderId};
use crate::order_status::Shipment;
use crate::time::Time;

/// What becomes of a time at which the system has to look at the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    Keep,
    At(Time),
    Clear,
}

impl Due {
    pub(super) fn change(self, time: &mut Option<Time>) {
        match self {
            Self::Keep => {}
            Self::At(at) => *time = Some(at),
            Self::Clear => *time = None,
        }
    }
}

/// All that an event changes, besides version, time and timeline, which every event changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// `None`: the state stays.
    pub to: Option<State>,
    /// When the sweep looks after an order or an email.
    pub due: Due,
    /// When time ends the state.
    pub deadline: Due,
    pub valid_until: Option<Time>,
    pub counts_claim: bool,
    /// The next order attempt begins, and with it a new count of claims. It was asked for by this
    /// caller.
    pub new_attempt: Option<Actor>,
    pub frozen: Option<Frozen>,
    pub email: Option<Email>,
    /// Added to the tries of the email.
    pub email_tries: i32,
    pub producer_order_id: Option<ProducerOrderId>,
    pub shipment: Option<Shipment>,
    pub holder: Option<Holder>,
    /// The card is nobody's again.
    pub drops_holder: bool,
    /// The card goes to the end of the list of its state, which begins with what waits longest.
    pub waits_anew: bool,
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
            deadline: Due::Keep,
            valid_until: None,
            counts_claim: false,
            new_attempt: None,
            frozen: None,
            email: None,
            email_tries: 0,
            producer_order_id: None,
            shipment: None,
            holder: None,
            drops_holder: false,
            waits_anew: false,
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

    /// No time ends the state that the card comes into.
    fn ended(self) -> Self {
        Self {
            deadline: Due::Clear,
            ..self
        }
    }
}

impl Event {
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
            Self::Claim {
                token, lease_until, ..
            } => {
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
            Self::Repeat {
                by, frozen, due, ..
            } => Step {
                new_attempt: Some(by.clone()),
                frozen: frozen.as_deref().cloned(),
                ..Step::to(State::QUEUED).due(*due)
            },
            Self::RequestRepeat { by, frozen, .. } => Step {
                new_attempt: Some(by.clone()),
                frozen: Some(Frozen::clone(frozen)),
                ..Step::to(State::Requested)
            },
            Self::StartProduction { .. } => Step::to(State::InProduction),
            Self::Produce { shipment, .. } => Step {
                shipment: Some(shipment.clone()),
                ..Step::to(State::Produced)
            },
            Self::Track { shipment, .. } => Step {
                shipment: Some(shipment.clone()),
                ..Step::stay()
            },
            Self::HearNothingNew { .. } => Step {
                waits_anew: true,
                ..Step::stay()
            },
            Self::Activate { valid_until, .. } => Step {
                deadline: Due::At(*valid_until),
                valid_until: Some(*valid_until),
                ..Step::to(State::Active)
            },
            Self::Deactivate { .. } => Step::to(State::Inactive),
            Self::Reactivate { .. } => Step::to(State::Active),
            Self::Lock { .. } => Step::to(State::Locked).ended(),
            Self::Expire { .. } => Step::to(State::Expired).ended(),
            Self::Initialize { .. } => Step::to(State::Unassigned),
            Self::Assign { holder, until, .. } => Step {
                holder: Some(holder.clone()),
                deadline: Due::At(*until),
                ..Step::to(State::Assigned { until: *until })
            },
            Self::Withdraw { .. } | Self::EndAssignment { .. } => Step {
                drops_holder: true,
                ..Step::to(State::Unassigned).ended()
            },
            Self::ClaimEmail { token, lease_until } => Step {
                email: Some(Email::Sending {
                    token: *token,
                    lease_until: *lease_until,
                }),
                email_tries: 1,
                ..Step::stay().due(*lease_until)
            },
            Self::EmailDeferred { due, .. } => Step {
                email: Some(Email::Pending),
                email_tries: -1,
                ..Step::stay().due(*due)
            },
            Self::EmailGivenUp { .. } => Step {
                email: Some(Email::given_up()),
                ..Step::stay().settled()
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
}
