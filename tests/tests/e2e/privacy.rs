use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use super::after_production::{command, produced};
use super::decide::decide;
use super::refresh::{moves, ordered, refresh};
use super::repeat::{enable_repeats, failed, repeat};
use super::stack::{Stack, token_of};

/// Names and addresses as no other test uses them.
const CANARIES: [&str; 4] = [
    "Kanariefågel",
    "kanariefagel",
    "Zwitschermann",
    "canary-comment",
];

#[tokio::test]
async fn no_personal_data_gets_into_logs_and_queues() {
    let stack = Stack::ready().await;
    stack.drain().await;
    let upn = format!("{}@example.com", stack.unique("kanariefagel"));
    let user = stack
        .new_user(
            "Kim",
            json!({
                "commonName": "Kanariefågel Zwitschermann", "givenName": "Kanariefågel",
                "familyName": "Zwitschermann", "upn": upn,
                "email": "kanariefagel@mail.example.com",
            }),
        )
        .await;
    stack
        .call("operator", Method::GET, "/users?q=zwitschermann")
        .await
        .expect(200);
    stack
        .call("operator", Method::GET, &format!("/users/{user}"))
        .await
        .expect(200);
    stack
        .call(
            "operator",
            Method::GET,
            &format!("/users/{user}/card-draft"),
        )
        .await
        .expect(200);
    let path = format!("/users/{user}/cards");
    let headers = [("idempotency-key", "canary")];
    let body = Some(r#"{"comment":"canary-comment"}"#.to_owned());
    let order = stack
        .send("operator", Method::POST, &path, &headers, body)
        .await
        .expect(201);
    let card_id = order["cardId"].as_str().unwrap();
    let look = json!({
        "QueueUrl": stack.setting("orderQueueUrl"), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0,
    });
    let message = stack.sqs("ReceiveMessage", &look).await;
    let body = json!({"cardId": card_id, "orderId": format!("{card_id}-1")});
    let sent: serde_json::Value =
        serde_json::from_str(message["Messages"][0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(sent, body, "a message carries ids and nothing else");
    stack.drain().await;
    stack.until_email(card_id, "sent").await;

    // The holder looks for themself, under a name that is a canary too.
    stack.set_options(&json!({"selfService": true})).await;
    let token = Some(token_of(&user));
    let (own, card) = (format!("/users/{user}"), format!("/cards/{card_id}"));
    for path in ["/me", &own, &card] {
        let reply = stack.send_with(token.as_deref(), Method::GET, path, &[], None);
        reply.await.expect(200);
    }

    stack
        .set_options(&json!({"approval": {"single": true}}))
        .await;
    for (verb, said) in [("approve", "comment"), ("reject", "reason")] {
        let name = json!({"commonName": "Kanariefågel Zwitschermann"});
        let user = stack.new_user("Kai", name).await;
        let card = stack.order(&user, &stack.unique("key")).await.expect(201);
        let body = json!({said: "canary-comment"});
        decide(&stack, "approver", verb, &card, body)
            .await
            .expect(200);
    }
    stack.drain().await;

    // Refused once, and ordered again.
    enable_repeats(&stack, json!({})).await;
    let name = json!({"commonName": "Kanariefågel Zwitschermann"});
    let user = stack.new_user("Kaj", name).await;
    let card = failed(&stack, &user).await;
    let body = json!({"refreshData": true, "comment": "canary-comment"});
    repeat(&stack, &card, body).await.expect(200);
    stack.drain().await;

    // Used, and locked, with reasons that say too much.
    let card = produced(&stack, "Kit").await;
    let said = json!({"comment": "canary-comment"});
    let card = command(&stack, "activate", &card, said).await.expect(200);
    for verb in ["deactivate", "lock"] {
        let card = stack.card(card["cardId"].as_str().unwrap()).await;
        let said = json!({"reason": "canary-comment"});
        command(&stack, verb, &card, said).await.expect(200);
    }

    // The producer says more than it should.
    let card = ordered(&stack, "Kia").await;
    let told = "Zwitschermann has moved away";
    let progress = json!({
        "state": "failed", "carrier": told, "reason": {"code": "returned", "detail": told},
    });
    moves(&stack, &card, progress).await;
    let card_id = card["cardId"].as_str().unwrap();
    refresh(&stack, card_id).await.expect(200);

    // It tells by itself what nobody can take: that lies whole in the quarantine queue, and only there.
    stack.purge("quarantineQueueUrl").await;
    let event = json!({"type": "order.archived", "data": {"carrier": told}});
    let kept = stack.tell(&stack.unique("canary-comment"), &event).await;
    assert_eq!(kept.expect(200)["outcome"], "kept");
    let kept = stack.take_all("quarantineQueueUrl").await;
    assert_eq!(kept, BTreeSet::from([event.to_string()]));

    let logs = stack.logs().await;
    assert!(logs.contains(card_id), "the logs were not found");
    for canary in CANARIES {
        assert!(!logs.contains(canary), "{canary} is in a log");
    }
}

impl Stack {
    /// What all functions have logged so far.
    async fn logs(&self) -> String {
        let mut logs = String::new();
        for function in self.settings["functions"].as_object().unwrap().values() {
            let group = format!("/aws/lambda/{}", function.as_str().unwrap());
            let request = json!({"logGroupName": group, "limit": 10_000});
            let events = self
                .aws_json("Logs_20140328.FilterLogEvents", &request)
                .await;
            for event in events["events"].as_array().into_iter().flatten() {
                logs.push_str(event["message"].as_str().unwrap_or_default());
            }
        }
        logs
    }
}
