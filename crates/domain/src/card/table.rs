//! Which event is allowed in which state, and where it leads.
//!
//! This table is the only place that says so: [`super::Card::on`] checks it, the store derives its
//! write conditions from it.
#![doc = include_str!("table.md")]

use serde::{Deserialize, Serialize};

use super::StateKind::{self, *};

/// The name of an event, without its data. A kind that is in no timeline says so at the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Request,
    Order,
    Approve,
    Reject,
    Abort,
    Claim,
    Accept,
    Refuse,
    HolderInactive,
    Repeat,
    RequestRepeat,
    StartProduction,
    Produce,
    Track,
    ProductionFailed,
    HearNothingNew,
    Activate,
    Deactivate,
    Reactivate,
    Lock,
    Expire,
    Initialize,
    Assign,
    Withdraw,
    EndAssignment,
    ClaimEmail,
    RemindEmail,
    EmailSent,
    EmailUndeliverable,
    EmailDeferred,
    EmailGivenUp,
}

impl EventKind {
    pub const ALL: [Self; 31] = [
        Self::Request,
        Self::Order,
        Self::Approve,
        Self::Reject,
        Self::Abort,
        Self::Claim,
        Self::Accept,
        Self::Refuse,
        Self::HolderInactive,
        Self::Repeat,
        Self::RequestRepeat,
        Self::StartProduction,
        Self::Produce,
        Self::Track,
        Self::ProductionFailed,
        Self::HearNothingNew,
        Self::Activate,
        Self::Deactivate,
        Self::Reactivate,
        Self::Lock,
        Self::Expire,
        Self::Initialize,
        Self::Assign,
        Self::Withdraw,
        Self::EndAssignment,
        Self::ClaimEmail,
        Self::RemindEmail,
        Self::EmailSent,
        Self::EmailUndeliverable,
        Self::EmailDeferred,
        Self::EmailGivenUp,
    ];

    /// The states in which the event is allowed, as far as its guards agree.
    pub fn from(self) -> impl Iterator<Item = StateKind> {
        TRANSITIONS
            .iter()
            .filter(move |row| row.1 == self)
            .map(|row| row.0)
    }
}

use EventKind as E;

/// (state, event, next state). A state that is missing here for an event refuses it.
#[rustfmt::skip]
pub const TRANSITIONS: &[(StateKind, EventKind, StateKind)] = &[
    (Registered,   E::Request,            Requested),
    (Registered,   E::Order,              Processing),
    (Requested,    E::Approve,            Processing),
    (Requested,    E::Reject,             Rejected),
    (Requested,    E::Abort,              Aborted),
    (Processing,   E::Abort,              Aborted),
    (Processing,   E::Claim,              Processing),
    (Processing,   E::Accept,             Ordered),
    (Processing,   E::Refuse,             Failed),
    (Processing,   E::HolderInactive,     Failed),
    (Failed,       E::Repeat,             Processing),
    (Failed,       E::RequestRepeat,      Requested),
    (Ordered,      E::StartProduction,    InProduction),
    (Ordered,      E::Produce,            Produced),
    (InProduction, E::Produce,            Produced),
    (Produced,     E::Track,              Produced),
    (Ordered,      E::ProductionFailed,   Failed),
    (InProduction, E::ProductionFailed,   Failed),
    (Ordered,      E::HearNothingNew,     Ordered),
    (InProduction, E::HearNothingNew,     InProduction),
    (Produced,     E::Activate,           Active),
    (Active,       E::Deactivate,         Inactive),
    (Inactive,     E::Reactivate,         Active),
    (Active,       E::Lock,               Locked),
    (Inactive,     E::Lock,               Locked),
    (Unassigned,   E::Lock,               Locked),
    (Assigned,     E::Lock,               Locked),
    (Active,       E::Expire,             Expired),
    (Inactive,     E::Expire,             Expired),
    (Produced,     E::Initialize,         Unassigned),
    (Unassigned,   E::Assign,             Assigned),
    (Assigned,     E::Withdraw,           Unassigned),
    (Assigned,     E::EndAssignment,      Unassigned),
    // The email follows a card that was ordered, wherever the card has gone since.
    (Ordered,      E::ClaimEmail,         Ordered),
    (InProduction, E::ClaimEmail,         InProduction),
    (Produced,     E::ClaimEmail,         Produced),
    (Active,       E::ClaimEmail,         Active),
    (Inactive,     E::ClaimEmail,         Inactive),
    (Locked,       E::ClaimEmail,         Locked),
    (Expired,      E::ClaimEmail,         Expired),
    (Ordered,      E::RemindEmail,        Ordered),
    (InProduction, E::RemindEmail,        InProduction),
    (Produced,     E::RemindEmail,        Produced),
    (Active,       E::RemindEmail,        Active),
    (Inactive,     E::RemindEmail,        Inactive),
    (Locked,       E::RemindEmail,        Locked),
    (Expired,      E::RemindEmail,        Expired),
    (Ordered,      E::EmailSent,          Ordered),
    (InProduction, E::EmailSent,          InProduction),
    (Produced,     E::EmailSent,          Produced),
    (Active,       E::EmailSent,          Active),
    (Inactive,     E::EmailSent,          Inactive),
    (Locked,       E::EmailSent,          Locked),
    (Expired,      E::EmailSent,          Expired),
    (Failed,       E::EmailSent,          Failed),
    (Ordered,      E::EmailUndeliverable, Ordered),
    (InProduction, E::EmailUndeliverable, InProduction),
    (Produced,     E::EmailUndeliverable, Produced),
    (Active,       E::EmailUndeliverable, Active),
    (Inactive,     E::EmailUndeliverable, Inactive),
    (Locked,       E::EmailUndeliverable, Locked),
    (Expired,      E::EmailUndeliverable, Expired),
    (Failed,       E::EmailUndeliverable, Failed),
    (Ordered,      E::EmailDeferred,      Ordered),
    (InProduction, E::EmailDeferred,      InProduction),
    (Produced,     E::EmailDeferred,      Produced),
    (Active,       E::EmailDeferred,      Active),
    (Inactive,     E::EmailDeferred,      Inactive),
    (Locked,       E::EmailDeferred,      Locked),
    (Expired,      E::EmailDeferred,      Expired),
    (Ordered,      E::EmailGivenUp,       Ordered),
    (InProduction, E::EmailGivenUp,       InProduction),
    (Produced,     E::EmailGivenUp,       Produced),
    (Active,       E::EmailGivenUp,       Active),
    (Inactive,     E::EmailGivenUp,       Inactive),
    (Locked,       E::EmailGivenUp,       Locked),
    (Expired,      E::EmailGivenUp,       Expired),
];
