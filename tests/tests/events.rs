//! The sample events are what the functions take, and they are answered as `events/README.md` says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cardwright_app::ports::Status;
use cardwright_aws::triggers::mail_queue;
use cardwright_domain::card::{Card, StateKind, sample};
use cardwright_domain::ids::{Actor, CardId, IdempotencyKey};
use cardwright_domain::order_status::Progress;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use crate::contract::cases::{activated, deactivated, made, producer_says, refused, taken};
use crate::contract::{CONTRACT, check_response};
use crate::support::gateway::{Request, function};
use crate::support::memory::Memory;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

/// Every event, by `<function>/<case>`.
fn events() -> BTreeMap<String, Value> {
    let mut events = BTreeMap::new();
    for function in std::fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        if !function.path().is_dir() {
            continue;
        }
        for case in std::fs::read_dir(function.path())
            .unwrap()
            .map(Result::unwrap)
        {
            let function = function.file_name().into_string().unwrap();
            let path = case.path();
            let case = path.file_stem().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            events.insert(
                format!("{function}/{case}"),
                serde_json::from_str(&text).unwrap(),
            );
        }
    }
    events
}

/// The rows of the table in the README: `<function>/<case>`, and what it says of the answer.
fn described() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows = text
        .lines()
        .filter(|line| line.starts_with('|') && line.contains('`'));
    let mut described = BTreeMap::new();
    let mut function = String::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        if !cells[0].is_empty() {
            function = cells[0].to_owned();
        }
        // Every second piece between backticks is a name.
        for case in cells[1].split('`').skip(1).step_by(2) {
            // A row may say after which case it happens; that one has been described above.
            described
                .entry(format!("{function}/{case}"))
                .or_insert_with(|| cells[2].to_owned());
        }
    }
    described
}

/// The users whom the events speak of, and what happened before the event.
async fn world(name: &str, events: &BTreeMap<String, Value>) -> Memory {
    let memory = Memory::default();
    for (id, name, upn) in [
        ("u-4821", "Åsa Lindqvist", "asa.lindqvist@example.com"),
        ("u-5077", "Bea Holm", "bea.holm@example.com"),
    ] {
        memory.put_user(id, json!({"commonName": name, "upn": upn}));
    }
    let order_comes_first = [
        "view-cards/",
        "abort-order/",
        "decide-order/",
        "repeat-order/",
        "refresh-order/",
        "receive-producer-event/",
        "manage-card/",
        "order-card/order-same-key-other-body",
    ];
    let mut before = Vec::new();
    if !name.starts_with("manage-options/") || name == "manage-options/history" {
        before.push("manage-options/put");
    }
    if order_comes_first
        .iter()
        .any(|prefix| name.starts_with(prefix))
    {
        before.push("order-card/order");
    }
    for event in before {
        memory.change_options(|options| {
            options.approval.single = name.starts_with("decide-order/");
            options.use_cases.repeat_order.enabled = name.starts_with("repeat-order/");
        });
        let response = Request(events[event].clone()).send(&memory).await;
        assert!(response.status_code < 300, "{event}: {}", response.body);
    }
    memory.change_options(|options| {
        let by_holder = ["-own", "-of-another", "-for-another"];
        options.self_service = by_holder.iter().any(|end| name.ends_with(end));
    });
    settle(name, &memory);
    if name == "receive-producer-event/duplicate" {
        let first = Request(events["receive-producer-event/in-production"].clone());
        assert_eq!(first.send(&memory).await.status_code, 200);
    }
    memory
}

/// What has become of the card that was ordered, before the event.
fn settle(name: &str, memory: &Memory) {
    let cards = memory.cards.lock().unwrap().clone();
    for card in cards.values() {
        match name.split_once('/').unwrap() {
            (_, "repeat-not-failed" | "refresh-not-ordered") => {}
            ("repeat-order", _) => memory.put_card(refused(card)),
            ("receive-producer-event", _) => memory.put_card(taken(card)),
            ("manage-card", case) => memory.put_card(handed_out(card, case)),
            ("refresh-order", _) => {
                let card = taken(card);
                producer_says(memory, &card, Progress::InProduction);
                memory.put_card(card);
            }
            _ => {}
        }
    }
    let answers = match name {
        "refresh-order/refresh-forgotten" => Status::Contradicts,
        "refresh-order/refresh-unanswered" => Status::Unknown,
        _ => return,
    };
    *memory.producer_status.lock().unwrap() = Some(answers);
}

/// The card as the event has seen it.
fn handed_out(card: &Card, case: &str) -> Card {
    match case {
        "activate-not-produced" => taken(card),
        "reactivate" => deactivated(&activated(&made(card))),
        _ if case.starts_with("activate") => made(card),
        _ => activated(&made(card)),
    }
}

#[test]
fn the_table_names_exactly_the_events_that_there_are() {
    let files: Vec<_> = events().into_keys().collect();
    let named: Vec<_> = described().into_keys().collect();
    assert_eq!(files, named);
}

#[tokio::test]
async fn every_request_is_answered_as_the_table_says() {
    let events = events();
    let described = described();
    let requests = events
        .iter()
        .filter(|(_, event)| event.get("routeKey").is_some());
    let mut answered = 0;
    for (name, event) in requests {
        let request = Request(event.clone());
        assert!(
            name.starts_with(&format!("{}/", function(request.route_key()))),
            "{name}"
        );
        let (method, path) = request.route_key().split_once(' ').unwrap();
        let operation = CONTRACT.operation(method, path);
        let response = request.send(&world(name, &events).await).await;
        let body = check_response(operation, &response);
        let mut said = described[name].split([' ', ',']);
        assert_eq!(
            said.next().unwrap(),
            response.status_code.to_string(),
            "{name}: {body}"
        );
        if response.status_code >= 400 {
            let slug = body["type"].as_str().unwrap().rsplit('/').next();
            assert_eq!(said.next(), slug, "{name}: {body}");
        } else if let Some(outcome) = body["outcome"].as_str() {
            assert_eq!(said.next(), Some(outcome), "{name}");
        }
        answered += 1;
    }
    assert!(answered > 50, "{answered}");
}

#[test]
fn the_order_that_the_events_speak_of_is_the_one_that_the_first_makes() {
    let events = events();
    let order = &events["order-card/order"];
    let caller = &order["requestContext"]["authorizer"]["jwt"]["claims"]["username"];
    let caller = Actor::parse(caller.as_str().unwrap()).unwrap();
    let key = IdempotencyKey::parse(order["headers"]["idempotency-key"].as_str().unwrap()).unwrap();
    let card_id = CardId::derive(&caller, &key).to_string();
    for name in [
        "view-cards/get",
        "abort-order/abort",
        "decide-order/approve",
        "repeat-order/repeat",
        "refresh-order/refresh",
        "manage-card/activate",
    ] {
        assert_eq!(events[name]["pathParameters"]["cardId"], card_id, "{name}");
    }
    for name in [
        "send-card-ordered-email/one",
        "receive-producer-event/produced",
    ] {
        assert!(events[name].to_string().contains(&card_id), "{name}");
    }
}

/// The cards that the reminders of an event name, as far as they can be read.
fn reminded_of(event: &Value) -> Vec<CardId> {
    let records = event["Records"].as_array().unwrap().iter();
    let bodies = records.map(|record| record["body"].as_str().unwrap());
    let bodies = bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok());
    bodies
        .filter_map(|body| body["cardId"].as_str()?.parse().ok())
        .collect()
}

#[tokio::test]
async fn every_batch_of_reminders_is_settled_as_the_table_says() {
    let events = events();
    for (name, mails, quarantined) in [
        ("one", 1, 0),
        ("batch", 3, 0),
        ("doubled", 1, 0),
        ("garbage", 1, 4),
        ("unknown-card", 0, 0),
    ] {
        let event = &events[&format!("send-card-ordered-email/{name}")];
        let memory = Memory::default();
        for card_id in reminded_of(event)
            .into_iter()
            .filter(|_| name != "unknown-card")
        {
            memory.put_card(Card {
                card_id,
                ..sample::card(StateKind::Ordered, "k")
            });
        }
        let mut context = Context::default();
        context.deadline = u64::MAX;
        let batch = LambdaEvent::new(serde_json::from_value(event.clone()).unwrap(), context);
        let answer = mail_queue(&memory, &memory, &memory, batch).await.unwrap();
        assert!(answer.batch_item_failures.is_empty(), "{name}: {answer:?}");
        let settled = (
            memory.mails.lock().unwrap().len(),
            memory.quarantined.lock().unwrap().len(),
        );
        assert_eq!(settled, (mails, quarantined), "{name}");
    }
}
