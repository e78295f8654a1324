use reqwest::Method;
use serde_json::{Value, json};

use super::decide::decide;
use super::refresh::{moves, ordered, refresh};
use super::repeat::events;
use super::stack::{Reply, Stack};

pub(super) const KEEPER: &str = "keep-deadlines";

/// A card that the bureau has made, of a user of this name.
pub(super) async fn produced(stack: &Stack, name: &str) -> Value {
    let card = ordered(stack, name).await;
    moves(stack, &card, json!({"state": "produced"})).await;
    let card_id = card["cardId"].as_str().unwrap();
    refresh(stack, card_id).await.expect(200)
}

/// A card that its holder uses.
pub(super) async fn active(stack: &Stack, name: &str) -> Value {
    let card = produced(stack, name).await;
    command(stack, "activate", &card, json!({}))
        .await
        .expect(200)
}

/// Does something with a card as it is seen here.
pub(super) async fn command(stack: &Stack, verb: &str, card: &Value, body: Value) -> Reply {
    decide(stack, "operator", verb, card, body).await
}

pub(super) async fn lock(stack: &Stack, card_id: &str) -> Reply {
    let path = format!("/cards/{card_id}/lock");
    let body = Some(json!({"reason": "lost"}).to_string());
    stack.send("operator", Method::POST, &path, &[], body).await
}

impl Stack {
    /// Lets the deadline of a card pass, as if the clock had moved.
    pub(super) async fn make_over(&self, card_id: &str) {
        let update = json!({
            "TableName": self.setting("cardsTable"),
            "Key": {"pk": {"S": format!("card#{card_id}")}},
            "UpdateExpression": "SET deadline_at = :past",
            "ConditionExpression": "attribute_exists(deadline_at)",
            "ExpressionAttributeValues": {":past": {"S": "2026-01-01T00:00:00.000Z"}},
        });
        self.dynamodb("UpdateItem", &update).await;
    }

    /// One tick of what keeps deadlines; its report. The schedule may have been faster.
    pub(super) async fn keep_deadlines(&self) -> Value {
        self.tick(KEEPER).await
    }
}

#[tokio::test]
async fn a_card_is_activated_put_aside_taken_up_again_and_locked() {
    let stack = Stack::ready().await;
    let card = produced(&stack, "Berit").await;
    let card_id = card["cardId"].as_str().unwrap();
    assert_eq!(
        (&card["why"]["waitingFor"], &card["validUntil"]),
        (&json!("activation"), &Value::Null)
    );

    let comment = json!({"comment": "handed over at the desk"});
    let activated = command(&stack, "activate", &card, comment.clone()).await;
    assert_eq!(activated.aws_requests(), 2, "the card is read and written");
    let tag = activated.header("etag").to_owned();
    let activated = activated.expect(200);
    assert_eq!(tag, format!("\"{}\"", activated["version"]));
    assert_eq!(
        (&activated["state"], &activated["why"]),
        (&json!("active"), &Value::Null)
    );
    assert!(activated["validUntil"].is_string(), "{activated}");

    let on_leave = json!({"reason": "on leave"});
    let aside = command(&stack, "deactivate", &activated, on_leave.clone()).await;
    assert_eq!(aside.aws_requests(), 1);
    let aside = aside.expect(200);
    assert_eq!(aside["state"], "inactive");
    let back = command(&stack, "reactivate", &aside, json!({})).await;
    let back = back.expect(200);
    assert_eq!(
        (&back["state"], &back["validUntil"]),
        (&json!("active"), &activated["validUntil"])
    );

    // What comes late or twice is answered, and changes nothing.
    let late = command(&stack, "deactivate", &activated, on_leave).await;
    assert_eq!(late.expect(200), back);
    let late = command(&stack, "activate", &card, comment).await;
    assert_eq!(late.expect(200), back);
    assert_eq!(stack.card(card_id).await, back);

    let locked = lock(&stack, card_id).await;
    assert_eq!(locked.aws_requests(), 1);
    let locked = locked.expect(200);
    assert_eq!(locked["state"], "locked");
    assert_eq!(lock(&stack, card_id).await.expect(200), locked);
    let lived = [
        "order",
        "accept",
        "email_sent",
        "produce",
        "activate",
        "deactivate",
        "reactivate",
        "lock",
    ];
    assert_eq!(events(&locked), lived);
    let refused = command(&stack, "reactivate", &locked, json!({})).await;
    let refused = refused.expect_problem(409, "card-state");
    assert_eq!(refused["state"], "locked");
    stack.keep_deadlines().await;
    assert_eq!(stack.card(card_id).await, locked);
}

#[tokio::test]
async fn a_command_is_about_the_card_that_was_seen() {
    let stack = Stack::ready().await;
    let card = produced(&stack, "Birgit").await;
    let card_id = card["cardId"].as_str().unwrap();
    let mut stale = card.clone();
    stale["version"] = json!(card["version"].as_u64().unwrap() - 1);
    let stale = command(&stack, "activate", &stale, json!({})).await;
    stale.expect_problem(412, "precondition-failed");
    let path = format!("/cards/{card_id}/activate");
    let untagged = stack.call("operator", Method::POST, &path).await;
    untagged.expect_problem(428, "precondition-required");
    let early = lock(&stack, card_id).await;
    assert_eq!(early.expect_problem(409, "card-state")["state"], "produced");
    assert_eq!(stack.card(card_id).await, card);
    let nowhere = "6f1c1b4e-0000-4000-8000-000000000000";
    let unknown = lock(&stack, nowhere).await;
    unknown.expect_problem(404, "card-not-found");
}

#[tokio::test]
async fn a_card_whose_validity_is_over_expires_and_no_other_does() {
    let stack = Stack::ready().await;
    let [over, aside, valid, locked] = [
        active(&stack, "Bodil").await,
        active(&stack, "Bror").await,
        active(&stack, "Britta").await,
        active(&stack, "Bo").await,
    ];
    let id = |card: &Value| card["cardId"].as_str().unwrap().to_owned();
    let reason = json!({"reason": "on leave"});
    command(&stack, "deactivate", &aside, reason)
        .await
        .expect(200);
    stack.make_over(&id(&over)).await;
    stack.make_over(&id(&aside)).await;
    // A locked card has no deadline any more.
    let locked = lock(&stack, &id(&locked)).await.expect(200);
    stack.keep_deadlines().await;
    for card in [&over, &aside] {
        let expired = stack.card(&id(card)).await;
        assert_eq!(
            (&expired["state"], &expired["validUntil"]),
            (&json!("expired"), &card["validUntil"])
        );
        let last = expired["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["event"], &last["by"]),
            (&json!("expire"), &json!(format!("system:{KEEPER}")))
        );
        let refused = command(&stack, "reactivate", &expired, json!({})).await;
        let refused = refused.expect_problem(409, "card-state");
        assert_eq!(refused["state"], "expired");
    }
    assert_eq!(stack.card(&id(&valid)).await, valid);
    assert_eq!(stack.card(&id(&locked)).await, locked);
    let idle = stack.keep_deadlines().await;
    assert_eq!(
        (&idle["expired"], &idle["awsRequests"]),
        (&json!(0), &json!(2)),
        "an idle tick asks each shard once: {idle}"
    );
}

#[tokio::test]
async fn a_card_is_valid_for_as_long_as_its_type_said_when_it_was_ordered() {
    let stack = Stack::ready().await;
    let standard = |days: u32| {
        json!({"productionTypes": [{
            "id": "standard", "name": "Standard card", "default": true, "enabled": true,
            "validityDays": days, "fields": ["commonName", "upn"],
        }]})
    };
    stack.set_options(&standard(1)).await;
    let card = produced(&stack, "Bea").await;
    stack.set_options(&standard(30)).await;
    let active = command(&stack, "activate", &card, json!({})).await;
    let active = active.expect(200);
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let valid = time(&active["validUntil"]).duration_since(time(&active["updatedAt"]));
    assert_eq!(valid, jiff::SignedDuration::from_hours(24));
}
