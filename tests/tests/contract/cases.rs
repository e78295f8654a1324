//! The world of the cases, a good request for each operation, and the answers that all of them have.

use cardwright_app::ports::Status;
use cardwright_domain::card::{Card, Event, EventKind, Holder, sample};
use cardwright_domain::ids::{Actor, CardId, IdempotencyKey, UserId};
use cardwright_domain::order_status::{OrderStatus, Progress};
use serde_json::{Value, json};

use super::Operation;
use super::receiving::{event, told};
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
    pub(super) fn good(request: Request, status: u16) -> Self {
        Self {
            request,
            prepare: |_| {},
            status,
            slug: "",
        }
    }

    pub(super) fn bad(request: Request, status: u16, slug: &'static str) -> Self {
        Self {
            request,
            prepare: |_| {},
            status,
            slug,
        }
    }

    pub(super) fn after(self, prepare: Prepare) -> Self {
        Self { prepare, ..self }
    }
}

/// A world in which every well-formed request is answered well: `ada` has a card in the queue, and
/// one waits for approval; a card of `bea` failed, and may be ordered again; the producer has
/// another card in hand, and has made others, of which one is active and one is not for a while.
pub(crate) async fn world() -> Memory {
    let memory = Memory::ready();
    memory.change_options(|options| options.use_cases.repeat_order.enabled = true);
    let placed = order("ada", "first").send(&memory).await;
    assert_eq!(placed.status_code, 201, "{}", placed.body);
    memory.put_card(requested());
    memory.put_card(failed("bea"));
    memory.put_card(ordered());
    memory.put_card(produced());
    memory.put_card(active());
    memory.put_card(inactive());
    producer_says(&memory, &ordered(), Progress::InProduction);
    memory
}

/// A card of [`world`] that waits for a decision: somebody else asked for it.
pub(crate) fn requested() -> Card {
    let request = sample::event(EventKind::Request);
    let registered = sample::registered("requested");
    registered.on(&request, sample::now()).unwrap()
}

/// The card of [`world`] that failed, if its holder is `bea`.
pub(crate) fn failed(user_id: &str) -> Card {
    let holder = Holder {
        user_id: UserId::parse(user_id).unwrap(),
        ..sample::holder()
    };
    let registered = Card {
        holder: Some(holder),
        ..sample::registered("failed")
    };
    let order = sample::event(EventKind::Order);
    refused(&registered.on(&order, sample::now()).unwrap())
}

/// A card of the queue after the producer has refused it.
pub(crate) fn refused(card: &Card) -> Card {
    let claim = sample::event(EventKind::Claim);
    let claimed = card.on(&claim, sample::now()).unwrap();
    let refuse = sample::event(EventKind::Refuse);
    claimed.on(&refuse, sample::now()).unwrap()
}

/// The card of [`world`] that the producer has in hand.
pub(crate) fn ordered() -> Card {
    taken(&queued("ordered"))
}

/// The card of [`world`] that was made.
pub(crate) fn produced() -> Card {
    made(&queued("produced"))
}

/// The card of [`world`] that its holder uses.
pub(crate) fn active() -> Card {
    activated(&made(&queued("active")))
}

/// The card of [`world`] that was deactivated.
pub(crate) fn inactive() -> Card {
    deactivated(&activated(&made(&queued("inactive"))))
}

fn queued(key: &str) -> Card {
    let order = sample::event(EventKind::Order);
    sample::registered(key).on(&order, sample::now()).unwrap()
}

/// A card of the queue after the producer has made it.
pub(crate) fn made(card: &Card) -> Card {
    let produce = sample::event(EventKind::Produce);
    taken(card).on(&produce, sample::now()).unwrap()
}

/// A card that was made, in its holder's hands.
pub(crate) fn activated(card: &Card) -> Card {
    let activate = Event::Activate {
        by: sample::operator(),
        seen_version: card.version,
        reason: None,
        valid_until: sample::later(),
    };
    card.on(&activate, sample::now()).unwrap()
}

/// An active card, put aside for a while.
pub(crate) fn deactivated(card: &Card) -> Card {
    let deactivate = Event::Deactivate {
        by: sample::operator(),
        seen_version: card.version,
        reason: "on leave".into(),
    };
    card.on(&deactivate, sample::now()).unwrap()
}

/// A card of the queue after the producer has accepted it.
pub(crate) fn taken(card: &Card) -> Card {
    let claim = sample::event(EventKind::Claim);
    let claimed = card.on(&claim, sample::now()).unwrap();
    let accept = sample::event(EventKind::Accept);
    claimed.on(&accept, sample::now()).unwrap()
}

/// The producer says how far it is with a card that it has accepted.
pub(crate) fn producer_says(memory: &Memory, card: &Card, progress: Progress) {
    let status = OrderStatus {
        order_id: card.order_id(),
        producer_order_id: card.producer_order_id.clone().unwrap(),
        progress,
    };
    *memory.producer_status.lock().unwrap() = Some(Status::Known(status));
}

/// The card of [`world`] that waits in the queue.
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

pub(super) fn history(query: &str) -> Request {
    let request = Request::new("GET /options/history").by("ada.kovacs", &["administrator"]);
    request.query(query)
}

pub(super) fn me() -> Request {
    Request::new("GET /me")
}

pub(super) fn search(query: &str) -> Request {
    Request::new("GET /users").query(query)
}

pub(super) fn profile(user_id: &str) -> Request {
    Request::new("GET /users/{userId}").path("userId", user_id)
}

pub(super) fn draft(user_id: &str) -> Request {
    Request::new("GET /users/{userId}/card-draft").path("userId", user_id)
}

pub(super) fn list(query: &str) -> Request {
    Request::new("GET /cards").query(query)
}

pub(super) fn abort(card_id: impl ToString) -> Request {
    Request::new("POST /cards/{cardId}/abort").path("cardId", card_id)
}

pub(crate) fn approve(card_id: impl ToString) -> Request {
    decide_one("POST /cards/{cardId}/approve", card_id)
}

pub(super) fn reject(card_id: impl ToString) -> Request {
    decide_one("POST /cards/{cardId}/reject", card_id).body(r#"{"reason":"not needed"}"#)
}

fn decide_one(route: &str, card_id: impl ToString) -> Request {
    let request = Request::new(route).by(OPERATOR, &["approver"]);
    request.path("cardId", card_id).header("if-match", "\"1\"")
}

/// Orders a card again that failed and is in version 3.
pub(crate) fn repeat(card_id: impl ToString) -> Request {
    let request = Request::new("POST /cards/{cardId}/repeat").path("cardId", card_id);
    request.header("if-match", "\"3\"")
}

pub(crate) fn refresh(card_id: impl ToString) -> Request {
    Request::new("POST /cards/{cardId}/refresh").path("cardId", card_id)
}

/// Activates a card as [`produced`] is.
pub(crate) fn activate(card_id: impl ToString) -> Request {
    command("activate", card_id, &produced())
}

/// Deactivates a card as [`active`] is.
pub(crate) fn deactivate(card_id: impl ToString) -> Request {
    command("deactivate", card_id, &active()).body(r#"{"reason":"on leave"}"#)
}

/// Reactivates a card as [`inactive`] is.
pub(crate) fn reactivate(card_id: impl ToString) -> Request {
    command("reactivate", card_id, &inactive())
}

pub(crate) fn lock(card_id: impl ToString) -> Request {
    let request = Request::new("POST /cards/{cardId}/lock").path("cardId", card_id);
    request.body(r#"{"reason":"lost"}"#)
}

fn command(verb: &str, card_id: impl ToString, seen: &Card) -> Request {
    let request = Request::new(&format!("POST /cards/{{cardId}}/{verb}"));
    let request = request.path("cardId", card_id);
    request.header("if-match", &format!("\"{}\"", seen.version))
}

/// Approves these cards as they are in version 1.
pub(super) fn decide(cards: &[CardId]) -> Request {
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
        "getMe" => me(),
        "searchUsers" => search("q=ada"),
        "getUser" => profile("ada"),
        "draftCard" => draft("bea"),
        "orderCard" => order("bea", "k"),
        "listCards" => list("state=processing"),
        "getCard" => get_card(first_card()),
        "abortOrder" => abort(first_card()),
        "approveOrder" => approve(requested().card_id),
        "rejectOrder" => reject(requested().card_id),
        "repeatOrder" => repeat(failed("bea").card_id),
        "refreshOrder" => refresh(ordered().card_id),
        "activateCard" => activate(produced().card_id),
        "deactivateCard" => deactivate(active().card_id),
        "reactivateCard" => reactivate(inactive().card_id),
        "lockCard" => lock(active().card_id),
        "decideOrders" => decide(&[requested().card_id]),
        "receiveProducerEvent" => event(told(&ordered(), "in_production")),
        "getOptions" => get_options(),
        "putOptions" => put_options("{}"),
        "listOptionsHistory" => history(""),
        other => panic!("no request is known for the operation {other}"),
    }
}

/// Who may send [`well_formed`] for themself: the holder that it is about.
pub(crate) fn holder_of(operation: &Operation) -> &'static str {
    match operation.id.as_str() {
        "getUser" | "getCard" | "abortOrder" => "ada@example.com",
        "draftCard" | "orderCard" => "bea@example.com",
        other => panic!("nobody does {other} for themself"),
    }
}

pub(crate) fn enable_self_service(memory: &Memory) {
    memory.change_options(|options| options.self_service = true);
}

/// What every operation can answer.
pub(crate) fn common(operation: &Operation) -> Vec<Case> {
    let request = || well_formed(operation);
    let good = if operation.id == "orderCard" {
        201
    } else {
        200
    };
    let mut cases = vec![
        Case::good(request(), good),
        Case::bad(request(), 503, "temporarily-unavailable")
            .after(|memory| *memory.is_down.lock().unwrap() = true),
    ];
    if !operation.is_signed {
        cases.extend([
            Case::bad(request().claim("token_use", "id"), 401, "unauthenticated"),
            Case::bad(request().by_nobody(), 401, "unauthenticated"),
        ]);
    }
    if !operation.roles.is_empty() {
        let without_role = request().by(OPERATOR, &["staff"]);
        cases.push(Case::bad(without_role, 403, "role-required"));
    }
    cases
}

pub(super) fn add_rule(memory: &Memory, field: &str, rule: &str) {
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
