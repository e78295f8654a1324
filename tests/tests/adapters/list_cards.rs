//! Lists of cards: complete, in order, and without doubles across pages.

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::{ChangeCard, ListCards};
use cardwright_domain::card::sample::{self, event, now};
use cardwright_domain::card::{Card, EventKind, Holder, State, StateKind};
use cardwright_domain::ids::CardId;
use cardwright_domain::time::Time;

use crate::support::dynamo::{CARDS, Database, time, user_id};

fn minute(minute: usize) -> Time {
    time(&format!("2026-11-21T08:{minute:02}:00Z"))
}

/// A card that was made, and came into its state, at this minute.
fn card(state: StateKind, at: usize) -> Card {
    let card = sample::card(state, &format!("{state:?}-{at}"));
    Card {
        created_at: minute(at),
        updated_at: minute(at),
        ..card
    }
}

/// Reads the list page by page.
async fn pages(db: &Database, state: StateKind, limit: usize) -> Vec<Vec<CardId>> {
    let (mut pages, mut position) = (Vec::new(), None::<String>);
    loop {
        let page = db
            .tables()
            .cards_in_state(state, position.as_deref(), limit)
            .await
            .unwrap();
        pages.push(page.cards.iter().map(|card| card.card_id).collect());
        position = page.next;
        if position.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn pages_of_a_state_have_no_gaps_and_no_doubles() {
    let db = Database::start().await;
    let mut failed = Vec::new();
    for at in [5, 3, 9, 1, 7, 2, 8, 0, 6, 4, 10] {
        db.store(&card(StateKind::Failed, at)).await;
        db.store(&card(StateKind::Ordered, at)).await;
        failed.push((at, card(StateKind::Failed, at).card_id));
    }
    failed.sort_unstable();
    let failed: Vec<_> = failed.into_iter().map(|(_, card_id)| card_id).collect();
    for limit in [1, 2, 3, 5, 11, 100] {
        let pages = pages(&db, StateKind::Failed, limit).await;
        assert!(pages.iter().all(|page| page.len() <= limit), "{pages:?}");
        assert_eq!(
            pages.len(),
            failed.len().div_ceil(limit),
            "full pages, and no empty one"
        );
        assert_eq!(pages.concat(), failed, "limit {limit}");
    }
    assert_eq!(pages(&db, StateKind::Requested, 10).await, [vec![]]);
}

#[tokio::test]
async fn cards_of_the_same_moment_are_all_listed() {
    let db = Database::start().await;
    for key in ["a", "b", "c", "d", "e", "f", "g"] {
        db.store(&Card {
            updated_at: minute(1),
            ..sample::card(StateKind::Failed, key)
        })
        .await;
    }
    let mut all = pages(&db, StateKind::Failed, 2).await.concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 7);
}

#[tokio::test]
async fn a_list_is_five_requests_however_many_cards_there_are() {
    let db = Database::start().await;
    for at in 0..40 {
        db.store(&card(StateKind::Produced, at)).await;
    }
    db.meter.take();
    db.tables()
        .cards_in_state(StateKind::Produced, None, 10)
        .await
        .unwrap();
    // Four shards, and one batch read.
    assert_eq!(db.meter.take().requests, 5);
}

#[tokio::test]
async fn a_card_keeps_its_place_while_workers_claim_it() {
    let db = Database::start().await;
    for at in [1, 2] {
        db.store(&card(StateKind::Processing, at)).await;
    }
    let first = card(StateKind::Processing, 1).card_id;
    db.tables()
        .change_card(first, &event(EventKind::Claim), now())
        .await
        .unwrap();
    let listed = pages(&db, StateKind::Processing, 10).await.concat();
    assert_eq!(listed, [first, card(StateKind::Processing, 2).card_id]);
}

#[tokio::test]
async fn a_card_that_the_index_shows_in_a_state_it_has_left_is_dropped() {
    let db = Database::start().await;
    let [stays, left] = [card(StateKind::Failed, 1), card(StateKind::Failed, 2)];
    db.store(&stays).await;
    db.store(&left).await;
    // An index that lags behind: the state changes, the index attributes do not.
    let text = |text: String| AttributeValue::S(text);
    let update = db.client.update_item().table_name(CARDS);
    let update = update.key("pk", text(format!("card#{}", left.card_id)));
    let update = update.update_expression("SET #state = :to REMOVE detail");
    let update = update.expression_attribute_names("#state", "state");
    update
        .expression_attribute_values(":to", text("ordered".into()))
        .send()
        .await
        .unwrap();
    assert_eq!(pages(&db, StateKind::Failed, 10).await, [[stays.card_id]]);
}

#[tokio::test]
async fn a_position_that_nobody_gave_out_is_only_another_place() {
    let db = Database::start().await;
    db.store(&card(StateKind::Failed, 1)).await;
    let long = "2".repeat(4_000);
    for (position, cards) in [
        ("", 1),
        ("0", 1),
        ("zzz", 0),
        (long.as_str(), 0),
        ("é\u{10ffff}", 0),
    ] {
        let tables = db.tables();
        let page = tables
            .cards_in_state(StateKind::Failed, Some(position), 5)
            .await
            .unwrap();
        assert_eq!(page.cards.len(), cards, "{position:.9}");
    }
}

#[tokio::test]
async fn a_users_cards_come_newest_first_and_nobody_elses() {
    let db = Database::start().await;
    for at in [2, 3, 1] {
        db.store(&card(StateKind::Aborted, at)).await;
    }
    let other = Holder {
        user_id: user_id("u2"),
        ..sample::holder()
    };
    db.store(&Card {
        holder: Some(other),
        ..card(StateKind::Failed, 4)
    })
    .await;
    let newest = |limit| {
        let tables = db.tables();
        async move {
            let cards = tables.cards_of_holder(&user_id("u1"), limit).await.unwrap();
            cards
                .into_iter()
                .map(|card| card.created_at)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(newest(10).await, [minute(3), minute(2), minute(1)]);
    assert_eq!(newest(2).await, [minute(3), minute(2)]);
    assert!(matches!(
        card(StateKind::Aborted, 1).state,
        State::Aborted { .. }
    ));
}
