//! A card in each state and an event of each kind, for tests that walk all of them.

use super::{
    Card, Claim, Email, Event, EventKind, Failure, Frozen, Holder, NewCard, State, StateKind,
    barred_approvers,
};
use crate::email::Language;
use crate::ids::{
    Actor, CardId, ClaimToken, IdempotencyKey, OrderAttempt, ProducerOrderId, ProductionTypeId,
    UserId,
};
use crate::limits::MAX_EMAIL_TRIES;
use crate::order_status::Shipment;
use crate::production_type::Delivery;
use crate::time::Time;
use crate::user::EmailAddress;

/// Whatever the samples need is fixed, so a parse that fails is a mistake in this file.
#[expect(clippy::expect_used, reason = "samples are constants")]
fn sure<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.expect("a valid sample")
}

#[must_use]
pub fn now() -> Time {
    sure("2026-11-22T08:00:00Z".parse())
}

#[must_use]
pub fn later() -> Time {
    sure("2026-11-22T08:01:00Z".parse())
}

#[must_use]
pub fn operator() -> Actor {
    sure(Actor::parse("operator@example.com"))
}

#[must_use]
pub fn approver() -> Actor {
    sure(Actor::parse("approver@example.com"))
}

#[must_use]
pub fn token() -> ClaimToken {
    ClaimToken(uuid::Uuid::from_u128(7))
}

#[must_use]
pub fn producer_order_id() -> ProducerOrderId {
    sure(ProducerOrderId::parse("P-1"))
}

#[must_use]
pub fn holder() -> Holder {
    Holder {
        user_id: sure(UserId::parse("u1")),
        common_name: "Ada Lovelace".into(),
        upn: Some("ada@example.com".into()),
        email: Some(sure(EmailAddress::parse("ada@example.com"))),
    }
}

/// An order; `key` tells one from another.
#[must_use]
pub fn new_card(key: &str) -> NewCard {
    NewCard {
        card_id: CardId::derive(&operator(), &sure(IdempotencyKey::parse(key))),
        frozen: frozen("Ada Lovelace"),
        production_type: sure(ProductionTypeId::parse("standard")),
        delivery: Delivery::Queue,
        requested_by: operator(),
        held_until: None,
        validity_days: 365,
        request_digest: "digest".into(),
        language: Language::En,
    }
}

/// Of the holder under this name.
#[must_use]
pub fn frozen(common_name: &str) -> Frozen {
    let holder = Holder {
        common_name: common_name.into(),
        ..holder()
    };
    Frozen {
        data: [("commonName".to_owned(), common_name.to_owned())].into(),
        producer_fields: vec!["commonName".into()],
        barred_approvers: barred_approvers(&operator(), &holder),
        options_version: 1,
        email: Email::Pending,
        holder,
    }
}

/// What a repeat freezes anew, of which nothing is as it was.
fn refrozen() -> Frozen {
    Frozen {
        producer_fields: vec!["commonName".into(), "upn".into()],
        barred_approvers: vec!["somebody@example.com".into()],
        options_version: 2,
        email: Email::Off,
        ..frozen("Ada King")
    }
}

/// A card of [`new_card`] to which nothing has happened.
#[must_use]
pub fn registered(key: &str) -> Card {
    Card::register(new_card(key), now())
}

/// A card in this state, in which every guard of [`event`] holds that can hold there.
#[must_use]
pub fn card(kind: StateKind, key: &str) -> Card {
    let claim = Claim {
        token: token(),
        lease_until: now(),
    };
    let state = match kind {
        StateKind::Registered => State::Registered,
        StateKind::Requested => State::Requested,
        StateKind::Processing => State::Processing { claim: Some(claim) },
        StateKind::Ordered => State::Ordered,
        StateKind::InProduction => State::InProduction,
        StateKind::Produced => State::Produced,
        StateKind::Active => State::Active,
        StateKind::Inactive => State::Inactive,
        StateKind::Locked => State::Locked,
        StateKind::Expired => State::Expired,
        StateKind::Aborted => State::Aborted { by: operator() },
        StateKind::Rejected => State::Rejected {
            reason: "no".into(),
        },
        StateKind::Failed => State::Failed {
            failure: Failure::holder_inactive(),
        },
        StateKind::Unassigned => State::Unassigned,
        StateKind::Assigned => State::Assigned { until: later() },
    };
    Card {
        state,
        version: 3,
        due_at: Some(now()),
        deadline_at: Some(now()),
        ..registered(key)
    }
}

/// The card made so that no guard of this event stands in its way.
#[must_use]
pub fn card_ready_for(kind: StateKind, event: EventKind, key: &str) -> Card {
    let mut card = card(kind, key);
    match event {
        EventKind::Abort if kind == StateKind::Processing => card.state = State::QUEUED,
        EventKind::Initialize => card.kind = super::CardKind::Temporary,
        EventKind::EmailGivenUp => card.email_tries = MAX_EMAIL_TRIES,
        EventKind::EmailSent | EventKind::EmailUndeliverable | EventKind::EmailDeferred => {
            card.email = Email::Sending {
                token: token(),
                lease_until: later(),
            };
            card.email_tries = 1;
        }
        _ => {}
    }
    card
}

/// An event of this kind, done by whoever may do it.
#[must_use]
pub fn event(kind: EventKind) -> Event {
    let by = operator();
    let failure = Failure::producer_rejected("unknown article".into());
    let reason = Some("left the company".to_owned());
    match kind {
        EventKind::Request => Event::Request {
            by,
            reason,
            options_version: 1,
        },
        EventKind::Order => Event::Order {
            by,
            reason,
            options_version: 1,
            due: later(),
        },
        EventKind::Approve => Event::Approve {
            by: approver(),
            seen_version: 3,
            reason: None,
            due: later(),
        },
        EventKind::Reject => Event::Reject {
            by: approver(),
            seen_version: 3,
            reason: "not needed".into(),
        },
        EventKind::Abort => Event::Abort {
            by,
            reason,
            held_by: None,
        },
        EventKind::Claim => Event::Claim {
            attempt: OrderAttempt::FIRST,
            token: token(),
            lease_until: later(),
        },
        EventKind::Accept => Event::Accept {
            by,
            attempt: OrderAttempt::FIRST,
            producer_order_id: producer_order_id(),
            email_due: Some(later()),
        },
        EventKind::Refuse => Event::Refuse {
            by,
            token: token(),
            failure,
        },
        EventKind::HolderInactive => Event::HolderInactive { by, token: token() },
        EventKind::Repeat => Event::Repeat {
            by,
            seen_version: 3,
            reason,
            frozen: Some(Box::new(refrozen())),
            due: later(),
        },
        EventKind::RequestRepeat => Event::RequestRepeat {
            by: approver(),
            seen_version: 3,
            reason,
            frozen: Box::new(refrozen()),
        },
        EventKind::StartProduction => Event::StartProduction {
            by,
            attempt: OrderAttempt::FIRST,
        },
        EventKind::Produce => Event::Produce {
            by,
            attempt: OrderAttempt::FIRST,
            shipment: Shipment {
                carrier: Some("Northern Post".into()),
                tracking: Some("NP123456789".into()),
            },
        },
        EventKind::Track => Event::Track {
            by,
            attempt: OrderAttempt::FIRST,
            shipment: Shipment {
                carrier: None,
                tracking: Some("NP123456789".into()),
            },
        },
        EventKind::ProductionFailed => Event::ProductionFailed {
            by,
            attempt: OrderAttempt::FIRST,
            failure,
        },
        EventKind::HearNothingNew => Event::HearNothingNew {
            attempt: OrderAttempt::FIRST,
        },
        EventKind::Activate => Event::Activate {
            by,
            seen_version: 3,
            reason,
            valid_until: later(),
        },
        EventKind::Deactivate => Event::Deactivate {
            by,
            seen_version: 3,
            reason: "lent to nobody".into(),
        },
        EventKind::Reactivate => Event::Reactivate {
            by,
            seen_version: 3,
            reason,
        },
        EventKind::Lock => Event::Lock {
            by,
            reason: "lost".into(),
        },
        EventKind::Expire => Event::Expire { by },
        EventKind::Initialize => Event::Initialize {
            by,
            seen_version: 3,
            reason,
        },
        EventKind::Assign => Event::Assign {
            by,
            seen_version: 3,
            reason,
            holder: holder(),
            until: later(),
        },
        EventKind::Withdraw => Event::Withdraw {
            by,
            seen_version: 3,
            reason,
        },
        EventKind::EndAssignment => Event::EndAssignment { by },
        EventKind::ClaimEmail => Event::ClaimEmail {
            token: token(),
            lease_until: later(),
        },
        EventKind::RemindEmail => Event::RemindEmail { due: later() },
        EventKind::EmailSent => Event::EmailSent {
            by,
            token: token(),
            message_id: "m-1".into(),
        },
        EventKind::EmailUndeliverable => Event::EmailUndeliverable {
            by,
            token: token(),
            reason: "refused".into(),
        },
        EventKind::EmailDeferred => Event::EmailDeferred {
            token: token(),
            due: later(),
        },
        EventKind::EmailGivenUp => Event::EmailGivenUp { by },
    }
}
