use reqwest::Method;
use serde_json::{Value, json};

use super::refresh::{moves, ordered};
use super::repeat::events;
use super::stack::Stack;

const SYNC: &str = "sync-orders";

impl Stack {
    /// Lets it be long ago that something was heard of a card, as if the clock had moved.
    async fn make_silent(&self, card: &Value) {
        let card_id = card["cardId"].as_str().unwrap();
        let update = json!({
            "TableName": self.setting("cardsTable"),
            "Key": {"pk": {"S": format!("card#{card_id}")}},
            "UpdateExpression": "SET state_sort = :past",
            "ExpressionAttributeValues": {
                ":past": {"S": format!("2026-01-01T00:00:00.000Z#{card_id}")},
            },
        });
        self.dynamodb("UpdateItem", &update).await;
    }

    /// One tick of the sync; its report.
    async fn sync(&self) -> Value {
        self.tick(SYNC).await
    }
}

#[tokio::test]
async fn an_order_that_was_silent_is_asked_about_once() {
    let stack = Stack::ready().await;
    let moved = ordered(&stack, "Hedda").await;
    let unmoved = ordered(&stack, "Helge").await;
    let heard_of = ordered(&stack, "Hanna").await;
    for card in [&moved, &heard_of] {
        moves(&stack, card, json!({"state": "produced"})).await;
    }
    for card in [&moved, &unmoved] {
        stack.make_silent(card).await;
    }
    let report = stack.sync().await;
    let said = ["asked", "moved", "unchanged", "producerRequests"];
    let said = said.map(|name| report[name].clone());
    assert_eq!(json!(said), json!([2, 1, 1, 2]), "{report}");
    let card = stack.card(moved["cardId"].as_str().unwrap()).await;
    assert_eq!(card["state"], "produced");
    let last = events(&card).len() - 1;
    assert_eq!(card["timeline"][last]["by"], format!("system:{SYNC}"));
    // That there was nothing new stands in no timeline.
    let card = stack.card(unmoved["cardId"].as_str().unwrap()).await;
    assert_eq!(card["timeline"], unmoved["timeline"]);
    assert_eq!(stack.sync().await["asked"], 0);
    let card = stack.card(heard_of["cardId"].as_str().unwrap()).await;
    assert_eq!(card, heard_of);
}

#[tokio::test]
async fn an_order_that_the_bureau_says_nothing_of_is_asked_about_once_a_day() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Hilda").await;
    stack.make_silent(&card).await;
    // Nothing listens there.
    let nowhere = [("PRODUCER_URL", "http://127.0.0.1:9")];
    let report = stack.with_settings(SYNC, &nowhere, stack.sync()).await;
    assert_eq!(
        (&report["asked"], &report["unanswered"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    let after = stack.card(card["cardId"].as_str().unwrap()).await;
    assert_eq!(
        (&after["state"], &after["timeline"]),
        (&card["state"], &card["timeline"])
    );
    assert_eq!(stack.sync().await["asked"], 0);
    stack.make_silent(&card).await;
    let report = stack.sync().await;
    assert_eq!(
        (&report["asked"], &report["unchanged"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
}

#[tokio::test]
async fn an_order_that_the_bureau_has_forgotten_calls_a_person_once_a_day() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Holger").await;
    stack.bureau(Method::DELETE, "/_sim/orders", None).await;
    stack.make_silent(&card).await;
    let since = stack.lines_of(SYNC).await.len();
    let report = stack.sync().await;
    assert_eq!(
        (&report["asked"], &report["contradicted"]),
        (&json!(1), &json!(1)),
        "{report}"
    );
    stack
        .assert_raised("producer-order-mismatch", SYNC, since)
        .await;
    assert_eq!(stack.sync().await["asked"], 0);
    let after = stack.card(card["cardId"].as_str().unwrap()).await;
    assert_eq!(
        (&after["state"], &after["timeline"]),
        (&card["state"], &card["timeline"])
    );
}
