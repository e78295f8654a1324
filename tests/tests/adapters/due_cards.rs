//! The sweep's list: what is late, the latest first, and nothing that stops it.

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::{ChangeCard, DueCards};
use cardwright_domain::card::sample::{self, event, now};
use cardwright_domain::card::{Card, EventKind, State, StateKind};
use cardwright_domain::time::Time;

use crate::support::dynamo::{CARDS, Database, time};

fn minute(minute: usize) -> Time {
    time(&format!("2026-11-22T08:{minute:02}:00Z"))
}

/// A queued card that is due at this minute.
fn due(at: usize) -> Card {
    let card = sample::card(StateKind::Processing, &format!("due-{at}"));
    Card {
        state: State::QUEUED,
        due_at: Some(minute(at)),
        ..card
    }
}

async fn due_minutes(db: &Database, now: Time, limit: usize) -> Vec<Time> {
    let cards = db.tables().due_cards(now, limit).await.unwrap();
    cards.iter().filter_map(|card| card.due_at).collect()
}

#[tokio::test]
async fn what_is_longest_due_comes_first_and_what_is_not_due_not_at_all() {
    let db = Database::start().await;
    for at in [5, 3, 9, 1, 7, 2, 8, 6, 4] {
        db.store(&due(at)).await;
    }
    db.store(&Card {
        due_at: None,
        ..sample::card(StateKind::Ordered, "settled")
    })
    .await;
    let minutes = |range: std::ops::RangeInclusive<usize>| range.map(minute).collect::<Vec<_>>();
    assert_eq!(due_minutes(&db, minute(0), 100).await, []);
    assert_eq!(due_minutes(&db, minute(6), 100).await, minutes(1..=6));
    assert_eq!(due_minutes(&db, minute(59), 100).await, minutes(1..=9));
    assert_eq!(due_minutes(&db, minute(59), 4).await, minutes(1..=4));
}

#[tokio::test]
async fn more_than_a_hundred_due_cards_come_in_batches() {
    let db = Database::start().await;
    for n in 0..250 {
        let card = sample::card(StateKind::Processing, &format!("card-{n}"));
        db.store(&Card {
            due_at: Some(minute(n / 10)),
            ..card
        })
        .await;
    }
    db.meter.take();
    let due = due_minutes(&db, minute(59), 240).await;
    assert_eq!(due.len(), 240);
    assert!(due.is_sorted());
    // Eight shards, and three batch reads.
    assert_eq!(db.meter.take().requests, 11);
}

#[tokio::test]
async fn an_item_that_is_no_card_stops_nobody() {
    let db = Database::start().await;
    db.store(&due(2)).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    for (pk, state) in [("card#broken", "processing"), ("card#odd", "lost")] {
        let put = db.client.put_item().table_name(CARDS).item("pk", text(pk));
        let put = put.item("state", text(state)).item("due_shard", text("0"));
        put.item("due_at", text(&minute(1).to_string()))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(due_minutes(&db, minute(59), 100).await, [minute(2)]);
}

#[tokio::test]
async fn a_card_that_was_taken_care_of_is_due_no_more() {
    let db = Database::start().await;
    let [claimed, aborted] = [due(1), due(2)];
    db.store(&claimed).await;
    db.store(&aborted).await;
    db.tables()
        .change_card(aborted.card_id, &event(EventKind::Abort), now())
        .await
        .unwrap();
    db.tables()
        .change_card(claimed.card_id, &event(EventKind::Claim), now())
        .await
        .unwrap();
    // The claim's lease is over at 8:01, and then the card is due again.
    assert_eq!(due_minutes(&db, minute(0), 100).await, []);
    assert_eq!(due_minutes(&db, minute(59), 100).await, [minute(1)]);
}
