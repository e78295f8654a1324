//! Orders of which nothing was heard for long: all of them, the longest silent first, and no others.

use cardwright_app::ports::{ChangeCard, SilentOrders};
use cardwright_domain::card::sample::{self, event, now};
use cardwright_domain::card::{Card, EventKind, StateKind};
use cardwright_domain::ids::CardId;
use cardwright_domain::time::Time;

use crate::support::dynamo::{Database, time};

fn minute(minute: usize) -> Time {
    time(&format!("2026-11-21T08:{minute:02}:00Z"))
}

/// A card of which something was heard at this minute for the last time.
fn card(state: StateKind, at: usize) -> Card {
    Card {
        updated_at: minute(at),
        producer_order_id: Some(sample::producer_order_id()),
        ..sample::card(state, &format!("{state:?}-{at}"))
    }
}

async fn silent(db: &Database, since: Time, limit: usize) -> Vec<CardId> {
    let cards = db.tables().silent_orders(since, limit).await.unwrap();
    cards.iter().map(|card| card.card_id).collect()
}

#[tokio::test]
async fn the_longest_silent_come_first_whoever_has_them_in_production() {
    let db = Database::start().await;
    let mut all = Vec::new();
    for at in [5, 3, 9, 1, 7, 2, 8, 0, 6, 4] {
        let in_hand = card([StateKind::Ordered, StateKind::InProduction][at % 2], at);
        db.store(&in_hand).await;
        all.push((at, in_hand.card_id));
        for other in [
            StateKind::Processing,
            StateKind::Produced,
            StateKind::Failed,
        ] {
            db.store(&card(other, at)).await;
        }
    }
    all.sort_unstable();
    let all: Vec<_> = all.into_iter().map(|(_, card_id)| card_id).collect();
    assert_eq!(silent(&db, minute(30), 100).await, all);
    for limit in [1, 4, 10] {
        assert_eq!(silent(&db, minute(30), limit).await, all[..limit]);
    }
    assert_eq!(
        silent(&db, time("2026-11-21T08:04:30Z"), 100).await,
        all[..5]
    );
    assert!(
        silent(&db, time("2026-11-21T07:59:59Z"), 100)
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn a_card_without_news_goes_to_the_end() {
    let db = Database::start().await;
    let [first, second] = [card(StateKind::Ordered, 1), card(StateKind::Ordered, 2)];
    for card in [&first, &second] {
        db.store(card).await;
    }
    let nothing_new = event(EventKind::HearNothingNew);
    let tables = db.tables();
    let changed = tables.change_card(first.card_id, &nothing_new, now()).await;
    changed.unwrap();
    assert_eq!(silent(&db, minute(30), 10).await, [second.card_id]);
    let late = time("2027-01-01T00:00:00Z");
    let ids = [second.card_id, first.card_id];
    assert_eq!(silent(&db, late, 10).await, ids);
}

#[tokio::test]
async fn the_list_is_eight_queries_and_a_batch_read_for_each_hundred_cards() {
    let db = Database::start().await;
    for at in 0..50 {
        db.store(&card(StateKind::Ordered, at)).await;
    }
    db.meter.take();
    assert_eq!(silent(&db, minute(59), 100).await.len(), 50);
    assert_eq!(db.meter.take().requests, 9);
}
