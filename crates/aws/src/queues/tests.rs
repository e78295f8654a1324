use std::sync::{Arc, Mutex};

use axum::http::HeaderMap;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::local::{aws_at, serve};

const CARD: &str = "260e4468-4eb5-5ca6-a250-088199d7c8e0";

type Requests = Arc<Mutex<Vec<(String, Value)>>>;

/// Queues on a service that answers by the operation and the request; keeps what was asked.
async fn queues(
    answer: impl Fn(&str, &Value) -> Value + Clone + Send + Sync + 'static,
) -> (Queues, Requests) {
    let requests = Requests::default();
    let keep = Arc::clone(&requests);
    let router = Router::new().fallback(move |headers: HeaderMap, body: String| {
        let target = headers["x-amz-target"].to_str().unwrap();
        let operation = target.trim_start_matches("AmazonSQS.").to_owned();
        let body = serde_json::from_str(&body).unwrap();
        let answer = answer(&operation, &body);
        keep.lock().unwrap().push((operation, body));
        async { Json(answer) }
    });
    let client = aws_at(serve(router).await).sqs();
    let urls = [Queue::Order, Queue::Mail, Queue::Quarantine]
        .map(|queue| (queue, format!("http://localhost/{queue:?}")));
    (Queues::new(client, urls), requests)
}

fn order_id(number: u32) -> OrderId {
    format!("{CARD}-{number}").parse().unwrap()
}

/// The answer in which these entries of the request failed and the others did not.
fn all_but(failed: &[&str], request: &Value) -> Value {
    let ids = request["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["Id"]);
    let (bad, good): (Vec<_>, Vec<_>) = ids.partition(|id| failed.contains(&id.as_str().unwrap()));
    let bad: Vec<_> = bad
        .into_iter()
        .map(|id| json!({"Id": id, "Code": "InternalError", "SenderFault": false}))
        .collect();
    let good: Vec<_> = good
        .into_iter()
        .map(|id| json!({"Id": id, "MessageId": "m", "MD5OfMessageBody": "0"}))
        .collect();
    json!({"Successful": good, "Failed": bad})
}

#[tokio::test]
async fn a_reminder_of_an_order_has_ids_only() {
    let (queues, requests) = queues(|_, request| all_but(&[], request)).await;
    queues.remind_of_orders(&[order_id(2)]).await.unwrap();
    let body = format!(r#"{{"cardId":"{CARD}","orderId":"{CARD}-2"}}"#);
    let sent = json!({
        "QueueUrl": "http://localhost/Order",
        "Entries": [{"Id": "0", "MessageBody": body}],
    });
    assert_eq!(
        *requests.lock().unwrap(),
        [("SendMessageBatch".to_owned(), sent)]
    );
}

#[tokio::test]
async fn reminders_of_emails_go_in_tens_and_only_failed_ones_again() {
    let (queues, requests) = queues(|_, request| {
        let first_try = request["Entries"].as_array().unwrap().len() > 2;
        all_but(if first_try { &["1", "3"] } else { &[] }, request)
    })
    .await;
    let ids: Vec<_> = (1..=15).map(order_id).collect();
    queues.remind_of_emails(&ids).await.unwrap();
    let requests = requests.lock().unwrap();
    let mut sizes: Vec<_> = requests
        .iter()
        .map(|(_, body)| body["Entries"].as_array().unwrap().len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 2, 5, 10]);
    assert!(requests.iter().all(|(operation, body)| {
        operation == "SendMessageBatch" && body["QueueUrl"] == "http://localhost/Mail"
    }));
}

#[tokio::test]
async fn a_reminder_that_can_not_be_sent_is_an_error() {
    let (queues, requests) = queues(|_, request| all_but(&["0"], request)).await;
    let error = queues.remind_of_emails(&[order_id(1)]).await.unwrap_err();
    assert_eq!(error.to_string(), "sqs.SendMessageBatch failed");
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn messages_are_read_or_handed_on_as_they_came() {
    let (queues, requests) = queues(|_, _| {
        let message = |receipt: &str, body: &str| json!({"ReceiptHandle": receipt, "Body": body});
        let good = written(order_id(1));
        json!({"Messages": [message("r1", &good), message("r2", "hello"), {"Body": "no receipt"}]})
    })
    .await;
    let received = queues.receive_orders(true).await.unwrap();
    let received: Vec<_> = received
        .into_iter()
        .map(|one| (one.receipt, one.body))
        .collect();
    let expected = [
        ("r1".into(), Ok(order_id(1))),
        ("r2".into(), Err("hello".into())),
    ];
    assert_eq!(received, expected);
    queues.receive_orders(false).await.unwrap();
    let waits: Vec<_> = requests
        .lock()
        .unwrap()
        .iter()
        .map(|(_, body)| body["WaitTimeSeconds"].clone())
        .collect();
    assert_eq!(waits, [1, 0]);
    assert_eq!(requests.lock().unwrap()[0].1["MaxNumberOfMessages"], 10);
}

#[tokio::test]
async fn an_empty_queue_is_no_error() {
    let (queues, _) = queues(|_, _| json!({})).await;
    assert!(queues.receive_orders(false).await.unwrap().is_empty());
}

#[tokio::test]
async fn receipts_are_deleted_in_tens() {
    let (queues, requests) = queues(|_, request| all_but(&[], request)).await;
    let receipts: Vec<_> = (0..11).map(|number| format!("r{number}")).collect();
    queues.delete_received(&receipts).await.unwrap();
    queues.delete_received(&[]).await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].0, "DeleteMessageBatch");
}

#[tokio::test]
async fn what_nobody_can_read_is_kept_as_it_came() {
    let (queues, requests) = queues(|_, _| json!({"MessageId": "m"})).await;
    queues.quarantine(b"{\"x\": ").await.unwrap();
    let sent = json!({"QueueUrl": "http://localhost/Quarantine", "MessageBody": "{\"x\": "});
    assert_eq!(
        *requests.lock().unwrap(),
        [("SendMessage".to_owned(), sent)]
    );
}

#[test]
fn what_the_queue_would_not_take_is_put_into_base64() {
    for text in ["x", "é\t\r\n 🂡", "\u{fffd}"] {
        assert_eq!(sendable(text.as_bytes()), text);
    }
    for (bytes, sent) in [
        (&b""[..], "base64:"),
        (b"a\0", "base64:YQA="),
        (b"\xff", "base64:/w=="),
        ("\u{fffe}".as_bytes(), "base64:77++"),
    ] {
        assert_eq!(sendable(bytes), sent);
    }
}

#[tokio::test]
async fn a_queue_that_was_not_asked_for_is_an_error() {
    let client = aws_at("http://127.0.0.1:1".into()).sqs();
    let queues = Queues::new(client, [(Queue::Mail, "http://localhost/mail".to_owned())]);
    assert!(queues.quarantine(b"x").await.is_err());
}
