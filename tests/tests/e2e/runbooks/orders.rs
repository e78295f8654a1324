//! The alarms about orders on their way to the producer, and about the API.

use reqwest::Method;
use serde_json::{Value, json};

use super::super::bulk::reminder;
use super::super::stack::Stack;
use super::alarm::{Alarm, whatever_comes};
use super::{DRAIN, SYNC};

#[tokio::test]
async fn oldest_waiting_order_is_mended_by_the_right_token() {
    let stack = Stack::ready().await;
    stack.drained().await;
    assert_eq!(
        Alarm::named("oldest-waiting-order").metric,
        "ApproximateAgeOfOldestMessage"
    );
    let card_id = stack.place_orders(1).await.remove(0);
    assert_eq!(stack.messages_in("orderQueueUrl").await, 1);
    let right = stack
        .secret("GetSecretValue", &json!({"SecretId": "producer"}))
        .await;
    let right = json!({"SecretId": "producer", "SecretString": right["SecretString"]});
    let wrong = json!({"SecretId": "producer", "SecretString": "expired"});
    stack.secret("PutSecretValue", &wrong).await;
    // A new process has read no token before.
    let trial = stack.with_settings(DRAIN, &[("LOG_LEVEL", "info")], async {
        let since = stack.now_in(DRAIN).await;
        let report = stack.drain().await;
        assert_eq!(report["unknown"], 1, "{report}");
        let errors = stack.errors_of(DRAIN, since).await;
        assert!(
            errors.iter().any(|line| line["producer.status"] == 401),
            "{errors:?}"
        );
    });
    let tried = whatever_comes(trial).await;
    stack.secret("PutSecretValue", &right).await;
    tried.unwrap();
    stack.make_due(&card_id).await;
    stack.until_ordered(&card_id).await;
}

impl Stack {
    /// Drains until the card is ordered; the circuit may be open for a while after a fault.
    async fn until_ordered(&self, card_id: &str) {
        for _ in 0..5_000 {
            self.drain().await;
            if self.card(card_id).await["state"] == "ordered" {
                return;
            }
        }
        panic!("{card_id} was not ordered");
    }
}

#[tokio::test]
async fn oldest_due_card_is_raised_by_an_item_that_can_not_be_read_and_holds_up_nobody() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let since = stack.now_in(DRAIN).await;
    let unreadable = "11111111-1111-4111-8111-111111111111";
    stack.put_unreadable_card(unreadable).await;
    let healthy = stack.place_orders(1).await.remove(0);
    stack.expire(&healthy).await;
    let tried = whatever_comes(async {
        let report = stack.drain().await;
        assert_eq!(report["accepted"], 1, "{report}");
        stack.assert_raised("oldest-due-card", DRAIN, since).await;
        let errors = stack.errors_of(DRAIN, since).await;
        let named = |line: &Value| line["item.key"] == format!("card#{unreadable}");
        assert!(errors.iter().any(named), "{errors:?}");
    });
    let tried = tried.await;
    stack.delete_card(unreadable).await;
    tried.unwrap();
}

#[tokio::test]
async fn producer_not_answering_ends_when_the_producer_is_back() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let since = stack.now_in(DRAIN).await;
    stack.fault(json!({"kind": "defer", "match": {}})).await;
    let card_id = stack.place_orders(1).await.remove(0);
    let report = stack.drain().await;
    assert_eq!(report["unknown"], 1, "{report}");
    stack
        .assert_raised("producer-not-answering", DRAIN, since)
        .await;
    let card = stack.card(&card_id).await;
    assert_eq!(
        (&card["state"], &card["abortable"]),
        (&json!("processing"), &json!(false))
    );
    stack.bureau(Method::DELETE, "/_sim/faults", None).await;
    stack.make_due(&card_id).await;
    stack.until_ordered(&card_id).await;
}

#[tokio::test]
async fn drain_failures_are_raised_by_a_card_that_can_not_be_claimed() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let since = stack.now_in(DRAIN).await;
    let unreadable = "22222222-2222-4222-8222-222222222222";
    stack.put_unreadable_card(unreadable).await;
    stack.remind(unreadable).await;
    let healthy = stack.place_orders(1).await.remove(0);
    let tried = whatever_comes(async {
        let report = stack.drain().await;
        assert_eq!(
            (&report["failed"], &report["accepted"]),
            (&json!(1), &json!(1)),
            "{report}"
        );
        assert_eq!(stack.card(&healthy).await["state"], "ordered");
        stack.assert_raised("drain-failures", DRAIN, since).await;
        let errors = stack.errors_of(DRAIN, since).await;
        let named = |line: &Value| line["order.id"] == format!("{unreadable}-1");
        assert!(errors.iter().any(named), "{errors:?}");
    });
    let tried = tried.await;
    stack.delete_card(unreadable).await;
    stack.purge("orderQueueUrl").await;
    tried.unwrap();
}

#[tokio::test]
async fn drain_errors_are_raised_by_a_wrong_setting_and_end_with_the_right_one() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let card_id = stack.place_orders(1).await.remove(0);
    stack.fails_by_a_wrong_setting(DRAIN, "drain-errors").await;
    stack.until_ordered(&card_id).await;
}

#[tokio::test]
async fn sync_errors_are_raised_by_a_wrong_setting_and_end_with_the_right_one() {
    let stack = Stack::ready().await;
    stack.fails_by_a_wrong_setting(SYNC, "sync-errors").await;
    stack.try_invoke(SYNC, &json!({})).await.unwrap();
}

#[tokio::test]
async fn no_drain_tick_is_mended_by_giving_the_function_its_concurrency_back() {
    let stack = Stack::ready().await;
    stack.drained().await;
    assert_eq!(Alarm::named("no-drain-tick").metric, "Invocations");
    let card_id = stack.place_orders(1).await.remove(0);
    let name = stack.settings["functions"][DRAIN]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/2017-10-31/functions/{name}/concurrency");
    let none = json!({"ReservedConcurrentExecutions": 0});
    stack.rest(Method::PUT, &path, &none).await;
    let tried = whatever_comes(async {
        assert!(stack.try_invoke(DRAIN, &json!({})).await.is_err());
        let card = stack.card(&card_id).await;
        assert_eq!(
            (&card["state"], &card["abortable"]),
            (&json!("processing"), &json!(true))
        );
    });
    let tried = tried.await;
    stack.rest(Method::DELETE, &path, &Value::Null).await;
    tried.unwrap();
    stack.until_ordered(&card_id).await;
}

#[tokio::test]
async fn order_dlq_is_emptied_by_moving_the_reminders_back() {
    let stack = Stack::ready().await;
    stack.drained().await;
    stack.purge("orderDlqUrl").await;
    let card_id = stack.place_orders(1).await.remove(0);
    stack.give_up("orderQueueUrl", "orderDlqUrl", 1).await;
    let dead = stack.messages_in("orderDlqUrl").await;
    assert!(Alarm::named("order-dlq-not-empty").is_raised_by(dead as f64));
    for body in stack.take_all("orderDlqUrl").await {
        assert_eq!(body, reminder(&card_id));
        stack.send_to("orderQueueUrl", &body).await;
    }
    stack.until_ordered(&card_id).await;
    assert_eq!(stack.messages_in("orderDlqUrl").await, 0);
}

#[tokio::test]
async fn quarantine_keeps_what_nobody_can_read_until_it_is_purged() {
    let stack = Stack::ready().await;
    stack.drained().await;
    stack.purge("quarantineQueueUrl").await;
    let since = stack.now_in(DRAIN).await;
    stack.send_to("orderQueueUrl", "a test's text").await;
    stack.drain().await;
    let kept = stack.messages_in("quarantineQueueUrl").await;
    assert!(Alarm::named("quarantine-not-empty").is_raised_by(kept as f64));
    let lines = stack.lines_of(DRAIN).await.split_off(since);
    assert!(
        lines.iter().any(|line| line["level"] == "WARN"),
        "{lines:?}"
    );
    stack.purge("quarantineQueueUrl").await;
    assert_eq!(stack.messages_in("quarantineQueueUrl").await, 0);
}

#[tokio::test]
async fn producer_order_mismatch_is_raised_when_the_card_can_not_take_the_acceptance() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let since = stack.now_in(DRAIN).await;
    let card_id = stack.place_orders(1).await.remove(0);
    stack.fault(json!({"kind": "slow", "delayMs": 1_000})).await;
    // Somebody edits the card's item by hand while the producer is asked, which is never right.
    let edit = async {
        for _ in 0..5_000 {
            if stack.at_bureau(&card_id).await.is_some() {
                break;
            }
        }
        let update = json!({
            "TableName": stack.setting("cardsTable"),
            "Key": {"pk": {"S": format!("card#{card_id}")}},
            "UpdateExpression": "SET #state = :aborted, detail = :by REMOVE due_at, due_shard",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {
                ":aborted": {"S": "aborted"}, ":by": {"M": {"by": {"S": "somebody"}}},
            },
        });
        stack.dynamodb("UpdateItem", &update).await;
    };
    let (report, ()) = futures_util::future::join(stack.drain(), edit).await;
    assert_eq!(report["mismatched"], 1, "{report}");
    stack
        .assert_raised("producer-order-mismatch", DRAIN, since)
        .await;
    let errors = stack.errors_of(DRAIN, since).await;
    let named =
        |line: &Value| line["card.id"] == card_id.as_str() && line["card.state"] == "aborted";
    assert!(errors.iter().any(named), "{errors:?}");
    let key = format!("{card_id}-1");
    let orders = stack.bureau_orders().await;
    assert!(orders.iter().any(|order| order["key"] == key.as_str()));
}

#[tokio::test]
async fn api_errors_are_raised_while_the_table_can_not_be_reached_and_nothing_is_half_done() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let alarm = Alarm::named("api-errors");
    let user = stack.new_user("Agda", json!({})).await;
    let key = stack.unique("key");
    let wrong = [("CARDS_TABLE", "removed")];
    let since = stack.now_in("order-card").await;
    let failed = stack.with_settings("order-card", &wrong, async {
        let mut failed = 0;
        for _ in 0..5 {
            let status = stack.order(&user, &key).await.status.as_u16();
            assert!([500, 503].contains(&status), "{status}");
            failed += 1;
        }
        failed
    });
    assert!(alarm.is_raised_by(f64::from(failed.await)));
    let errors = stack.errors_of("order-card", since).await;
    assert!(errors.len() >= 5, "{errors:?}");
    // The same key again, once it is mended.
    let card = stack.order(&user, &key).await.expect(201);
    let profile = stack
        .call("operator", Method::GET, &format!("/users/{user}"))
        .await;
    assert_eq!(profile.expect(200)["cards"], json!([card]));
    stack.drained().await;
}
