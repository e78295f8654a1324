//! The alarms about the "card ordered" email.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::bulk::reminder;
use super::super::stack::Stack;
use super::MAIL;
use super::alarm::{Alarm, whatever_comes};

#[tokio::test]
async fn email_failures_end_when_the_sender_is_verified_again() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let since = stack.now_in(MAIL).await;
    let unverified = [("EMAIL_SENDER", "nobody@elsewhere.example")];
    let card_id = stack.with_settings(MAIL, &unverified, async {
        let card_id = stack.ordered_card().await;
        stack.assert_raised("email-failures", MAIL, since).await;
        let errors = stack.errors_of(MAIL, since).await;
        assert!(!errors.is_empty(), "nobody was told why");
        let card = stack.until_email(&card_id, "pending").await;
        assert_eq!(card["state"], "ordered");
        card_id
    });
    let card_id = card_id.await;
    stack.until_swept_email(&card_id).await;
}

impl Stack {
    /// The sweep reminds of the email until it is sent.
    async fn until_swept_email(&self, card_id: &str) {
        for _ in 0..200 {
            if self.card(card_id).await["email"] == "sent" {
                return;
            }
            self.expire_email(card_id).await;
            self.drain().await;
        }
        panic!("the email of {card_id} was not sent");
    }

    /// Makes the email due and lets the lease of whoever sends it end, unless it is settled.
    async fn expire_email(&self, card_id: &str) {
        let key = json!({"pk": {"S": format!("card#{card_id}")}});
        let get = json!({"TableName": self.setting("cardsTable"), "Key": key});
        let item = self.dynamodb("GetItem", &get).await;
        let item = &item["Item"];
        if item["due_at"] == Value::Null {
            return;
        }
        let lease = match item["email"]["M"]["lease_until"] {
            Value::Null => "",
            _ => ", email.lease_until = :past",
        };
        let update = json!({
            "TableName": self.setting("cardsTable"), "Key": key,
            "UpdateExpression": format!("SET due_at = :past{lease}"),
            "ConditionExpression": "due_at = :seen",
            "ExpressionAttributeValues": {
                ":past": {"S": "2026-01-01T00:00:00.000Z"}, ":seen": item["due_at"],
            },
        });
        self.dynamodb("UpdateItem", &update).await;
    }
}

#[tokio::test]
async fn email_undeliverable_ends_the_email_and_not_the_order() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let since = stack.now_in(MAIL).await;
    // In the sandbox SES refuses every address that is not verified, for good.
    stack.ses_production_access(false).await;
    let tried = whatever_comes(async {
        let card_id = stack.ordered_card().await;
        let card = stack.until_email(&card_id, "undeliverable").await;
        assert_eq!(card["state"], "ordered");
        let events = card["timeline"].to_string();
        assert!(events.contains("email_undeliverable"), "{events}");
        stack
            .assert_raised("email-undeliverable", MAIL, since)
            .await;
    });
    let tried = tried.await;
    stack.ses_production_access(true).await;
    tried.unwrap();
}

impl Stack {
    async fn ses_production_access(&self, enabled: bool) {
        let details = json!({
            "MailType": "TRANSACTIONAL", "WebsiteURL": "https://example.com",
            "ProductionAccessEnabled": enabled,
        });
        self.rest(Method::POST, "/v2/email/account/details", &details)
            .await;
    }
}

#[tokio::test]
async fn mail_function_errors_are_raised_by_a_setting_that_can_not_be_used() {
    let stack = Stack::ready().await;
    stack.drained().await;
    assert_eq!(Alarm::named("mail-function-errors").metric, "Errors");
    let wrong = [("EMAIL_SENDER", "nobody")];
    let failed = stack.with_settings(MAIL, &wrong, async {
        stack
            .try_invoke(MAIL, &json!({"Records": []}))
            .await
            .is_err()
    });
    assert!(
        failed.await,
        "the function answered although it had no sender"
    );
    let answer = stack.try_invoke(MAIL, &json!({"Records": []})).await;
    assert_eq!(answer.unwrap()["batchItemFailures"], json!([]));
}

#[tokio::test]
async fn mail_dlq_is_emptied_by_moving_the_reminders_back() {
    let stack = Stack::ready().await;
    stack.drained().await;
    stack.purge("mailDlqUrl").await;
    let card_id = stack.ordered_card().await;
    stack.until_email(&card_id, "sent").await;
    // As the mail queue gives it up: the mapping alone receives from there.
    stack.send_to("mailDlqUrl", &reminder(&card_id)).await;
    let dead = stack.messages_in("mailDlqUrl").await;
    assert!(Alarm::named("mail-dlq-not-empty").is_raised_by(dead as f64));
    for body in stack.take_all("mailDlqUrl").await {
        stack.send_to("mailQueueUrl", &body).await;
    }
    while stack.messages_in("mailQueueUrl").await > 0 {
        stack.card(&card_id).await;
    }
    let holder = stack.card(&card_id).await["holder"]["userId"].clone();
    let address = format!("{}@mail.example.com", holder.as_str().unwrap());
    assert_eq!(stack.mail_to(&address).await.len(), 1, "a second email");
}
