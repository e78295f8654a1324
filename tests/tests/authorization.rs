//! Who may do what, for every operation of the contract, every set of roles, and owners and others. An
//! operation that is new in `infra/api.yaml` is in here by itself, or fails for want of a request.

use serde_json::Value;

use crate::contract::cases::{enable_self_service, holder_of, well_formed, world};
use crate::contract::{CONTRACT, Operation, check_response};
use crate::support::gateway::{OPERATOR, Request};
use crate::support::memory::Memory;
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
    answer_in(&world().await, operation, request).await
}

async fn answer_in(memory: &Memory, operation: &Operation, request: Request) -> (u16, Value, bool) {
    let response = request.send(memory).await;
    let body = check_response(operation, &response);
    let asked = response.headers["aws-requests"] != "0";
    (response.status_code, body["type"].clone(), asked)
}

const REFUSAL: &str = "https://cardwright.example/problems/role-required";

/// Whether the contract lets in a caller with these roles, whoever they are.
fn may(operation: &Operation, roles: &[&str]) -> bool {
    let named = |role: &&str| operation.roles.iter().any(|named| named == role);
    operation.is_for_anyone || roles.iter().any(named)
}

#[tokio::test]
async fn exactly_the_callers_with_a_role_that_the_contract_names_are_let_in() {
    assert!(!CONTRACT.operations.is_empty());
    for operation in operations(false) {
        assert_eq!(
            operation.roles.is_empty(),
            operation.is_for_anyone,
            "{} is for nobody, or for everybody and some",
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
            let may = may(operation, &roles);
            let let_in = (200..300).contains(&status) && asked;
            // That self-service is off stands in a table.
            let is_free = !asked || operation.is_for_self;
            let sent_away = status == 403 && problem == REFUSAL && is_free;
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
async fn exactly_the_owner_is_let_in_without_a_role_and_only_while_self_service_is_on() {
    let for_self: Vec<_> = operations(false).filter(|o| o.is_for_self).collect();
    assert!(for_self.len() >= 5, "{}", for_self.len());
    for operation in operations(false) {
        for roles in role_sets() {
            for (caller, is_on) in [
                (Caller::Owner, true),
                (Caller::Owner, false),
                (Caller::OtherUser, true),
                (Caller::OtherUser, false),
                (Caller::InactiveUser, true),
                (Caller::InactiveUser, false),
                (Caller::NoUser, true),
                (Caller::NoUser, false),
            ] {
                let memory = world().await;
                if is_on {
                    enable_self_service(&memory);
                }
                let request = well_formed(operation).by(caller.name(operation), &roles);
                let (status, problem, _) = answer_in(&memory, operation, request).await;
                let expected = expected(operation, &roles, caller, is_on);
                let answered = match status {
                    200..300 => Expected::LetIn,
                    404 => Expected::NothingThere,
                    403 if problem == REFUSAL => Expected::RoleRequired,
                    other => panic!("{}: {other} {problem}", operation.id),
                };
                assert_eq!(
                    answered, expected,
                    "{} as {caller:?} with {roles:?}, self-service {is_on}",
                    operation.id
                );
            }
        }
    }
}

/// Who sends a request that is about one user.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Caller {
    Owner,
    OtherUser,
    InactiveUser,
    NoUser,
}

impl Caller {
    /// Operations that nobody does for themself have no owner; whoever calls them is only a name.
    fn name(self, operation: &Operation) -> &'static str {
        match self {
            Self::Owner if operation.is_for_self => holder_of(operation),
            Self::Owner => "bea@example.com",
            Self::OtherUser if operation.is_for_self => other_than(holder_of(operation)),
            Self::OtherUser => "bea@example.com",
            Self::InactiveUser => "ivo@example.com",
            Self::NoUser => OPERATOR,
        }
    }
}

/// An active user who does not hold what this one holds.
fn other_than(holder: &str) -> &'static str {
    match holder {
        "bea@example.com" => "ada@example.com",
        _ => "bea@example.com",
    }
}

#[derive(Debug, PartialEq)]
enum Expected {
    LetIn,
    /// For the caller there is no such user or card.
    NothingThere,
    RoleRequired,
}

fn expected(operation: &Operation, roles: &[&str], caller: Caller, is_on: bool) -> Expected {
    match caller {
        _ if may(operation, roles) => Expected::LetIn,
        Caller::Owner if operation.is_for_self && is_on => Expected::LetIn,
        Caller::OtherUser if operation.is_for_self && is_on => Expected::NothingThere,
        Caller::Owner | Caller::OtherUser | Caller::InactiveUser | Caller::NoUser => {
            Expected::RoleRequired
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
            let expected = (403, operation.is_for_self);
            assert_eq!((status, asked), expected, "{} of {id}", operation.id);
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
