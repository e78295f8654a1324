//! Every answer of the API is one that `infra/api.yaml` describes, and every one described there is
//! given.

mod answers;
pub(crate) mod cases;
mod commanding;
mod document;
mod documents;
mod managing;
mod particular;
pub(crate) mod receiving;
mod refreshing;
mod self_service;

use std::collections::BTreeMap;

use cardwright_api::event::Response;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

pub(crate) use self::document::{CONTRACT, Operation};

/// Holds an answer that came by HTTP against the contract.
#[track_caller]
pub(crate) fn check_answer(
    method: &Method,
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &Value,
) {
    let path = path.split('?').next().unwrap_or_default();
    let operation = CONTRACT.operation(method.as_str(), path);
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()));
    check(operation, status.as_u16(), &headers.collect(), body);
}

/// Holds the answer of a route against the contract; gives its body.
#[track_caller]
pub(crate) fn check_response(operation: &Operation, response: &Response) -> Value {
    let headers = response.headers.iter();
    let headers = headers
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    let body = serde_json::from_str(&response.body).unwrap();
    check(operation, response.status_code, &headers, &body);
    body
}

#[track_caller]
fn check(operation: &Operation, status: u16, headers: &BTreeMap<String, String>, body: &Value) {
    let violations = CONTRACT.violations(operation, status, headers, body);
    assert!(
        violations.is_empty(),
        "{} answered {status} with {body}: {violations:#?}",
        operation.id
    );
}
