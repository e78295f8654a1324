//! The producer's events that were handled.

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::RememberEvents;
use cardwright_domain::card::{StateKind, sample};
use cardwright_domain::ids::EventId;

use crate::support::dynamo::{Database, time};

fn id(text: &str) -> EventId {
    EventId::parse(text).unwrap()
}

#[tokio::test]
async fn an_event_is_known_once_it_was_remembered_and_no_other_is() {
    let db = Database::start().await;
    let card = sample::card(StateKind::Ordered, "k");
    db.store(&card).await;
    let tables = db.tables();
    let until = time("2026-11-25T08:00:00Z");
    let (first, second) = (id("evt_1"), id("evt_1#2/"));
    let before = tables.event_context(&first, Some(card.card_id)).await;
    let before = before.unwrap();
    assert!(!before.is_known);
    assert_eq!(before.card, Some(card.clone()));
    for _ in 0..2 {
        tables.remember_event(&first, until).await.unwrap();
    }
    db.meter.take();
    let after = tables.event_context(&first, Some(card.card_id)).await;
    let after = after.unwrap();
    assert_eq!(db.meter.take().requests, 1);
    assert!(after.is_known);
    assert_eq!(after.card, Some(card.clone()));
    let other = tables.event_context(&second, Some(card.card_id)).await;
    assert!(!other.unwrap().is_known);
    let alone = tables.event_context(&first, None).await.unwrap();
    assert!(alone.is_known && alone.card.is_none());
}

#[tokio::test]
async fn an_event_of_no_card_has_none() {
    let db = Database::start().await;
    let nobodys = sample::card(StateKind::Ordered, "nobody's").card_id;
    let context = db.tables().event_context(&id("evt"), Some(nobodys)).await;
    let context = context.unwrap();
    assert!(!context.is_known && context.card.is_none());
}

#[tokio::test]
async fn what_is_remembered_expires_and_is_in_no_index() {
    let db = Database::start().await;
    let until = time("2026-11-25T08:00:00Z");
    db.tables().remember_event(&id("evt"), until).await.unwrap();
    let item = db.card_item("event#evt").await;
    // Whole seconds since 1970, as DynamoDB's time to live wants them.
    let expected = AttributeValue::N("1795593600".into());
    assert_eq!(item.get("expires_at"), Some(&expected));
    assert_eq!(item.len(), 2, "{item:?}");
}
