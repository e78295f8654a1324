//! What an operator is answered who does something with a card that was made.

use cardwright_domain::card::{Card, CardKind, Event, sample};
use cardwright_domain::ids::Actor;
use cardwright_domain::time::Time;
use serde_json::{Value, json};

use super::cases::{
    Case, activate, active, deactivate, failed, first_card, inactive, lock, ordered, produced,
    reactivate, world,
};
use super::{CONTRACT, check_response};
use crate::support::gateway::{OPERATOR, Request};
use crate::support::memory::Memory;

const NOWHERE: &str = "00000000-0000-5000-8000-000000000000";

type Command = fn(&str) -> Request;

pub(super) fn commanding() -> Vec<Case> {
    let bound: [(Command, Card); 3] = [
        (|id| activate(id), produced()),
        (|id| deactivate(id), active()),
        (|id| reactivate(id), inactive()),
    ];
    let mut cases = any_command(|id| lock(id), &active());
    for (command, card) in bound {
        cases.extend(any_command(command, &card));
        let good = || command(&card.card_id.to_string());
        let tagged = |tag: &str| good().header("if-match", tag);
        cases.extend([
            Case::bad(tagged("\"2\""), 412, "precondition-failed"),
            Case::bad(tagged("*"), 412, "precondition-failed"),
            Case::bad(
                good().without_header("if-match"),
                428,
                "precondition-required",
            ),
        ]);
    }
    cases.extend(others());
    cases
}

fn any_command(command: Command, card: &Card) -> Vec<Case> {
    let good = || command(&card.card_id.to_string());
    vec![
        Case::bad(good().body("{"), 400, "body-malformed"),
        Case::bad(command(NOWHERE), 404, "card-not-found"),
        Case::bad(command("not-a-card"), 404, "card-not-found"),
        Case::bad(command(&first_card().to_string()), 409, "card-state"),
        Case::bad(command(&ordered().card_id.to_string()), 409, "card-state"),
        Case::bad(good().body(" ".repeat(16_385)), 413, "body-too-large"),
        Case::bad(good().body(r#"{"because":"no"}"#), 422, "body-invalid"),
    ]
}

/// What only some of the commands can meet.
fn others() -> Vec<Case> {
    let (produced, active, inactive) = (produced().card_id, active().card_id, inactive().card_id);
    let mut cases = vec![
        Case::good(activate(produced).body(r#"{"comment":"at the desk"}"#), 200),
        Case::good(reactivate(inactive).body(r#"{"comment":null}"#), 200),
        Case::good(lock(inactive), 200),
        // A lock asks for no version, and looks at none.
        Case::good(lock(active).header("if-match", "\"2\""), 200),
        Case::bad(activate(active), 409, "card-state"),
        Case::bad(reactivate(active), 409, "card-state"),
        Case::bad(lock(failed("bea").card_id), 409, "card-state"),
        // There is nobody to activate it for.
        Case::bad(activate(produced), 409, "card-state").after(|memory| {
            memory.put_card(Card {
                kind: CardKind::Temporary,
                ..super::cases::produced()
            });
        }),
        // Locking one's own lock again is no change; somebody else's is.
        Case::good(lock(active), 200).after(|memory| lock_by(memory, OPERATOR)),
        Case::bad(lock(active), 409, "card-state")
            .after(|memory| lock_by(memory, "somebody@example.com")),
    ];
    for request in [deactivate(active), lock(active)] {
        for body in ["{}", r#"{"reason":""}"#, r#"{"reason":" "}"#] {
            let request = request.clone().body(body);
            cases.push(Case::bad(request, 422, "body-invalid"));
        }
    }
    cases
}

fn lock_by(memory: &Memory, name: &str) {
    let lock = Event::Lock {
        by: Actor::parse(name).unwrap(),
        reason: "lost".into(),
    };
    memory.put_card(active().on(&lock, sample::now()).unwrap());
}

/// The card in the answer.
async fn done(memory: &Memory, request: Request) -> Value {
    let (method, path) = request.route_key().split_once(' ').unwrap();
    let operation = CONTRACT.operation(method, path);
    let response = request.send(memory).await;
    let card = check_response(operation, &response);
    assert_eq!(response.status_code, 200, "{card}");
    assert_eq!(response.headers["etag"], format!("\"{}\"", card["version"]));
    card
}

fn seen(request: Request, card: &Value) -> Request {
    request.header("if-match", &format!("\"{}\"", card["version"]))
}

#[tokio::test]
async fn a_card_is_used_for_as_long_as_was_ordered() {
    let memory = world().await;
    let id = produced().card_id;
    let at_desk = activate(id).body(r#"{"comment":"at the desk"}"#);
    let activated = done(&memory, at_desk.clone()).await;
    // The clock stands at 8:15 on 2026-03-02, and the sample is valid for a year.
    let until: Time = "2027-03-02T08:15:30.120Z".parse().unwrap();
    assert_eq!(
        (&activated["state"], &activated["validUntil"]),
        (&json!("active"), &json!(until))
    );
    let paused = done(&memory, seen(deactivate(id), &activated)).await;
    assert_eq!(paused["state"], "inactive");
    let back = done(&memory, seen(reactivate(id), &paused)).await;
    assert_eq!(
        (&back["state"], &back["validUntil"]),
        (&json!("active"), &json!(until))
    );
    // What comes late is answered, and undoes nothing.
    assert_eq!(done(&memory, seen(deactivate(id), &activated)).await, back);
    assert_eq!(done(&memory, at_desk).await, back);
    let locked = done(&memory, lock(id)).await;
    assert_eq!(
        (&locked["state"], &locked["validUntil"]),
        (&json!("locked"), &json!(until))
    );
    let entries = locked["timeline"].as_array().unwrap().iter();
    let said: Vec<_> = entries
        .rev()
        .take(4)
        .map(|entry| &entry["reason"])
        .collect();
    let expected = json!(["lost", null, "on leave", "at the desk"]);
    assert_eq!(json!(said), expected);
}

#[tokio::test]
async fn a_command_costs_one_request_and_an_activation_one_read_more() {
    for (request, cost) in [
        (activate(produced().card_id), "2"),
        (deactivate(active().card_id), "1"),
        (reactivate(inactive().card_id), "1"),
        (lock(active().card_id), "1"),
    ] {
        let shown = request.route_key().to_owned();
        let response = request.send(&world().await).await;
        assert_eq!(response.headers["aws-requests"], cost, "{shown}");
    }
}
