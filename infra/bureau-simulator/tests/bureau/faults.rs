//! Each kind of fault, and how long it lasts.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Bureau, TOKEN, order};

#[tokio::test]
async fn a_rejected_order_keeps_its_answer_after_the_fault_is_cleared() {
    let bureau = Bureau::start().await;
    let reason = json!({ "code": "photo-missing", "detail": "There is no photo." });
    bureau
        .set_fault(json!({ "kind": "reject", "key": "bad-1", "reason": reason }))
        .await;

    let reply = bureau
        .submit(json!([order("good-1"), order("bad-1")]))
        .await;
    assert_eq!(reply.body["answers"][0]["status"], "accepted");
    let rejected = json!({ "key": "bad-1", "status": "rejected", "reason": reason });
    assert_eq!(reply.body["answers"][1], rejected);

    let cleared = bureau.control(Method::DELETE, "/_sim/faults", None).await;
    assert_eq!(cleared.status, StatusCode::NO_CONTENT);
    assert_eq!(bureau.faults().await, json!([]));
    assert_eq!(bureau.submit_one("bad-1").await, rejected);
}

#[tokio::test]
async fn a_fault_by_match_hits_the_orders_with_this_value_until_it_is_cleared() {
    let bureau = Bureau::start().await;
    let upn = order("marked-1")["data"]["upn"].clone();
    bureau
        .set_fault(json!({ "kind": "defer", "match": { "upn": upn } }))
        .await;
    for _ in 0..3 {
        let reply = bureau
            .submit(json!([order("marked-1"), order("plain-1")]))
            .await;
        assert_eq!(
            reply.body["answers"][0],
            json!({ "key": "marked-1", "status": "deferred" })
        );
        assert_eq!(reply.body["answers"][1]["status"], "accepted");
    }
    bureau.control(Method::DELETE, "/_sim/faults", None).await;
    assert_eq!(bureau.submit_one("marked-1").await["status"], "accepted");
}

#[tokio::test]
async fn a_fault_without_key_hits_every_order_of_the_next_calls() {
    let bureau = Bureau::start().await;
    bureau
        .set_fault(json!({ "kind": "reject", "calls": 2 }))
        .await;
    for call in 0..3 {
        let keys = [format!("a-{call}"), format!("b-{call}")];
        let reply = bureau
            .submit(json!([order(&keys[0]), order(&keys[1])]))
            .await;
        let expected = if call < 2 { "rejected" } else { "accepted" };
        assert_eq!(reply.body["answers"][0]["status"], expected);
        assert_eq!(reply.body["answers"][1]["status"], expected);
    }
    assert_eq!(bureau.faults().await, json!([]));
}

#[tokio::test]
async fn a_fault_with_key_and_calls_is_used_up_by_the_calls_that_hold_the_order() {
    let bureau = Bureau::start().await;
    bureau
        .set_fault(json!({ "kind": "defer", "key": "slow-1", "calls": 1 }))
        .await;
    assert_eq!(bureau.submit_one("other-1").await["status"], "accepted");
    assert_eq!(bureau.faults().await[0]["calls"], 1);
    assert_eq!(bureau.submit_one("slow-1").await["status"], "deferred");
    assert_eq!(bureau.submit_one("slow-1").await["status"], "accepted");
}

#[tokio::test]
async fn faults_of_one_kind_work_off_one_after_the_other() {
    let bureau = Bureau::start().await;
    for code in ["first", "second"] {
        let reason = json!({ "code": code, "detail": "A reason." });
        bureau
            .set_fault(json!({ "kind": "reject", "reason": reason }))
            .await;
    }
    bureau.set_fault(json!({ "kind": "unavailable" })).await;
    let submission = json!([order("a-1")]);
    assert_eq!(
        bureau.submit(submission).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(bureau.submit_one("a-1").await["reason"]["code"], "first");
    assert_eq!(bureau.submit_one("b-1").await["reason"]["code"], "second");
    assert_eq!(bureau.submit_one("c-1").await["status"], "accepted");
}

#[tokio::test]
async fn an_unavailable_bureau_decides_nothing_and_says_when_to_come_back() {
    let bureau = Bureau::start().await;
    bureau
        .set_fault(json!({ "kind": "unavailable", "calls": 2 }))
        .await;
    for _ in 0..2 {
        let reply = bureau.submit(json!([order("a-1")])).await;
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.headers["retry-after"], "1");
    }
    let seen = bureau.seen().await;
    assert_eq!(seen, json!({ "orders": [], "keys": [], "requests": 2 }));
    assert_eq!(bureau.submit_one("a-1").await["status"], "accepted");
}

#[tokio::test]
async fn a_deferred_order_is_undecided_and_can_still_be_cancelled() {
    let bureau = Bureau::start().await;
    bureau.set_fault(json!({ "kind": "defer" })).await;
    assert_eq!(bureau.submit_one("a-1").await["status"], "deferred");
    assert_eq!(bureau.look_up("a-1").await.status, StatusCode::NOT_FOUND);
    let keys = bureau.seen().await["keys"].take();
    assert_eq!(
        keys,
        json!([{ "key": "a-1", "status": "deferred", "submits": 1 }])
    );
    assert_eq!(bureau.cancel("a-1").await["status"], "cancelled");
    assert_eq!(
        bureau.submit_one("a-1").await["reason"]["code"],
        "cancelled"
    );
}

#[tokio::test]
async fn a_slow_bureau_has_decided_before_it_answers() {
    let bureau = Bureau::start().await;
    bureau
        .set_fault(json!({ "kind": "slow", "delayMs": 60_000 }))
        .await;
    let request = bureau.request(Method::POST, "/orders").bearer_auth(TOKEN);
    let waiting = tokio::spawn(request.json(&json!({ "orders": [order("a-1")] })).send());
    while bureau.seen().await["orders"] == json!([]) {}
    assert!(!waiting.is_finished());
    waiting.abort();
    assert_eq!(bureau.look_up("a-1").await.body["status"], "accepted");

    bureau
        .set_fault(json!({ "kind": "slow", "delayMs": 1 }))
        .await;
    assert_eq!(bureau.submit_one("b-1").await["status"], "accepted");
}

#[tokio::test]
async fn a_dropped_answer_is_a_connection_error_after_the_order_was_accepted() {
    let bureau = Bureau::start().await;
    bureau
        .set_fault(json!({ "kind": "drop-answer", "key": "a-1", "calls": 1 }))
        .await;
    let request = bureau.request(Method::POST, "/orders").bearer_auth(TOKEN);
    let error = request
        .json(&json!({ "orders": [order("a-1")] }))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");

    let decided = bureau.look_up("a-1").await.body;
    assert_eq!(decided["status"], "accepted");
    assert_eq!(bureau.seen().await["orders"][0]["submits"], 1);
    assert_eq!(bureau.submit_one("a-1").await, decided);
}

#[tokio::test]
async fn a_dropped_answer_sends_not_one_byte() {
    let bureau = Bureau::start().await;
    bureau.set_fault(json!({ "kind": "drop-answer" })).await;
    let body = json!({ "orders": [order("a-1")] }).to_string();
    let request = format!(
        "POST /orders HTTP/1.1\r\nhost: bureau\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    );
    let mut connection = TcpStream::connect(bureau.address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    connection.read_to_end(&mut received).await.unwrap();
    assert_eq!(String::from_utf8(received).unwrap(), "");
    assert_eq!(bureau.look_up("a-1").await.body["status"], "accepted");
}

#[tokio::test]
async fn a_fault_that_makes_no_sense_is_refused() {
    let bureau = Bureau::start().await;
    let reason = json!({ "code": "a", "detail": "b" });
    let senseless: [Value; 7] = [
        json!({ "kind": "explode" }),
        json!({ "kind": "reject", "call": 1 }),
        json!({ "kind": "reject", "calls": 0 }),
        json!({ "kind": "reject", "delayMs": 5 }),
        json!({ "kind": "slow" }),
        json!({ "kind": "slow", "delayMs": 60_001 }),
        json!({ "kind": "defer", "reason": reason }),
    ];
    for fault in senseless {
        let reply = bureau
            .control(Method::POST, "/_sim/faults", Some(&fault))
            .await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{fault}");
    }
    assert_eq!(bureau.faults().await, json!([]));
}
