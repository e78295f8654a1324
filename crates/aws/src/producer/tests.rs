//! The client against the bureau simulator with its faults, and against small servers for what a
//! bureau that keeps to the contract never does.

mod world;

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::response::IntoResponse;
use cardwright_domain::card::Failure;
use cardwright_domain::ids::ProducerOrderId;
use cardwright_domain::order_status::{OrderStatus, Progress, Shipment};
use serde_json::{Value, json};
use tracing::Level;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use self::world::{World, accept_all, id, orders, patient};
use super::*;
use crate::limits::{PRODUCER_FAILURES, PRODUCER_OPEN};
use crate::requests::made_to_producer;

fn accepted(number: u32) -> Answer {
    Answer::Accepted(ProducerOrderId::parse(&format!("P-{}", id(number))).unwrap())
}

fn rejected(detail: &str) -> Answer {
    Answer::Rejected(Failure::producer_rejected(detail.into()))
}

/// Lets time pass for everything that looks at tokio's clock.
async fn let_pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn each_order_gets_its_answer_and_keeps_it() {
    let world = World::with_simulator(patient()).await;
    let reason = json!({"code": "no-photo", "detail": "No photo."});
    world
        .set_fault(json!({"kind": "reject", "key": id(2), "reason": reason}))
        .await;
    let answers = [accepted(1), rejected("No photo."), accepted(3)];
    let made = made_to_producer();
    assert_eq!(world.bureau.submit(&orders(1..=3)).await, answers);
    assert!(made_to_producer() > made);
    assert_eq!(world.bureau.submit(&orders(1..=3)).await, answers);
    assert_eq!(world.secrets.reads(), 1, "the token is read once");
    let seen = world.seen().await;
    assert_eq!(
        seen["orders"][0]["data"],
        json!({"upn": "user1@city.example"})
    );
}

fn status(number: u32, progress: Progress) -> Status {
    Status::Known(OrderStatus {
        order_id: id(number),
        producer_order_id: ProducerOrderId::parse(&format!("P-{}", id(number))).unwrap(),
        progress,
    })
}

#[tokio::test]
async fn an_order_is_followed_to_its_end() {
    let world = World::with_simulator(patient()).await;
    let both = [accepted(1), accepted(2)];
    assert_eq!(world.bureau.submit(&orders(1..=2)).await, both);
    let asked = async |number| {
        let producer_order_id = ProducerOrderId::parse(&format!("P-{}", id(number)));
        world.bureau.status(&producer_order_id.unwrap()).await
    };
    assert_eq!(asked(1).await, status(1, Progress::Accepted));
    world.moves(1, json!({"state": "in_production"})).await;
    assert_eq!(asked(1).await, status(1, Progress::InProduction));
    let shipped = json!({"state": "produced", "carrier": "Northern Post", "tracking": "NP1"});
    world.moves(1, shipped).await;
    let shipment = Shipment {
        carrier: Some("Northern Post".into()),
        tracking: Some("NP1".into()),
    };
    assert_eq!(asked(1).await, status(1, Progress::Produced(shipment)));
    let reason = json!({"code": "lost", "detail": "Lost on its way."});
    world
        .moves(2, json!({"state": "failed", "reason": reason}))
        .await;
    let failure = Failure::production_failed("Lost on its way.".into());
    assert_eq!(asked(2).await, status(2, Progress::Failed(failure)));
}

#[tokio::test]
async fn an_order_that_the_producer_does_not_know_is_no_failure_of_the_wire() {
    let world = World::with_simulator(patient()).await;
    let unknown = ProducerOrderId::parse("P-unknown").unwrap();
    for _ in 0..=PRODUCER_FAILURES {
        assert_eq!(world.bureau.status(&unknown).await, Status::Contradicts);
    }
    assert!(world.bureau.is_available());
}

#[test]
fn a_status_is_of_the_order_that_was_asked_about() {
    let known = json!({"producerOrderId": "P-1", "key": id(1), "state": "accepted"});
    let read = |field: &str, other: Value| {
        let mut answer = known.clone();
        answer[field] = other;
        let id = ProducerOrderId::parse("P-1").unwrap();
        answers::status(answer.to_string().as_bytes(), &id).unwrap()
    };
    for (field, other) in [
        ("producerOrderId", json!("P-2")),
        ("producerOrderId", json!(null)),
        ("key", json!("somebody's")),
        ("key", json!(null)),
    ] {
        assert_eq!(
            read(field, other.clone()),
            Status::Contradicts,
            "{field} {other}"
        );
    }
    for other in [json!("lost"), json!(1), json!(null)] {
        assert_eq!(read("state", other), Status::Unknown);
    }
}

#[test]
fn of_a_shipment_only_what_is_whole_is_kept() {
    let long = "x".repeat(101);
    for (carrier, kept) in [
        (json!("Northern\nPost "), Some("NorthernPost")),
        (json!(&long[..100]), Some(&long[..100])),
        (json!(long), None),
        (json!("  "), None),
        (json!(7), None),
    ] {
        let answer = json!({"producerOrderId": "P-1", "key": id(1), "state": "produced", "carrier": carrier});
        let asked = ProducerOrderId::parse("P-1").unwrap();
        let status = answers::status(answer.to_string().as_bytes(), &asked).unwrap();
        let Status::Known(OrderStatus {
            progress: Progress::Produced(shipment),
            ..
        }) = status
        else {
            panic!("{status:?}");
        };
        assert_eq!(
            (shipment.carrier.as_deref(), shipment.tracking),
            (kept, None)
        );
    }
}

#[tokio::test]
async fn a_status_of_another_order_is_no_failure_of_the_wire() {
    let other = json!({"producerOrderId": "P-2", "key": id(2), "state": "accepted"});
    let world = World::with_stub(patient(), move |_, _| Json(other.clone()).into_response()).await;
    let id = ProducerOrderId::parse("P-1").unwrap();
    for _ in 0..=PRODUCER_FAILURES {
        assert_eq!(world.bureau.status(&id).await, Status::Contradicts);
    }
    assert!(world.bureau.is_available());
}

#[test]
fn only_what_somebody_has_to_mend_is_logged_as_an_error() {
    for (failed, level) in [
        (Failed::CircuitOpen, Level::WARN),
        (Failed::OutOfTime, Level::WARN),
        (Failed::NotFound, Level::WARN),
        (Failed::Broken { status: 500 }, Level::WARN),
        (Failed::Unauthorized, Level::ERROR),
        (Failed::Unexpected { status: 302 }, Level::ERROR),
        (Failed::TooLong, Level::ERROR),
    ] {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Lines(Arc::clone(&lines));
        tracing::subscriber::with_default(Registry::default().with(sink), || report(&failed));
        let asked = if matches!(failed, Failed::CircuitOpen) {
            "the producer was not asked"
        } else if level == Level::ERROR {
            "the producer can't be asked"
        } else {
            "the producer did not answer"
        };
        let lines = lines.lock().unwrap();
        assert_eq!(*lines, [(level, asked.to_owned())], "{failed:?}");
    }
}

/// Keeps the level and the message of each event.
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

impl<S: tracing::Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut message = Message::default();
        event.record(&mut message);
        let line = (*event.metadata().level(), message.0);
        self.0.lock().unwrap().push(line);
    }
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[tokio::test]
async fn no_orders_make_no_request() {
    let world = World::with_simulator(patient()).await;
    assert_eq!(world.bureau.submit(&[]).await, []);
    assert_eq!(world.seen().await["requests"], 0);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_makes_no_second_order() {
    let world = World::with_simulator(patient()).await;
    world.set_fault(json!({"kind": "drop-answer"})).await;
    assert_eq!(
        world.bureau.submit(&orders(1..=2)).await,
        [accepted(1), accepted(2)]
    );
    let seen = world.seen().await;
    assert_eq!(seen["requests"], 2);
    assert_eq!(seen["orders"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_always_lost_is_unknown() {
    let world = World::with_simulator(patient()).await;
    world
        .set_fault(json!({"kind": "drop-answer", "match": {}}))
        .await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert_eq!(world.seen().await["requests"], PRODUCER_FAILURES);
}

#[tokio::test]
async fn a_slow_answer_is_given_up_and_asked_for_again() {
    let hurried = Settings {
        attempt: Duration::from_secs(1),
        ..patient()
    };
    let world = World::with_simulator(hurried).await;
    world
        .set_fault(json!({"kind": "slow", "delayMs": 60_000}))
        .await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
    assert_eq!(world.seen().await["orders"][0]["submits"], 2);
}

#[tokio::test]
async fn nothing_takes_longer_than_the_budget() {
    let hurried = Settings {
        budget: Duration::from_millis(300),
        ..patient()
    };
    let world = World::with_simulator(hurried).await;
    world
        .set_fault(json!({"kind": "slow", "delayMs": 60_000, "match": {}}))
        .await;
    // An answer of the simulator would be longer in coming than the test may take.
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
}

#[tokio::test]
async fn an_unavailable_bureau_is_asked_again_after_the_second_that_it_named() {
    let world = World::with_simulator(patient()).await;
    world.set_fault(json!({"kind": "unavailable"})).await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
    assert_eq!(world.seen().await["requests"], 2);
}

#[tokio::test]
async fn a_busy_bureau_is_left_alone_for_as_long_as_it_asks() {
    let world = World::with_stub(patient(), |call, body| match call {
        1 => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "120")]).into_response(),
        _ => accept_all(body),
    });
    let world = world.await;
    for _ in 0..2 {
        assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
        assert!(!world.bureau.is_available());
    }
    assert_eq!(world.calls(), 1);
    let_pass(Duration::from_secs(120)).await;
    assert!(world.bureau.is_available());
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
}

#[tokio::test]
async fn too_many_requests_are_repeated_within_the_budget() {
    let world = World::with_stub(patient(), |call, body| match call {
        1 => (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "0")]).into_response(),
        _ => accept_all(body),
    });
    let world = world.await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
    assert_eq!(world.calls(), 2);
}

#[tokio::test]
async fn what_is_deferred_is_unknown_and_not_asked_for_again() {
    let world = World::with_simulator(patient()).await;
    world
        .set_fault(json!({"kind": "defer", "key": id(1)}))
        .await;
    assert_eq!(
        world.bureau.submit(&orders(1..=2)).await,
        [Answer::Unknown, accepted(2)]
    );
    assert_eq!(world.seen().await["requests"], 1);
    assert!(world.bureau.is_available());
}

#[tokio::test]
async fn what_has_no_entry_is_unknown_and_not_asked_for_again() {
    let world = World::with_stub(patient(), |_, mut body| {
        body["orders"].as_array_mut().unwrap().remove(0);
        accept_all(body)
    });
    let world = world.await;
    assert_eq!(
        world.bureau.submit(&orders(1..=2)).await,
        [Answer::Unknown, accepted(2)]
    );
    assert_eq!(world.calls(), 1);
}

#[tokio::test]
async fn a_broken_answer_is_asked_for_again() {
    let world = World::with_stub(patient(), |call, body| match call {
        1 => "{\"answers\": [".into_response(),
        2 => "x"
            .repeat(crate::limits::PRODUCER_ANSWER_BYTES + 1)
            .into_response(),
        _ => accept_all(body),
    });
    let world = world.await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
    assert_eq!(world.calls(), 3);
}

#[tokio::test]
async fn a_changed_token_is_read_again() {
    let world = World::with_simulator(patient()).await;
    world.secrets.set("outdated");
    world.secrets.change_after_a_read(world::TOKEN);
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
    assert_eq!(world.secrets.reads(), 2);
}

#[tokio::test]
async fn a_token_that_stays_refused_is_not_tried_over_and_over() {
    let world = World::with_stub(patient(), |_, _| StatusCode::UNAUTHORIZED.into_response());
    let world = world.await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert_eq!((world.calls(), world.secrets.reads()), (1, 2));
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let world = World::with_simulator(patient()).await;
    world.secrets.set("");
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert_eq!(world.seen().await["requests"], 0);
}

#[tokio::test]
async fn an_order_that_the_producer_can_not_read_is_ended_and_holds_up_no_others() {
    let bad = id(5).to_string();
    let world = World::with_stub(patient(), move |_, body| {
        let is_bad = |order: &Value| order["key"] == bad.as_str();
        match body["orders"].as_array() {
            // The stub can't see the path: a request without orders is the cancel of the bad one.
            None => Json(json!({"key": bad, "status": "cancelled"})).into_response(),
            Some(orders) if orders.iter().any(is_bad) => StatusCode::BAD_REQUEST.into_response(),
            Some(_) => accept_all(body),
        }
    });
    let world = world.await;
    for _ in 0..2 * PRODUCER_FAILURES {
        let answers = world.bureau.submit(&orders(1..=8)).await;
        for (answer, number) in answers.into_iter().zip(1..=8) {
            let expected = if number == 5 {
                rejected("The producer can't read this order (HTTP 400).")
            } else {
                accepted(number)
            };
            assert_eq!(answer, expected, "order {number}");
        }
    }
    assert!(world.bureau.is_available());
}

#[tokio::test]
async fn an_order_that_the_producer_can_not_read_stays_unknown_until_its_key_is_fenced() {
    let bad = id(2).to_string();
    let world = World::with_stub(patient(), move |_, body| {
        let is_bad = |order: &Value| order["key"] == bad.as_str();
        match body["orders"].as_array() {
            None => StatusCode::FORBIDDEN.into_response(),
            Some(orders) if orders.iter().any(is_bad) => StatusCode::BAD_REQUEST.into_response(),
            Some(_) => accept_all(body),
        }
    });
    let answers = world.await.bureau.submit(&orders(1..=2)).await;
    assert_eq!(answers, [accepted(1), Answer::Unknown]);
}

#[tokio::test]
async fn a_bureau_that_takes_no_order_at_all_is_left_alone() {
    let world = World::with_stub(patient(), |_, _| {
        StatusCode::UNPROCESSABLE_ENTITY.into_response()
    })
    .await;
    for _ in 0..PRODUCER_FAILURES {
        assert!(world.bureau.is_available());
        assert_eq!(
            world.bureau.submit(&orders(1..=2)).await,
            [Answer::Unknown, Answer::Unknown]
        );
    }
    assert!(!world.bureau.is_available());
    assert_eq!(world.calls(), 3 * PRODUCER_FAILURES as usize);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::with_stub(patient(), |call, body| match call {
        1 => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/elsewhere")]).into_response(),
        _ => accept_all(body),
    });
    let world = world.await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert_eq!(world.calls(), 1);
}

#[tokio::test]
async fn failures_in_a_row_open_the_circuit_and_a_probe_closes_it() {
    let world = World::with_stub(patient(), |call, body| {
        if call <= PRODUCER_FAILURES as usize {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        accept_all(body)
    });
    let world = world.await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert!(!world.bureau.is_available());
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert_eq!(
        world.bureau.cancel(id(1)).await,
        Cancelled::TooLate(Answer::Unknown)
    );
    assert_eq!(
        world.calls(),
        PRODUCER_FAILURES as usize,
        "nothing is asked while it is open"
    );
    let_pass(PRODUCER_OPEN).await;
    assert!(world.bureau.is_available());
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [accepted(1)]);
}

#[tokio::test]
async fn nobody_listening_is_unknown() {
    let world = World::with_nobody(patient()).await;
    assert_eq!(world.bureau.submit(&orders(1..=1)).await, [Answer::Unknown]);
    assert!(!world.bureau.is_available());
}

#[tokio::test]
async fn a_cancelled_key_never_makes_a_card() {
    let world = World::with_simulator(patient()).await;
    assert_eq!(world.bureau.cancel(id(1)).await, Cancelled::Done);
    assert_eq!(world.bureau.cancel(id(1)).await, Cancelled::Done);
    let answers = world.bureau.submit(&orders(1..=1)).await;
    assert!(matches!(answers[..], [Answer::Rejected(_)]), "{answers:?}");
}

#[tokio::test]
async fn a_cancel_after_the_decision_is_too_late() {
    let world = World::with_simulator(patient()).await;
    world
        .set_fault(
            json!({"kind": "reject", "key": id(2), "reason": {"code": "x", "detail": "No."}}),
        )
        .await;
    world.bureau.submit(&orders(1..=2)).await;
    assert_eq!(
        world.bureau.cancel(id(1)).await,
        Cancelled::TooLate(accepted(1))
    );
    assert_eq!(
        world.bureau.cancel(id(2)).await,
        Cancelled::TooLate(rejected("No."))
    );
}

#[tokio::test]
async fn requests_are_counted_and_debug_output_has_no_token() {
    let before = made_to_producer();
    let world = World::with_simulator(patient()).await;
    world.bureau.submit(&orders(1..=1)).await;
    assert!(made_to_producer() > before);
    let shown = format!("{:?}", world.bureau);
    assert!(!shown.contains(world::TOKEN), "{shown}");
}
