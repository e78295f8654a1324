//! Who may do what, for every operation of the contract and every set of roles. An operation that
//! is new in `infra/api.yaml` is in here by itself, or fails for want of a request.

use serde_json::Value;

use crate::contract::cases::{well_formed, world};
use crate::contract::{CONTRACT, Operation, check_response};
use crate::support::gateway::{OPERATOR, Request};
use crate::support::webhook::{OTHER_KEY, signature};

const ROLES: [&str; 3] = ["operator", "approver", "administrator"];

/// Every set of roles, each with a group that is no role.
fn role_sets() -> Vec<Vec<&'static str>> {
    let sets = 0..1 << ROLES.len();
    let set = |bits: usize| {
        let held = ROLES
            .iter()
            .enumerate()
            .filter(move |(at, _)| bits & (1 << at) != 0);
        held.map(|(_, role)| *role).chain(["staff"]).collect()
    };
    sets.map(set).collect()
}

/// The operations whose callers send a token, or those whose callers sign.
fn operations(is_signed: bool) -> impl Iterator<Item = &'static Operation> {
    let all = CONTRACT.operations.iter();
    all.filter(move |operation| operation.is_signed == is_signed)
}

/// Status and problem type of an answer, and whether a port was asked for it.
async fn answer(operation: &Operation, request: Request) -> (u16, Value, bool) {
    let response = request.send(&world().await).await;
    let body = check_response(operation, &response);
    let asked = response.headers["aws-requests"] != "0";
    (response.status_code, body["type"].clone(), asked)
}

#[tokio::test]
async fn exactly_the_callers_with_a_role_that_the_contract_names_are_let_in() {
    let refusal = "https://cardwright.example/problems/role-required";
    assert!(!CONTRACT.operations.is_empty());
    for operation in operations(false) {
        assert!(
            !operation.roles.is_empty(),
            "{} is for nobody",
            operation.id
        );
        for role in &operation.roles {
            assert!(
                ROLES.contains(&role.as_str()),
                "{} is for {role}",
                operation.id
            );
        }
        for roles in role_sets() {
            let request = well_formed(operation).by(OPERATOR, &roles);
            let (status, problem, asked) = answer(operation, request).await;
            let may = roles
                .iter()
                .any(|role| operation.roles.iter().any(|named| named == role));
            let let_in = (200..300).contains(&status) && asked;
            let sent_away = status == 403 && problem == refusal && !asked;
            assert_eq!(
                (let_in, sent_away),
                (may, !may),
                "{} as {roles:?}: {status}",
                operation.id
            );
        }
    }
}

#[tokio::test]
async fn whoever_is_not_known_is_sent_away_before_the_roles_are_looked_at() {
    for operation in operations(false) {
        let request = || well_formed(operation).by(OPERATOR, &ROLES);
        for stranger in [
            request().by_nobody(),
            request().claim("token_use", "id"),
            request().claim("username", ""),
            request().claim("username", "system:drain-orders"),
        ] {
            let (status, _, asked) = answer(operation, stranger).await;
            assert_eq!((status, asked), (401, false), "{}", operation.id);
        }
    }
}

#[tokio::test]
async fn a_caller_without_the_role_does_not_learn_what_exists() {
    for operation in CONTRACT
        .operations
        .iter()
        .filter(|operation| operation.path.contains('{'))
    {
        for id in [
            "nobody",
            "not well-formed",
            "00000000-0000-5000-8000-000000000000",
        ] {
            let name = if operation.path.contains("{userId}") {
                "userId"
            } else {
                "cardId"
            };
            let request = well_formed(operation)
                .path(name, id)
                .by(OPERATOR, &["staff"]);
            let (status, _, asked) = answer(operation, request).await;
            assert_eq!((status, asked), (403, false), "{} of {id}", operation.id);
        }
    }
}

#[tokio::test]
async fn no_token_stands_for_a_signature() {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let unsigned = |operation: &Operation| {
        let request = well_formed(operation);
        headers.into_iter().fold(request, Request::without_header)
    };
    let refusal = "https://cardwright.example/problems/webhook-signature-invalid";
    let signed: Vec<_> = operations(true)
        .map(|operation| operation.id.as_str())
        .collect();
    assert_eq!(signed, ["receiveProducerEvent"]);
    for operation in operations(true) {
        assert!(operation.roles.is_empty(), "{}", operation.id);
        for roles in role_sets() {
            let (status, problem, asked) =
                answer(operation, unsigned(operation).by(OPERATOR, &roles)).await;
            assert_eq!(
                (status, asked),
                (401, false),
                "{} as {roles:?}",
                operation.id
            );
            assert_eq!(problem, refusal);
        }
        let forged = well_formed(operation);
        let other = signature(OTHER_KEY, &forged.0);
        let forged = forged.header("webhook-signature", &other);
        let (status, problem, _) = answer(operation, forged.by(OPERATOR, &ROLES)).await;
        assert_eq!((status, problem), (401, refusal.into()), "{}", operation.id);
        // Who signs needs no token.
        let (status, _, asked) = answer(operation, well_formed(operation).by_nobody()).await;
        assert_eq!((status, asked), (200, true), "{}", operation.id);
    }
}
