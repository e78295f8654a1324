//! What the customer is told of an order, and what becomes of an event that it does not take.

use std::net::Ipv4Addr;

use axum::http::StatusCode;
use bureau_simulator::{sign, signing_key};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::customer::{Customer, KEY, PATIENCE};
use crate::harness::Bureau;

#[test]
fn the_published_test_vector_is_signed_as_published() {
    let key = signing_key(KEY).unwrap();
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(
        sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
}

#[tokio::test]
async fn a_change_of_an_order_is_told_signed_and_as_the_order_is_shown() {
    let mut customer = Customer::answering(&[]).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    let shipped = json!({ "state": "produced", "carrier": "Northern Post", "tracking": "NP1" });
    bureau.moves("a-1", shipped).await;

    let received = customer.next().await;
    let event = received.event();
    let status = bureau.call(Method::GET, "/orders/P-a-1", None).await.body;
    assert_eq!(
        event,
        json!({
            "type": "order.state_changed",
            "timestamp": status["changedAt"],
            "data": status,
        })
    );
    let changed: Timestamp = event["timestamp"].as_str().unwrap().parse().unwrap();
    assert!(received.timestamp.abs_diff(changed.as_second()) < PATIENCE.as_secs());
    let delivered = json!([{
        "webhookId": received.id,
        "producerOrderId": "P-a-1",
        "state": "produced",
        "outcome": "delivered",
        "attempts": 1,
        "status": 200,
    }]);
    assert_eq!(bureau.settled().await, delivered);

    bureau.moves("a-1", json!({ "state": "failed" })).await;
    assert_ne!(customer.next().await.id, received.id);
}

#[tokio::test]
async fn an_event_that_was_not_taken_is_sent_again_under_the_same_id() {
    let passing = [
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::TOO_MANY_REQUESTS,
        // Keys and clocks get mended.
        StatusCode::UNAUTHORIZED,
        StatusCode::BAD_REQUEST,
    ];
    let mut customer = Customer::answering(&passing).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    bureau.moves("a-1", json!({ "state": "produced" })).await;

    let first = customer.next().await;
    for _ in passing {
        let again = customer.next().await;
        assert_eq!((&again.id, &again.body), (&first.id, &first.body));
        assert!(again.timestamp >= first.timestamp);
    }
    let settled = bureau.settled().await;
    assert_eq!(
        (&settled[0]["outcome"], &settled[0]["attempts"]),
        (&json!("delivered"), &json!(5))
    );
}

#[tokio::test]
async fn what_the_customer_refuses_is_not_sent_again() {
    for status in [StatusCode::NOT_FOUND, StatusCode::PAYLOAD_TOO_LARGE] {
        let mut customer = Customer::answering(&[status]).await;
        let bureau = Bureau::with_events_to(&customer.url).await;
        bureau.moves("a-1", json!({ "state": "produced" })).await;
        customer.next().await;
        let settled = bureau.settled().await;
        assert_eq!(
            (&settled[0]["outcome"], &settled[0]["attempts"]),
            (&json!("refused"), &json!(1))
        );
        assert_eq!(settled[0]["status"], status.as_u16());
    }
}

#[tokio::test]
async fn a_customer_who_never_answers_is_given_up_and_holds_nobody_up() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let bureau = Bureau::with_events_to(&url).await;
    bureau.moves("a-1", json!({ "state": "produced" })).await;
    assert_eq!(bureau.deliveries().await[0]["outcome"], "sending");

    for _ in 0..6 {
        // Accepted, and closed without a byte.
        timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    }
    let settled = bureau.settled().await;
    assert_eq!(
        (&settled[0]["outcome"], &settled[0]["attempts"]),
        (&json!("given-up"), &json!(6))
    );
    assert_eq!(settled[0].get("status"), None);
}

#[tokio::test]
async fn without_a_receiver_nothing_is_sent() {
    let mut customer = Customer::answering(&[]).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    bureau.send_events(Value::Null).await;
    bureau.set_fault(json!({ "kind": "forge-event" })).await;
    bureau
        .moves("a-1", json!({ "state": "in_production" }))
        .await;
    let shown = bureau.control(Method::GET, "/_sim/events", None).await;
    assert_eq!(shown.body, json!({ "url": null, "deliveries": [] }));
    assert_eq!(bureau.faults().await[0]["calls"], 1);
    bureau.control(Method::DELETE, "/_sim/faults", None).await;

    bureau
        .send_events(json!({ "url": customer.url, "key": KEY }))
        .await;
    bureau.moves("a-1", json!({ "state": "produced" })).await;
    assert_eq!(customer.next().await.state(), "produced");
}

#[tokio::test]
async fn a_delivery_ends_when_the_receiver_is_taken_away() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let bureau = Bureau::with_events_to(&url).await;
    bureau.moves("a-1", json!({ "state": "produced" })).await;
    // Kept open until the receiver is gone, so that the next attempt finds none.
    let connection = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    bureau.send_events(Value::Null).await;
    drop(connection);
    let settled = bureau.settled().await;
    assert_eq!(
        (&settled[0]["outcome"], &settled[0]["attempts"]),
        (&json!("given-up"), &json!(1))
    );
}

#[tokio::test]
async fn an_event_can_be_sent_twice() {
    let mut customer = Customer::answering(&[]).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    bureau.set_fault(json!({ "kind": "duplicate-event" })).await;
    bureau.moves("a-1", json!({ "state": "produced" })).await;
    let (one, other) = (customer.next().await, customer.next().await);
    assert_eq!((&one.id, &one.body), (&other.id, &other.body));
    assert_eq!(bureau.settled().await.as_array().unwrap().len(), 2);
    assert_eq!(bureau.faults().await, json!([]));
}

#[tokio::test]
async fn an_event_that_is_held_back_comes_after_the_next_one_of_its_order() {
    let mut customer = Customer::answering(&[]).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    bureau.submit_one("b-1").await;
    bureau.set_fault(json!({ "kind": "hold-event" })).await;
    for (key, state) in [("a-1", "in_production"), ("b-1", "failed")] {
        bureau.moves(key, json!({ "state": state })).await;
    }
    assert_eq!(customer.next().await.state(), "failed");
    assert_eq!(bureau.settled().await[0]["outcome"], "held");

    bureau.moves("a-1", json!({ "state": "produced" })).await;
    assert_eq!(customer.next().await.state(), "produced");
    assert_eq!(customer.next().await.state(), "in_production");
}

#[tokio::test]
async fn an_event_can_be_signed_with_a_key_that_nobody_has() {
    let mut customer = Customer::answering(&[StatusCode::UNAUTHORIZED; 6]).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    bureau
        .set_fault(json!({ "kind": "forge-event", "key": "a-1", "calls": 1 }))
        .await;
    // The fault is for events: a submission does not use it up.
    bureau.submit_one("a-1").await;
    bureau
        .moves("a-1", json!({ "state": "in_production" }))
        .await;
    for _ in 0..6 {
        let forged = customer.next_unchecked().await;
        assert_ne!(forged.signature, forged.signature_by(KEY));
    }
    assert_eq!(bureau.settled().await[0]["outcome"], "given-up");

    bureau.moves("a-1", json!({ "state": "produced" })).await;
    assert_eq!(customer.next().await.state(), "produced");
}

#[tokio::test]
async fn a_receiver_that_makes_no_sense_is_refused() {
    let bureau = Bureau::start().await;
    let url = "http://127.0.0.1:9/producer/events";
    let short = "whsec_c2hvcnQ=";
    let senseless: [Value; 8] = [
        json!({}),
        json!({ "url": url }),
        json!({ "url": url, "key": KEY, "more": 1 }),
        json!({ "url": url, "key": short }),
        json!({ "url": url, "key": KEY.trim_start_matches("whsec_") }),
        json!({ "url": "https://127.0.0.1:9/", "key": KEY }),
        json!({ "url": "http://city.example/", "key": KEY }),
        json!({ "url": "events", "key": KEY }),
    ];
    for receiver in senseless {
        let reply = bureau
            .control(Method::PUT, "/_sim/events", Some(&receiver))
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{receiver}");
    }
    let shown = bureau.control(Method::GET, "/_sim/events", None).await;
    assert_eq!(shown.body["url"], Value::Null);
}

#[tokio::test]
async fn the_key_is_never_shown_and_forgotten_orders_leave_no_events() {
    let mut customer = Customer::answering(&[]).await;
    let bureau = Bureau::with_events_to(&customer.url).await;
    bureau.moves("a-1", json!({ "state": "produced" })).await;
    customer.next().await;
    bureau.settled().await;
    bureau.control(Method::DELETE, "/_sim/orders", None).await;
    let shown = bureau.control(Method::GET, "/_sim/events", None).await;
    assert_eq!(shown.body, json!({ "url": customer.url, "deliveries": [] }));
}
