use serde_json::{Value, json};

use super::stack::Stack;

fn direct() -> Value {
    json!({"productionTypes": [{
        "id": "standard", "name": "Standard card", "default": true, "enabled": true,
        "delivery": "direct", "fields": ["commonName", "upn"],
    }]})
}

#[tokio::test]
async fn direct_delivery_orders_at_once() {
    let stack = Stack::ready().await;
    stack.set_options(&direct()).await;
    let user = stack.new_user("Dana", json!({})).await;
    let card = stack.order(&user, &stack.unique("key")).await.expect(201);
    assert_eq!(
        (&card["state"], &card["delivery"]),
        (&json!("ordered"), &json!("direct"))
    );
    let card_id = card["cardId"].as_str().unwrap();
    assert!(stack.at_bureau(card_id).await.is_some());
    stack.until_email(card_id, "sent").await;
}

#[tokio::test]
async fn a_direct_order_that_the_producer_refuses_fails_with_the_reason() {
    let stack = Stack::ready().await;
    stack.set_options(&direct()).await;
    let user = stack.new_user("Dora", json!({})).await;
    let upn = format!("{user}@example.com");
    let reason = json!({"code": "photo-missing", "detail": "no photo on file"});
    stack
        .fault(json!({"kind": "reject", "match": {"upn": upn}, "reason": reason}))
        .await;
    let card = stack.order(&user, &stack.unique("key")).await.expect(201);
    assert_eq!(card["state"], "failed");
    assert!(
        card["failure"]["detail"]
            .as_str()
            .unwrap()
            .contains("no photo on file"),
        "{card}"
    );
}

#[tokio::test]
async fn an_order_outlives_a_producer_that_is_down() {
    let stack = Stack::ready().await;
    let card_id = stack.ordered(&stack.new_user("Dag", json!({})).await).await;
    stack
        .fault(json!({"kind": "unavailable", "calls": 1_000}))
        .await;
    let report = stack.drain().await;
    assert_eq!(report["unknown"], 1, "{report}");
    let card = stack.card(&card_id).await;
    assert_eq!(
        (&card["state"], &card["abortable"]),
        (&json!("processing"), &json!(false))
    );
    stack
        .abort(&card_id)
        .await
        .expect_problem(409, "card-claimed");

    stack
        .bureau(reqwest::Method::DELETE, "/_sim/faults", None)
        .await;
    stack.make_due(&card_id).await;
    stack.until_drained(&card_id, "ordered").await;
}

#[tokio::test]
async fn an_answer_that_is_lost_does_not_make_a_second_order() {
    let stack = Stack::ready().await;
    let card_id = stack
        .ordered(&stack.new_user("Disa", json!({})).await)
        .await;
    // More often than the client tries within one tick.
    stack
        .fault(json!({"kind": "drop-answer", "calls": 1_000}))
        .await;
    let report = stack.drain().await;
    assert_eq!(report["unknown"], 1, "{report}");
    let accepted = stack.at_bureau(&card_id).await.unwrap();
    assert_eq!(stack.card(&card_id).await["state"], "processing");

    stack
        .bureau(reqwest::Method::DELETE, "/_sim/faults", None)
        .await;
    stack.make_due(&card_id).await;
    let card = stack.until_drained(&card_id, "ordered").await;
    assert_eq!(card["producerOrderId"], accepted["producerOrderId"]);
}

#[tokio::test]
async fn a_refused_order_fails_and_does_not_hold_up_the_others() {
    let stack = Stack::ready().await;
    let mut cards = Vec::new();
    for name in ["Fia", "Finn", "Folke"] {
        cards.push(stack.ordered(&stack.new_user(name, json!({})).await).await);
    }
    let reason = json!({"code": "article-unknown", "detail": "article withdrawn"});
    let key = format!("{}-1", cards[1]);
    stack
        .fault(json!({"kind": "reject", "key": key, "reason": reason}))
        .await;
    stack.drain().await;
    let failed = stack.card(&cards[1]).await;
    assert_eq!(failed["state"], "failed");
    assert_eq!(
        failed["failure"]["type"],
        "https://cardwright.example/problems/producer-rejected"
    );
    assert!(
        failed["failure"]["detail"]
            .as_str()
            .unwrap()
            .contains("article withdrawn")
    );
    for card_id in [&cards[0], &cards[2]] {
        assert_eq!(stack.card(card_id).await["state"], "ordered");
    }
}

#[tokio::test]
async fn garbage_in_the_queue_goes_to_quarantine() {
    let stack = Stack::ready().await;
    let garbage = stack.unique("garbage");
    let queue = stack.setting("orderQueueUrl");
    stack
        .sqs(
            "SendMessage",
            &json!({"QueueUrl": queue, "MessageBody": garbage}),
        )
        .await;
    let report = stack.drain().await;
    assert_eq!(report["quarantined"], 1, "{report}");
    let kept = stack
        .sqs(
            "ReceiveMessage",
            &json!({
                "QueueUrl": stack.setting("quarantineQueueUrl"), "MaxNumberOfMessages": 10,
            }),
        )
        .await;
    assert!(kept.to_string().contains(&garbage), "{kept}");
}

impl Stack {
    /// Drains until the card is in this state. The circuit may still be open from the fault before,
    /// so more than one tick can be needed.
    pub(crate) async fn until_drained(&self, card_id: &str, state: &str) -> Value {
        for _ in 0..5_000 {
            self.drain().await;
            let card = self.card(card_id).await;
            if card["state"] == state {
                return card;
            }
        }
        panic!("{card_id} never was {state}");
    }
}
