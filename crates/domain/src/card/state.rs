//! The states of a card, with what belongs to each, and the small life of its email.

use serde::{Deserialize, Serialize};

use crate::ids::{Actor, ClaimToken};
use crate::limits::MAX_EMAIL_TRIES;
use crate::time::Time;

/// A worker's right to ask the producer, until the lease ends and another may take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub token: ClaimToken,
    pub lease_until: Time,
}

/// Why an order failed. `slug` names a page in `docs/problems/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub slug: String,
    pub detail: String,
}

impl Failure {
    /// The producer definitely refused; `detail` is its own reason.
    #[must_use]
    pub fn producer_rejected(detail: String) -> Self {
        Self {
            slug: "producer-rejected".into(),
            detail,
        }
    }

    /// The producer could not make the card that it had accepted; `detail` is its own reason.
    #[must_use]
    pub fn production_failed(detail: String) -> Self {
        Self {
            slug: "production-failed".into(),
            detail,
        }
    }

    /// The holder was no longer active when the card was about to go out.
    #[must_use]
    pub fn holder_inactive() -> Self {
        let detail = "The holder was no longer active when the order was to be handed over.".into();
        Self {
            slug: "holder-inactive".into(),
            detail,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// Made for one holder.
    Personal,
    /// Made for stock and lent to one user after another.
    Temporary,
}

/// Where a card is in its life. The data of a state ends with the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "detail", rename_all = "snake_case")]
pub enum State {
    Registered,
    Requested,
    Processing {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        claim: Option<Claim>,
    },
    Ordered,
    InProduction,
    Produced,
    Active,
    Inactive,
    Locked,
    Expired,
    Aborted {
        by: Actor,
    },
    Rejected {
        reason: String,
    },
    Failed {
        failure: Failure,
    },
    Unassigned,
    Assigned {
        until: Time,
    },
}

impl State {
    /// In the queue, and nobody's.
    pub const QUEUED: Self = Self::Processing { claim: None };

    #[must_use]
    pub fn kind(&self) -> StateKind {
        match self {
            Self::Registered => StateKind::Registered,
            Self::Requested => StateKind::Requested,
            Self::Processing { .. } => StateKind::Processing,
            Self::Ordered => StateKind::Ordered,
            Self::InProduction => StateKind::InProduction,
            Self::Produced => StateKind::Produced,
            Self::Active => StateKind::Active,
            Self::Inactive => StateKind::Inactive,
            Self::Locked => StateKind::Locked,
            Self::Expired => StateKind::Expired,
            Self::Aborted { .. } => StateKind::Aborted,
            Self::Rejected { .. } => StateKind::Rejected,
            Self::Failed { .. } => StateKind::Failed,
            Self::Unassigned => StateKind::Unassigned,
            Self::Assigned { .. } => StateKind::Assigned,
        }
    }
}

/// The name of a state, without its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    Registered,
    Requested,
    Processing,
    Ordered,
    InProduction,
    Produced,
    Active,
    Inactive,
    Locked,
    Expired,
    Aborted,
    Rejected,
    Failed,
    Unassigned,
    Assigned,
}

impl StateKind {
    pub const ALL: [Self; 15] = [
        Self::Registered,
        Self::Requested,
        Self::Processing,
        Self::Ordered,
        Self::InProduction,
        Self::Produced,
        Self::Active,
        Self::Inactive,
        Self::Locked,
        Self::Expired,
        Self::Aborted,
        Self::Rejected,
        Self::Failed,
        Self::Unassigned,
        Self::Assigned,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Requested => "requested",
            Self::Processing => "processing",
            Self::Ordered => "ordered",
            Self::InProduction => "in_production",
            Self::Produced => "produced",
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Locked => "locked",
            Self::Expired => "expired",
            Self::Aborted => "aborted",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Unassigned => "unassigned",
            Self::Assigned => "assigned",
        }
    }

    /// Whether a user who has such a card may not order another one by default.
    #[must_use]
    pub fn is_open_order(self) -> bool {
        matches!(
            self,
            Self::Requested | Self::Processing | Self::Ordered | Self::InProduction
        )
    }

    /// Whether cards can be listed by this state: those that somebody still waits for.
    #[must_use]
    pub fn is_listed(self) -> bool {
        matches!(
            self,
            Self::Requested
                | Self::Processing
                | Self::Ordered
                | Self::InProduction
                | Self::Produced
                | Self::Failed
        )
    }
}

/// The "card ordered" email of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Email {
    /// The option was off when the card was ordered.
    Off,
    /// To be sent once the card is ordered.
    Pending,
    /// A worker is sending it, until the lease ends and another may.
    Sending {
        token: ClaimToken,
        lease_until: Time,
    },
    Sent {
        message_id: String,
    },
    Undeliverable {
        reason: String,
    },
}

impl Email {
    /// What becomes of an email that the mail service never gave a clear answer to. It may have been
    /// sent.
    #[must_use]
    pub fn given_up() -> Self {
        Self::Undeliverable {
            reason: format!("no clear answer of the mail service in {MAX_EMAIL_TRIES} tries"),
        }
    }
}
