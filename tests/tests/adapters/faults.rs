//! What the adapters do when DynamoDB is busy, answers in part, or is not heard.

use cardwright_app::ports::{
    ChangeCard, Changed, OpenOrderGuard, PlaceOrder, Placed, Placement, ReadCard, ReadOrderContext,
};
use cardwright_domain::card::sample::{self, event, now};
use cardwright_domain::card::{Card, EventKind, State, StateKind};

use crate::support::dynamo::{Database, placement, user, user_id};
use crate::support::dynamo_faults::Fault;

fn conflict() -> Fault {
    Fault::cancelled(&["None", "TransactionConflict", "None"])
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

fn order() -> Placement {
    let card = sample::registered("k")
        .on(&event(EventKind::Order), now())
        .unwrap();
    Placement {
        guard: OpenOrderGuard::OnlyIf { seen: None },
        ..placement(&card)
    }
}

async fn queued(db: &Database) -> Card {
    let card = Card {
        state: State::QUEUED,
        ..sample::card(StateKind::Processing, "k")
    };
    db.store(&card).await;
    db.meter.take();
    card
}

#[tokio::test]
async fn an_order_that_meets_another_transaction_is_tried_again() {
    let db = database_with_user().await;
    db.faults.expect([
        conflict(),
        Fault::cancelled(&["ThrottlingError", "None", "None"]),
    ]);
    let placed = db.tables().place_order(&order()).await.unwrap();
    assert!(matches!(placed, Placed::Done), "{placed:?}");
    assert_eq!(db.meter.take().requests, 3);
}

#[tokio::test]
async fn a_conflict_that_does_not_pass_is_an_error_in_the_end() {
    let db = database_with_user().await;
    db.faults.expect((0..8).map(|_| conflict()));
    let error = db.tables().place_order(&order()).await.unwrap_err();
    assert_eq!(error.operation, "dynamodb.TransactWriteItems");
    assert_eq!(db.meter.take().requests, 8);
}

#[tokio::test]
async fn a_transaction_that_is_cancelled_for_good_is_an_error_at_once() {
    let db = database_with_user().await;
    db.faults
        .expect([Fault::cancelled(&["None", "ValidationError", "None"])]);
    db.tables().place_order(&order()).await.unwrap_err();
    assert_eq!(db.meter.take().requests, 1);
}

#[tokio::test]
async fn a_change_that_meets_a_transaction_is_tried_again() {
    let db = Database::start().await;
    let card = queued(&db).await;
    db.faults
        .expect([Fault::error("TransactionConflictException")]);
    let abort = event(EventKind::Abort);
    let changed = db
        .tables()
        .change_card(card.card_id, &abort, now())
        .await
        .unwrap();
    assert!(matches!(changed, Changed::Done(_)), "{changed:?}");
    assert_eq!(db.meter.take().requests, 2);
}

#[tokio::test]
async fn keys_that_were_left_unprocessed_are_asked_for_again() {
    let db = Database::start().await;
    let card = queued(&db).await;
    db.faults.expect([Fault::Unprocessed, Fault::Unprocessed]);
    let context = db
        .tables()
        .order_context(&user_id("u1"), Some(card.card_id))
        .await
        .unwrap();
    assert_eq!(context.card.unwrap(), card);
    assert_eq!(context.open_order, Some(card.order_id()));
    assert!(context.user.is_some());
    assert_eq!(db.meter.take().requests, 3);
}

#[tokio::test]
async fn keys_that_stay_unprocessed_are_an_error_and_not_an_empty_answer() {
    let db = database_with_user().await;
    db.faults.expect((0..6).map(|_| Fault::Unprocessed));
    let error = db
        .tables()
        .order_context(&user_id("u1"), None)
        .await
        .unwrap_err();
    assert_eq!(error.operation, "dynamodb.BatchGetItem");
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_done_once() {
    let db = database_with_user().await;
    db.faults.expect([Fault::Lost]);
    let order = order();
    let placed = db.tables().place_order(&order).await.unwrap();
    assert!(matches!(placed, Placed::Done), "{placed:?}");
    assert_eq!(db.meter.take().requests, 2);
    assert_eq!(
        db.tables().card(order.card.card_id).await.unwrap().unwrap(),
        order.card
    );
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_recognised_by_its_token() {
    let db = Database::start().await;
    let card = queued(&db).await;
    db.faults.expect([Fault::Lost]);
    let claim = event(EventKind::Claim);
    let changed = db
        .tables()
        .change_card(card.card_id, &claim, now())
        .await
        .unwrap();
    let Changed::Conflict(found) = changed else {
        panic!("{changed:?}")
    };
    assert!(claim.already_on(&found));
    assert_eq!(found.claims, 1, "the claim counts once");
}

#[tokio::test]
async fn an_import_whose_answer_was_lost_is_done_once() {
    let db = Database::start().await;
    db.faults.expect([Fault::None, Fault::Lost]);
    let imported = db
        .tables()
        .import_users(&[user("u1", "Ada Lovelace")])
        .await
        .unwrap();
    assert_eq!(imported.written, 1);
    let context = db
        .tables()
        .order_context(&user_id("u1"), None)
        .await
        .unwrap();
    assert_eq!(context.user.unwrap().version, 1);
}
