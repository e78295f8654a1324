use reqwest::Method;
use serde_json::{Value, json};

use super::stack::{Reply, Stack};

/// What an approver sends about one card.
pub(super) async fn decide(
    stack: &Stack,
    role: &str,
    verb: &str,
    card: &Value,
    body: Value,
) -> Reply {
    let path = format!("/cards/{}/{verb}", card["cardId"].as_str().unwrap());
    let tag = format!("\"{}\"", card["version"]);
    let headers = [("if-match", tag.as_str())];
    let body = Some(body.to_string());
    stack.send(role, Method::POST, &path, &headers, body).await
}

/// A stack whose orders wait for approval.
async fn ready(delivery: &str) -> Stack {
    let stack = Stack::ready().await;
    let options = json!({
        "approval": {"single": true},
        "productionTypes": [{
            "id": "standard", "name": "Standard card", "default": true, "enabled": true,
            "delivery": delivery, "fields": ["commonName", "upn"],
        }],
    });
    stack.set_options(&options).await;
    stack
}

async fn requested(stack: &Stack, name: &str) -> Value {
    let user = stack.new_user(name, json!({})).await;
    let card = stack.order(&user, &stack.unique("key")).await.expect(201);
    assert_eq!(
        (&card["state"], &card["abortable"]),
        (&json!("requested"), &json!(true))
    );
    card
}

#[tokio::test]
async fn an_order_waits_for_its_approval_and_is_then_handed_over() {
    let stack = ready("queue").await;
    let card = requested(&stack, "Runa").await;
    let card_id = card["cardId"].as_str().unwrap();
    stack.drain().await;
    assert_eq!(stack.at_bureau(card_id).await, None);
    let path = format!("/cards/{card_id}");
    let seen = stack.call("approver", Method::GET, &path).await;
    assert_eq!(seen.header("etag"), format!("\"{}\"", card["version"]));

    let refused = decide(&stack, "operator", "approve", &card, json!({})).await;
    refused.expect_problem(403, "role-required");
    let approved = decide(
        &stack,
        "approver",
        "approve",
        &card,
        json!({"comment": "as agreed"}),
    )
    .await;
    assert_eq!(approved.aws_requests(), 3, "one read, one write, one send");
    let approved = approved.expect(200);
    assert_eq!(
        (&approved["state"], &approved["abortable"]),
        (&json!("processing"), &json!(true))
    );
    let again = decide(&stack, "approver", "approve", &card, json!({})).await;
    assert_eq!(again.expect(200), approved);
    let late = decide(&stack, "approver", "reject", &card, json!({"reason": "no"})).await;
    late.expect_problem(409, "card-state");

    stack.drain().await;
    let ordered = stack.until_email(card_id, "sent").await;
    let events = ordered["timeline"].as_array().unwrap().iter();
    let events: Vec<_> = events.map(|entry| &entry["event"]).collect();
    assert_eq!(events, ["request", "approve", "accept", "email_sent"]);
}

#[tokio::test]
async fn an_approved_direct_delivery_is_ordered_in_the_answer() {
    let stack = ready("direct").await;
    let card = requested(&stack, "Disa").await;
    let approved = decide(&stack, "approver", "approve", &card, json!({}))
        .await
        .expect(200);
    assert_eq!(approved["state"], "ordered", "{approved}");
    let card_id = card["cardId"].as_str().unwrap();
    assert!(stack.at_bureau(card_id).await.is_some());
    stack.until_email(card_id, "sent").await;
}

#[tokio::test]
async fn a_rejected_order_says_why_and_is_never_sent() {
    let stack = ready("queue").await;
    let card = requested(&stack, "Nils").await;
    let body = json!({"reason": "has a card already"});
    let rejected = decide(&stack, "approver", "reject", &card, body).await;
    assert_eq!(rejected.aws_requests(), 1);
    let rejected = rejected.expect(200);
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(rejected["timeline"][1]["reason"], "has a card already");
    stack.drain().await;
    assert_eq!(
        stack.at_bureau(card["cardId"].as_str().unwrap()).await,
        None
    );
}

#[tokio::test]
async fn many_are_decided_at_once_and_each_is_answered_for_itself() {
    let stack = ready("queue").await;
    let (good, stale) = (
        requested(&stack, "Gro").await,
        requested(&stack, "Stig").await,
    );
    let nowhere = "6f1c1b4e-0000-4000-8000-000000000000";
    let body = json!({"decision": "approve", "cards": [
        {"cardId": stale["cardId"], "version": 9},
        {"cardId": nowhere, "version": 1},
        {"cardId": good["cardId"], "version": good["version"]},
    ]});
    let path = "/card-decisions";
    let body = Some(body.to_string());
    let answer = stack.send("approver", Method::POST, path, &[], body).await;
    let results = answer.expect(200)["results"].clone();
    let told = |at: usize, pointer: &str| results[at].pointer(pointer).cloned().unwrap();
    assert_eq!(told(0, "/problem/status"), 412);
    assert_eq!(told(1, "/problem/status"), 404);
    assert_eq!(told(2, "/card/state"), "processing");
    assert!(results[0]["card"].is_null() && results[2]["problem"].is_null());
    let waiting = stack
        .call("approver", Method::GET, "/cards?state=requested&limit=100")
        .await;
    let waiting = waiting.expect(200)["items"].to_string();
    assert!(waiting.contains(stale["cardId"].as_str().unwrap()));
    assert!(!waiting.contains(good["cardId"].as_str().unwrap()));
    let reject = json!({"reason": "the test is over"});
    decide(&stack, "approver", "reject", &stale, reject)
        .await
        .expect(200);
    stack.drain().await;
}

#[tokio::test]
async fn a_request_that_waits_is_its_requesters_to_take_back() {
    let stack = ready("queue").await;
    let card = requested(&stack, "Tora").await;
    let card_id = card["cardId"].as_str().unwrap();
    assert_eq!(stack.abort(card_id).await.expect(200)["state"], "aborted");
    let late = decide(&stack, "approver", "approve", &card, json!({})).await;
    late.expect_problem(409, "card-state");
}
