//! What holders are answered about themselves, and about everything else.

use cardwright_domain::card::{Card, EventKind, State, sample};
use cardwright_domain::ids::Actor;
use serde_json::{Value, json};

use super::cases::{
    Case, abort, draft, enable_self_service, failed, first_card, get_card, me, order, ordered,
    profile, requested, world,
};
use super::{CONTRACT, check_response};
use crate::support::gateway::Request;
use crate::support::memory::Memory;

const NOWHERE: &str = "00000000-0000-5000-8000-000000000000";

fn as_holder(request: Request, user_id: &str) -> Request {
    request.by(&format!("{user_id}@example.com"), &[])
}

pub(super) fn helping_oneself() -> Vec<Case> {
    let ada = |request| as_holder(request, "ada");
    let bea = |request| as_holder(request, "bea");
    let good = |request, status| Case::good(request, status).after(enable_self_service);
    let bad = |request, status, slug| Case::bad(request, status, slug).after(enable_self_service);
    vec![
        good(ada(me()), 200),
        good(ada(profile("ada")), 200),
        good(ada(draft("ada")), 200),
        good(bea(order("bea", "k")), 201),
        good(ada(get_card(first_card())), 200),
        good(ada(abort(first_card())), 200),
        good(
            profile("ada").by("ADA@example.com", &["administrator"]),
            200,
        ),
        bad(bea(profile("ada")), 404, "user-not-found"),
        bad(bea(profile("nobody")), 404, "user-not-found"),
        bad(bea(profile("a bcé")), 404, "user-not-found"),
        bad(bea(draft("ada")), 404, "user-not-found"),
        bad(bea(order("ada", "k")), 404, "user-not-found"),
        bad(bea(get_card(first_card())), 404, "card-not-found"),
        bad(bea(get_card("not-a-card")), 404, "card-not-found"),
        bad(bea(abort(first_card())), 404, "card-not-found"),
        // For their own card they get the same answers as an operator.
        bad(ada(order("ada", "second")), 409, "open-order-exists"),
        // Who is not active any more is nobody.
        bad(as_holder(order("ivo", "k"), "ivo"), 403, "role-required"),
        Case::bad(ada(abort(first_card())), 403, "requester-only").after(|memory| {
            enable_self_service(memory);
            change_first(memory, State::Requested);
        }),
        Case::bad(ada(abort(first_card())), 409, "card-state").after(|memory| {
            enable_self_service(memory);
            change_first(memory, State::Ordered);
        }),
        Case::bad(ada(abort(first_card())), 409, "card-claimed").after(|memory| {
            enable_self_service(memory);
            let claimed = first(memory).on(&sample::event(EventKind::Claim), sample::now());
            memory.put_card(claimed.unwrap());
        }),
        // Whatever has become of it, somebody else's card is not there.
        Case::bad(bea(abort(first_card())), 404, "card-not-found").after(|memory| {
            enable_self_service(memory);
            change_first(memory, State::Ordered);
        }),
        Case::bad(bea(abort(first_card())), 404, "card-not-found").after(|memory| {
            enable_self_service(memory);
            let by = Actor::parse("bea@example.com").unwrap();
            change_first(memory, State::Aborted { by });
        }),
        Case::bad(ada(profile("ada")), 403, "role-required"),
        Case::bad(bea(order("bea", "k")), 403, "role-required"),
    ]
}

fn first(memory: &Memory) -> Card {
    memory.cards.lock().unwrap()[&first_card()].clone()
}

fn change_first(memory: &Memory, state: State) {
    memory.put_card(Card {
        state,
        ..first(memory)
    });
}

async fn helpful_world() -> Memory {
    let memory = world().await;
    enable_self_service(&memory);
    memory
}

/// Sends the request and holds its answer against the contract; also what it cost.
async fn answer(request: Request, memory: &Memory) -> (u16, Value, String) {
    let (method, path) = request.route_key().split_once(' ').unwrap();
    let operation = CONTRACT.operation(method, path);
    let response = request.send(memory).await;
    let body = check_response(operation, &response);
    (
        response.status_code,
        body,
        response.headers["aws-requests"].clone(),
    )
}

#[tokio::test]
async fn whoever_calls_is_told_who_they_are() {
    let memory = helpful_world().await;
    for (request, roles, user_id) in [
        (as_holder(me(), "ada"), json!([]), json!("ada")),
        (
            me().by("Ada@Example.com", &["staff"]),
            json!([]),
            json!("ada"),
        ),
        (me().by("una@example.com", &[]), json!([]), Value::Null),
        (
            me().by("omar.haddad", &["approver", "operator"]),
            json!(["operator", "approver"]),
            Value::Null,
        ),
    ] {
        let name = request.0["requestContext"]["authorizer"]["jwt"]["claims"]["username"].clone();
        let (status, body, cost) = answer(request, &memory).await;
        let expected =
            json!({"userName": name, "roles": roles, "userId": user_id, "selfService": true});
        assert_eq!((status, body, cost.as_str()), (200, expected, "1"));
    }
    let (_, off, _) = answer(as_holder(me(), "ada"), &world().await).await;
    assert_eq!(
        (&off["selfService"], &off["userId"]),
        (&json!(false), &json!("ada"))
    );
}

#[tokio::test]
async fn what_is_another_users_is_answered_as_what_there_is_not() {
    let memory = helpful_world().await;
    let bea = |request| as_holder(request, "bea");
    let nobody = bea(profile("nobody"));
    let nothing = bea(get_card(NOWHERE));
    let (no_user, no_card) = (
        answer(nobody, &memory).await,
        answer(nothing, &memory).await,
    );
    let nowhere = answer(bea(abort(NOWHERE)), &memory).await;
    for request in [profile("ada"), draft("ada"), order("ada", "k")] {
        assert_eq!(answer(bea(request), &memory).await, no_user);
    }
    for card in [first_card(), requested().card_id, ordered().card_id] {
        assert_eq!(answer(bea(get_card(card)), &memory).await, no_card);
        assert_eq!(answer(bea(abort(card)), &memory).await, nowhere);
    }
    assert_eq!((no_user.2.as_str(), no_card.2.as_str()), ("1", "2"));
}

#[tokio::test]
async fn helping_oneself_costs_one_request_more_than_being_helped() {
    for (request, user_id) in [
        (profile("ada"), "ada"),
        (draft("bea"), "bea"),
        (order("bea", "k"), "bea"),
        (get_card(first_card()), "ada"),
        (abort(first_card()), "ada"),
    ] {
        let shown = request.route_key().to_owned();
        let by_operator = answer(request.clone(), &helpful_world().await).await;
        let by_holder = answer(as_holder(request, user_id), &helpful_world().await).await;
        assert_eq!(by_holder.0, by_operator.0, "{shown}");
        let costs = [by_holder.2, by_operator.2].map(|cost| cost.parse::<u64>().unwrap());
        assert_eq!(costs[0], costs[1] + 1, "{shown}");
    }
}

#[tokio::test]
async fn a_holder_orders_follows_and_aborts_their_own_card() {
    let memory = helpful_world().await;
    let bea = |request| as_holder(request, "bea");
    let (status, placed, _) = answer(bea(order("bea", "k")), &memory).await;
    assert_eq!(
        (status, &placed["requestedBy"]),
        (201, &json!("bea@example.com"))
    );
    assert_eq!(placed["timeline"][0]["by"], "bea@example.com");
    let card_id = placed["cardId"].as_str().unwrap();
    let (_, again, _) = answer(bea(order("bea", "k")), &memory).await;
    assert_eq!(again, placed);
    let (_, seen, _) = answer(bea(get_card(card_id)), &memory).await;
    assert_eq!(seen, placed);
    let (status, aborted, _) = answer(bea(abort(card_id)), &memory).await;
    assert_eq!((status, &aborted["state"]), (200, &json!("aborted")));
    assert_eq!(aborted["timeline"][1]["by"], "bea@example.com");
    let (_, shown, _) = answer(bea(profile("bea")), &memory).await;
    let states = shown["cards"]
        .as_array()
        .unwrap()
        .iter()
        .map(|card| &card["state"]);
    let states: Vec<_> = states.filter(|state| *state == "aborted").collect();
    assert_eq!(states.len(), 1, "{shown}");
    assert!(
        shown["cards"]
            .to_string()
            .contains(&failed("bea").card_id.to_string())
    );
}

#[tokio::test]
async fn a_holder_sees_no_other_people_wherever_a_card_is_shown() {
    let memory = helpful_world().await;
    let ada = |request| as_holder(request, "ada");
    for request in [profile("ada"), get_card(first_card()), abort(first_card())] {
        let shown = request.route_key().to_owned();
        let (status, body, _) = answer(ada(request), &memory).await;
        assert_eq!(status, 200, "{shown}");
        assert!(!body.to_string().contains("omar"), "{shown}: {body}");
    }
    let (_, for_staff, _) = answer(get_card(first_card()), &memory).await;
    assert_eq!(for_staff["requestedBy"], "omar.haddad");
}

#[tokio::test]
async fn a_name_that_two_users_sign_in_by_is_nobodys() {
    let memory = helpful_world().await;
    memory.put_user("twin", json!({"upn": "ada@example.com"}));
    let (status, body, _) = answer(as_holder(profile("ada"), "ada"), &memory).await;
    assert_eq!((status, &body["status"]), (403, &json!(403)));
}

#[tokio::test]
async fn an_operator_who_is_a_holder_keeps_an_operators_rights() {
    let memory = helpful_world().await;
    let operator = |request: Request| request.by("bea@example.com", &["operator"]);
    let (status, body, _) = answer(operator(get_card(first_card())), &memory).await;
    assert_eq!((status, &body["requestedBy"]), (200, &json!("omar.haddad")));
    assert_eq!(answer(operator(profile("ada")), &memory).await.0, 200);
}
