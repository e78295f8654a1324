//! The life of a card that was made: in a holder's hands, or in the stock.

use jiff::SignedDuration;

use super::*;
use crate::ids::Actor;

const KINDS: [(StateKind, EventKind); 8] = [
    (StateKind::Produced, EventKind::Activate),
    (StateKind::Active, EventKind::Deactivate),
    (StateKind::Inactive, EventKind::Reactivate),
    (StateKind::Active, EventKind::Lock),
    (StateKind::Produced, EventKind::Initialize),
    (StateKind::Unassigned, EventKind::Assign),
    (StateKind::Assigned, EventKind::Withdraw),
    (StateKind::Active, EventKind::Expire),
];

fn after(from: StateKind, kind: EventKind) -> Card {
    let card = sample::card_ready_for(from, kind, "k");
    card.on(&sample::event(kind), now()).unwrap()
}

#[test]
fn an_active_card_has_the_end_of_its_validity_as_its_deadline() {
    let active = after(StateKind::Produced, EventKind::Activate);
    assert_eq!(active.valid_until, Some(later()));
    assert_eq!(active.deadline_at, Some(later()));
    let deactivate = sample::event(EventKind::Deactivate);
    let inactive = Card {
        version: 3,
        ..active
    };
    let inactive = inactive.on(&deactivate, now()).unwrap();
    assert_eq!(inactive.deadline_at, Some(later()), "time goes on");
    let again = Card {
        version: 3,
        ..inactive
    };
    let again = again.on(&sample::event(EventKind::Reactivate), now());
    assert_eq!(again.unwrap().valid_until, Some(later()));
}

#[test]
fn nothing_ends_twice() {
    for (from, kind) in [
        (StateKind::Active, EventKind::Lock),
        (StateKind::Inactive, EventKind::Lock),
        (StateKind::Assigned, EventKind::Lock),
        (StateKind::Active, EventKind::Expire),
        (StateKind::Assigned, EventKind::Withdraw),
        (StateKind::Assigned, EventKind::EndAssignment),
    ] {
        assert_eq!(after(from, kind).deadline_at, None, "{kind:?}");
    }
}

#[test]
fn an_assignment_begins_and_ends_with_its_holder() {
    let assigned = after(StateKind::Unassigned, EventKind::Assign);
    assert_eq!(assigned.state, State::Assigned { until: later() });
    assert_eq!(assigned.deadline_at, Some(later()));
    for kind in [EventKind::Withdraw, EventKind::EndAssignment] {
        assert_eq!(after(StateKind::Assigned, kind).holder, None, "{kind:?}");
    }
    let locked = after(StateKind::Assigned, EventKind::Lock);
    assert!(locked.holder.is_some(), "who had it last");
}

#[test]
fn time_ends_nothing_before_its_deadline() {
    for (from, kind) in [
        (StateKind::Active, EventKind::Expire),
        (StateKind::Inactive, EventKind::Expire),
        (StateKind::Assigned, EventKind::EndAssignment),
    ] {
        let event = sample::event(kind);
        let ends = |deadline_at| Card {
            deadline_at,
            ..sample::card(from, "k")
        };
        let refused = Err(Refused::Guard(Guard::DeadlineOver(now())));
        assert_eq!(ends(Some(later())).on(&event, now()), refused, "{kind:?}");
        assert_eq!(ends(None).on(&event, now()), refused, "{kind:?}");
        assert!(ends(Some(later())).on(&event, later()).is_ok(), "{kind:?}");
    }
}

#[test]
fn what_time_does_is_what_the_state_allows() {
    let system = || Actor::system("keep-deadlines");
    for state in StateKind::ALL {
        let card = sample::card(state, "k");
        let expected = match state {
            StateKind::Active | StateKind::Inactive => Some(Event::Expire { by: system() }),
            StateKind::Assigned => Some(Event::EndAssignment { by: system() }),
            _ => None,
        };
        assert_eq!(card.at_deadline(system()), expected, "{state:?}");
        if let Some(event) = expected {
            assert!(card.on(&event, now()).is_ok(), "{state:?}");
        }
    }
}

#[test]
fn the_validity_is_counted_in_days() {
    let card = Card {
        validity_days: 2,
        ..sample::card(StateKind::Produced, "k")
    };
    let two_days = SignedDuration::from_hours(48);
    assert_eq!(card.validity_from(now()), now().plus(two_days));
}

#[test]
fn a_card_of_before_there_was_a_validity_has_the_default_one() {
    let mut stored = serde_json::to_value(sample::card(StateKind::Produced, "k")).unwrap();
    stored.as_object_mut().unwrap().remove("validity_days");
    let card: Card = serde_json::from_value(stored).unwrap();
    assert_eq!(card.validity_days, 1_825);
}

#[test]
fn each_command_but_the_lock_is_bound_to_the_card_that_was_seen() {
    for (from, kind) in KINDS {
        let changed = Card {
            version: 4,
            ..sample::card_ready_for(from, kind, "k")
        };
        let result = changed.on(&sample::event(kind), now());
        if matches!(kind, EventKind::Lock | EventKind::Expire) {
            assert!(result.is_ok(), "{kind:?}");
        } else {
            let refused = Err(Refused::Guard(Guard::Version(3)));
            assert_eq!(result, refused, "{kind:?}");
        }
    }
}

#[test]
fn a_card_is_given_out_as_what_it_was_ordered() {
    for (kind, guard) in [
        (EventKind::Activate, CardKind::Personal),
        (EventKind::Initialize, CardKind::Temporary),
    ] {
        let other = match guard {
            CardKind::Personal => CardKind::Temporary,
            CardKind::Temporary => CardKind::Personal,
        };
        let card = Card {
            kind: other,
            ..sample::card(StateKind::Produced, "k")
        };
        let refused = Err(Refused::Guard(Guard::Kind(guard)));
        assert_eq!(card.on(&sample::event(kind), now()), refused);
    }
}

#[test]
fn each_command_knows_its_own_traces_and_no_others() {
    for (from, kind) in KINDS {
        let card = after(from, kind);
        let known = kind != EventKind::Expire;
        assert_eq!(sample::event(kind).already_on(&card), known, "{kind:?}");
        let before = sample::card_ready_for(from, kind, "k");
        assert!(!sample::event(kind).already_on(&before), "{kind:?}");
    }
    let inactive = after(StateKind::Active, EventKind::Deactivate);
    let why_else = Event::Deactivate {
        by: sample::operator(),
        seen_version: 3,
        reason: "stolen".into(),
    };
    assert!(!why_else.already_on(&inactive), "another reason is news");
    let stranger = Event::Lock {
        by: sample::approver(),
        reason: "lost".into(),
    };
    let locked = after(StateKind::Active, EventKind::Lock);
    assert!(!stranger.already_on(&locked));
}

#[test]
fn each_command_says_why_it_was_given() {
    for (from, kind) in KINDS {
        let entry = after(from, kind).timeline.pop().unwrap();
        let reason = entry.reason.as_deref();
        let expected = match kind {
            EventKind::Deactivate => Some("lent to nobody"),
            EventKind::Lock => Some("lost"),
            EventKind::Expire => None,
            _ => Some("left the company"),
        };
        assert_eq!(reason, expected, "{kind:?}");
        assert_eq!(entry.by, sample::operator(), "{kind:?}");
    }
}
