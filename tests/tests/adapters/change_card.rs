//! The conditional write does what `Card::on` does, for every state, event and guard.

use std::collections::{BTreeMap, BTreeSet};

use cardwright_app::ports::{ChangeCard, Changed, DueCards, ListCards, PassedDeadlines};
use cardwright_domain::card::sample::{self, card_ready_for, event, later, now};
use cardwright_domain::card::{
    Card, CardKind, Claim, Email, Event, EventKind, Failure, Refused, State, StateKind,
};
use cardwright_domain::ids::{ClaimToken, OrderAttempt};
use cardwright_domain::limits::{EMAIL_WAITS, MAX_EMAIL_TRIES};
use cardwright_domain::order_status::Shipment;
use jiff::SignedDuration;
use uuid::Uuid;

use super::stored::{full, index_attributes, stored_index_attributes};
use crate::support::dynamo::{Database, time, user_id};

/// Stored the day before, so that every attribute that an event has to move is seen to move.
fn stored_before(card: Card) -> Card {
    let yesterday = time("2026-11-21T08:00:00Z");
    Card {
        created_at: yesterday,
        updated_at: yesterday,
        ..card
    }
}

/// Stores the card, lets the event happen, and holds the answer against the domain's.
async fn check(db: &Database, card: Card, event: &Event) -> (Card, Option<Refused>) {
    let card = stored_before(card);
    db.store(&card).await;
    let refused = card.on(event, now()).err();
    let changed = db
        .tables()
        .change_card(card.card_id, event, now())
        .await
        .unwrap();
    match (&refused, changed) {
        (None, Changed::Done(after)) => {
            assert_eq!(
                full(&after),
                full(&card.on(event, now()).unwrap()),
                "{event:?}"
            );
            (*after, None)
        }
        (Some(_), Changed::Conflict(unchanged)) => {
            assert_eq!(full(&unchanged), full(&card), "{event:?}");
            (card, refused)
        }
        (refused, changed) => panic!("{card:?} {event:?}: {changed:?}, domain: {refused:?}"),
    }
}

#[tokio::test]
async fn every_pair_of_state_and_event_is_stored_as_the_domain_says() {
    let db = Database::start().await;
    let (mut all, mut done) = (Vec::new(), 0);
    for state in StateKind::ALL {
        for kind in EventKind::ALL {
            let card = card_ready_for(state, kind, &format!("{state:?}-{kind:?}"));
            let (after, refused) = check(&db, card, &event(kind)).await;
            let waits_anew = after.state.kind() != state || kind == EventKind::HearNothingNew;
            let moved = refused.is_none() && waits_anew;
            let since = if moved { now() } else { after.created_at };
            let expected = index_attributes(&after, since);
            assert_eq!(
                stored_index_attributes(&db, &after).await,
                expected,
                "{state:?} {kind:?}"
            );
            done += usize::from(refused.is_none());
            all.push(after);
        }
    }
    assert_eq!(done, cardwright_domain::card::TRANSITIONS.len());
    the_indexes_show_exactly(&db, &all).await;
}

/// Asks the indexes themselves, as lists and sweep do.
async fn the_indexes_show_exactly(db: &Database, all: &[Card]) {
    let ids = |cards: &[Card]| {
        cards
            .iter()
            .map(|card| card.card_id)
            .collect::<BTreeSet<_>>()
    };
    let those = |wanted: &dyn Fn(&Card) -> bool| {
        ids(&all
            .iter()
            .filter(|card| wanted(card))
            .cloned()
            .collect::<Vec<_>>())
    };
    let tables = db.tables();
    for state in StateKind::ALL {
        let found = tables.cards_in_state(state, None, all.len()).await.unwrap();
        let wanted = those(&|card| state.is_listed() && card.state.kind() == state);
        assert_eq!(ids(&found.cards), wanted, "{state:?}");
    }
    let due = tables.due_cards(later(), all.len()).await.unwrap();
    assert_eq!(ids(&due), those(&|card| card.due_at.is_some()));
    let ended = tables.passed_deadlines(later(), all.len()).await.unwrap();
    assert_eq!(ids(&ended), those(&|card| card.deadline_at.is_some()));
    let held = tables
        .cards_of_holder(&user_id("u1"), all.len())
        .await
        .unwrap();
    assert_eq!(ids(&held), those(&|card| card.holder.is_some()));
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// Cards that differ in whatever a guard looks at.
fn variants(state: StateKind) -> Vec<Card> {
    let other = ClaimToken(Uuid::from_u128(8));
    let sample = sample::card(state, "variant");
    let mut cards = vec![
        Card {
            kind: CardKind::Temporary,
            ..sample.clone()
        },
        Card {
            requested_by: sample::approver(),
            ..sample.clone()
        },
        Card {
            version: 4,
            ..sample.clone()
        },
        Card {
            attempt: OrderAttempt(2),
            claims: 3,
            ..sample.clone()
        },
        Card {
            email_tries: MAX_EMAIL_TRIES,
            ..sample.clone()
        },
        Card {
            email: Email::Off,
            ..sample.clone()
        },
        Card {
            email: Email::Sent {
                message_id: "m-0".into(),
            },
            ..sample.clone()
        },
        Card {
            email: Email::Undeliverable {
                reason: "refused".into(),
            },
            ..sample.clone()
        },
        Card {
            shipment: Shipment {
                carrier: None,
                tracking: Some("NP-1".into()),
            },
            ..sample.clone()
        },
    ];
    for deadline_at in [None, Some(now().plus(-SECOND)), Some(later())] {
        cards.push(Card {
            deadline_at,
            ..sample.clone()
        });
    }
    for (token, lease_until) in [
        (sample::token(), now()),
        (sample::token(), later()),
        (other, now()),
        (other, later()),
    ] {
        let email = Email::Sending { token, lease_until };
        cards.push(Card {
            email,
            email_tries: 1,
            ..sample.clone()
        });
        if state == StateKind::Processing {
            let state = State::Processing {
                claim: Some(Claim { token, lease_until }),
            };
            cards.push(Card {
                state,
                ..sample.clone()
            });
        }
    }
    let waits = EMAIL_WAITS.iter().zip(1..);
    for (lease_until, email_tries) in waits.flat_map(|(wait, tries)| {
        let over = now().plus(-*wait);
        let early = over.plus(SignedDuration::from_millis(1));
        [(over, tries), (early, tries)]
    }) {
        let token = other;
        cards.push(Card {
            email: Email::Sending { token, lease_until },
            email_tries,
            ..sample.clone()
        });
    }
    if state == StateKind::Processing {
        cards.push(Card {
            state: State::QUEUED,
            ..sample.clone()
        });
    }
    for held_until in [now(), later()] {
        cards.push(Card {
            state: match state {
                StateKind::Processing => State::QUEUED,
                _ => sample.state.clone(),
            },
            held_until: Some(held_until),
            ..sample.clone()
        });
    }
    cards.push(Card {
        barred_approvers: vec![sample::approver().caseless()],
        ..sample.clone()
    });
    cards.push(Card {
        barred_approvers: Vec::new(),
        ..sample.clone()
    });
    cards
}

/// One event of each kind, and more of those whose guards look at who does it.
fn events() -> Vec<Event> {
    let mut events: Vec<_> = EventKind::ALL.into_iter().map(event).collect();
    for by in [sample::operator(), sample::approver()] {
        for held_by in [None, Some(user_id("u1")), Some(user_id("u2"))] {
            events.push(Event::Abort {
                by: by.clone(),
                reason: None,
                held_by,
            });
        }
        events.push(Event::Approve {
            by: by.clone(),
            seen_version: 4,
            reason: None,
            due: later(),
        });
        events.push(Event::Reject {
            by,
            seen_version: 3,
            reason: "no".into(),
        });
    }
    events.push(Event::Repeat {
        by: sample::approver(),
        seen_version: 3,
        reason: None,
        frozen: None,
        due: later(),
    });
    events.push(Event::Refuse {
        by: sample::operator(),
        token: ClaimToken(Uuid::from_u128(8)),
        failure: Failure::holder_inactive(),
    });
    events
}

#[tokio::test]
async fn every_guard_means_in_the_store_what_it_means_in_the_domain() {
    let db = Database::start().await;
    let mut refusing = BTreeMap::<String, usize>::new();
    let mut number = 0;
    for state in [
        StateKind::Requested,
        StateKind::Processing,
        StateKind::Ordered,
        StateKind::Produced,
        StateKind::Active,
        StateKind::Inactive,
        StateKind::Unassigned,
        StateKind::Assigned,
        StateKind::Failed,
    ] {
        for card in variants(state) {
            for event in events()
                .iter()
                .filter(|event| event.kind().from().any(|s| s == state))
            {
                number += 1;
                let card_id = sample::registered(&number.to_string()).card_id;
                let (_, refused) = check(
                    &db,
                    Card {
                        card_id,
                        ..card.clone()
                    },
                    event,
                )
                .await;
                let guard = match refused {
                    None => "none".to_owned(),
                    Some(Refused::State(_)) => unreachable!("the state allows it"),
                    Some(Refused::Guard(guard)) => format!("{guard:?}"),
                };
                *refusing
                    .entry(guard.split(['(', '{']).next().unwrap().to_owned())
                    .or_default() += 1;
            }
        }
    }
    // Each guard has refused something, and every kind of event has gone through as well.
    let guards: Vec<_> = refusing.keys().map(String::as_str).collect();
    let expected = [
        "Attempt",
        "ClaimedAttempt",
        "ClaimedBy",
        "DeadlineOver",
        "EmailAtRest",
        "EmailClaimedBy",
        "EmailDue",
        "EmailTriesUsed",
        "EmailTry",
        "HeldBy",
        "Kind",
        "NoLiveClaim",
        "NoTracking",
        "NotBarred",
        "NotHeld",
        "RequesterWhileRequested",
        "Unclaimed",
        "Version",
        "none",
    ];
    assert_eq!(guards, expected);
}

#[tokio::test]
async fn a_change_is_one_request_and_a_card_that_is_not_there_is_missing() {
    let db = Database::start().await;
    let card = sample::card(StateKind::Requested, "k");
    db.store(&card).await;
    db.meter.take();
    let abort = event(EventKind::Abort);
    let changed = db
        .tables()
        .change_card(card.card_id, &abort, now())
        .await
        .unwrap();
    assert!(matches!(changed, Changed::Done(_)), "{changed:?}");
    assert_eq!(db.meter.take().requests, 1);

    let nowhere = sample::registered("nowhere").card_id;
    let changed = db
        .tables()
        .change_card(nowhere, &abort, now())
        .await
        .unwrap();
    assert!(matches!(changed, Changed::Missing), "{changed:?}");
    assert_eq!(db.meter.take().requests, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_abort_and_a_claim_at_once_exactly_one_happens() {
    let db = Database::start().await;
    for round in 0..100 {
        let card = Card {
            state: State::QUEUED,
            ..sample::card(StateKind::Processing, &format!("{round}"))
        };
        db.store(&card).await;
        let race = [EventKind::Abort, EventKind::Claim].map(|kind| {
            let tables = db.tables();
            tokio::spawn(async move { tables.change_card(card.card_id, &event(kind), now()).await })
        });
        let [abort, claim] = race;
        let won = [abort.await.unwrap().unwrap(), claim.await.unwrap().unwrap()];
        let done = won
            .iter()
            .filter(|changed| matches!(changed, Changed::Done(_)))
            .count();
        assert_eq!(done, 1, "round {round}: {won:?}");
    }
}
