use reqwest::Method;
use serde_json::{Value, json};

use super::bulk;
use super::decide::decide;
use super::stack::{Reply, Stack};

/// Orders a failed card again, as it is seen here.
pub(super) async fn repeat(stack: &Stack, card: &Value, body: Value) -> Reply {
    decide(stack, "operator", "repeat", card, body).await
}

/// Cards that failed may be ordered again, and `more` is as given.
pub(super) async fn enable_repeats(stack: &Stack, more: Value) {
    let enabled = json!({"enabled": true});
    let mut options = json!({"useCases": {"orderCard": enabled, "repeatOrder": enabled}});
    for (name, value) in more.as_object().unwrap() {
        options[name] = value.clone();
    }
    stack.set_options(&options).await;
}

/// A card of the user whose first order the bureau refuses. The next one it takes.
pub(super) async fn failed(stack: &Stack, user: &str) -> Value {
    let card_id = stack.ordered(user).await;
    let reason = json!({"code": "upn-not-printable", "detail": "the UPN does not fit"});
    let key = format!("{card_id}-1");
    stack
        .fault(json!({"kind": "reject", "key": key, "reason": reason}))
        .await;
    stack.until_drained(&card_id, "failed").await
}

/// What happened to the card, in its own words.
pub(super) fn events(card: &Value) -> Vec<&str> {
    let entries = card["timeline"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["event"].as_str().unwrap())
        .collect()
}

/// The orders that the bureau has taken for a card.
pub(super) async fn taken(stack: &Stack, card_id: &str) -> Vec<Value> {
    let orders = stack.bureau_orders().await.into_iter();
    let ours = |order: &Value| order["key"].as_str().unwrap().starts_with(card_id);
    orders.filter(ours).collect()
}

/// The directory says something else of a user.
async fn import(stack: &Stack, user: &str, fields: Value) {
    let user = bulk::user(user, fields);
    stack.tables().import_users(&[user]).await.unwrap();
}

#[tokio::test]
async fn a_failed_order_is_ordered_again_under_a_key_of_its_own() {
    let stack = Stack::ready().await;
    let card = failed(&stack, &stack.new_user("Rakel", json!({})).await).await;
    let card_id = card["cardId"].as_str().unwrap();
    let refused = repeat(&stack, &card, json!({})).await;
    let refused = refused.expect_problem(403, "use-case-disabled");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("useCases.repeatOrder"), "{detail}");
    assert_eq!(stack.card(card_id).await, card);

    enable_repeats(&stack, json!({})).await;
    let comment = json!({"comment": "the bureau prints it now"});
    let repeated = repeat(&stack, &card, comment).await;
    assert_eq!(
        repeated.aws_requests(),
        4,
        "card and context are read, one transaction, one send"
    );
    let tag = repeated.header("etag").to_owned();
    let repeated = repeated.expect(200);
    assert_eq!(
        (&repeated["state"], &repeated["abortable"]),
        (&json!("processing"), &json!(true))
    );
    assert_eq!(
        (&repeated["data"], &repeated["failure"]),
        (&card["data"], &Value::Null)
    );
    assert_eq!(tag, format!("\"{}\"", repeated["version"]));
    assert_eq!(
        repeated["timeline"][2]["reason"],
        "the bureau prints it now"
    );
    let again = repeat(&stack, &card, json!({})).await;
    assert_eq!(again.expect(200), repeated);

    stack.until_drained(card_id, "ordered").await;
    let ordered = stack.until_email(card_id, "sent").await;
    assert_eq!(
        events(&ordered),
        ["order", "refuse", "repeat", "accept", "email_sent"]
    );
    let taken = taken(&stack, card_id).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(
        (&taken[0]["key"], &taken[0]["producerOrderId"]),
        (&json!(format!("{card_id}-2")), &ordered["producerOrderId"])
    );
    let late = repeat(&stack, &card, json!({})).await;
    assert_eq!(late.expect(200), ordered);
}

#[tokio::test]
async fn a_repeat_is_about_the_failure_that_was_seen() {
    let stack = Stack::ready().await;
    enable_repeats(&stack, json!({})).await;
    let card = failed(&stack, &stack.new_user("Ragna", json!({})).await).await;
    let card_id = card["cardId"].as_str().unwrap();
    let mut stale = card.clone();
    stale["version"] = json!(card["version"].as_u64().unwrap() - 1);
    let stale = repeat(&stack, &stale, json!({})).await;
    stale.expect_problem(412, "precondition-failed");
    let path = format!("/cards/{card_id}/repeat");
    let untagged = stack.call("operator", Method::POST, &path).await;
    untagged.expect_problem(428, "precondition-required");
    assert_eq!(stack.card(card_id).await, card);

    let waiting = stack.new_user("Rune", json!({})).await;
    let waiting = stack.order(&waiting, &stack.unique("key")).await;
    let waiting = waiting.expect(201);
    let refused = repeat(&stack, &waiting, json!({})).await;
    let refused = refused.expect_problem(409, "card-state");
    assert_eq!(refused["state"], "processing");
    stack.drain().await;
    assert_eq!(stack.at_bureau(card_id).await, None);
}

#[tokio::test]
async fn fresh_data_goes_through_approval_again() {
    let stack = Stack::ready().await;
    let user = stack.new_user("Rita", json!({})).await;
    let card = failed(&stack, &user).await;
    let card_id = card["cardId"].as_str().unwrap();
    enable_repeats(&stack, json!({"approval": {"single": true}})).await;
    let data = json!({"commonName": "Rita King", "upn": format!("{user}@mended.example.com")});
    let mut fields = data.clone();
    fields["email"] = json!(format!("{user}@mail.example.com"));
    import(&stack, &user, fields).await;

    let body = json!({"refreshData": true, "comment": "the UPN was corrected"});
    let waiting = repeat(&stack, &card, body).await.expect(200);
    assert_eq!(
        (&waiting["state"], &waiting["data"]),
        (&json!("requested"), &data)
    );
    stack.drain().await;
    assert_eq!(stack.at_bureau(card_id).await, None);

    let approved = decide(&stack, "approver", "approve", &waiting, json!({})).await;
    assert_eq!(approved.expect(200)["state"], "processing");
    stack.until_drained(card_id, "ordered").await;
    let ordered = stack.until_email(card_id, "sent").await;
    let lived = [
        "order",
        "refuse",
        "request_repeat",
        "approve",
        "accept",
        "email_sent",
    ];
    assert_eq!(events(&ordered), lived);
    let taken = taken(&stack, card_id).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(
        (&taken[0]["key"], &taken[0]["data"]),
        (&json!(format!("{card_id}-2")), &data)
    );
}

#[tokio::test]
async fn a_direct_delivery_is_ordered_again_in_the_answer() {
    let stack = Stack::ready().await;
    let direct = json!({"productionTypes": [{
        "id": "standard", "name": "Standard card", "default": true, "enabled": true,
        "delivery": "direct", "fields": ["commonName", "upn"],
    }]});
    enable_repeats(&stack, direct).await;
    let user = stack.new_user("Dagny", json!({})).await;
    let upn = format!("{user}@example.com");
    stack
        .fault(json!({"kind": "reject", "match": {"upn": upn}}))
        .await;
    let card = stack.order(&user, &stack.unique("key")).await.expect(201);
    assert_eq!(card["state"], "failed", "{card}");
    stack.bureau(Method::DELETE, "/_sim/faults", None).await;

    let ordered = repeat(&stack, &card, json!({})).await.expect(200);
    assert_eq!(ordered["state"], "ordered", "{ordered}");
    let card_id = card["cardId"].as_str().unwrap();
    let taken = taken(&stack, card_id).await;
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(taken[0]["producerOrderId"], ordered["producerOrderId"]);
    stack.until_email(card_id, "sent").await;
}

#[tokio::test]
async fn a_repeat_needs_an_active_holder_without_another_open_order() {
    let stack = Stack::ready().await;
    enable_repeats(&stack, json!({})).await;
    let user = stack.new_user("Runa", json!({})).await;
    let card = failed(&stack, &user).await;
    let other = stack.ordered(&user).await;
    let refused = repeat(&stack, &card, json!({})).await;
    let refused = refused.expect_problem(409, "open-order-exists");
    assert_eq!(refused["cardId"], other.as_str());
    stack.abort(&other).await.expect(200);

    import(&stack, &user, json!({"state": "inactive"})).await;
    let refused = repeat(&stack, &card, json!({})).await;
    refused.expect_problem(409, "user-inactive");
    import(&stack, &user, json!({"upn": null})).await;
    let refused = repeat(&stack, &card, json!({"refreshData": true})).await;
    refused.expect_problem(422, "user-attribute-missing");
    let repeated = repeat(&stack, &card, json!({})).await.expect(200);
    assert_eq!(repeated["data"], card["data"]);
    let card_id = card["cardId"].as_str().unwrap();
    assert_eq!(stack.abort(card_id).await.expect(200)["state"], "aborted");
    stack.drain().await;
    assert_eq!(stack.at_bureau(card_id).await, None);
}
