//! What an event leaves on a card, beyond its state.

use super::*;
use crate::ids::Actor;

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
            StateKind::Failed,
            EventKind::Repeat,
            operator,
            Some(StateKind::Processing),
            Some("left the company"),
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
        (StateKind::Ordered, EventKind::HearNothingNew),
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
        seen_version: unassigned.version,
        reason: None,
        holder: grace.clone(),
        until: later(),
    };
    assert_eq!(unassigned.on(&assign, now()).unwrap().holder, Some(grace));
}

/// A requested card whose holder has this name, and whether an approver of that name may decide.
fn may_decide(upn: &str, approver: &str, own_decision: bool) -> bool {
    let holder = Holder {
        upn: Some(upn.into()),
        ..sample::holder()
    };
    let mut new = sample::new_card("k");
    new.frozen.barred_approvers = if own_decision {
        Vec::new()
    } else {
        barred_approvers(&sample::operator(), &holder)
    };
    let requested = Card::register(new, now())
        .on(&sample::event(EventKind::Request), now())
        .unwrap();
    let by = Actor::parse(approver).unwrap();
    let reject = Event::Reject {
        by: by.clone(),
        seen_version: requested.version,
        reason: "no".into(),
    };
    let decided = requested.on(&reject, now());
    let barred = Err(Refused::Guard(Guard::NotBarred(by)));
    assert!(decided.is_ok() || decided == barred);
    decided.is_ok()
}

#[test]
fn requester_and_holder_decide_only_where_the_options_let_them() {
    let requester = sample::operator();
    for (upn, approver) in [
        ("ada@example.com", "ada@example.com"),
        ("ada@example.com", "Ada@Example.COM"),
        ("\u{c5}sa@example.com", "A\u{30a}SA@example.com"),
        ("ada@example.com", requester.as_str()),
        ("ada@example.com", &requester.as_str().to_uppercase()),
        ("Wei\u{df}@example.com", "WEISS@example.com"),
        ("ada@example.com", "U1"),
    ] {
        assert!(!may_decide(upn, approver, false), "{approver}");
        assert!(may_decide(upn, approver, true), "{approver}");
    }
    assert!(may_decide("ada@example.com", "adam@example.com", false));
}

#[test]
fn a_repeat_is_its_requesters_and_freezes_anew_what_it_was_asked_to() {
    let failed = sample::card(StateKind::Failed, "k");
    let Event::RequestRepeat { frozen, by, .. } = sample::event(EventKind::RequestRepeat) else {
        panic!("another event");
    };
    let repeat = |frozen| Event::Repeat {
        by: by.clone(),
        seen_version: failed.version,
        reason: None,
        frozen,
        due: later(),
    };
    let request = Event::RequestRepeat {
        by: by.clone(),
        seen_version: failed.version,
        reason: None,
        frozen: frozen.clone(),
    };
    for (event, expected) in [
        (request, &*frozen),
        (repeat(Some(frozen.clone())), &*frozen),
        (repeat(None), &sample::new_card("k").frozen),
    ] {
        let card = failed.on(&event, now()).unwrap();
        assert_eq!((card.attempt, card.claims), (failed.attempt.next(), 0));
        let now_frozen = Frozen {
            holder: card.holder.unwrap(),
            data: card.data,
            producer_fields: card.producer_fields,
            barred_approvers: card.barred_approvers,
            options_version: card.options_version,
            email: card.email,
        };
        assert!(now_frozen == *expected);
        assert_eq!(card.requested_by, by);
    }
}

#[test]
fn a_produced_card_shows_how_it_travels() {
    let produce = sample::event(EventKind::Produce);
    let card = sample::card(StateKind::InProduction, "k");
    let shipment = card.on(&produce, now()).unwrap().shipment;
    assert_eq!(shipment.carrier.as_deref(), Some("Northern Post"));
    assert_eq!(shipment.tracking.as_deref(), Some("NP123456789"));
}

#[test]
fn only_what_freezes_data_names_a_version_of_the_options() {
    for (kind, version) in [
        (EventKind::Request, Some(1)),
        (EventKind::Order, Some(1)),
        (EventKind::Repeat, Some(2)),
        (EventKind::RequestRepeat, Some(2)),
        (EventKind::Approve, None),
        (EventKind::Accept, None),
    ] {
        let entry = sample::event(kind).entry(now()).unwrap();
        assert_eq!(entry.options_version, version, "{kind:?}");
    }
}

#[test]
fn only_a_card_of_which_there_is_nothing_new_waits_anew() {
    for kind in EventKind::ALL {
        let waits_anew = sample::event(kind).step().waits_anew;
        assert_eq!(waits_anew, kind == EventKind::HearNothingNew, "{kind:?}");
    }
}

#[test]
fn a_card_is_in_the_producers_hands_until_it_is_produced_or_fails() {
    for state in StateKind::ALL {
        let card = |producer_order_id| Card {
            producer_order_id,
            ..sample::card(state, "k")
        };
        let id = sample::producer_order_id();
        let in_hand = matches!(state, StateKind::Ordered | StateKind::InProduction);
        let accepted = card(Some(id.clone()));
        assert_eq!(accepted.in_producers_hands(), in_hand.then_some(&id));
        assert_eq!(card(None).in_producers_hands(), None);
    }
}

#[test]
fn tracking_may_be_told_later_but_only_once() {
    let track = sample::event(EventKind::Track);
    let card = sample::card(StateKind::Produced, "k");
    let tracked = card.on(&track, now()).unwrap();
    assert_eq!(tracked.shipment.tracking.as_deref(), Some("NP123456789"));
    assert_eq!(
        tracked.on(&track, now()),
        Err(Refused::Guard(Guard::NoTracking))
    );
}

#[test]
fn the_same_repeat_again_is_the_same_and_another_is_not() {
    let failed = sample::card(StateKind::Failed, "k");
    let strangers = sample::event(EventKind::Repeat);
    let Event::RequestRepeat { by, frozen, .. } = sample::event(EventKind::RequestRepeat) else {
        panic!("another event");
    };
    let (seen_version, reason) = (failed.version, None);
    for repeat in [
        Event::Repeat {
            by: by.clone(),
            seen_version,
            reason: reason.clone(),
            frozen: None,
            due: later(),
        },
        Event::RequestRepeat {
            by,
            seen_version,
            reason,
            frozen,
        },
    ] {
        let kind = repeat.kind();
        assert!(!repeat.already_on(&failed));
        let repeated = failed.on(&repeat, now()).unwrap();
        assert!(repeat.already_on(&repeated), "{kind:?}");
        assert!(!strangers.already_on(&repeated), "{kind:?}");
        let failed_again = Card {
            state: failed.state.clone(),
            ..repeated
        };
        assert!(repeat.already_on(&failed_again), "{kind:?}");
    }
    let another = Event::Repeat {
        by: sample::approver(),
        seen_version: failed.version + 1,
        reason: None,
        frozen: None,
        due: later(),
    };
    let repeat = sample::event(EventKind::RequestRepeat);
    assert!(!another.already_on(&failed.on(&repeat, now()).unwrap()));
}

#[test]
fn the_same_decision_again_is_the_same_and_another_is_not() {
    let requested = registered_as(EventKind::Request);
    let decision = |by: Actor, kind| match sample::event(kind) {
        Event::Approve { reason, due, .. } => Event::Approve {
            by,
            seen_version: requested.version,
            reason,
            due,
        },
        Event::Reject { reason, .. } => Event::Reject {
            by,
            seen_version: requested.version,
            reason,
        },
        other => other,
    };
    let (mine, other) = (sample::approver(), Actor::parse("eve").unwrap());
    for (kind, opposite) in [
        (EventKind::Approve, EventKind::Reject),
        (EventKind::Reject, EventKind::Approve),
    ] {
        let event = decision(mine.clone(), kind);
        assert!(!event.already_on(&requested));
        let decided = requested.on(&event, now()).unwrap();
        assert!(event.already_on(&decided), "{kind:?}");
        assert!(
            !decision(other.clone(), kind).already_on(&decided),
            "{kind:?}"
        );
        assert!(
            !decision(mine.clone(), opposite).already_on(&decided),
            "{kind:?}"
        );
    }
    let approve = decision(mine, EventKind::Approve);
    let claimed = requested
        .on(&approve, now())
        .unwrap()
        .on(&sample::event(EventKind::Claim), now())
        .unwrap();
    assert!(
        approve.already_on(&claimed),
        "what came after does not matter"
    );
    let Event::Approve {
        by, reason, due, ..
    } = approve
    else {
        panic!("another event");
    };
    let of_another_version = Event::Approve {
        by,
        seen_version: claimed.version,
        reason,
        due,
    };
    assert!(!of_another_version.already_on(&claimed));
}

fn registered_as(first: EventKind) -> Card {
    let registered = sample::registered("k");
    registered.on(&sample::event(first), now()).unwrap()
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
