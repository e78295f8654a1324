//! What every answer is held against.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cardwright_api::event::Response;
use serde_json::Value;

use super::bodies::MEMBERS_TWICE;
use super::requests::Sent;
use super::texts::CANARY;
use crate::contract::{CONTRACT, Operation};
use crate::support::gateway::OPERATOR;

const MAX_BODY_BYTES: usize = 16_384;

/// From so many requests on, every kind of answer is met.
const LONG_RUN: u64 = 50_000;

/// What the world knows of people. None of it belongs into a refusal.
const PERSONAL: [&str; 6] = [
    CANARY,
    OPERATOR,
    "Lovelace",
    "@example.com",
    "@mail.example",
    "E-ada",
];

/// An operation, a status, and the slug of the problem if it is one.
type Kind = (String, u16, String);

pub(super) struct Judge {
    pages: BTreeSet<String>,
    given: RefCell<BTreeMap<Kind, u64>>,
}

impl Judge {
    pub(super) fn new() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems");
        let files = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let stem = |file: std::fs::DirEntry| {
            let path = file.path();
            path.file_stem().unwrap().to_str().unwrap().to_owned()
        };
        let given = RefCell::default();
        Self {
            pages: files.map(stem).collect(),
            given,
        }
    }

    /// Everything in which an answer is not as promised.
    pub(super) fn faults(&self, sent: &Sent, response: &Response, unchanged: bool) -> Vec<String> {
        let Ok(body) = serde_json::from_str::<Value>(&response.body) else {
            return vec!["the body is not JSON".to_owned()];
        };
        let status = response.status_code;
        let slug = slug(&body);
        let mut faults = match sent.operation() {
            Some(operation) => {
                let kind = (operation.id.clone(), status, slug.to_owned());
                *self.given.borrow_mut().entry(kind).or_default() += 1;
                let mut faults = violations(operation, response, &body);
                faults.extend(disagreement(sent, operation, status, slug));
                faults
            }
            None => unrouted(response, &body),
        };
        let mut fault = |wrong: bool, what: &str| faults.extend(wrong.then(|| what.to_owned()));
        fault(status >= 500, "the server failed, though no service did");
        fault(
            status >= 400 && !unchanged,
            "a refused request has changed something",
        );
        let bare = ["content-type", "cache-control", "aws-requests"];
        let missing = bare.iter().any(|name| !response.headers.contains_key(name));
        fault(missing, "a header of every answer is missing");
        fault(
            response.headers.get("cache-control") != Some(&"no-store".into()),
            "it may be cached",
        );
        let bends = |text: &String| text.chars().any(char::is_control);
        fault(
            response.headers.values().any(bends),
            "a header has control characters",
        );
        if status >= 400 {
            fault(!self.pages.contains(slug), "the problem has no page");
            let told = told(body.clone());
            fault(
                PERSONAL.iter().any(|word| told.contains(word)),
                "a refusal repeats the request",
            );
        }
        faults
    }

    pub(super) fn summary(&self) -> String {
        let given = self.given.borrow();
        let mut by_status = BTreeMap::<u16, u64>::new();
        for ((_, status, _), times) in given.iter() {
            *by_status.entry(*status).or_default() += times;
        }
        let shown: Vec<_> = by_status
            .iter()
            .map(|(s, times)| format!("{times} x {s}"))
            .collect();
        format!("{} kinds of answers: {}", given.len(), shown.join(", "))
    }

    /// A generator that only finds the first refusal proves nothing: all kinds of answers that need
    /// no fault of a service have to be met. A short run may miss the rarest tenth of them.
    pub(super) fn check_reach(&self, requests: u64) {
        let given = self.given.borrow();
        let all: Vec<_> = CONTRACT.operations.iter().flat_map(reachable).collect();
        let missed: Vec<_> = all
            .iter()
            .filter(|kind| !given.contains_key(kind))
            .collect();
        let may_miss = if requests < LONG_RUN {
            all.len() / 10
        } else {
            0
        };
        assert!(
            missed.len() <= may_miss,
            "the requests never led to {missed:#?}"
        );
    }
}

/// What an operation answers while every service does.
fn reachable(operation: &Operation) -> Vec<Kind> {
    let statuses = operation.responses.keys().filter(|status| **status < 500);
    let kinds = statuses.flat_map(|status| {
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

fn slug(body: &Value) -> &str {
    let uri = body["type"].as_str().unwrap_or_default();
    uri.strip_prefix("https://cardwright.example/problems/")
        .unwrap_or_default()
}

/// What a refusal says. A pointer names the member that was sent; that it may repeat.
fn told(mut problem: Value) -> String {
    for error in problem["errors"].as_array_mut().into_iter().flatten() {
        error["pointer"] = Value::Null;
    }
    problem.to_string()
}

fn violations(operation: &Operation, response: &Response, body: &Value) -> Vec<String> {
    let headers = response.headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), value.clone()));
    CONTRACT.violations(operation, response.status_code, &headers.collect(), body)
}

/// A route that the function does not have, or a caller whom nobody knows. What is signed is held against
/// its signature first.
fn unrouted(response: &Response, body: &Value) -> Vec<String> {
    let (status, name) = match slug(body) {
        "unauthenticated" => (401, "UnauthenticatedProblem"),
        "webhook-signature-invalid" => (401, "WebhookSignatureInvalidProblem"),
        "webhook-timestamp-invalid" => (400, "WebhookTimestampInvalidProblem"),
        "body-too-large" => (413, "BodyTooLargeProblem"),
        _ => (404, "RouteNotFoundProblem"),
    };
    let fits = CONTRACT.validator(CONTRACT.schema(name)).is_valid(body);
    let is_problem = response.headers["content-type"] == "application/problem+json";
    let right = response.status_code == status && fits && is_problem;
    if right {
        vec![]
    } else {
        vec!["not the problem of a route that is not there".to_owned()]
    }
}

/// Whether contract and reader differ over what a good body is. A signed body is never refused for what
/// it says.
fn disagreement(sent: &Sent, operation: &Operation, status: u16, slug: &str) -> Option<String> {
    let schema = &operation.request_body["content"]["application/json"]["schema"];
    if schema.is_null() || operation.is_signed {
        return None;
    }
    let refused = ["body-malformed", "body-invalid", "body-too-large"].contains(&slug);
    match fits(sent, operation, schema) {
        Some(true) if refused => Some("a body that fits its schema was refused".to_owned()),
        Some(false) if status < 300 => {
            Some("a body that does not fit its schema was taken".to_owned())
        }
        _ => None,
    }
}

/// Whether the body fits its schema; `None` where JSON itself leaves open what it says.
fn fits(sent: &Sent, operation: &Operation, schema: &Value) -> Option<bool> {
    let text = sent.event["body"].as_str().unwrap_or_default();
    let bytes = if sent.event["isBase64Encoded"] == true {
        STANDARD.decode(text).ok()?
    } else {
        text.as_bytes().to_vec()
    };
    if bytes.is_empty() {
        return Some(operation.request_body["required"] != true);
    }
    if bytes.len() > MAX_BODY_BYTES {
        return Some(false);
    }
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return Some(false);
    };
    // A schema sees one of two members of a name, takes 1.0 for a whole number, and does not compare
    // a single member of two entries.
    let open = MEMBERS_TWICE.contains(&text) || has_float(&value) || names_a_card_twice(&value);
    (!open).then(|| CONTRACT.validator(schema).is_valid(&value))
}

fn names_a_card_twice(value: &Value) -> bool {
    let cards = value["cards"].as_array().into_iter().flatten();
    let ids: Vec<_> = cards
        .filter_map(|card| Some(card["cardId"].as_str()?.to_lowercase()))
        .collect();
    ids.iter().collect::<BTreeSet<_>>().len() < ids.len()
}

fn has_float(value: &Value) -> bool {
    match value {
        Value::Number(number) => !(number.is_u64() || number.is_i64()),
        Value::Array(items) => items.iter().any(has_float),
        Value::Object(members) => members.values().any(has_float),
        _ => false,
    }
}
