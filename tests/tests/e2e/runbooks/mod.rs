//! Each alarm's situation, brought about on the local stack, and mended as its runbook says.
//! `docs/runbooks/README.md` has the list. [`commands`] runs what the pages tell to type.

pub(super) mod alarm;
mod commands;
mod deadlines;
mod mail;
mod orders;

use serde_json::{Value, json};

use super::stack::Stack;

const DRAIN: &str = "drain-orders";
const SYNC: &str = "sync-orders";
const MAIL: &str = "send-card-ordered-email";

impl Stack {
    async fn now_in(&self, function: &str) -> usize {
        self.lines_of(function).await.len()
    }

    /// Writes an item of the cards table that no release wrote: a waiting card without what a card
    /// has.
    async fn put_unreadable_card(&self, card_id: &str) {
        let item = json!({
            "pk": {"S": format!("card#{card_id}")}, "state": {"S": "processing"},
            "due_shard": {"S": "0"}, "due_at": {"S": "2026-01-01T00:00:00.000Z"},
        });
        let put = json!({"TableName": self.setting("cardsTable"), "Item": item});
        self.dynamodb("PutItem", &put).await;
    }

    async fn delete_card(&self, card_id: &str) {
        let key = json!({"pk": {"S": format!("card#{card_id}")}});
        let delete = json!({"TableName": self.setting("cardsTable"), "Key": key});
        self.dynamodb("DeleteItem", &delete).await;
    }

    async fn secret(&self, operation: &str, body: &Value) -> Value {
        self.aws_json(&format!("secretsmanager.{operation}"), body)
            .await
    }

    /// An ordered card whose email has not been tried.
    async fn ordered_card(&self) -> String {
        let card_id = self.place_orders(1).await.remove(0);
        self.drain().await;
        card_id
    }
}
