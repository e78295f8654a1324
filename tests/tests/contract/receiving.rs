//! What the producer is answered that tells by itself how far an order is.

use cardwright_domain::card::{Card, sample};
use serde_json::{Value, json};

use super::cases::{Case, first_card, get_card, ordered, world};
use super::{CONTRACT, check_response};
use crate::support::gateway::Request;
use crate::support::memory::Memory;
use crate::support::webhook::{KEY, NOW, OTHER_KEY, WHEN_SENT, signature};

/// An event, signed now with the key that both sides know.
pub(crate) fn event(body: impl ToString) -> Request {
    Request::new("POST /producer/events")
        .by_nobody()
        .header("webhook-id", "evt-1")
        .header("webhook-timestamp", &NOW.to_string())
        .header("webhook-signature", WHEN_SENT)
        .body(body)
}

/// The event of an order that came into a state.
pub(crate) fn told(card: &Card, state: &str) -> Value {
    let producer_order_id = card.producer_order_id.as_ref().map(ToString::to_string);
    json!({
        "type": "order.state_changed",
        "timestamp": "2026-03-02T08:15:28.000Z",
        "data": {
            "producerOrderId": producer_order_id,
            "key": card.order_id().to_string(),
            "state": state,
            "changedAt": "2026-03-02T08:15:00.000Z",
        },
    })
}

pub(super) fn receiving() -> Vec<Case> {
    let good = || event(told(&ordered(), "in_production"));
    let with = |name: &str, value: &str| good().header(name, value);
    let at = |seconds: i64| with("webhook-timestamp", &(NOW + seconds).to_string());
    let by = |key: &str| signature(key, &good().0);
    let signed = |signatures: &str| with("webhook-signature", signatures);
    let padded = |bytes: usize| event(format!("{{{}}}", " ".repeat(bytes - 2)));
    let forged = |request| Case::bad(request, 401, "webhook-signature-invalid");
    let untimely = |request| Case::bad(request, 400, "webhook-timestamp-invalid");
    let mut cases = vec![
        Case::good(with("webhook-id", &"e".repeat(128)), 200),
        Case::good(at(-300), 200),
        Case::good(at(300), 200),
        untimely(at(-301)),
        untimely(at(301)),
        untimely(with("webhook-timestamp", "0")),
        // One of several signatures is enough, whatever the others are, and so is one of two keys.
        Case::good(signed(&format!("v1a,x {} {}", by(OTHER_KEY), by(KEY))), 200),
        Case::good(good(), 200).after(|memory| know(memory, &[OTHER_KEY, KEY])),
        Case::good(signed(&by(OTHER_KEY)), 200).after(|memory| know(memory, &[KEY, OTHER_KEY])),
        forged(good()).after(|memory| know(memory, &[OTHER_KEY])),
        forged(signed(&by(OTHER_KEY))),
        // A word that is no key is passed over; without any key nobody can tell.
        Case::good(good(), 200).after(|memory| know(memory, &["whsec_c2hvcnQ=", KEY])),
        Case::bad(good(), 503, "temporarily-unavailable").after(|memory| know(memory, &[])),
        Case::bad(good(), 503, "temporarily-unavailable").after(|memory| know(memory, &["no key"])),
        // What was signed is not what is sent.
        forged(signed(&by(KEY)).header("webhook-id", "evt-2")),
        forged(signed(&by(KEY)).header("webhook-timestamp", &(NOW + 1).to_string())),
        forged(signed(&by(KEY)).body(told(&ordered(), "produced"))),
        // Whatever it says, it is genuine.
        Case::good(event(""), 200),
        Case::good(padded(16_384), 200),
        Case::bad(padded(16_385), 413, "body-too-large"),
    ];
    for (name, bad) in [
        (
            "webhook-id",
            &["", "two words", "é", "evt.1", &"e".repeat(129)][..],
        ),
        ("webhook-timestamp", &["", "now", "1772439330.5"]),
        (
            "webhook-signature",
            &["", "v1", "v1,", "v2,AAAA", "v1,not base64"],
        ),
    ] {
        cases.push(forged(good().without_header(name)));
        cases.extend(bad.iter().map(|value| forged(with(name, value))));
    }
    cases
}

/// The secret holds these keys.
fn know(memory: &Memory, keys: &[&str]) {
    *memory.signing_keys.lock().unwrap() = Some(keys.join("\n"));
}

/// What is answered to the event, and how many lie in the quarantine then.
async fn outcome(memory: &Memory, request: Request) -> (u16, Value, usize) {
    let operation = CONTRACT.operation("POST", "/producer/events");
    let response = request.send(memory).await;
    let body = check_response(operation, &response);
    let kept = memory.quarantined.lock().unwrap().len();
    (response.status_code, body["outcome"].clone(), kept)
}

fn state(memory: &Memory) -> &'static str {
    memory.cards.lock().unwrap()[&ordered().card_id]
        .state
        .kind()
        .as_str()
}

#[tokio::test]
async fn what_became_of_an_event_is_answered_and_what_can_not_be_taken_is_kept() {
    let tell = |state: &str| told(&ordered(), state);
    let changed = |pointer: &str, value: Value| {
        let mut event = tell("in_production");
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let nowhere = sample::registered("nowhere");
    for (body, answer, after) in [
        (tell("accepted"), "taken", "ordered"),
        (tell("in_production"), "taken", "in_production"),
        (tell("produced"), "taken", "produced"),
        (tell("failed"), "taken", "failed"),
        (changed("/type", json!("order.archived")), "kept", "ordered"),
        (changed("/type", Value::Null), "kept", "ordered"),
        (changed("/data", json!([])), "kept", "ordered"),
        (changed("/data/state", json!("lost")), "kept", "ordered"),
        (
            changed("/data/key", json!("no key of ours")),
            "kept",
            "ordered",
        ),
        (
            changed("/data/producerOrderId", json!("P-2")),
            "kept",
            "ordered",
        ),
        // A card that there is not, and one that the producer never got.
        (
            changed("/data/key", json!(nowhere.order_id().to_string())),
            "kept",
            "ordered",
        ),
        (
            changed("/data/key", json!(format!("{}-1", first_card()))),
            "kept",
            "ordered",
        ),
        (json!([]), "kept", "ordered"),
    ] {
        let memory = world().await;
        let shown = body.to_string();
        let answered = outcome(&memory, event(&body)).await;
        let kept = usize::from(answer == "kept");
        assert_eq!(answered, (200, json!(answer), kept), "{shown}");
        assert_eq!(state(&memory), after, "{shown}");
        if answer == "kept" {
            assert_eq!(*memory.quarantined.lock().unwrap(), [shown]);
        }
    }
}

#[tokio::test]
async fn more_than_was_agreed_on_may_be_told() {
    let memory = world().await;
    let mut body = told(&ordered(), "produced");
    body["data"]["carrier"] = json!("Northern Post");
    body["data"]["weight"] = json!({"grams": 12});
    body["batch"] = json!("B-7");
    assert_eq!(
        outcome(&memory, event(body)).await,
        (200, json!("taken"), 0)
    );
    let card = memory.cards.lock().unwrap()[&ordered().card_id].clone();
    assert_eq!(card.shipment.carrier.as_deref(), Some("Northern Post"));
}

#[tokio::test]
async fn an_event_that_comes_again_is_a_duplicate_whatever_it_says() {
    let memory = world().await;
    let taken = outcome(&memory, event(told(&ordered(), "in_production"))).await;
    assert_eq!(taken, (200, json!("taken"), 0));
    for body in [
        told(&ordered(), "in_production"),
        told(&ordered(), "produced"),
        json!(7),
    ] {
        let again = outcome(&memory, event(body)).await;
        assert_eq!(again, (200, json!("duplicate"), 0));
    }
    assert_eq!(state(&memory), "in_production");
    let next = event(told(&ordered(), "produced")).header("webhook-id", "evt-2");
    assert_eq!(outcome(&memory, next).await, (200, json!("taken"), 0));
    // What is older than what is known is taken too, and moves nothing.
    let late = event(told(&ordered(), "accepted")).header("webhook-id", "evt-3");
    assert_eq!(outcome(&memory, late).await, (200, json!("taken"), 0));
    assert_eq!(state(&memory), "produced");
}

#[tokio::test]
async fn how_a_card_travels_may_be_told_after_that_it_does() {
    let memory = world().await;
    let produced = told(&ordered(), "produced");
    let taken = outcome(&memory, event(&produced)).await;
    assert_eq!(taken, (200, json!("taken"), 0));
    let shipment = json!({"carrier": "Northern Post", "tracking": "NP123456789"});
    let mut tracked = produced;
    for (name, value) in shipment.as_object().unwrap() {
        tracked["data"][name] = value.clone();
    }
    for id in ["evt-2", "evt-3"] {
        let later = event(&tracked).header("webhook-id", id);
        assert_eq!(outcome(&memory, later).await, (200, json!("taken"), 0));
    }
    let operation = CONTRACT.operation("GET", "/cards/{cardId}");
    let shown = get_card(ordered().card_id).send(&memory).await;
    let card = check_response(operation, &shown);
    assert_eq!(
        (&card["state"], &card["shipment"]),
        (&json!("produced"), &shipment)
    );
    let lines = card["timeline"].as_array().unwrap();
    let last: Vec<_> = lines
        .iter()
        .rev()
        .take(2)
        .map(|line| &line["event"])
        .collect();
    assert_eq!(last, ["track", "produce"]);
}

#[tokio::test]
async fn the_signature_is_of_the_bytes_and_not_of_how_the_gateway_wraps_them() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    let memory = world().await;
    let body = told(&ordered(), "produced");
    let mut wrapped = event(STANDARD.encode(body.to_string()));
    wrapped.0["isBase64Encoded"] = json!(true);
    let plain = signature(KEY, &event(&body).0);
    assert_eq!(signature(KEY, &wrapped.0), plain);
    assert_eq!(outcome(&memory, wrapped).await, (200, json!("taken"), 0));
}
