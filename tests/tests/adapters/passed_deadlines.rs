//! Whose time is over: those whose deadline has passed, the longest passed first, until they were ended.

use cardwright_app::ports::{ChangeCard, Changed, PassedDeadlines};
use cardwright_domain::card::sample::{self, event, now};
use cardwright_domain::card::{Card, EventKind, StateKind};
use cardwright_domain::time::Time;

use crate::support::dynamo::{Database, time};

fn minute(minute: usize) -> Time {
    time(&format!("2026-11-22T07:{minute:02}:00Z"))
}

/// A card whose state ends at this minute.
fn ends(state: StateKind, at: usize) -> Card {
    Card {
        deadline_at: Some(minute(at)),
        ..sample::card(state, &format!("ends-{at}"))
    }
}

async fn ended_minutes(db: &Database, now: Time, limit: usize) -> Vec<Time> {
    let cards = db.tables().passed_deadlines(now, limit).await.unwrap();
    cards.iter().filter_map(|card| card.deadline_at).collect()
}

#[tokio::test]
async fn what_is_over_for_longest_comes_first_and_what_is_not_over_not_at_all() {
    let db = Database::start().await;
    let states = [StateKind::Active, StateKind::Inactive, StateKind::Assigned];
    for at in [5, 3, 9, 1, 7, 2, 8, 6, 4] {
        db.store(&ends(states[at % 3], at)).await;
    }
    let endless = Card {
        deadline_at: None,
        ..sample::card(StateKind::Locked, "endless")
    };
    db.store(&endless).await;
    let minutes = |range: std::ops::RangeInclusive<usize>| range.map(minute).collect::<Vec<_>>();
    assert_eq!(ended_minutes(&db, minute(0), 100).await, []);
    assert_eq!(ended_minutes(&db, minute(6), 100).await, minutes(1..=6));
    assert_eq!(ended_minutes(&db, minute(59), 100).await, minutes(1..=9));
    assert_eq!(ended_minutes(&db, minute(59), 4).await, minutes(1..=4));
}

#[tokio::test]
async fn the_deadline_is_not_the_due_time() {
    let db = Database::start().await;
    let later = Card {
        due_at: Some(minute(1)),
        deadline_at: Some(minute(30)),
        ..sample::card(StateKind::Active, "email-is-late")
    };
    db.store(&later).await;
    assert_eq!(ended_minutes(&db, minute(29), 100).await, []);
    assert_eq!(ended_minutes(&db, minute(30), 100).await, [minute(30)]);
}

#[tokio::test]
async fn a_card_that_was_ended_is_listed_no_more() {
    let db = Database::start().await;
    let [expired, locked, returned] = [
        ends(StateKind::Active, 1),
        ends(StateKind::Inactive, 2),
        ends(StateKind::Assigned, 3),
    ];
    for (card, kind) in [
        (&expired, EventKind::Expire),
        (&locked, EventKind::Lock),
        (&returned, EventKind::EndAssignment),
    ] {
        db.store(card).await;
        let changed = db
            .tables()
            .change_card(card.card_id, &event(kind), now())
            .await
            .unwrap();
        assert!(matches!(changed, Changed::Done(_)), "{kind:?}: {changed:?}");
    }
    assert_eq!(ended_minutes(&db, minute(59), 100).await, []);
}

#[tokio::test]
async fn an_idle_look_is_two_requests_and_a_full_one_a_batch_read_more_for_each_hundred_cards() {
    let db = Database::start().await;
    assert_eq!(ended_minutes(&db, minute(59), 100).await, []);
    assert_eq!(db.meter.take().requests, 2);
    for at in 0..50 {
        db.store(&ends(StateKind::Active, at)).await;
    }
    db.meter.take();
    assert_eq!(ended_minutes(&db, minute(59), 100).await.len(), 50);
    assert_eq!(db.meter.take().requests, 3);
}
