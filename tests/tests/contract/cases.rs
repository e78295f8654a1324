//! A request for each answer of each operation.

use cardwright_domain::card::{Card, EventKind, State, sample};
use cardwright_domain::ids::{Actor, CardId, IdempotencyKey, ProductionTypeId};

use serde_json::{Value, json};

use super::Operation;
use crate::support::gateway::{OPERATOR, Request};
use crate::support::memory::Memory;

/// What happens to the world before the request.
type Prepare = fn(&Memory);

/// A request and the answer that it gets: a status, and the slug of the problem if it is one.
pub(crate) struct Case {
    pub(crate) request: Request,
    pub(crate) prepare: Prepare,
    pub(crate) status: u16,
    pub(crate) slug: &'static str,
}

impl Case {
    fn good(request: Request, status: u16) -> Self {
        Self {
            request,
            prepare: |_| {},
            status,
            slug: "",
        }
    }

    fn bad(request: Request, status: u16, slug: &'static str) -> Self {
        Self {
            request,
            prepare: |_| {},
            status,
            slug,
        }
    }

    fn after(self, prepare: Prepare) -> Self {
        Self { prepare, ..self }
    }
}

/// A world in which every well-formed request is answered well: `ada` has a card in the queue, and
/// one waits for approval.
pub(crate) async fn world() -> Memory {
    let memory = Memory::ready();
    let ordered = order("ada", "first").send(&memory).await;
    assert_eq!(ordered.status_code, 201, "{}", ordered.body);
    memory.put_card(requested());
    memory
}

/// A card of [`world`] that waits for a decision: somebody else asked for it.
pub(crate) fn requested() -> Card {
    let request = sample::event(EventKind::Request);
    let registered = sample::registered("requested");
    registered.on(&request, sample::now()).unwrap()
}

/// The card of [`world`].
pub(crate) fn first_card() -> CardId {
    let key = IdempotencyKey::parse("first").unwrap();
    CardId::derive(&Actor::parse(OPERATOR).unwrap(), &key)
}

pub(crate) fn order(user_id: &str, key: &str) -> Request {
    let request = Request::new("POST /users/{userId}/cards").path("userId", user_id);
    request.header("idempotency-key", key).body("{}")
}

pub(crate) fn get_card(card_id: impl ToString) -> Request {
    Request::new("GET /cards/{cardId}").path("cardId", card_id)
}

pub(crate) fn get_options() -> Request {
    Request::new("GET /options").by("ada.kovacs", &["administrator"])
}

pub(crate) fn put_options(body: &str) -> Request {
    let request = Request::new("PUT /options").by("ada.kovacs", &["administrator"]);
    request.header("if-match", "\"1\"").body(body)
}

fn search(query: &str) -> Request {
    Request::new("GET /users").query(query)
}

fn profile(user_id: &str) -> Request {
    Request::new("GET /users/{userId}").path("userId", user_id)
}

fn draft(user_id: &str) -> Request {
    Request::new("GET /users/{userId}/card-draft").path("userId", user_id)
}

fn list(query: &str) -> Request {
    Request::new("GET /cards").query(query)
}

fn abort(card_id: impl ToString) -> Request {
    Request::new("POST /cards/{cardId}/abort").path("cardId", card_id)
}

pub(crate) fn approve(card_id: impl ToString) -> Request {
    decide_one("POST /cards/{cardId}/approve", card_id)
}

fn reject(card_id: impl ToString) -> Request {
    decide_one("POST /cards/{cardId}/reject", card_id).body(r#"{"reason":"not needed"}"#)
}

fn decide_one(route: &str, card_id: impl ToString) -> Request {
    let request = Request::new(route).by(OPERATOR, &["approver"]);
    request.path("cardId", card_id).header("if-match", "\"1\"")
}

/// Approves these cards as they are in version 1.
fn decide(cards: &[CardId]) -> Request {
    let seen = cards
        .iter()
        .map(|id| json!({"cardId": id, "version": 1}))
        .collect::<Vec<_>>();
    decisions(&json!({"decision": "approve", "cards": seen}))
}

fn decisions(body: &Value) -> Request {
    Request::new("POST /card-decisions")
        .by(OPERATOR, &["approver"])
        .body(body)
}

/// A request that [`world`] answers well.
pub(crate) fn well_formed(operation: &Operation) -> Request {
    match operation.id.as_str() {
        "searchUsers" => search("q=ada"),
        "getUser" => profile("ada"),
        "draftCard" => draft("bea"),
        "orderCard" => order("bea", "k"),
        "listCards" => list("state=processing"),
        "getCard" => get_card(first_card()),
        "abortOrder" => abort(first_card()),
        "approveOrder" => approve(requested().card_id),
        "rejectOrder" => reject(requested().card_id),
        "decideOrders" => decide(&[requested().card_id]),
        "getOptions" => get_options(),
        "putOptions" => put_options("{}"),
        other => panic!("no request is known for the operation {other}"),
    }
}

/// What every operation can answer.
pub(crate) fn common(operation: &Operation) -> Vec<Case> {
    let request = || well_formed(operation);
    let good = if operation.id == "orderCard" {
        201
    } else {
        200
    };
    vec![
        Case::good(request(), good),
        Case::bad(request().claim("token_use", "id"), 401, "unauthenticated"),
        Case::bad(request().by_nobody(), 401, "unauthenticated"),
        Case::bad(request().by(OPERATOR, &["staff"]), 403, "role-required"),
        Case::bad(request(), 503, "temporarily-unavailable")
            .after(|memory| *memory.is_down.lock().unwrap() = true),
    ]
}

/// What only some operations can answer.
pub(crate) fn particular() -> Vec<Case> {
    [reading(), ordering(), aborting(), deciding(), managing()]
        .into_iter()
        .flatten()
        .collect()
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

const STANDARD: &str =
    r#"{"id":"standard","name":"S","default":true,"enabled":true,"fields":["upn"]}"#;
const GOLD: &str = r#"{"id":"gold","name":"G","enabled":true,"delivery":"queue","holdMinutes":30,
    "fields":["upn"],"rules":{"upn":{"allowed":"A-Z","maxLength":9}}}"#;

fn types(types: &[&str]) -> String {
    format!(r#"{{"productionTypes":[{}]}}"#, types.join(","))
}

fn managing() -> Vec<Case> {
    let tagged = |tag: &str| put_options("{}").header("if-match", tag);
    vec![
        Case::good(get_options(), 200)
            .after(|memory| memory.change_options(|o| *o = Default::default())),
        Case::bad(put_options(""), 400, "body-malformed"),
        Case::bad(put_options("enabled: true"), 400, "body-malformed"),
        Case::bad(tagged("\"0\""), 412, "precondition-failed"),
        Case::bad(tagged("*"), 412, "precondition-failed"),
        Case::bad(put_options(&" ".repeat(16_385)), 413, "body-too-large"),
        Case::bad(put_options(r#"{"usecases":{}}"#), 422, "body-invalid"),
        Case::bad(put_options(r#"{"selfService":null}"#), 422, "body-invalid"),
        Case::bad(
            put_options(r#"{"approval":{"batch":true}}"#),
            422,
            "options-invalid",
        ),
        Case::good(put_options(&types(&[STANDARD, GOLD])), 200),
        Case::bad(
            put_options(&types(&[STANDARD, STANDARD])),
            422,
            "options-invalid",
        ),
        Case::bad(put_options(&types(&[GOLD])), 422, "options-invalid"),
        Case::bad(
            put_options(&types(&[STANDARD, &GOLD.replace("queue", "direct")])),
            422,
            "options-invalid",
        ),
        Case::bad(
            put_options(&types(&[STANDARD, &GOLD.replace("A-Z", "Z-A")])),
            422,
            "options-invalid",
        ),
        Case::bad(
            put_options(&types(&[STANDARD, &GOLD.replace("30", "\"30\"")])),
            422,
            "body-invalid",
        ),
        Case::bad(
            tagged("*").body(r#"{"productionTypes":[]}"#),
            422,
            "options-invalid",
        ),
        Case::bad(
            put_options("{}").without_header("if-match"),
            428,
            "precondition-required",
        ),
    ]
}

fn add_rule(memory: &Memory, field: &str, rule: &str) {
    let rule = serde_json::from_str(rule).unwrap();
    memory.change_options(|options| {
        let rules = &mut options.production_types[0].rules;
        rules.insert(field.to_owned(), rule);
    });
}

/// No name of the directory is as short.
pub(crate) fn limit_names(memory: &Memory) {
    add_rule(memory, "commonName", r#"{"maxLength":1}"#);
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
