//! The promises of the contract: one key, one decision; an answer for each order; the fence.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Bureau, order};

const KEY: &str = "0192f3a4-7c1e-7b52-9d0a-3f5e8c2b1a60-1";

#[tokio::test]
async fn the_same_key_is_one_order_however_often_it_is_submitted() {
    let bureau = Bureau::start().await;
    let first = bureau.submit_one(KEY).await;
    assert_eq!(first["status"], "accepted");

    let mut other_content = order(KEY);
    other_content["data"] = json!({ "commonName": "Somebody Else" });
    let again = bureau.submit(json!([other_content, order(KEY)])).await;
    assert_eq!(again.body["answers"], json!([first, first]));

    let seen = bureau.seen().await;
    assert_eq!(seen["orders"].as_array().unwrap().len(), 1);
    assert_eq!(seen["orders"][0]["submits"], 3);
    assert_eq!(seen["orders"][0]["data"]["commonName"], "Anna Lindqvist");
    assert_eq!(seen["requests"], 2);
}

#[tokio::test]
async fn parallel_submits_of_one_key_give_one_order() {
    let bureau = Bureau::start().await;
    let submits = (0..20).map(|_| bureau.submit_one(KEY));
    let answers = futures_util::future::join_all(submits).await;
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
    assert_eq!(bureau.seen().await["orders"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bureau_that_lost_its_memory_gives_an_order_the_same_id() {
    let bureau = Bureau::start().await;
    let before = bureau.submit_one(KEY).await;
    let forgotten = bureau.control(Method::DELETE, "/_sim/orders", None).await;
    assert_eq!(forgotten.status, StatusCode::NO_CONTENT);
    assert_eq!(
        bureau.seen().await,
        json!({ "orders": [], "keys": [], "requests": 0 })
    );
    assert_eq!(bureau.submit_one(KEY).await, before);
}

#[tokio::test]
async fn a_bad_order_does_not_hold_up_the_others() {
    let bureau = Bureau::start().await;
    let (mut too_long, mut typeless) = (order("too-long"), order("typeless"));
    too_long["data"]["upn"] = json!("å".repeat(1_001));
    typeless["productionType"] = json!("");
    let mut longest = order("longest");
    longest["data"]["upn"] = json!("å".repeat(1_000));

    let reply = bureau.submit(json!([too_long, typeless, longest])).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.body["answers"][0]["reason"]["code"], "data-invalid");
    assert_eq!(
        reply.body["answers"][1]["reason"]["code"],
        "production-type-unknown"
    );
    assert_eq!(reply.body["answers"][2]["status"], "accepted");
    assert_eq!(
        bureau.look_up("too-long").await.body,
        reply.body["answers"][0]
    );
}

#[tokio::test]
async fn a_look_up_says_what_was_decided_and_decides_nothing() {
    let bureau = Bureau::start().await;
    assert_eq!(bureau.look_up(KEY).await.status, StatusCode::NOT_FOUND);
    let answer = bureau.submit_one(KEY).await;
    assert_eq!(answer["status"], "accepted");
    assert_eq!(bureau.look_up(KEY).await.body, answer);
}

#[tokio::test]
async fn a_cancelled_key_is_fenced_off_for_ever() {
    let bureau = Bureau::start().await;
    let cancelled = json!({ "key": KEY, "status": "cancelled" });
    assert_eq!(bureau.cancel(KEY).await, cancelled);
    assert_eq!(bureau.cancel(KEY).await, cancelled);

    for _ in 0..2 {
        let late = bureau.submit_one(KEY).await;
        assert_eq!(late["status"], "rejected");
        assert_eq!(late["reason"]["code"], "cancelled");
    }
    assert_eq!(bureau.look_up(KEY).await.body, cancelled);
    let seen = bureau.seen().await;
    assert_eq!(seen["orders"], json!([]));
    assert_eq!(
        seen["keys"],
        json!([{ "key": KEY, "status": "cancelled", "submits": 2 }])
    );
}

#[tokio::test]
async fn a_cancel_that_comes_too_late_says_so_and_changes_nothing() {
    let bureau = Bureau::start().await;
    let accepted = bureau.submit_one("accepted-1").await;
    assert_eq!(bureau.cancel("accepted-1").await, accepted);
    assert_eq!(bureau.submit_one("accepted-1").await, accepted);

    bureau
        .set_fault(json!({ "kind": "reject", "key": "rejected-1" }))
        .await;
    let rejected = bureau.submit_one("rejected-1").await;
    assert_eq!(rejected["status"], "rejected");
    assert_eq!(bureau.cancel("rejected-1").await, rejected);
}

#[tokio::test]
async fn every_order_has_an_id_of_its_own_that_is_not_too_long() {
    let bureau = Bureau::start().await;
    let long = "a-".repeat(32);
    let keys = [&long[..61], &long[..62], &long[..63], long.as_str(), KEY];
    let mut ids = Vec::new();
    for key in keys {
        let accepted = bureau.submit_one(key).await;
        let id = accepted["producerOrderId"].as_str().unwrap().to_owned();
        let status = bureau
            .call(Method::GET, &format!("/orders/{id}"), None)
            .await;
        assert_eq!(status.body["key"], key);
        assert!(!ids.contains(&id), "{id}");
        ids.push(id);
    }
    // A key alone is no id, unless it is too long for the prefix.
    let path = format!("/orders/{KEY}");
    let alone = bureau.call(Method::GET, &path, None).await;
    assert_eq!(alone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_order_can_be_moved_from_any_state_to_any_state() {
    let bureau = Bureau::start().await;
    let id = bureau.submit_one(KEY).await["producerOrderId"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/orders/{id}");
    let status = bureau.call(Method::GET, &path, None).await;
    assert_eq!(status.body["state"], "accepted");

    let states = ["accepted", "in_production", "produced", "failed"];
    for (from, to) in states.iter().flat_map(|from| states.map(|to| (from, to))) {
        for state in [*from, to] {
            let control = format!("/_sim/orders/{id}/state");
            let body = json!({ "state": state });
            let moved = bureau.control(Method::POST, &control, Some(&body)).await;
            assert_eq!(
                (moved.status, &moved.body["state"]),
                (StatusCode::OK, &json!(state))
            );
        }
        assert_eq!(
            bureau.call(Method::GET, &path, None).await.body["state"],
            to
        );
    }
    let unknown = bureau.call(Method::GET, "/orders/P-unknown", None).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_moved_order_says_its_shipment_and_its_reason() {
    let bureau = Bureau::start().await;
    let id = bureau.submit_one(KEY).await["producerOrderId"]
        .as_str()
        .unwrap()
        .to_owned();
    let control = format!("/_sim/orders/{id}/state");
    let shipped = json!({ "state": "produced", "carrier": "Northern Post", "tracking": "NP1" });
    bureau.control(Method::POST, &control, Some(&shipped)).await;
    let status = bureau
        .call(Method::GET, &format!("/orders/{id}"), None)
        .await
        .body;
    assert_eq!(
        (&status["carrier"], &status["tracking"]),
        (&json!("Northern Post"), &json!("NP1"))
    );

    let reason = json!({ "code": "chip-defect", "detail": "The chip broke." });
    let failed = json!({ "state": "failed", "reason": reason });
    bureau.control(Method::POST, &control, Some(&failed)).await;
    let status = bureau
        .call(Method::GET, &format!("/orders/{id}"), None)
        .await
        .body;
    assert_eq!((&status["reason"], status.get("carrier")), (&reason, None));

    let bad = json!({ "state": "melted" });
    let refused = bureau.control(Method::POST, &control, Some(&bad)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}
