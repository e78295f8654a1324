mod after_production;
mod effects;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::sample::{self, later, now, token};
use super::*;
use crate::ids::ClaimToken;
use crate::limits::MAX_EMAIL_TRIES;

/// The table as the module's documentation shows it.
fn rendered() -> String {
    let mut table = String::from(
        "<!-- Generated from TRANSITIONS; the test `the_documented_table_is_the_one_that_rules` keeps it. -->\n\n\
         | state | event | next state |\n| --- | --- | --- |\n",
    );
    for (from, event, to) in TRANSITIONS {
        let event = serde_json::to_value(event).unwrap();
        let event = event.as_str().unwrap();
        writeln!(table, "| {} | {event} | {} |", from.as_str(), to.as_str()).unwrap();
    }
    table
}

#[test]
fn the_documented_table_is_the_one_that_rules() {
    assert!(
        include_str!("table.md") == rendered(),
        "write this to table.md:\n{}",
        rendered()
    );
}

#[test]
fn every_pair_of_state_and_event_does_what_the_table_says() {
    let mut taken = 0;
    for state in StateKind::ALL {
        for kind in EventKind::ALL {
            let card = sample::card_ready_for(state, kind, "k");
            let row = TRANSITIONS
                .iter()
                .find(|row| (row.0, row.1) == (state, kind));
            match (card.on(&sample::event(kind), now()), row) {
                (Ok(after), Some((_, _, to))) => {
                    assert_eq!(after.state.kind(), *to, "{state:?} on {kind:?}");
                    assert_eq!(after.version, card.version + 1);
                    taken += 1;
                }
                (Err(refused), None) => assert_eq!(refused, Refused::State(state)),
                (result, row) => panic!("{state:?} on {kind:?}: {result:?}, table: {row:?}"),
            }
        }
    }
    assert_eq!(taken, TRANSITIONS.len());
}

#[test]
fn an_event_leads_to_one_state_wherever_it_comes_from() {
    for kind in EventKind::ALL {
        let step = sample::event(kind).step();
        for (from, _, to) in TRANSITIONS.iter().filter(|row| row.1 == kind) {
            let told = step.to.as_ref().map_or(*from, State::kind);
            assert_eq!(told, *to, "{from:?} on {kind:?}");
        }
    }
}

#[test]
fn final_states_have_no_way_out() {
    for state in [
        StateKind::Aborted,
        StateKind::Rejected,
        StateKind::Locked,
        StateKind::Expired,
    ] {
        let leaves = |row: &&(StateKind, EventKind, StateKind)| row.0 == state && row.2 != state;
        assert_eq!(TRANSITIONS.iter().filter(leaves).count(), 0, "{state:?}");
    }
}

#[test]
fn a_guard_that_does_not_hold_refuses_and_names_itself() {
    let other = ClaimToken(uuid::Uuid::from_u128(8));
    let processing = sample::card(StateKind::Processing, "k");
    let requested = sample::card(StateKind::Requested, "k");
    let failed = sample::card(StateKind::Failed, "k");
    let mut emailing = sample::card(StateKind::Ordered, "k");
    emailing.email = Email::Sending {
        token: other,
        lease_until: later(),
    };
    let sending = Card {
        email: emailing.email.clone(),
        ..failed.clone()
    };
    let mut tried_out = sample::card(StateKind::Ordered, "k");
    tried_out.email_tries = MAX_EMAIL_TRIES;
    let mut tried_once_less = tried_out.clone();
    tried_once_less.email_tries -= 1;
    let stranger = sample::approver();
    let by = sample::operator();
    let mut repeated = processing.clone();
    repeated.attempt = repeated.attempt.next();
    let mut held = processing.clone();
    held.state = State::Processing {
        claim: Some(Claim {
            token: other,
            lease_until: later(),
        }),
    };
    let of_the_stock = Card {
        holder: None,
        ..requested.clone()
    };
    let on_hold = Card {
        state: State::QUEUED,
        held_until: Some(later()),
        ..processing.clone()
    };
    for (card, event, guard) in [
        (
            &processing,
            sample::event(EventKind::Abort),
            Guard::Unclaimed,
        ),
        (
            &on_hold,
            sample::event(EventKind::Claim),
            Guard::NotHeld(now()),
        ),
        (
            &held,
            sample::event(EventKind::Claim),
            Guard::NoLiveClaim(now()),
        ),
        (
            &repeated,
            sample::event(EventKind::Claim),
            Guard::Attempt(OrderAttempt::FIRST),
        ),
        (
            &held,
            sample::event(EventKind::Refuse),
            Guard::ClaimedBy(token()),
        ),
        (
            &held,
            sample::event(EventKind::HolderInactive),
            Guard::ClaimedBy(token()),
        ),
        (
            &repeated,
            sample::event(EventKind::Accept),
            Guard::ClaimedAttempt(OrderAttempt::FIRST),
        ),
        (
            &emailing,
            sample::event(EventKind::ClaimEmail),
            Guard::EmailTry(now()),
        ),
        (
            &emailing,
            sample::event(EventKind::EmailSent),
            Guard::EmailClaimedBy(token()),
        ),
        (
            &emailing,
            sample::event(EventKind::EmailDeferred),
            Guard::EmailClaimedBy(token()),
        ),
        (
            &tried_out,
            sample::event(EventKind::ClaimEmail),
            Guard::EmailTry(now()),
        ),
        (
            &tried_once_less,
            sample::event(EventKind::EmailGivenUp),
            Guard::EmailTriesUsed,
        ),
        (
            &requested,
            Event::Abort {
                by: stranger.clone(),
                reason: None,
                held_by: None,
            },
            Guard::RequesterWhileRequested(stranger),
        ),
        (
            &requested,
            abort_of("u2"),
            Guard::HeldBy(UserId::parse("u2").unwrap()),
        ),
        (
            &of_the_stock,
            abort_of("u1"),
            Guard::HeldBy(UserId::parse("u1").unwrap()),
        ),
        (
            &requested,
            Event::Approve {
                by: by.clone(),
                seen_version: 3,
                reason: None,
                due: later(),
            },
            Guard::NotBarred(by),
        ),
        (
            &requested,
            Event::Approve {
                by: sample::approver(),
                seen_version: 2,
                reason: None,
                due: later(),
            },
            Guard::Version(2),
        ),
        (
            &failed,
            Event::Repeat {
                by: sample::operator(),
                seen_version: 2,
                reason: None,
                frozen: None,
                due: later(),
            },
            Guard::Version(2),
        ),
        (
            &sending,
            sample::event(EventKind::RequestRepeat),
            Guard::EmailAtRest(now()),
        ),
    ] {
        assert_eq!(
            card.on(&event, now()),
            Err(Refused::Guard(guard)),
            "{event:?}"
        );
    }
}

/// An abort by who may abort this user's cards only.
fn abort_of(user_id: &str) -> Event {
    Event::Abort {
        by: sample::operator(),
        reason: None,
        held_by: Some(UserId::parse(user_id).unwrap()),
    }
}

#[test]
fn a_holder_aborts_their_own_card() {
    let requested = sample::card(StateKind::Requested, "k");
    let aborted = requested.on(&abort_of("u1"), now()).unwrap();
    assert_eq!(aborted.state.kind(), StateKind::Aborted);
    assert!(abort_of("u1").already_on(&aborted));
}

#[test]
fn a_claim_whose_lease_is_over_can_be_taken_over_but_not_aborted() {
    let card = sample::card(StateKind::Processing, "k");
    let taken = card.on(&sample::event(EventKind::Claim), now()).unwrap();
    assert_eq!(taken.claims, card.claims + 1);
    assert_eq!(taken.due_at, Some(later()));
    assert!(!card.abortable() && !taken.abortable());
}

#[test]
fn a_card_is_held_until_its_time_and_can_be_aborted_all_the_while() {
    let queued = sample::registered("k")
        .on(&sample::event(EventKind::Order), now())
        .unwrap();
    let held = Card {
        held_until: Some(later()),
        ..queued
    };
    let claim = sample::event(EventKind::Claim);
    assert!(held.is_held(now()) && held.on(&claim, now()).is_err());
    assert!(held.on(&sample::event(EventKind::Abort), now()).is_ok());
    assert!(!held.is_held(later()) && held.on(&claim, later()).is_ok());
}

#[test]
fn a_repeat_is_a_new_order_to_the_producer() {
    let failed = Card {
        producer_order_id: Some(sample::producer_order_id()),
        ..sample::card(StateKind::Failed, "k")
    };
    let repeated = failed.on(&sample::event(EventKind::Repeat), now()).unwrap();
    assert_ne!(repeated.order_id(), failed.order_id());
    assert_eq!(repeated.producer_order_id, None);
    assert!(repeated.abortable());
}

#[test]
fn only_a_try_that_surely_failed_does_not_count() {
    let ordered = sample::card(StateKind::Ordered, "k");
    let sending = ordered
        .on(&sample::event(EventKind::ClaimEmail), now())
        .unwrap();
    assert_eq!(sending.email_tries, 1);
    let deferred = sending
        .on(&sample::event(EventKind::EmailDeferred), now())
        .unwrap();
    assert_eq!(
        (deferred.email_tries, &deferred.email),
        (0, &Email::Pending)
    );
    assert_eq!(deferred.due_at, Some(later()));
    let again = sending
        .on(&sample::event(EventKind::ClaimEmail), later())
        .unwrap();
    assert_eq!(again.email_tries, 2, "the first try may have sent it");
}

#[test]
fn each_try_that_got_no_clear_answer_waits_longer_before_the_next() {
    let hours = |hours| now().plus(jiff::SignedDuration::from_hours(hours));
    for (email_tries, next) in [
        (0, Some(now())),
        (1, Some(now())),
        (2, Some(now())),
        (3, Some(hours(1))),
        (4, Some(hours(6))),
        (5, None),
    ] {
        let mut card = Card {
            email_tries,
            email: Email::Sending {
                token: token(),
                lease_until: now(),
            },
            ..sample::card(StateKind::Ordered, "k")
        };
        assert_eq!(card.next_email_try(later()), next, "{email_tries} tries");
        if let Some(next) = next {
            let early = next.plus(jiff::SignedDuration::from_millis(-1));
            let claim = sample::event(EventKind::ClaimEmail);
            assert!(card.on(&claim, next).is_ok(), "{email_tries} tries");
            assert!(card.on(&claim, early).is_err(), "{email_tries} tries");
        }
        card.email = Email::Pending;
        let at_once = (email_tries < MAX_EMAIL_TRIES).then(later);
        assert_eq!(card.next_email_try(later()), at_once, "{email_tries} tries");
    }
}

#[test]
fn an_email_is_late_from_the_end_of_its_lease_on() {
    let sending = |lease_until| Card {
        email: Email::Sending {
            token: token(),
            lease_until,
        },
        ..sample::card(StateKind::Ordered, "k")
    };
    let remind = sample::event(EventKind::RemindEmail);
    assert!(sending(now()).on(&remind, now()).is_ok());
    assert!(sending(later()).on(&remind, now()).is_err());
    assert!(sending(now()).on(&remind, later()).is_ok());
}

#[test]
fn a_settled_card_is_never_due() {
    for (state, kind) in [
        (StateKind::Processing, EventKind::Abort),
        (StateKind::Processing, EventKind::Refuse),
        (StateKind::Processing, EventKind::HolderInactive),
        (StateKind::Ordered, EventKind::EmailSent),
        (StateKind::Ordered, EventKind::EmailUndeliverable),
        (StateKind::Ordered, EventKind::EmailGivenUp),
    ] {
        let card = sample::card_ready_for(state, kind, "k");
        assert_eq!(
            card.on(&sample::event(kind), now()).unwrap().due_at,
            None,
            "{kind:?}"
        );
    }
}

#[test]
fn a_card_reads_back_as_it_was_stored() {
    for state in StateKind::ALL {
        let card = sample::card(state, "k");
        let stored = serde_json::to_value(&card).unwrap();
        assert_eq!(stored["state"], state.as_str());
        assert_eq!(serde_json::from_value::<Card>(stored).unwrap(), card);
    }
}

#[test]
fn state_names_are_the_ones_that_are_stored() {
    let names: BTreeMap<_, _> = StateKind::ALL.iter().map(|s| (s.as_str(), *s)).collect();
    assert_eq!(names.len(), StateKind::ALL.len());
    for (name, state) in names {
        assert_eq!(serde_json::to_value(state).unwrap(), name);
    }
}

#[test]
fn debug_output_has_no_personal_data() {
    let card = sample::card(StateKind::Aborted, "k");
    let frozen = sample::frozen("Ada Lovelace");
    let shown = format!("{card:?} {frozen:?} {:?}", frozen.holder);
    assert!(shown.contains("options_version: 1"), "{shown}");
    for id in [card.card_id.to_string(), "u1".into()] {
        assert!(shown.contains(&id), "{shown}");
    }
    assert!(
        !shown.contains("Ada") && !shown.contains("example.com"),
        "{shown}"
    );
}

#[test]
fn an_order_is_open_until_the_card_is_made_or_will_not_be() {
    for state in StateKind::ALL {
        let open = [
            StateKind::Requested,
            StateKind::Processing,
            StateKind::Ordered,
            StateKind::InProduction,
        ];
        let card = sample::card(state, "k");
        assert_eq!(card.is_open_order(), open.contains(&state), "{state:?}");
    }
}

#[test]
fn an_event_knows_its_own_traces_and_no_others() {
    for (kind, from) in [
        (EventKind::Claim, StateKind::Processing),
        (EventKind::Abort, StateKind::Processing),
        (EventKind::Accept, StateKind::Processing),
        (EventKind::Refuse, StateKind::Processing),
        (EventKind::HolderInactive, StateKind::Processing),
        (EventKind::ClaimEmail, StateKind::Ordered),
        (EventKind::EmailSent, StateKind::Ordered),
        (EventKind::EmailUndeliverable, StateKind::Ordered),
        (EventKind::EmailGivenUp, StateKind::Ordered),
    ] {
        let before = sample::card_ready_for(from, kind, "k");
        let after = before.on(&sample::event(kind), now()).unwrap();
        assert!(sample::event(kind).already_on(&after), "{kind:?}");
    }
    let stranger = Event::Abort {
        by: sample::approver(),
        reason: None,
        held_by: None,
    };
    assert!(!stranger.already_on(&sample::card(StateKind::Aborted, "k")));
    let ordered = sample::card(StateKind::Ordered, "k");
    assert!(!sample::event(EventKind::Accept).already_on(&ordered));
}
