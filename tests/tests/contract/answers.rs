use std::collections::BTreeSet;

use cardwright_app::ports::Answer;
use cardwright_domain::card::{
    Card, CardKind, Email, EventKind, Failure, State, StateKind, sample,
};
use cardwright_domain::order_status::Shipment;
use cardwright_domain::production_type::Delivery;
use serde_json::{Value, json};

use super::cases::{
    activate, approve, common, failed, first_card, get_card, limit_names, lock, order, put_options,
    refresh, repeat, well_formed, world,
};
use super::document::PROBLEM;
use super::particular::particular;
use super::{CONTRACT, Operation, check_response};
use crate::support::gateway::Request;
use crate::support::memory::{Memory, accepted};

/// An operation, a status, and the slug of the problem if it is one.
type Kind = (String, u16, String);

fn operation(request: &Request) -> &'static Operation {
    let (method, path) = request.route_key().split_once(' ').unwrap();
    CONTRACT.operation(method, path)
}

fn slug(body: &Value) -> &str {
    let uri = body["type"].as_str().unwrap_or_default();
    uri.rsplit('/').next().unwrap_or_default()
}

/// Sends the request and holds its answer against the contract.
async fn answer(request: Request, memory: &Memory) -> (u16, Value) {
    let operation = operation(&request);
    let response = request.send(memory).await;
    (response.status_code, check_response(operation, &response))
}

#[tokio::test]
async fn every_answer_in_the_contract_is_given_and_no_other() {
    let mut given = BTreeSet::new();
    let common = CONTRACT.operations.iter().flat_map(common);
    for case in common.chain(particular()) {
        let memory = world().await;
        (case.prepare)(&memory);
        let operation = operation(&case.request);
        let shown = format!("{}", case.request.0);
        let (status, body) = answer(case.request, &memory).await;
        assert_eq!(
            (status, slug(&body)),
            (case.status, case.slug),
            "{shown}: {body}"
        );
        given.insert((operation.id.clone(), status, case.slug.to_owned()));
    }
    for operation in &CONTRACT.operations {
        let response = well_formed(operation).answer_badly(&world().await).await;
        check_response(operation, &response);
        given.insert((
            operation.id.clone(),
            response.status_code,
            "internal-error".into(),
        ));
    }
    let described: BTreeSet<Kind> = CONTRACT.operations.iter().flat_map(described).collect();
    assert_eq!(given, described);
}

/// What functions answer, as the contract has it. The gateway's own answers are no problems.
fn described(operation: &Operation) -> Vec<Kind> {
    let kinds = operation.responses.keys().flat_map(|status| {
        let slugs = match status {
            200..=299 => vec![String::new()],
            _ => CONTRACT.problem_slugs(operation, *status),
        };
        slugs
            .into_iter()
            .map(|slug| (operation.id.clone(), *status, slug))
    });
    kinds.collect()
}

#[tokio::test]
async fn a_refused_request_changes_nothing_and_costs_nothing_unless_a_table_refused_it() {
    let free = [
        "unauthenticated",
        "webhook-timestamp-invalid",
        "role-required",
        "parameter-invalid",
        "idempotency-key-missing",
        "idempotency-key-malformed",
        "precondition-required",
        "body-too-large",
        "body-malformed",
        "body-invalid",
        "options-invalid",
    ];
    let common = CONTRACT.operations.iter().flat_map(common);
    for case in common.chain(particular()).filter(|case| case.status >= 400) {
        let memory = world().await;
        (case.prepare)(&memory);
        let cards = memory.cards.lock().unwrap().clone();
        let options = memory.options.lock().unwrap().clone();
        let shown = format!("{}", case.request.0);
        // Whether a caller without a role may help themself, only the tables know.
        let may_cost = case.slug == "role-required" && operation(&case.request).is_for_self;
        let response = case.request.send(&memory).await;
        assert_eq!(*memory.cards.lock().unwrap(), cards, "{shown}");
        assert_eq!(*memory.options.lock().unwrap(), options, "{shown}");
        let is_free = response.headers["aws-requests"] == "0";
        assert!(is_free || may_cost || !free.contains(&case.slug), "{shown}");
    }
}

#[tokio::test]
async fn ids_that_nobody_can_have_are_refused_without_asking() {
    for request in [
        Request::new("GET /users/{userId}").path("userId", "a bcé"),
        Request::new("GET /users/{userId}/card-draft").path("userId", "a/b"),
        order("a%b", "k"),
        get_card("not-a-card"),
        Request::new("POST /cards/{cardId}/abort").path("cardId", "{}"),
        approve("not-a-card"),
        repeat("not-a-card"),
        refresh("not-a-card"),
        activate("not-a-card"),
        lock("not-a-card"),
    ] {
        let response = request.send(&world().await).await;
        assert_eq!(
            (response.status_code, &*response.headers["aws-requests"]),
            (404, "0")
        );
    }
}

#[tokio::test]
async fn a_function_refuses_routes_that_it_does_not_have() {
    for route_key in ["DELETE /users", "GET /", "$default", ""] {
        let memory = Memory::ready();
        let refused = Request::new(route_key)
            .answer(async |call| cardwright_api::search_users::route(call, &memory).await)
            .await;
        let body: Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!((refused.status_code, slug(&body)), (404, "route-not-found"));
        let fits = CONTRACT.validator(CONTRACT.schema("RouteNotFoundProblem"));
        assert!(fits.is_valid(&body), "{body}");
        assert_eq!(refused.headers["content-type"], PROBLEM);
    }
}

#[tokio::test]
async fn a_card_is_shown_as_described_whatever_has_become_of_it() {
    let memory = world().await;
    let born = memory.cards.lock().unwrap()[&first_card()].clone();
    let mut lives = Vec::new();
    for kind in StateKind::ALL {
        let state = sample::card(kind, "k").state;
        lives.push(Card {
            state,
            producer_order_id: Some(sample::producer_order_id()),
            ..born.clone()
        });
    }
    let sent = Email::Sent {
        message_id: "m".into(),
    };
    let refused = Email::Undeliverable {
        reason: "no such mailbox".into(),
    };
    for email in [Email::Off, Email::Pending, sent, refused] {
        lives.push(Card {
            email,
            ..born.clone()
        });
    }
    for failure in [
        Failure::producer_rejected("unknown article".into()),
        Failure::holder_inactive(),
        Failure::production_failed("the chip is broken".into()),
    ] {
        lives.push(Card {
            state: State::Failed { failure },
            ..born.clone()
        });
    }
    for (carrier, tracking) in [(true, true), (true, false), (false, true), (false, false)] {
        let shipment = Shipment {
            carrier: carrier.then(|| "Northern Post".into()),
            tracking: tracking.then(|| "NP123456789".into()),
        };
        lives.push(Card {
            state: State::Produced,
            shipment,
            ..born.clone()
        });
    }
    for valid_until in [None, Some(sample::later())] {
        lives.push(Card {
            state: State::Active,
            valid_until,
            ..born.clone()
        });
    }
    for kind in EventKind::ALL {
        let mut card = born.clone();
        card.timeline
            .extend(sample::event(kind).entry(sample::now()));
        lives.push(card);
    }
    lives.push(Card {
        kind: CardKind::Temporary,
        holder: None,
        ..born
    });
    for card in lives {
        let state = card.state.kind().as_str();
        memory.put_card(card);
        let (status, shown) = answer(get_card(first_card()), &memory).await;
        assert_eq!((status, &shown["state"]), (200, &json!(state)));
    }
}

#[tokio::test]
async fn direct_delivery_answers_with_what_the_producer_said() {
    let rejected = Answer::Rejected(Failure::producer_rejected("unknown article".into()));
    for (said, state) in [
        (accepted(), "ordered"),
        (rejected, "failed"),
        (Answer::Unknown, "processing"),
    ] {
        let memory = world().await;
        memory.change_options(|options| {
            options.production_types[0].delivery = Delivery::Direct;
            options.multiple_orders = true;
        });
        memory.put_card(Card {
            delivery: Delivery::Direct,
            ..failed("bea")
        });
        *memory.producer_says.lock().unwrap() = Some(said);
        for (request, status) in [
            (order("ada", "k"), 201),
            (repeat(failed("bea").card_id), 200),
        ] {
            let shown = request.route_key().to_owned();
            let (answered, card) = answer(request, &memory).await;
            assert_eq!(
                (answered, &card["state"], &card["abortable"]),
                (status, &json!(state), &json!(false)),
                "{shown}"
            );
        }
    }
}

#[tokio::test]
async fn fresh_data_of_a_failed_order_is_approved_before_it_is_produced() {
    for (fresh, single, state) in [
        (true, true, "requested"),
        (true, false, "processing"),
        (false, true, "processing"),
    ] {
        let memory = world().await;
        memory.change_options(|options| options.approval.single = single);
        let request = repeat(failed("bea").card_id).body(json!({"refreshData": fresh}));
        let (status, card) = answer(request, &memory).await;
        assert_eq!((status, &card["state"]), (200, &json!(state)));
        let is_fresh = card["data"]["commonName"] == "bea Lovelace";
        assert_eq!(is_fresh, fresh, "{card}");
    }
}

#[tokio::test]
async fn what_blocks_an_order_is_the_same_in_draft_profile_and_refusal() {
    for (user, key, disabled) in [
        ("ada", "second", false),
        ("ivo", "k", false),
        ("una", "k", false),
        ("bea", "k", true),
        ("bea", "long", false),
    ] {
        let memory = world().await;
        memory.change_options(|options| options.use_cases.order_card.enabled = !disabled);
        if key == "long" {
            limit_names(&memory);
        }
        let (_, refused) = answer(order(user, key), &memory).await;
        let draft = Request::new("GET /users/{userId}/card-draft").path("userId", user);
        let (_, draft) = answer(draft, &memory).await;
        let profile = Request::new("GET /users/{userId}").path("userId", user);
        let (_, profile) = answer(profile, &memory).await;
        assert_eq!(draft["blockers"][0]["type"], refused["type"]);
        assert_eq!(draft["blockers"][0]["title"], refused["title"]);
        assert_eq!(profile["commands"][0]["reason"], refused["type"]);
        assert_eq!(profile["commands"][0]["available"], false);
    }
    let memory = world().await;
    let draft = Request::new("GET /users/{userId}/card-draft").path("userId", "una");
    let (_, draft) = answer(draft, &memory).await;
    assert_eq!(
        (&draft["data"]["upn"], &draft["blockers"][0]["pointer"]),
        (&Value::Null, &json!("/data/upn"))
    );
}

#[tokio::test]
async fn a_card_says_until_when_an_abort_is_sure() {
    let memory = Memory::ready();
    memory.change_options(|options| options.production_types[0].hold_minutes = 30);
    let (_, card) = answer(order("bea", "k"), &memory).await;
    assert_eq!(card["abortableUntil"], "2026-03-02T08:45:30.120Z");
    let card_id = card["cardId"].as_str().unwrap();
    let abort = Request::new("POST /cards/{cardId}/abort").path("cardId", card_id);
    let (_, aborted) = answer(abort, &memory).await;
    assert_eq!(aborted["abortableUntil"], Value::Null);
}

#[tokio::test]
async fn pages_follow_each_other_by_their_cursor_and_no_other() {
    let memory = Memory::ready();
    let search = |query: &str| Request::new("GET /users").query(query);
    let mut found = Vec::new();
    let mut query = "q=lovelace&limit=3".to_owned();
    loop {
        let (status, page) = answer(search(&query), &memory).await;
        assert_eq!(status, 200, "{page}");
        found.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|user| user["userId"].clone()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        query = format!("q=lovelace&limit=1&cursor={next}");
        let (status, _) = answer(search(&format!("q=lovelac&cursor={next}")), &memory).await;
        assert_eq!(status, 400);
        let other_list = Request::new("GET /cards").query(&format!("state=failed&cursor={next}"));
        assert_eq!(answer(other_list, &memory).await.0, 400);
    }
    assert_eq!(found, ["ada", "bea", "ivo", "una"]);
}

#[tokio::test]
async fn a_replaced_document_has_the_next_version_and_its_tag() {
    let memory = Memory::ready();
    for version in 1..4 {
        let tag = format!("\"{version}\"");
        let replaced = put_options(r#"{"version":77,"multipleOrders":true}"#);
        let response = replaced.header("if-match", &tag).send(&memory).await;
        assert_eq!(response.headers["etag"], format!("\"{}\"", version + 1));
        let body: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(
            (&body["version"], &body["multipleOrders"]),
            (&json!(version + 1), &json!(true))
        );
    }
}
