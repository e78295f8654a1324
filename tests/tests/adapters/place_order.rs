//! The order's transaction: all of it or nothing, once however often it is sent.

use cardwright_app::ports::{
    OpenOrderGuard, PlaceOrder, Placed, Placement, ReadCard, ReadOrderContext,
};
use cardwright_domain::card::sample::{self, event, now};
use cardwright_domain::card::{Card, EventKind};
use cardwright_domain::ids::{CardId, OrderId};
use futures_util::future::join_all;
use serde_json::json;

use crate::support::dynamo::{Database, placement, time, user, user_from, user_id};

/// A card as an order makes it.
fn ordered(key: &str) -> Card {
    sample::registered(key)
        .on(&event(EventKind::Order), now())
        .unwrap()
}

fn only_if(card: &Card, seen: Option<OrderId>) -> Placement {
    Placement {
        guard: OpenOrderGuard::OnlyIf { seen },
        ..placement(card)
    }
}

async fn database_with_user() -> Database {
    let db = Database::start().await;
    db.tables()
        .import_users(&[user("u1", "Ada Lovelace")])
        .await
        .unwrap();
    db.meter.take();
    db
}

async fn card(db: &Database, card_id: CardId) -> Option<Card> {
    db.tables().card(card_id).await.unwrap()
}

async fn open_order(db: &Database) -> Option<OrderId> {
    db.tables()
        .order_context(&user_id("u1"), None)
        .await
        .unwrap()
        .open_order
}

#[tokio::test]
async fn an_order_writes_card_and_pointer() {
    let db = database_with_user().await;
    let new = ordered("k");
    let placed = db.tables().place_order(&only_if(&new, None)).await.unwrap();
    assert!(matches!(placed, Placed::Done), "{placed:?}");
    assert_eq!(card(&db, new.card_id).await.unwrap(), new);
    assert_eq!(open_order(&db).await, Some(new.order_id()));
}

#[tokio::test]
async fn look_and_order_are_two_requests() {
    let db = database_with_user().await;
    let new = ordered("k");
    let context = db
        .tables()
        .order_context(&user_id("u1"), Some(new.card_id))
        .await
        .unwrap();
    db.tables()
        .place_order(&only_if(&new, context.open_order))
        .await
        .unwrap();
    assert_eq!(db.meter.take().requests, 2);
}

#[tokio::test]
async fn a_card_that_is_there_comes_back_as_it_is_now() {
    let db = database_with_user().await;
    let first = ordered("k").on(&event(EventKind::Abort), now()).unwrap();
    db.store(&first).await;
    let second = Card {
        created_at: time("2026-11-23T08:00:00Z"),
        ..ordered("k")
    };
    let placed = db
        .tables()
        .place_order(&only_if(&second, None))
        .await
        .unwrap();
    let Placed::CardExists(found) = placed else {
        panic!("{placed:?}")
    };
    assert_eq!(*found, first);
}

#[tokio::test]
async fn nothing_is_written_for_a_user_who_is_not_as_seen() {
    let db = database_with_user().await;
    let new = ordered("k");
    let inactive = json!({"userId": "u1", "state": "inactive", "commonName": "Ada Lovelace"});
    db.tables()
        .import_users(&[user_from(inactive)])
        .await
        .unwrap();
    for user_version in [1, 2, 3] {
        let placement = Placement {
            user_version,
            ..only_if(&new, None)
        };
        let placed = db.tables().place_order(&placement).await.unwrap();
        assert!(
            matches!(placed, Placed::ContextChanged),
            "{user_version}: {placed:?}"
        );
    }
    let nobody = Placement {
        user_id: user_id("nobody"),
        ..only_if(&new, None)
    };
    let placed = db.tables().place_order(&nobody).await.unwrap();
    assert!(matches!(placed, Placed::ContextChanged), "{placed:?}");
    assert_eq!(
        (card(&db, new.card_id).await, open_order(&db).await),
        (None, None)
    );
}

#[tokio::test]
async fn a_pointer_that_moved_refuses_the_order() {
    let db = database_with_user().await;
    let (first, second, third) = (ordered("1"), ordered("2"), ordered("3"));
    let place = async |card: &Card, seen| {
        let placed = db.tables().place_order(&only_if(card, seen)).await.unwrap();
        matches!(placed, Placed::Done)
    };
    assert!(place(&first, None).await);
    assert!(!place(&second, None).await, "somebody ordered in between");
    assert!(place(&second, Some(first.order_id())).await);
    assert!(
        !place(&third, Some(first.order_id())).await,
        "the pointer names another card by now"
    );
    assert_eq!(open_order(&db).await, Some(second.order_id()));
    assert_eq!(card(&db, third.card_id).await, None);
}

#[tokio::test]
async fn with_multiple_orders_the_pointer_follows_the_newest() {
    let db = database_with_user().await;
    for key in ["1", "2", "3"] {
        let placed = db
            .tables()
            .place_order(&placement(&ordered(key)))
            .await
            .unwrap();
        assert!(matches!(placed, Placed::Done), "{placed:?}");
    }
    assert_eq!(open_order(&db).await, Some(ordered("3").order_id()));
}

#[tokio::test]
async fn the_same_call_again_is_told_the_same_and_changes_nothing() {
    let db = database_with_user().await;
    let new = ordered("k");
    for _ in 0..2 {
        let placed = db.tables().place_order(&only_if(&new, None)).await.unwrap();
        assert!(matches!(placed, Placed::Done), "{placed:?}");
    }
    assert_eq!(card(&db, new.card_id).await.unwrap(), new);
}

#[tokio::test]
async fn another_try_for_the_same_card_does_not_clash_with_the_first() {
    let db = database_with_user().await;
    let first = only_if(&ordered("k"), None);
    let placed = db.tables().place_order(&first).await.unwrap();
    assert!(matches!(placed, Placed::Done), "{placed:?}");
    // Requests under the same key in the same millisecond, each with another content.
    let cards = [
        Card {
            created_at: time("2026-11-22T08:00:00.001Z"),
            ..ordered("k")
        },
        Card {
            request_digest: "another".into(),
            ..ordered("k")
        },
        Card {
            options_version: 2,
            ..ordered("k")
        },
        ordered("k").on(&event(EventKind::Claim), now()).unwrap(),
    ];
    let mut tries: Vec<_> = cards.iter().map(|card| only_if(card, None)).collect();
    tries.push(Placement {
        user_version: 2,
        ..only_if(&ordered("k"), None)
    });
    tries.push(only_if(&ordered("k"), Some(ordered("k").order_id())));
    tries.push(placement(&ordered("k")));
    for other in tries {
        let placed = db.tables().place_order(&other).await.unwrap();
        let Placed::CardExists(found) = placed else {
            panic!("{other:?}: {placed:?}")
        };
        assert_eq!(*found, first.card);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_orders_for_one_card_make_one_card() {
    let db = database_with_user().await;
    let orders = (0..50).map(|n| {
        let created_at = time(&format!("2026-11-22T08:00:00.{n:03}Z"));
        let (tables, card) = (
            db.tables(),
            Card {
                created_at,
                ..ordered("k")
            },
        );
        tokio::spawn(async move { tables.place_order(&only_if(&card, None)).await.unwrap() })
    });
    let answers: Vec<_> = join_all(orders)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let done = answers
        .iter()
        .filter(|placed| matches!(placed, Placed::Done))
        .count();
    let exists = answers
        .iter()
        .filter(|placed| matches!(placed, Placed::CardExists(_)))
        .count();
    assert_eq!((done, exists), (1, 49));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_orders_for_one_user_one_wins() {
    let db = database_with_user().await;
    let orders = (0..50).map(|n| {
        let (tables, card) = (db.tables(), ordered(&n.to_string()));
        tokio::spawn(async move {
            let placed = tables.place_order(&only_if(&card, None)).await.unwrap();
            matches!(placed, Placed::Done).then_some(card.order_id())
        })
    });
    let won: Vec<_> = join_all(orders)
        .await
        .into_iter()
        .filter_map(Result::unwrap)
        .collect();
    assert_eq!(won.len(), 1);
    assert_eq!(open_order(&db).await, Some(won[0]));
}
