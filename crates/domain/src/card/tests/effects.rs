//! What an event leaves on a card, beyond its state.

use super::*;

#[test]
fn a_timeline_tells_who_did_what_when_and_why() {
    let told = |from, kind| {
        let card = sample::card_ready_for(from, kind, "k");
        let mut card = card.on(&sample::event(kind), now()).unwrap();
        card.timeline.pop().map(|line| {
            assert_eq!((line.at, line.event), (now(), kind));
            let by = line.by.as_str().to_owned();
            (by, line.to, line.reason)
        })
    };
    let operator = "operator@example.com";
    for (from, kind, by, to, reason) in [
        (
            StateKind::Registered,
            EventKind::Order,
            operator,
            Some(StateKind::Processing),
            Some("left the company"),
        ),
        (
            StateKind::Requested,
            EventKind::Approve,
            "approver@example.com",
            Some(StateKind::Processing),
            None,
        ),
        (
            StateKind::Requested,
            EventKind::Reject,
            "approver@example.com",
            Some(StateKind::Rejected),
            Some("not needed"),
        ),
        (
            StateKind::Processing,
            EventKind::Refuse,
            operator,
            Some(StateKind::Failed),
            Some("unknown article"),
        ),
        (
            StateKind::Ordered,
            EventKind::EmailUndeliverable,
            operator,
            None,
            Some("refused"),
        ),
        (
            StateKind::Ordered,
            EventKind::EmailSent,
            operator,
            None,
            None,
        ),
    ] {
        let line = (by.to_owned(), to, reason.map(str::to_owned));
        assert_eq!(told(from, kind), Some(line), "{kind:?}");
    }
    for (from, kind) in [
        (StateKind::Processing, EventKind::Claim),
        (StateKind::Ordered, EventKind::ClaimEmail),
        (StateKind::Ordered, EventKind::RemindEmail),
        (StateKind::Ordered, EventKind::EmailDeferred),
    ] {
        assert_eq!(told(from, kind), None, "{kind:?}");
    }
}

#[test]
fn an_accepted_card_is_due_only_if_its_email_waits() {
    let claimed = sample::card(StateKind::Processing, "k");
    for email_due in [Some(later()), None] {
        let accept = Event::Accept {
            by: sample::operator(),
            attempt: OrderAttempt::FIRST,
            producer_order_id: sample::producer_order_id(),
            email_due,
        };
        assert_eq!(claimed.on(&accept, now()).unwrap().due_at, email_due);
    }
}

#[test]
fn an_assigned_card_has_its_new_holder() {
    let unassigned = sample::card(StateKind::Unassigned, "k");
    let grace = Holder {
        common_name: "Grace Hopper".into(),
        ..sample::holder()
    };
    let assign = Event::Assign {
        by: sample::operator(),
        holder: grace.clone(),
        until: later(),
    };
    assert_eq!(unassigned.on(&assign, now()).unwrap().holder, Some(grace));
}

#[test]
fn a_holder_never_approves_their_own_card() {
    let mut requested = sample::card(StateKind::Requested, "k");
    requested.holder = requested.holder.map(|holder| Holder {
        upn: Some(sample::approver().as_str().to_owned()),
        ..holder
    });
    let guard = Guard::NeitherRequesterNorHolder(sample::approver());
    assert_eq!(
        requested.on(&sample::event(EventKind::Approve), now()),
        Err(Refused::Guard(guard))
    );
}

#[test]
fn cards_are_listed_in_the_states_that_somebody_waits_in() {
    let listed = StateKind::ALL.into_iter().filter(|state| state.is_listed());
    assert_eq!(
        listed.collect::<Vec<_>>(),
        [
            StateKind::Requested,
            StateKind::Processing,
            StateKind::Ordered,
            StateKind::InProduction,
            StateKind::Produced,
            StateKind::Failed,
        ]
    );
}
