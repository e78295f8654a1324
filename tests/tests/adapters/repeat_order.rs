//! The transaction that orders a failed card again: all of it or nothing, once however often it is
//! sent.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::{
    OpenOrderGuard, PlaceOrder, Placed, Placement, ReadCard, ReadOrderContext, RepeatOrder,
    Repeated, Repetition,
};
use cardwright_domain::card::sample::{self, event, later, now};
use cardwright_domain::card::{Card, Event, EventKind, Frozen, Holder, StateKind};
use cardwright_domain::ids::{Actor, OrderAttempt, OrderId};
use serde_json::json;

use super::stored::{full, index_attributes, stored_index_attributes};
use crate::support::dynamo::{Database, placement, time, user, user_from, user_id};
use crate::support::dynamo_faults::Fault;

/// A card that failed the day before, so that every attribute that a repeat has to move is seen to
/// move.
fn failed(key: &str) -> Card {
    let yesterday = time("2026-11-21T08:00:00Z");
    Card {
        claims: 2,
        created_at: yesterday,
        updated_at: yesterday,
        ..sample::card(StateKind::Failed, key)
    }
}

async fn database_with(card: &Card) -> Database {
    let db = Database::start().await;
    db.store(card).await;
    db.meter.take();
    db
}

/// The order again by this caller, with nothing frozen anew.
fn again(by: Actor) -> Event {
    Event::Repeat {
        by,
        seen_version: 3,
        reason: None,
        frozen: None,
        due: later(),
    }
}

/// For the user as they were imported, if the pointer still names the card.
fn repetition(card: &Card, event: Event) -> Repetition {
    Repetition {
        order_id: next(card),
        event,
        now: now(),
        user_id: user_id("u1"),
        user_version: 1,
        guard: OpenOrderGuard::OnlyIf {
            seen: Some(card.order_id()),
        },
    }
}

/// The order that a repeat makes.
fn next(card: &Card) -> OrderId {
    OrderId {
        attempt: card.attempt.next(),
        ..card.order_id()
    }
}

async fn repeat(db: &Database, repetition: &Repetition) -> Repeated {
    db.tables().repeat_order(repetition).await.unwrap()
}

async fn stored(db: &Database, card: &Card) -> Card {
    db.tables().card(card.card_id).await.unwrap().unwrap()
}

async fn open_order(db: &Database) -> Option<OrderId> {
    let context = db.tables().order_context(&user_id("u1"), None).await;
    context.unwrap().open_order
}

/// All that a repeat could change, as it is stored.
async fn items(db: &Database, card: &Card) -> [BTreeMap<String, AttributeValue>; 2] {
    let card = db.card_item(&format!("card#{}", card.card_id)).await;
    [card, db.card_item("open#u1").await]
}

#[tokio::test]
async fn a_repeat_is_stored_as_the_domain_says() {
    let holder = Holder {
        user_id: user_id("u9"),
        upn: None,
        email: None,
        ..sample::holder()
    };
    let of_another = Event::RequestRepeat {
        by: sample::operator(),
        seen_version: 3,
        reason: None,
        frozen: Box::new(Frozen {
            holder,
            data: BTreeMap::new(),
            producer_fields: Vec::new(),
            barred_approvers: Vec::new(),
            ..sample::frozen("Ada King")
        }),
    };
    for event in [
        again(sample::approver()),
        event(EventKind::Repeat),
        event(EventKind::RequestRepeat),
        of_another,
    ] {
        let card = failed("k");
        let db = database_with(&card).await;
        let repeated = repeat(&db, &repetition(&card, event.clone())).await;
        assert!(
            matches!(repeated, Repeated::Done),
            "{event:?}: {repeated:?}"
        );
        assert_eq!(db.meter.take().requests, 1);
        let after = card.on(&event, now()).unwrap();
        assert_eq!((after.attempt, after.claims), (OrderAttempt(2), 0));
        assert_eq!(full(&stored(&db, &card).await), full(&after), "{event:?}");
        assert_eq!(
            stored_index_attributes(&db, &after).await,
            index_attributes(&after, now()),
            "{event:?}"
        );
        assert_eq!(open_order(&db).await, Some(next(&card)));
    }
}

#[tokio::test]
async fn nothing_is_changed_for_a_user_who_is_not_as_seen() {
    let card = failed("k");
    let db = database_with(&card).await;
    let before = items(&db, &card).await;
    let check = async |repetition: Repetition| {
        let repeated = repeat(&db, &repetition).await;
        assert!(
            matches!(repeated, Repeated::ContextChanged),
            "{repetition:?}: {repeated:?}"
        );
        assert_eq!(items(&db, &card).await, before, "{repetition:?}");
    };
    let of_version = |user_version| Repetition {
        user_version,
        ..repetition(&card, again(sample::operator()))
    };
    check(of_version(2)).await;
    check(Repetition {
        user_id: user_id("nobody"),
        guard: OpenOrderGuard::Always,
        ..of_version(1)
    })
    .await;
    let inactive = json!({"userId": "u1", "state": "inactive", "commonName": "Ada Lovelace"});
    let imported = db.tables().import_users(&[user_from(inactive)]).await;
    assert_eq!(imported.unwrap().written, 1);
    for user_version in [1, 2, 3] {
        check(of_version(user_version)).await;
    }
}

#[tokio::test]
async fn a_pointer_that_moved_refuses_the_repeat() {
    let card = failed("k");
    let db = database_with(&card).await;
    let other = sample::card(StateKind::Ordered, "other");
    let placed = db.tables().place_order(&placement(&other)).await.unwrap();
    assert!(matches!(placed, Placed::Done), "{placed:?}");
    let before = items(&db, &card).await;
    let seeing = |seen| Repetition {
        guard: OpenOrderGuard::OnlyIf { seen },
        ..repetition(&card, again(sample::operator()))
    };
    for seen in [None, Some(card.order_id())] {
        let repeated = repeat(&db, &seeing(seen)).await;
        assert!(
            matches!(repeated, Repeated::ContextChanged),
            "{seen:?}: {repeated:?}"
        );
        assert_eq!(items(&db, &card).await, before, "{seen:?}");
    }
    let repeated = repeat(&db, &seeing(Some(other.order_id()))).await;
    assert!(matches!(repeated, Repeated::Done), "{repeated:?}");
    assert_eq!(open_order(&db).await, Some(next(&card)));
}

#[tokio::test]
async fn an_order_that_saw_the_card_failed_is_refused_after_its_repeat() {
    let card = failed("k");
    let db = database_with(&card).await;
    let repeated = repeat(&db, &repetition(&card, again(sample::operator()))).await;
    assert!(matches!(repeated, Repeated::Done), "{repeated:?}");
    let seen = Some(card.order_id());
    let other = Placement {
        guard: OpenOrderGuard::OnlyIf { seen },
        ..placement(&sample::card(StateKind::Processing, "other"))
    };
    let placed = db.tables().place_order(&other).await.unwrap();
    assert!(matches!(placed, Placed::ContextChanged), "{placed:?}");
}

#[tokio::test]
async fn with_multiple_orders_the_pointer_follows_the_repeat() {
    let card = failed("k");
    let db = database_with(&card).await;
    let other = sample::card(StateKind::Ordered, "other");
    db.tables().place_order(&placement(&other)).await.unwrap();
    let always = Repetition {
        guard: OpenOrderGuard::Always,
        ..repetition(&card, again(sample::operator()))
    };
    let repeated = repeat(&db, &always).await;
    assert!(matches!(repeated, Repeated::Done), "{repeated:?}");
    assert_eq!(open_order(&db).await, Some(next(&card)));
}

#[tokio::test]
async fn a_card_that_is_not_as_it_was_seen_comes_back() {
    let others = StateKind::ALL
        .into_iter()
        .filter(|state| *state != StateKind::Failed)
        .map(|state| sample::card(state, "k"));
    let versions = [2, 4].map(|version| Card {
        version,
        ..failed("k")
    });
    for card in others.chain(versions) {
        let db = database_with(&card).await;
        let before = items(&db, &card).await;
        let seen = repetition(&card, again(sample::operator()));
        // What stands on the card is told, whatever else stands against the repeat.
        let of_nobody = Repetition {
            user_id: user_id("nobody"),
            guard: OpenOrderGuard::OnlyIf { seen: None },
            ..repetition(&card, again(sample::operator()))
        };
        for repetition in [seen, of_nobody] {
            let repeated = repeat(&db, &repetition).await;
            let Repeated::Conflict(found) = repeated else {
                panic!("{card:?}: {repeated:?}")
            };
            assert_eq!(full(&found), full(&card));
            assert_eq!(items(&db, &card).await, before, "{card:?}");
        }
    }
}

#[tokio::test]
async fn a_card_that_is_not_there_is_not_made() {
    let db = Database::start().await;
    let users = [user("u1", "Ada Lovelace")];
    db.tables().import_users(&users).await.unwrap();
    let card = failed("k");
    for guard in [
        OpenOrderGuard::Always,
        OpenOrderGuard::OnlyIf { seen: None },
    ] {
        let nowhere = Repetition {
            guard,
            ..repetition(&card, again(sample::operator()))
        };
        let repeated = repeat(&db, &nowhere).await;
        assert!(
            matches!(repeated, Repeated::ContextChanged),
            "{guard:?}: {repeated:?}"
        );
        let found = db.tables().card(card.card_id).await.unwrap();
        assert_eq!((found, open_order(&db).await), (None, None), "{guard:?}");
    }
}

#[tokio::test]
async fn a_repeat_whose_answer_was_lost_is_done_once() {
    let card = failed("k");
    let db = database_with(&card).await;
    db.faults.expect([Fault::Lost]);
    let lost = repetition(&card, event(EventKind::Repeat));
    let repeated = repeat(&db, &lost).await;
    assert!(matches!(repeated, Repeated::Done), "{repeated:?}");
    assert_eq!(db.meter.take().requests, 2);
    let after = card.on(&lost.event, now()).unwrap();
    assert_eq!(stored(&db, &card).await, after);

    // Whoever sends the very same again, because no answer came at all, is shown what became of it.
    let repeated = repeat(&db, &lost).await;
    let Repeated::Conflict(found) = repeated else {
        panic!("{repeated:?}")
    };
    assert!(lost.event.already_on(&found));
    assert_eq!((*found, stored(&db, &card).await), (after.clone(), after));
}

#[tokio::test]
async fn a_repeat_that_meets_another_transaction_is_tried_again_as_the_same() {
    let card = failed("k");
    let db = database_with(&card).await;
    let conflict = || Fault::cancelled(&["None", "TransactionConflict", "None"]);
    // The second try is done, but its answer is lost; the last one is told so.
    db.faults.expect([conflict(), Fault::Lost, conflict()]);
    let repeated = repeat(&db, &repetition(&card, event(EventKind::Repeat))).await;
    assert!(matches!(repeated, Repeated::Done), "{repeated:?}");
    assert_eq!(db.meter.take().requests, 4);
    assert_eq!(stored(&db, &card).await.attempt, OrderAttempt(2));
}

#[tokio::test]
async fn repeats_of_one_moment_with_another_content_do_not_clash() {
    let card = failed("k");
    let db = database_with(&card).await;
    let first = repetition(&card, again(sample::operator()));
    let repeated = repeat(&db, &first).await;
    assert!(matches!(repeated, Repeated::Done), "{repeated:?}");
    let after = stored(&db, &card).await;
    for other in [
        repetition(&card, again(sample::approver())),
        repetition(&card, event(EventKind::Repeat)),
        repetition(&card, event(EventKind::RequestRepeat)),
        Repetition {
            guard: OpenOrderGuard::Always,
            ..repetition(&card, again(sample::operator()))
        },
    ] {
        let repeated = repeat(&db, &other).await;
        let Repeated::Conflict(found) = repeated else {
            panic!("{other:?}: {repeated:?}")
        };
        assert_eq!(*found, after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_repeats_at_once_exactly_one_happens() {
    let db = Database::start().await;
    for round in 0..100 {
        let card = failed(&format!("{round}"));
        db.store(&card).await;
        // In every other round both are the very same request.
        let others = [sample::operator(), sample::approver()];
        let race = [sample::operator(), others[round % 2].clone()].map(|by| {
            let (tables, repetition) = (db.tables(), repetition(&card, again(by)));
            tokio::spawn(async move { tables.repeat_order(&repetition).await.unwrap() })
        });
        let [first, second] = race;
        let answers = [first.await.unwrap(), second.await.unwrap()];
        let done = answers.iter().filter(|one| matches!(one, Repeated::Done));
        assert_eq!(done.count(), 1, "round {round}: {answers:?}");
        let told = |one: &&Repeated| matches!(one, Repeated::Conflict(_));
        assert_eq!(answers.iter().filter(told).count(), 1, "round {round}");
        assert_eq!(stored(&db, &card).await.attempt, OrderAttempt(2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_repeats_of_two_cards_of_a_user_at_once_exactly_one_happens() {
    let db = Database::start().await;
    for round in 0..100 {
        let cards = ["a", "b"].map(|key| failed(&format!("{round}{key}")));
        let aborted = sample::card(StateKind::Aborted, &format!("{round}"));
        for card in cards.iter().chain([&aborted]) {
            db.store(card).await;
        }
        let race = cards.map(|card| {
            let repetition = Repetition {
                guard: OpenOrderGuard::OnlyIf {
                    seen: Some(aborted.order_id()),
                },
                ..repetition(&card, again(sample::operator()))
            };
            let tables = db.tables();
            tokio::spawn(async move { tables.repeat_order(&repetition).await.unwrap() })
        });
        let [first, second] = race;
        let answers = [first.await.unwrap(), second.await.unwrap()];
        let done = answers.iter().filter(|one| matches!(one, Repeated::Done));
        assert_eq!(done.count(), 1, "round {round}: {answers:?}");
        let told = |one: &&Repeated| matches!(one, Repeated::ContextChanged);
        assert_eq!(answers.iter().filter(told).count(), 1, "round {round}");
    }
}
