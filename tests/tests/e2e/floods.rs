//! What floods the queues: garbage, strangers, doubles, messages that are given up, and a producer
//! that refuses or is away. Healthy orders go on, and the next tick repairs what was lost.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::bulk::reminder;
use super::stack::Stack;
use crate::races::row;

/// SQS gives a message up after so many receives (`maxReceiveCount` of the order queue).
const RECEIVES: usize = 20;

/// How long a message that was received stays away if it is not deleted (`VisibilityTimeout` of the order queue).
const VISIBILITY_SECONDS: usize = 120;

/// Bodies that are no reminder; `card_id` is that of a healthy card, and none of them may touch it.
fn garbage(card_id: &str) -> Vec<String> {
    let body =
        |card_id: &str, order_id: &str| json!({"cardId": card_id, "orderId": order_id}).to_string();
    let nobody = "00000000-0000-0000-0000-000000000000";
    let mut bodies = vec![
        " ".to_owned(),
        "hello".into(),
        "{}".into(),
        "null".into(),
        "[]".into(),
        "{".into(),
        "\u{feff}{}".into(),
        "[".repeat(20_000),
        "x".repeat(256 * 1024),
        format!("{{\"cardId\":\"{}\"}}", "9".repeat(200_000)),
        json!({"cardId": card_id}).to_string(),
        json!({"cardId": 7, "orderId": [card_id]}).to_string(),
        json!({"cardId": card_id, "orderId": format!("{card_id}-1"), "more": 1}).to_string(),
        format!("{}{}", reminder(card_id), reminder(card_id)),
        body(nobody, &format!("{card_id}-1")),
        card_id.to_uppercase(),
    ];
    for attempt in [
        "",
        "-",
        "-0",
        "--1",
        "-01",
        "-1 ",
        "-4294967297",
        "-1.0",
        "-one",
    ] {
        bodies.push(body(card_id, &format!("{card_id}{attempt}")));
    }
    let upper = card_id.to_uppercase();
    bodies.push(body(&upper, &format!("{upper}-1")));
    bodies
}

/// Well-formed reminders of cards that there are not.
fn strangers() -> Vec<String> {
    let cards = [
        "00000000-0000-0000-0000-000000000000",
        "6f1c1b4e-0000-4000-8000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ];
    cards.map(reminder).into()
}

impl Stack {
    async fn send_all(&self, queue: &str, bodies: &[String]) {
        join_all(bodies.iter().map(|body| self.send_to(queue, body))).await;
    }

    /// Takes the bodies of all messages that a queue holds out of it.
    pub(crate) async fn take_all(&self, queue: &str) -> BTreeSet<String> {
        let url = self.setting(queue);
        let mut bodies = BTreeSet::new();
        loop {
            let receive = json!({"QueueUrl": url, "MaxNumberOfMessages": 10});
            let answer = self.sqs("ReceiveMessage", &receive).await;
            let Some(messages) = answer["Messages"]
                .as_array()
                .filter(|list| !list.is_empty())
            else {
                return bodies;
            };
            for message in messages {
                bodies.insert(message["Body"].as_str().unwrap().to_owned());
                let delete = json!({"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]});
                self.sqs("DeleteMessage", &delete).await;
            }
        }
    }

    /// Receives all messages so often that the queue gives them up.
    pub(crate) async fn give_up(&self, queue: &str, dead_letters: &str, messages: usize) {
        let receive = json!({
            "QueueUrl": self.setting(queue), "MaxNumberOfMessages": 10, "VisibilityTimeout": 0,
            "WaitTimeSeconds": 0,
        });
        // One more receive moves them, and one more look sees it.
        for _ in 0..(RECEIVES + 2) * messages {
            if self.messages_in(dead_letters).await == messages {
                return;
            }
            self.sqs("ReceiveMessage", &receive).await;
        }
        panic!("the messages did not get into {dead_letters}");
    }

    async fn states(&self, card_ids: &[String]) -> Vec<String> {
        let cards = card_ids.iter().map(|card_id| self.card(card_id));
        let mut states = Vec::new();
        for card in cards {
            states.push(card.await["state"].as_str().unwrap().to_owned());
        }
        states
    }

    /// Each card is ordered once, and no queue holds anything.
    async fn assert_unharmed(&self, card_ids: &[String]) {
        let orders = self.bureau_orders().await;
        for card_id in card_ids {
            let card = self.until_email(card_id, "sent").await;
            assert_eq!(card["state"], "ordered", "{card}");
            let key = format!("{card_id}-1");
            let ours: Vec<_> = orders
                .iter()
                .filter(|order| order["key"].as_str().unwrap().starts_with(card_id.as_str()))
                .collect();
            assert_eq!(ours.len(), 1, "{ours:?}");
            assert_eq!(ours[0]["key"], key.as_str());
        }
        for queue in ["orderDlqUrl", "mailDlqUrl"] {
            assert_eq!(self.messages_in(queue).await, 0, "{queue}");
        }
        self.drained_to_the_last().await;
    }

    /// Drains until the queue holds no message, not even one that a tick received and could not delete in
    /// its time: that one comes back when its visibility timeout ends.
    async fn drained_to_the_last(&self) {
        for _ in 0..=VISIBILITY_SECONDS {
            if self.messages_in("orderQueueUrl").await == 0 {
                return;
            }
            // An idle tick looks at the empty queue for a second.
            self.drain().await;
        }
        panic!("the order queue still holds a message");
    }
}

#[tokio::test]
async fn garbage_strangers_and_doubles_touch_no_order() {
    const CARDS: usize = 10;
    let stack = Stack::ready().await;
    stack.drained().await;
    for queue in ["quarantineQueueUrl", "orderDlqUrl", "mailDlqUrl"] {
        stack.purge(queue).await;
    }
    let garbage = garbage(&stack.place_orders(1).await[0]);
    stack.drained().await;
    let strangers = strangers();

    stack.send_all("orderQueueUrl", &garbage).await;
    let card_ids = stack.place_orders(CARDS).await;
    stack.send_all("orderQueueUrl", &strangers).await;
    // Each reminder twice more, in the other order.
    for card_id in card_ids.iter().rev() {
        stack.remind(card_id).await;
        stack.remind(card_id).await;
    }
    let report = stack.drain().await;
    let received = garbage.len() + strangers.len() + 3 * CARDS;
    for (number, wanted) in [
        ("received", received),
        ("quarantined", garbage.len()),
        ("dropped", strangers.len()),
        ("accepted", CARDS),
        ("failed", 0),
    ] {
        assert_eq!(report[number], wanted as u64, "{number}: {report}");
    }
    stack.assert_unharmed(&card_ids).await;
    let expected: BTreeSet<_> = garbage.iter().cloned().collect();
    assert!(
        stack.take_all("quarantineQueueUrl").await == expected,
        "garbage was changed"
    );

    // The same in the mail queue: the mail function puts it aside, and no card changes.
    let before = stack.states(&card_ids).await;
    stack.send_all("mailQueueUrl", &garbage).await;
    stack.send_all("mailQueueUrl", &strangers).await;
    for card_id in &card_ids {
        stack.send_to("mailQueueUrl", &reminder(card_id)).await;
    }
    let mut put_aside = BTreeSet::new();
    while put_aside.len() < expected.len() || stack.messages_in("mailQueueUrl").await > 0 {
        put_aside.extend(stack.take_all("quarantineQueueUrl").await);
    }
    assert!(put_aside == expected, "garbage was changed");
    assert_eq!(stack.states(&card_ids).await, before);
    for card_id in &card_ids {
        let holder = stack.card(card_id).await["holder"]["userId"].clone();
        let address = format!("{}@mail.example.com", holder.as_str().unwrap());
        assert_eq!(stack.mail_to(&address).await.len(), 1, "a second email");
    }
    let figure = format!(
        "{} kinds of garbage, {} strangers, each reminder 3 times: {CARDS} of {CARDS} ordered once in 1 tick",
        garbage.len(),
        strangers.len()
    );
    row("R13e", CARDS, CARDS, figure, "0 effect");
}

#[tokio::test]
async fn orders_whose_messages_were_all_given_up_are_repaired_within_one_tick() {
    const CARDS: usize = 10;
    let stack = Stack::ready().await;
    stack.drained().await;
    stack.purge("orderDlqUrl").await;
    let card_ids = stack.place_orders(CARDS).await;
    stack.give_up("orderQueueUrl", "orderDlqUrl", CARDS).await;
    assert_eq!(stack.messages_in("orderQueueUrl").await, 0);
    for card_id in &card_ids {
        stack.expire(card_id).await;
    }
    let report = stack.drain().await;
    let cards = CARDS as u64;
    assert_eq!(
        (&report["sweptOrders"], &report["accepted"]),
        (&json!(cards), &json!(cards))
    );

    // Somebody moves the dead letters back all the same.
    let letters: Vec<_> = stack.take_all("orderDlqUrl").await.into_iter().collect();
    assert_eq!(letters.len(), CARDS);
    stack.send_all("orderQueueUrl", &letters).await;
    let report = stack.drain().await;
    assert_eq!(
        (&report["dropped"], &report["claimed"]),
        (&json!(cards), &json!(0))
    );
    stack.assert_unharmed(&card_ids).await;
    let figure =
        format!("{CARDS} of {CARDS} orders in the dead-letter queue repaired by the next tick");
    row("R13d", CARDS, CARDS, figure, "sweep repairs within 1 tick");
}

#[tokio::test]
async fn a_producer_that_rejects_one_order_in_a_hundred_holds_up_no_other() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let card_ids = stack.place_orders(200).await;
    for refused in [&card_ids[17], &card_ids[117]] {
        let reason = json!({"code": "photo-missing", "detail": "no photo on file"});
        let key = format!("{refused}-1");
        stack
            .fault(json!({"kind": "reject", "key": key, "reason": reason}))
            .await;
    }
    let report = stack.drain().await;
    assert_eq!(
        (&report["accepted"], &report["refused"]),
        (&json!(198), &json!(2)),
        "{report}"
    );
    assert_eq!(stack.card(&card_ids[17]).await["state"], "failed");
    let (mut first, second) = (card_ids[..100].to_vec(), card_ids[118..].to_vec());
    first.remove(17);
    stack.assert_unharmed(&[first, second].concat()).await;
}

#[tokio::test]
async fn an_hour_without_the_producer_costs_no_order_and_no_message() {
    let stack = Stack::ready().await;
    stack.drained().await;
    for queue in ["orderDlqUrl", "mailDlqUrl"] {
        stack.purge(queue).await;
    }
    let mut card_ids = stack.place_orders(5).await;
    stack
        .fault(json!({"kind": "unavailable", "match": {}}))
        .await;
    for minute in 0..60 {
        // The lease and the time to be swept pass between two ticks.
        for card_id in &card_ids {
            stack.pass_time(card_id).await;
        }
        let report = stack.drain().await;
        assert_eq!(report["accepted"], 0, "{report}");
        if minute % 20 == 10 {
            card_ids.extend(stack.place_orders(1).await);
        }
    }
    assert_eq!(stack.messages_in("orderDlqUrl").await, 0);
    // An order that no tick has claimed can still be aborted.
    let late = stack.place_orders(1).await;
    stack.abort(&late[0]).await.expect(200);

    stack.bureau(Method::DELETE, "/_sim/faults", None).await;
    for card_id in &card_ids {
        stack.pass_time(card_id).await;
    }
    // The circuit closes with the first answer, which it asks for by itself after a while.
    for _ in 0..5_000 {
        stack.drain().await;
        if stack.card(&card_ids[0]).await["state"] == "ordered" {
            break;
        }
    }
    stack.assert_unharmed(&card_ids).await;
    assert_eq!(stack.at_bureau(&late[0]).await, None);
}

impl Stack {
    /// Makes the card due, and lets the lease of whoever has claimed it end.
    async fn pass_time(&self, card_id: &str) {
        let key = json!({"pk": {"S": format!("card#{card_id}")}});
        let get = json!({"TableName": self.setting("cardsTable"), "Key": key});
        let item = self.dynamodb("GetItem", &get).await;
        if item["Item"]["detail"]["M"]["claim"] == Value::Null {
            self.expire(card_id).await;
        } else {
            self.make_due(card_id).await;
        }
    }
}
