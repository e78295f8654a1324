use reqwest::Method;
use serde_json::{Value, json};

use super::repeat::{enable_repeats, events, repeat, taken};
use super::stack::{Reply, Stack};

/// Has the bureau asked how far it is with a card.
pub(super) async fn refresh(stack: &Stack, card_id: &str) -> Reply {
    let path = format!("/cards/{card_id}/refresh");
    stack.call("operator", Method::POST, &path).await
}

/// A card that the bureau has accepted, and whose holder was told.
pub(super) async fn ordered(stack: &Stack, name: &str) -> Value {
    let user = stack.new_user(name, json!({})).await;
    let card_id = stack.ordered(&user).await;
    stack.until_drained(&card_id, "ordered").await;
    stack.until_email(&card_id, "sent").await
}

/// The bureau goes on with the order of a card.
pub(super) async fn moves(stack: &Stack, card: &Value, progress: Value) {
    let id = card["producerOrderId"].as_str().unwrap();
    let path = format!("/_sim/orders/{id}/state");
    stack.bureau(Method::POST, &path, Some(progress)).await;
}

#[tokio::test]
async fn a_card_is_followed_from_its_order_to_its_shipment() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Freja").await;
    let card_id = card["cardId"].as_str().unwrap();
    let unmoved = refresh(&stack, card_id).await;
    assert_eq!(unmoved.header("etag"), format!("\"{}\"", card["version"]));
    assert_eq!(unmoved.expect(200), card);

    moves(&stack, &card, json!({"state": "in_production"})).await;
    let moved = refresh(&stack, card_id).await;
    let cost = moved.aws_requests();
    assert!(
        (2..=3).contains(&cost),
        "the card is read and written, and the token is read if it is not known: {cost}"
    );
    let version = card["version"].as_u64().unwrap() + 1;
    assert_eq!(moved.header("etag"), format!("\"{version}\""));
    let moved = moved.expect(200);
    assert_eq!(
        (&moved["state"], &moved["version"], &moved["shipment"]),
        (&json!("in_production"), &json!(version), &Value::Null)
    );
    assert_eq!(refresh(&stack, card_id).await.expect(200), moved);
    assert_eq!(stack.card(card_id).await, moved);

    let shipment = json!({"carrier": "Northern Post", "tracking": "NP123456789"});
    let mut progress = shipment.clone();
    progress["state"] = json!("produced");
    moves(&stack, &card, progress).await;
    let produced = refresh(&stack, card_id).await.expect(200);
    assert_eq!(
        (&produced["state"], &produced["shipment"]),
        (&json!("produced"), &shipment)
    );
    let lived = [
        "order",
        "accept",
        "email_sent",
        "start_production",
        "produce",
    ];
    assert_eq!(events(&produced), lived);
    assert_eq!(produced["timeline"][4]["by"], card["requestedBy"]);

    let late = refresh(&stack, card_id).await;
    let late = late.expect_problem(409, "card-state");
    assert_eq!(late["state"], "produced");
    assert_eq!(stack.card(card_id).await, produced);
}

#[tokio::test]
async fn a_card_that_could_not_be_made_fails_and_can_be_ordered_again() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Folke").await;
    let card_id = card["cardId"].as_str().unwrap();
    let reason = json!({"code": "chip-defect", "detail": "the chip could not be personalised"});
    let progress = json!({"state": "failed", "reason": reason});
    moves(&stack, &card, progress).await;
    let failed = refresh(&stack, card_id).await.expect(200);
    let failure = json!({
        "type": "https://cardwright.example/problems/production-failed",
        "detail": "the chip could not be personalised",
    });
    assert_eq!(
        (&failed["state"], &failed["failure"]),
        (&json!("failed"), &failure)
    );
    let late = refresh(&stack, card_id).await;
    assert_eq!(late.expect_problem(409, "card-state")["state"], "failed");

    enable_repeats(&stack, json!({})).await;
    repeat(&stack, &failed, json!({})).await.expect(200);
    let again = stack.until_drained(card_id, "ordered").await;
    let taken = taken(&stack, card_id).await;
    assert_eq!(taken.len(), 2, "{taken:?}");
    assert_eq!(
        (&taken[1]["key"], &taken[1]["producerOrderId"]),
        (&json!(format!("{card_id}-2")), &again["producerOrderId"])
    );
    // It is the new order that is asked about.
    assert_eq!(refresh(&stack, card_id).await.expect(200), again);
    moves(&stack, &again, json!({"state": "produced"})).await;
    let produced = refresh(&stack, card_id).await.expect(200);
    assert_eq!(
        (&produced["state"], &produced["shipment"]),
        (&json!("produced"), &Value::Null)
    );
}

#[tokio::test]
async fn an_order_that_the_bureau_has_forgotten_changes_nothing_and_calls_a_person() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Frode").await;
    let card_id = card["cardId"].as_str().unwrap();
    let since = stack.lines_of("refresh-order").await.len();
    stack.bureau(Method::DELETE, "/_sim/orders", None).await;
    let refused = refresh(&stack, card_id).await;
    refused.expect_problem(409, "producer-contradicts");
    assert_eq!(stack.card(card_id).await, card);
    stack
        .assert_raised("producer-order-mismatch", "refresh-order", since)
        .await;
    let errors = stack.errors_of("refresh-order", since).await;
    let named = |line: &Value| line["order.id"] == format!("{card_id}-1");
    assert!(errors.iter().any(named), "{errors:?}");
}

#[tokio::test]
async fn a_bureau_that_can_not_be_reached_leaves_the_card_as_it_is() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Fia").await;
    let card_id = card["cardId"].as_str().unwrap();
    moves(&stack, &card, json!({"state": "in_production"})).await;
    // Nothing listens there.
    let nowhere = [("PRODUCER_URL", "http://127.0.0.1:9")];
    let asked = stack.with_settings("refresh-order", &nowhere, refresh(&stack, card_id));
    let unavailable = asked.await;
    assert!(!unavailable.header("retry-after").is_empty());
    unavailable.expect_problem(503, "temporarily-unavailable");
    assert_eq!(stack.card(card_id).await, card);

    let moved = refresh(&stack, card_id).await.expect(200);
    assert_eq!(moved["state"], "in_production");
}

#[tokio::test]
async fn only_a_card_that_the_bureau_has_in_hand_is_asked_about() {
    let stack = Stack::ready().await;
    let user = stack.new_user("Finn", json!({})).await;
    let card = stack.order(&user, &stack.unique("key")).await.expect(201);
    let card_id = card["cardId"].as_str().unwrap();
    let early = refresh(&stack, card_id).await;
    let early = early.expect_problem(409, "card-state");
    assert_eq!(early["state"], "processing");
    assert_eq!(stack.card(card_id).await, card);
    stack.abort(card_id).await.expect(200);
    let late = refresh(&stack, card_id).await;
    assert_eq!(late.expect_problem(409, "card-state")["state"], "aborted");
    let nowhere = "6f1c1b4e-0000-4000-8000-000000000000";
    let unknown = refresh(&stack, nowhere).await;
    unknown.expect_problem(404, "card-not-found");
    stack.drain().await;
}
