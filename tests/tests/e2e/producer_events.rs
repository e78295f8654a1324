use std::collections::BTreeSet;

use bureau_simulator::{sign, signing_key};
use cardwright_app::ports::Clock;
use cardwright_aws::System;
use reqwest::Method;
use serde_json::{Value, json};

use super::refresh::{moves, ordered, refresh};
use super::repeat::events;
use super::runbooks::alarm::{Alarm, whatever_comes};
use super::stack::{LOOKS, Reply, Stack};
use crate::support::webhook::OTHER_KEY;

const RECEIVER: &str = "receive-producer-event";

impl Stack {
    async fn webhook_keys(&self) -> String {
        let secret = json!({"SecretId": "producer-webhook"});
        let secret = self
            .aws_json("secretsmanager.GetSecretValue", &secret)
            .await;
        secret["SecretString"].as_str().unwrap().trim().to_owned()
    }

    async fn put_webhook_keys(&self, keys: &str) {
        let secret = json!({"SecretId": "producer-webhook", "SecretString": keys});
        self.aws_json("secretsmanager.PutSecretValue", &secret)
            .await;
    }

    /// From now on the bureau tells by itself how far its orders are.
    async fn listen(&self) {
        let url = format!("{}/producer/events", self.setting("apiUrl"));
        let receiver = json!({"url": url, "key": self.webhook_keys().await});
        self.bureau(Method::PUT, "/_sim/events", Some(receiver))
            .await;
    }

    /// Sends an event as the producer does.
    pub(super) async fn tell(&self, id: &str, event: &Value) -> Reply {
        self.tell_with(&self.webhook_keys().await, id, event).await
    }

    async fn tell_with(&self, key: &str, id: &str, event: &Value) -> Reply {
        let (body, now) = (event.to_string(), System.now().unix_seconds());
        let signature = sign(&signing_key(key).unwrap(), id, now, body.as_bytes());
        let now = now.to_string();
        let headers = [
            ("webhook-id", id),
            ("webhook-timestamp", now.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        let path = "/producer/events";
        self.send("", Method::POST, path, &headers, Some(body))
            .await
    }

    async fn until_state(&self, card_id: &str, state: &str) -> Value {
        for _ in 0..LOOKS {
            let card = self.card(card_id).await;
            if card["state"] == state {
                return card;
            }
        }
        panic!("{card_id} never was {state}");
    }

    /// The deliveries about a card, once all of them are settled.
    async fn deliveries(&self, card: &Value) -> Vec<Value> {
        for _ in 0..LOOKS {
            let all = self.bureau(Method::GET, "/_sim/events", None).await;
            let all = all["deliveries"].as_array().unwrap().iter();
            let ours = all.filter(|one| one["producerOrderId"] == card["producerOrderId"]);
            let ours: Vec<_> = ours.cloned().collect();
            let is_settled = |one: &Value| one["outcome"] != "held" && one["outcome"] != "sending";
            if ours.iter().all(is_settled) {
                return ours;
            }
        }
        panic!("the bureau's events were never settled");
    }
}

/// The event of a card's order, as the bureau would write it.
fn told(card: &Value, state: &str) -> Value {
    let data = json!({
        "producerOrderId": card["producerOrderId"],
        "key": format!("{}-1", card["cardId"].as_str().unwrap()),
        "state": state,
        "changedAt": "2026-03-02T08:15:00.000Z",
    });
    json!({"type": "order.state_changed", "timestamp": "2026-03-02T08:15:00.000Z", "data": data})
}

#[tokio::test]
async fn a_card_moves_as_the_bureau_tells() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Gerda").await;
    let card_id = card["cardId"].as_str().unwrap();
    stack.listen().await;
    moves(&stack, &card, json!({"state": "in_production"})).await;
    stack.until_state(card_id, "in_production").await;
    let shipment = json!({"carrier": "Northern Post", "tracking": "NP123456789"});
    let mut progress = shipment.clone();
    progress["state"] = json!("produced");
    moves(&stack, &card, progress).await;
    let produced = stack.until_state(card_id, "produced").await;
    assert_eq!(produced["shipment"], shipment);
    let lived = [
        "order",
        "accept",
        "email_sent",
        "start_production",
        "produce",
    ];
    assert_eq!(events(&produced), lived);
    assert_eq!(produced["timeline"][4]["by"], format!("system:{RECEIVER}"));
    for delivery in stack.deliveries(&card).await {
        assert_eq!(delivery["outcome"], "delivered", "{delivery}");
    }
}

#[tokio::test]
async fn doubled_late_and_forged_events_move_no_card() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Greta").await;
    let card_id = card["cardId"].as_str().unwrap();
    stack.listen().await;
    stack
        .fault(json!({"kind": "forge-event", "calls": 1}))
        .await;
    moves(&stack, &card, json!({"state": "produced"})).await;
    let forged = stack.deliveries(&card).await;
    assert_eq!(
        (&forged[0]["outcome"], &forged[0]["status"]),
        (&json!("given-up"), &json!(401))
    );
    assert_eq!(stack.card(card_id).await, card);

    // The event of the production is held back until that of the shipment has come, which comes twice.
    stack.fault(json!({"kind": "hold-event", "calls": 1})).await;
    moves(&stack, &card, json!({"state": "in_production"})).await;
    stack
        .fault(json!({"kind": "duplicate-event", "calls": 1}))
        .await;
    moves(&stack, &card, json!({"state": "produced"})).await;
    let produced = stack.until_state(card_id, "produced").await;
    let sent = stack.deliveries(&card).await.split_off(1);
    assert_eq!(sent.len(), 3, "{sent:?}");
    for delivery in sent {
        assert_eq!(delivery["outcome"], "delivered", "{delivery}");
    }
    assert_eq!(stack.card(card_id).await, produced);
    let late = refresh(&stack, card_id).await;
    late.expect_problem(409, "card-state");
}

#[tokio::test]
async fn what_can_not_be_taken_is_kept_for_a_person() {
    let stack = Stack::ready().await;
    stack.purge("quarantineQueueUrl").await;
    let card = ordered(&stack, "Gunnar").await;
    let card_id = card["cardId"].as_str().unwrap();
    let since = stack.lines_of(RECEIVER).await.len();
    let mut unknown = told(&card, "produced");
    unknown["type"] = json!("order.archived");
    let mut nowhere = told(&card, "produced");
    nowhere["data"]["key"] = json!("6f1c1b4e-0000-4000-8000-000000000000-1");
    for event in [&unknown, &nowhere] {
        let id = stack.unique("evt");
        let kept = stack.tell(&id, event).await;
        assert_eq!(kept.expect(200), json!({"outcome": "kept"}));
        let again = stack.tell(&id, event).await;
        assert_eq!(again.expect(200), json!({"outcome": "duplicate"}));
    }
    stack
        .assert_raised("producer-order-mismatch", RECEIVER, since)
        .await;
    let kept = stack.messages_in("quarantineQueueUrl").await;
    assert_eq!(kept, 2);
    assert!(Alarm::named("quarantine-not-empty").is_raised_by(kept as f64));
    let kept = stack.take_all("quarantineQueueUrl").await;
    let events = [unknown.to_string(), nowhere.to_string()];
    assert_eq!(kept, BTreeSet::from(events));
    assert_eq!(stack.card(card_id).await, card);
    // Later news of the same order are taken.
    let told = stack
        .tell(&stack.unique("evt"), &told(&card, "produced"))
        .await;
    assert_eq!(told.expect(200), json!({"outcome": "taken"}));
    assert_eq!(stack.card(card_id).await["state"], "produced");
}

#[tokio::test]
async fn nobody_is_heard_who_can_not_sign() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Gesine").await;
    let event = told(&card, "produced");
    for role in ["", "operator", "administrator"] {
        let body = Some(event.to_string());
        let path = "/producer/events";
        let unsigned = stack.send(role, Method::POST, path, &[], body).await;
        assert_eq!(unsigned.header("www-authenticate"), "Standard-Webhooks");
        unsigned.expect_problem(401, "webhook-signature-invalid");
    }
    let forged = stack.tell_with(OTHER_KEY, "evt", &event).await;
    forged.expect_problem(401, "webhook-signature-invalid");
    assert_eq!(stack.card(card["cardId"].as_str().unwrap()).await, card);
}

#[tokio::test]
async fn the_old_key_and_the_new_one_count_while_keys_are_changed() {
    let stack = Stack::ready().await;
    let card = ordered(&stack, "Gitte").await;
    let old = stack.webhook_keys().await;
    let both = format!("{old}\n{OTHER_KEY}\n");
    stack.put_webhook_keys(&both).await;
    // A new process has read no keys before.
    let trial = stack.with_settings(RECEIVER, &[("LOG_LEVEL", "info")], async {
        for (key, state) in [(old.as_str(), "in_production"), (OTHER_KEY, "produced")] {
            let id = stack.unique("evt");
            let taken = stack.tell_with(key, &id, &told(&card, state)).await;
            assert_eq!(taken.expect(200), json!({"outcome": "taken"}));
        }
    });
    let tried = whatever_comes(trial).await;
    stack.put_webhook_keys(&old).await;
    tried.unwrap();
}
