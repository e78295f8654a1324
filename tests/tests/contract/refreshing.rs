//! What an operator is answered who has the producer asked about a card.

use cardwright_app::ports::Status;
use cardwright_domain::card::{Card, Failure, State};
use cardwright_domain::ids::ProducerOrderId;
use cardwright_domain::order_status::{Progress, Shipment};
use serde_json::{Value, json};

use super::cases::{Case, failed, first_card, ordered, producer_says, refresh, requested, world};
use super::{CONTRACT, check_response};
use crate::support::memory::Memory;

pub(super) fn refreshing() -> Vec<Case> {
    let nowhere = "00000000-0000-5000-8000-000000000000";
    let asked = || refresh(ordered().card_id);
    vec![
        Case::good(asked(), 200).after(|memory| {
            producer_says(memory, &ordered(), Progress::Accepted);
        }),
        Case::good(asked(), 200).after(|memory| {
            producer_says(memory, &ordered(), by_post());
        }),
        Case::good(asked(), 200).after(|memory| {
            producer_says(memory, &ordered(), broken());
        }),
        // What is ordered is followed, whatever may be ordered now.
        Case::good(asked(), 200)
            .after(|memory| memory.change_options(|options| *options = Default::default())),
        Case::bad(refresh(nowhere), 404, "card-not-found"),
        Case::bad(refresh("not-a-card"), 404, "card-not-found"),
        Case::bad(refresh(first_card()), 409, "card-state"),
        Case::bad(refresh(requested().card_id), 409, "card-state"),
        Case::bad(refresh(failed("bea").card_id), 409, "card-state"),
        Case::bad(asked(), 409, "card-state").after(|memory| {
            memory.put_card(Card {
                state: State::Produced,
                ..ordered()
            });
        }),
        Case::bad(asked(), 409, "producer-contradicts")
            .after(|memory| producer_answers(memory, Status::Contradicts)),
        Case::bad(asked(), 409, "producer-contradicts").after(|memory| {
            memory.put_card(Card {
                producer_order_id: Some(ProducerOrderId::parse("P-2").unwrap()),
                ..ordered()
            });
        }),
        Case::bad(asked(), 503, "temporarily-unavailable")
            .after(|memory| producer_answers(memory, Status::Unknown)),
    ]
}

fn producer_answers(memory: &Memory, status: Status) {
    *memory.producer_status.lock().unwrap() = Some(status);
}

fn by_post() -> Progress {
    Progress::Produced(Shipment {
        carrier: Some("Northern Post".into()),
        tracking: Some("NP123456789".into()),
    })
}

fn broken() -> Progress {
    Progress::Failed(Failure::production_failed("the chip is broken".into()))
}

/// The answer to the same request, and the tag that it has.
async fn asked(memory: &Memory) -> (u16, Value, Value) {
    let request = refresh(ordered().card_id);
    let operation = CONTRACT.operation("POST", "/cards/{cardId}/refresh");
    let response = request.send(memory).await;
    let body = check_response(operation, &response);
    let tag = response.headers.get("etag").map(String::as_str);
    (response.status_code, body, json!(tag))
}

#[tokio::test]
async fn a_card_is_shown_as_the_producer_has_it() {
    let shipped = json!({"carrier": "Northern Post", "tracking": "NP123456789"});
    let failure = json!({
        "type": "https://cardwright.example/problems/production-failed",
        "detail": "the chip is broken",
    });
    for (progress, state, steps, shipment, failure) in [
        (Progress::Accepted, "ordered", 0, Value::Null, Value::Null),
        (
            Progress::InProduction,
            "in_production",
            1,
            Value::Null,
            Value::Null,
        ),
        (by_post(), "produced", 1, shipped, Value::Null),
        (broken(), "failed", 1, Value::Null, failure),
    ] {
        let memory = world().await;
        producer_says(&memory, &ordered(), progress);
        let (status, card, tag) = asked(&memory).await;
        assert_eq!((status, &card["state"]), (200, &json!(state)), "{card}");
        let version = ordered().version + steps;
        assert_eq!(card["version"], version);
        assert_eq!(tag, format!("\"{version}\""));
        assert_eq!((&card["shipment"], &card["failure"]), (&shipment, &failure));
    }
}

#[tokio::test]
async fn asking_again_changes_nothing() {
    let memory = world().await;
    let first = asked(&memory).await;
    assert_eq!((first.0, &first.1["state"]), (200, &json!("in_production")));
    assert_eq!(asked(&memory).await, first);
    // What is older than what is known is no news.
    producer_says(&memory, &ordered(), Progress::Accepted);
    assert_eq!(asked(&memory).await, first);
    producer_answers(&memory, Status::Contradicts);
    let (status, problem, _) = asked(&memory).await;
    assert_eq!((status, &problem["status"]), (409, &json!(409)));
    producer_says(&memory, &ordered(), Progress::InProduction);
    assert_eq!(asked(&memory).await, first);
}
