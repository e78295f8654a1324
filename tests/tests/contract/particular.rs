//! A request for each answer that only some operations have.

use cardwright_domain::card::{Card, Event, EventKind, State, sample};
use cardwright_domain::ids::{Actor, ProductionTypeId};
use serde_json::json;

use super::cases::{
    Case, abort, add_rule, approve, decide, draft, failed, first_card, get_card, limit_names, list,
    order, profile, reject, repeat, requested, search,
};
use super::commanding::commanding;
use super::managing::managing;
use super::receiving::receiving;
use super::refreshing::refreshing;
use super::self_service::helping_oneself;
use crate::support::gateway::OPERATOR;
use crate::support::memory::Memory;

/// What only some operations can answer.
pub(super) fn particular() -> Vec<Case> {
    let cases = [
        reading(),
        helping_oneself(),
        ordering(),
        aborting(),
        deciding(),
        repeating(),
        refreshing(),
        commanding(),
        receiving(),
        managing(),
    ];
    cases.into_iter().flatten().collect()
}

fn reading() -> Vec<Case> {
    let nowhere = "00000000-0000-5000-8000-000000000000";
    vec![
        Case::bad(search(""), 400, "parameter-invalid"),
        Case::bad(search("q=ada&limit=0&limit=1"), 400, "parameter-invalid"),
        Case::good(search("q=%22<bo>{|}"), 200),
        Case::bad(search("q=ada&cursor=bm90LW91cnM"), 400, "cursor-invalid"),
        Case::bad(search("q=ada&cursor="), 400, "cursor-invalid"),
        Case::bad(profile("nobody"), 404, "user-not-found"),
        Case::bad(profile("a bcé"), 404, "user-not-found"),
        Case::bad(
            draft("bea").query("productionType="),
            400,
            "parameter-invalid",
        ),
        Case::bad(draft("nobody"), 404, "user-not-found"),
        Case::bad(
            draft("bea").query("productionType=gold"),
            422,
            "production-type-unknown",
        ),
        Case::good(draft("ivo").query("productionType=standard"), 200).after(disable_ordering),
        Case::bad(list("state=aborted"), 400, "parameter-invalid"),
        Case::bad(
            list("state=failed&cursor=bm90LW91cnM"),
            400,
            "cursor-invalid",
        ),
        Case::bad(get_card(nowhere), 404, "card-not-found"),
        Case::bad(get_card("../options"), 404, "card-not-found"),
        Case::good(get_card(first_card().to_string().to_uppercase()), 200),
    ]
}

fn ordering() -> Vec<Case> {
    let comment = |chars: usize| format!(r#"{{"comment":"{}"}}"#, "ö".repeat(chars));
    let padded = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
    let order_bea = |body: &str| order("bea", "k").body(body);
    vec![
        Case::good(order_bea(r#"{"productionType":null,"comment":null}"#), 201),
        Case::good(order_bea(&comment(500)), 201),
        Case::good(order_bea(&padded(16_384)), 201),
        // The first order again: neither the option nor the open order stands in its way.
        Case::good(order("ada", "first"), 201).after(disable_ordering),
        Case::bad(
            order("bea", "k").without_header("idempotency-key"),
            400,
            "idempotency-key-missing",
        ),
        Case::bad(order("bea", "two words"), 400, "idempotency-key-malformed"),
        Case::bad(order("bea", ""), 400, "idempotency-key-malformed"),
        Case::bad(order_bea(""), 400, "body-malformed"),
        Case::bad(order_bea("{"), 400, "body-malformed"),
        Case::bad(order("bea", "k"), 403, "use-case-disabled").after(disable_ordering),
        Case::bad(order("nobody", "k"), 404, "user-not-found"),
        Case::bad(order("a%b", "k"), 404, "user-not-found"),
        Case::bad(order("ivo", "k"), 409, "user-inactive"),
        Case::bad(order("ada", "second"), 409, "open-order-exists"),
        Case::bad(order_bea(&padded(16_385)), 413, "body-too-large"),
        Case::bad(order_bea("[]"), 422, "body-invalid"),
        Case::bad(
            order_bea(r#"{"prodctionType":"standard"}"#),
            422,
            "body-invalid",
        ),
        Case::bad(
            order_bea(r#"{"productionType":"a/b"}"#),
            422,
            "body-invalid",
        ),
        Case::bad(
            order_bea(r#"{"comment":"a","comment":"b"}"#),
            422,
            "body-invalid",
        ),
        Case::bad(order_bea(&comment(501)), 422, "body-invalid"),
        Case::bad(order("bea", "first"), 422, "idempotency-key-reused"),
        Case::bad(
            order("ada", "first").body(comment(1)),
            422,
            "idempotency-key-reused",
        ),
        Case::bad(
            order_bea(r#"{"productionType":"gold"}"#),
            422,
            "production-type-unknown",
        ),
        Case::bad(order("una", "k"), 422, "user-attribute-missing"),
        Case::good(order("una", "k"), 201).after(|memory| {
            add_rule(memory, "upn", r#"{"required":false}"#);
        }),
        Case::bad(order("bea", "k"), 422, "card-data-invalid").after(limit_names),
        Case::bad(
            order_bea(r#"{"productionType":"old"}"#),
            422,
            "production-type-unknown",
        )
        .after(|memory| {
            memory.change_options(|options| {
                let mut old = options.production_types[0].clone();
                old.id = ProductionTypeId::parse("old").unwrap();
                (old.default, old.enabled) = (false, false);
                options.production_types.push(old);
            });
        }),
    ]
}

fn aborting() -> Vec<Case> {
    let abort_first = |body: &str| abort(first_card()).body(body);
    vec![
        Case::good(abort_first(""), 200),
        Case::good(abort_first(r#"{"comment":"wrong person"}"#), 200),
        // Aborting one's own abort again is no change.
        Case::good(abort(first_card()), 200).after(|memory| {
            change_first(
                memory,
                State::Aborted {
                    by: Actor::parse(OPERATOR).unwrap(),
                },
            )
        }),
        Case::bad(abort(requested().card_id), 403, "requester-only"),
        Case::bad(abort_first("comment"), 400, "body-malformed"),
        Case::bad(abort("not-a-card"), 404, "card-not-found"),
        Case::bad(
            abort("00000000-0000-5000-8000-000000000000"),
            404,
            "card-not-found",
        ),
        Case::bad(abort(first_card()), 409, "card-state")
            .after(|memory| change_first(memory, State::Ordered)),
        Case::bad(abort(first_card()), 409, "card-state").after(|memory| {
            change_first(
                memory,
                State::Aborted {
                    by: sample::approver(),
                },
            )
        }),
        Case::bad(abort(first_card()), 409, "card-claimed").after(claim_first),
        Case::bad(abort_first(&" ".repeat(16_385)), 413, "body-too-large"),
        Case::bad(abort_first(r#"{"reason":"no"}"#), 422, "body-invalid"),
    ]
}

fn deciding() -> Vec<Case> {
    let card_id = requested().card_id;
    let nowhere = "00000000-0000-5000-8000-000000000000";
    let mut cases = Vec::new();
    for decide in [|id: &str| approve(id), |id: &str| reject(id)] {
        let text = card_id.to_string();
        cases.extend([
            Case::bad(decide(&text).body("{"), 400, "body-malformed"),
            Case::bad(decide(&text), 403, "own-order").after(|memory| {
                memory.put_card(Card {
                    barred_approvers: vec![OPERATOR.to_owned()],
                    ..requested()
                });
            }),
            Case::bad(decide(nowhere), 404, "card-not-found"),
            Case::bad(decide("not-a-card"), 404, "card-not-found"),
            Case::bad(decide(&first_card().to_string()), 409, "card-state"),
            Case::bad(
                decide(&text).header("if-match", "\"2\""),
                412,
                "precondition-failed",
            ),
            Case::bad(
                decide(&text).header("if-match", "*"),
                412,
                "precondition-failed",
            ),
            Case::bad(
                decide(&text).body(" ".repeat(16_385)),
                413,
                "body-too-large",
            ),
            Case::bad(
                decide(&text).body(r#"{"because":"no"}"#),
                422,
                "body-invalid",
            ),
            Case::bad(
                decide(&text).without_header("if-match"),
                428,
                "precondition-required",
            ),
        ]);
    }
    let body = |body: &str| decide(&[card_id]).body(body);
    cases.extend([
        Case::good(approve(card_id).body(r#"{"comment":"fine"}"#), 200),
        Case::bad(reject(card_id).body("{}"), 422, "body-invalid"),
        Case::bad(
            reject(card_id).body(r#"{"reason":""}"#),
            422,
            "body-invalid",
        ),
        Case::bad(
            reject(card_id).body(r#"{"reason":" "}"#),
            422,
            "body-invalid",
        ),
        // Each card is answered by itself.
        Case::good(decide(&[card_id, first_card()]), 200),
        Case::bad(decide(&[card_id, card_id]), 422, "body-invalid"),
        Case::bad(decide(&[]), 422, "body-invalid"),
        Case::bad(body(""), 400, "body-malformed"),
        Case::bad(body(&" ".repeat(16_385)), 413, "body-too-large"),
    ]);
    cases
}

fn repeating() -> Vec<Case> {
    let nowhere = "00000000-0000-5000-8000-000000000000";
    let again = || repeat(failed("bea").card_id);
    let mended = || again().body(r#"{"comment":"the article is back"}"#);
    let fresh = || again().body(r#"{"refreshData":true}"#);
    let tagged = |tag: &str| again().header("if-match", tag);
    vec![
        Case::good(mended(), 200),
        Case::good(fresh(), 200),
        Case::good(fresh(), 200).after(|memory| {
            memory.change_options(|options| options.approval.single = true);
        }),
        // Repeating one's own repeat is no change. What stands against another one does not matter.
        Case::good(mended(), 200).after(|memory| {
            repeat_by(memory, OPERATOR);
            disable_repeating(memory);
        }),
        // Without fresh data the rules are not looked at again.
        Case::good(mended(), 200).after(limit_names),
        Case::good(again(), 200).after(|memory| {
            memory.put_card(failed("ada"));
            memory.change_options(|options| options.multiple_orders = true);
        }),
        Case::bad(again().body("refreshData"), 400, "body-malformed"),
        Case::bad(again(), 403, "use-case-disabled").after(disable_repeating),
        Case::bad(repeat(nowhere), 404, "card-not-found"),
        Case::bad(repeat("not-a-card"), 404, "card-not-found"),
        Case::bad(again(), 404, "user-not-found")
            .after(|memory| memory.users.lock().unwrap().clear()),
        Case::bad(repeat(first_card()), 409, "card-state"),
        Case::bad(again(), 409, "card-state")
            .after(|memory| repeat_by(memory, "somebody@example.com")),
        Case::bad(again(), 409, "user-inactive")
            .after(|memory| memory.put_user("bea", json!({"state": "inactive"}))),
        Case::bad(again(), 409, "open-order-exists").after(|memory| memory.put_card(failed("ada"))),
        Case::bad(tagged("\"2\""), 412, "precondition-failed"),
        Case::bad(tagged("*"), 412, "precondition-failed"),
        Case::bad(again().body(" ".repeat(16_385)), 413, "body-too-large"),
        Case::bad(again().body(r#"{"refreshData":null}"#), 422, "body-invalid"),
        Case::bad(again(), 422, "production-type-unknown").after(|memory| {
            memory.change_options(|options| options.production_types[0].enabled = false);
        }),
        Case::bad(fresh(), 422, "user-attribute-missing")
            .after(|memory| memory.put_user("bea", json!({"upn": null}))),
        Case::bad(fresh(), 422, "card-data-invalid").after(limit_names),
        Case::bad(
            again().without_header("if-match"),
            428,
            "precondition-required",
        ),
    ]
}

fn disable_ordering(memory: &Memory) {
    memory.change_options(|options| options.use_cases.order_card.enabled = false);
}

fn claim_first(memory: &Memory) {
    let before = memory.cards.lock().unwrap()[&first_card()].clone();
    memory.put_card(
        before
            .on(&sample::event(EventKind::Claim), sample::now())
            .unwrap(),
    );
}

fn change_first(memory: &Memory, state: State) {
    let before = memory.cards.lock().unwrap()[&first_card()].clone();
    memory.put_card(Card { state, ..before });
}

fn disable_repeating(memory: &Memory) {
    memory.change_options(|options| options.use_cases.repeat_order.enabled = false);
}

fn repeat_by(memory: &Memory, name: &str) {
    let repeat = Event::Repeat {
        by: Actor::parse(name).unwrap(),
        seen_version: 3,
        reason: None,
        frozen: None,
        due: sample::later(),
    };
    memory.put_card(failed("bea").on(&repeat, sample::now()).unwrap());
}
