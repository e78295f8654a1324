//! What the bureau refuses: no token, too much, and what the contract does not know.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::contract;
use crate::harness::{Bureau, TOKEN, order, send};

const MAX_BODY_BYTES: usize = 1_048_576;

#[tokio::test]
async fn every_operation_wants_the_token() {
    let bureau = Bureau::start().await;
    let operations = [
        (Method::POST, "/orders"),
        (Method::GET, "/orders/by-key/a-1"),
        (Method::POST, "/orders/by-key/a-1/cancel"),
        (Method::GET, "/orders/P-a-1"),
    ];
    for (method, path) in operations {
        for authorization in [
            None,
            Some("Bearer wrong"),
            Some("Basic test-token"),
            Some(TOKEN),
        ] {
            let mut request = bureau.request(method.clone(), path);
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            let reply = send(request).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            contract::check(&method, path, &reply);
        }
    }
    assert_eq!(
        bureau.seen().await,
        json!({ "orders": [], "keys": [], "requests": 0 })
    );
}

#[tokio::test]
async fn a_request_holds_one_to_a_hundred_orders() {
    let bureau = Bureau::start().await;
    let orders = |count| {
        (0..count)
            .map(|n| order(&format!("n-{n}")))
            .collect::<Value>()
    };
    for count in [0, 101] {
        assert_eq!(
            bureau.submit(orders(count)).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    assert_eq!(bureau.seen().await["keys"], json!([]));
    let full = bureau.submit(orders(100)).await;
    assert_eq!(full.body["answers"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn a_body_holds_a_mebibyte_and_not_a_byte_more() {
    let bureau = Bureau::start().await;
    let json = json!({ "orders": [order("a-1")] }).to_string();
    let sizes = [
        (MAX_BODY_BYTES, StatusCode::OK),
        (MAX_BODY_BYTES + 1, StatusCode::PAYLOAD_TOO_LARGE),
    ];
    for (size, expected) in sizes {
        let request = bureau
            .request(Method::POST, "/orders")
            .bearer_auth(TOKEN)
            .header("content-type", "application/json")
            .body(json.clone() + &" ".repeat(size - json.len()));
        let reply = send(request).await;
        assert_eq!(reply.status, expected);
        contract::check(&Method::POST, "/orders", &reply);
    }
}

#[tokio::test]
async fn a_malformed_key_is_refused_everywhere() {
    let bureau = Bureau::start().await;
    let longest = "k".repeat(64);
    assert_eq!(bureau.submit_one(&longest).await["status"], "accepted");

    let too_long = "k".repeat(65);
    for key in [too_long.as_str(), "a_1", "a.1"] {
        let submitted = bureau.submit(json!([order("fine-1"), order(key)])).await;
        let cancel = format!("/orders/by-key/{key}/cancel");
        let cancelled = bureau.call(Method::POST, &cancel, None).await;
        for reply in [submitted, cancelled, bureau.look_up(key).await] {
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{key}");
        }
    }
    assert_eq!(
        bureau.submit(json!([order("")])).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(bureau.look_up("fine-1").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_contract_does_not_know_is_refused() {
    let bureau = Bureau::start().await;
    let (mut extra, mut number, mut missing) = (order("a-1"), order("a-1"), order("a-1"));
    extra["priority"] = json!("high");
    number["data"]["upn"] = json!(7);
    missing.as_object_mut().unwrap().remove("productionType");
    let bodies = [
        json!([]),
        json!({}),
        json!({ "orders": [order("a-1")], "urgent": true }),
        json!({ "orders": [extra] }),
        json!({ "orders": [number] }),
        json!({ "orders": [missing] }),
    ];
    for body in bodies {
        let reply = bureau.call(Method::POST, "/orders", Some(&body)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{body}");
    }
    for (media_type, body) in [("text/plain", "{\"orders\":[]}"), ("application/json", "{")] {
        let request = bureau.request(Method::POST, "/orders").bearer_auth(TOKEN);
        let reply = send(request.header("content-type", media_type).body(body)).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{media_type} {body}");
        contract::check(&Method::POST, "/orders", &reply);
    }
    assert_eq!(bureau.seen().await["keys"], json!([]));
}

#[tokio::test]
async fn other_paths_and_methods_are_problems_too() {
    let bureau = Bureau::start().await;
    let cases = [
        (Method::GET, "/", StatusCode::NOT_FOUND),
        (Method::GET, "/_sim/nothing", StatusCode::NOT_FOUND),
        (Method::PUT, "/_sim/orders", StatusCode::METHOD_NOT_ALLOWED),
    ];
    for (method, path, expected) in cases {
        let reply = bureau.control(method, path, None).await;
        assert_eq!(reply.status, expected, "{path}");
        assert_eq!(reply.headers["content-type"], "application/problem+json");
        assert_eq!(reply.body["status"], expected.as_u16());
    }
}
