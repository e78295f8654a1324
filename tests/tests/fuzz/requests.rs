//! Requests as API Gateway hands them on (payload format 2.0): each is one that its operation takes,
//! but for the parts that were replaced.

use std::fmt;

use cardwright_app::page::cursor;
use cardwright_domain::ids::CardId;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use serde_json::{Value, json};

use super::bodies::{Body, body};
use super::changes::{Change, change};
use super::texts::{CANARY, odd, odd_value};
use crate::contract::cases::{active, failed, first_card, inactive, ordered, produced, requested};
use crate::contract::{CONTRACT, Operation};
use crate::support::gateway::{FUNCTIONS, OPERATOR, Request, function};
use crate::support::memory::Memory;
use crate::support::webhook::{NOW, WHEN_SENT};

/// Characters of a request that are shown when it failed.
const SHOWN_CHARS: usize = 2_000;

/// Stands for the tag of the options that are in force when the request is made.
const TAG_IN_FORCE: &str = "\"in force\"";

/// One request: an event, and the function that gets it.
#[derive(Clone)]
pub(super) struct Sent {
    pub(super) change: Change,
    pub(super) function: &'static str,
    pub(super) event: Value,
}

impl Sent {
    pub(super) fn request(&self) -> Request {
        Request(self.event.clone())
    }

    /// The operation, if the function has its route.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        let route_key = self.event["routeKey"].as_str()?;
        let mut all = CONTRACT.operations.iter();
        let found = all.find(|operation| operation.route_key() == route_key)?;
        (function(route_key) == self.function).then_some(found)
    }

    pub(super) fn with_the_tag_in_force(mut self, memory: &Memory) -> Self {
        if self.event["headers"]["if-match"] == TAG_IN_FORCE {
            let card_id = self.event["pathParameters"]["cardId"].as_str();
            let card_id = card_id.and_then(|id| id.parse::<CardId>().ok());
            let cards = memory.cards.lock().unwrap();
            let version = match card_id.and_then(|id| cards.get(&id)) {
                Some(card) => card.version,
                None => memory.options.lock().unwrap().version,
            };
            self.event["headers"]["if-match"] = format!("\"{version}\"").into();
        }
        self
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event: String = self.event.to_string().chars().take(SHOWN_CHARS).collect();
        write!(f, "{} after {}: {event}", self.function, self.change.name)
    }
}

/// Requests to one world, one after the other.
pub(super) fn conversation(longest: usize) -> impl Strategy<Value = Vec<Sent>> {
    let operations: Vec<_> = CONTRACT.operations.iter().map(request).collect();
    let any_operation = Union::new(operations).boxed();
    let one = prop_oneof![
        12 => any_operation.clone(),
        1 => misrouted(any_operation),
    ];
    prop::collection::vec(one, 1..=longest)
}

fn request(operation: &'static Operation) -> BoxedStrategy<Sent> {
    let route_key = operation.route_key();
    let function = function(&route_key);
    let parts = (
        change(&operation.id),
        identity(operation),
        path_parameters(&operation.path),
        query(&operation.id),
        headers(operation.is_signed),
        body(&operation.id),
        request_id(),
    );
    let sent = parts.prop_map(
        move |(change, authorizer, path, query, headers, body, id)| Sent {
            change,
            function,
            event: event(&route_key, authorizer, path, query, headers, body, id),
        },
    );
    sent.boxed()
}

/// What no release of the gateway should send: routes that a function does not have.
fn misrouted(sent: BoxedStrategy<Sent>) -> impl Strategy<Value = Sent> {
    let known = CONTRACT.operations.iter().map(Operation::route_key);
    let others = [
        "$default",
        "",
        "GET /",
        "DELETE /users",
        "get /users",
        "GET /users/",
    ];
    let known: Vec<_> = known.chain(others.map(str::to_owned)).collect();
    let route_key = prop_oneof![4 => select(known), 1 => odd()];
    (sent, route_key, select(FUNCTIONS.to_vec())).prop_map(|(mut sent, route_key, function)| {
        sent.event["routeKey"] = route_key.into();
        Sent { function, ..sent }
    })
}

fn event(
    route_key: &str,
    authorizer: Value,
    path: Value,
    query: String,
    headers: Value,
    body: Body,
    request_id: Value,
) -> Value {
    let method = route_key.split(' ').next().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": "/",
        "rawQueryString": query,
        "cookies": ["a=b"],
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "http": {"method": method, "path": "/", "sourceIp": "192.0.2.1", "userAgent": CANARY},
            "routeKey": route_key,
            "stage": "$default",
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": 1_795_334_400_000_u64,
        },
        "pathParameters": path,
        "isBase64Encoded": body.is_base64,
    });
    if !request_id.is_null() {
        event["requestContext"]["requestId"] = request_id;
    }
    if !authorizer.is_null() {
        event["requestContext"]["authorizer"] = authorizer;
    }
    if let Some(text) = body.text {
        event["body"] = text.into();
    }
    event
}

fn request_id() -> BoxedStrategy<Value> {
    prop_oneof![
        9 => "[A-Za-z0-9+/=_-]{1,40}".prop_map(Value::from),
        1 => Just(json!("")),
        1 => Just(Value::Null),
    ]
    .boxed()
}

/// Mostly a caller who may, sometimes one who may for themself or not at all, sometimes nobody. Who signs is
/// nobody.
fn identity(operation: &'static Operation) -> BoxedStrategy<Value> {
    let claims = |name: Value, groups: Value| json!({"token_use": "access", "username": name, "cognito:groups": groups, "exp": "1"});
    let jwt = |claims: Value| json!({"jwt": {"claims": claims, "scopes": null}});
    if operation.is_signed {
        let token = jwt(claims(json!(OPERATOR), json!("[operator]")));
        return prop_oneof![9 => Just(Value::Null), 1 => Just(token)].boxed();
    }
    let may = if operation.is_for_anyone {
        Just("[staff]".to_owned()).boxed()
    } else {
        let role = select(operation.roles.clone());
        role.prop_map(|role| format!("[{role}]")).boxed()
    };
    let holders = select(vec![
        "ada@example.com",
        "BEA@example.com",
        "una@example.com",
    ]);
    let groups = prop_oneof![
        select(vec![
            "[operator]",
            "[approver]",
            "[administrator]",
            "[staff]",
            "[]",
            "operator"
        ])
        .prop_map(Value::from),
        odd_value(),
    ];
    prop_oneof![
        20 => may.prop_map(move |groups| jwt(claims(json!(OPERATOR), json!(groups)))),
        2 => groups.prop_map(move |groups| jwt(claims(json!(OPERATOR), groups))),
        3 => holders.prop_map(move |name| jwt(claims(json!(name), json!("[]")))),
        1 => odd().prop_map(move |name| jwt(claims(json!(name), json!("[operator]")))),
        1 => odd_value().prop_map(move |name| jwt(claims(name, json!("[operator]")))),
        1 => odd_value().prop_map(move |kind| {
            let mut claims = claims(json!(OPERATOR), json!("[operator]"));
            claims["token_use"] = kind;
            jwt(claims)
        }),
        1 => select(vec![
            Value::Null,
            json!({}),
            json!({"jwt": null}),
            json!({"jwt": {"claims": null, "scopes": null}}),
            json!({"jwt": {"claims": {}, "scopes": ["a"]}}),
            json!({"lambda": {"username": OPERATOR}}),
            json!({"iam": {"userArn": "arn"}}),
        ]),
    ]
    .boxed()
}

fn path_parameters(path: &str) -> BoxedStrategy<Value> {
    let (name, id) = if path.contains("{userId}") {
        let users = select(vec![
            "bea", "bea", "bea", "bea", "bea", "ada", "ivo", "una", "nobody",
        ]);
        ("userId", users.prop_map(str::to_owned).boxed())
    } else if path.contains("{cardId}") {
        let first = first_card().to_string();
        let mut cards = vec![
            first.clone(),
            first.to_uppercase(),
            requested().card_id.to_string(),
            "00000000-0000-5000-8000-000000000000".to_owned(),
        ];
        // Nearly all of its answers are about one card.
        if path.ends_with("/repeat") {
            cards.extend(vec![failed("bea").card_id.to_string(); 8]);
        }
        if path.ends_with("/refresh") {
            cards.extend(vec![ordered().card_id.to_string(); 8]);
        }
        let command = path.rsplit('/').next().unwrap_or_default();
        if ["activate", "deactivate", "reactivate", "lock"].contains(&command) {
            for card in [produced(), active(), inactive()] {
                cards.extend(vec![card.card_id.to_string(); 3]);
            }
        }
        ("cardId", select(cards).boxed())
    } else {
        return Just(Value::Null).boxed();
    };
    prop_oneof![
        12 => id.prop_map(move |id| json!({name: id})),
        3 => odd().prop_map(move |id| json!({name: id})),
        1 => odd().prop_map(|id| json!({"proxy": id})),
        1 => Just(Value::Null),
    ]
    .boxed()
}

fn query(operation: &str) -> BoxedStrategy<String> {
    let text =
        || prop_oneof![3 => select(vec!["ada", "lovelace", "b", "a@", "E-u"]), 1 => Just("ov")];
    let made_up =
        (text(), odd()).prop_map(|(list, place)| cursor(&format!("users {list}"), &place));
    let in_state = odd().prop_map(|place| cursor("cards processing", &place));
    let version = prop_oneof![3 => (0..6_u32).prop_map(|v| v.to_string()), 1 => odd()];
    let in_history = version.prop_map(|version| cursor("options history", &version));
    let wanted = match operation {
        "searchUsers" => vec![
            ("q", text().prop_map(str::to_owned).boxed()),
            ("cursor", made_up.boxed()),
        ],
        "listCards" => vec![
            (
                "state",
                select(vec!["processing", "failed"])
                    .prop_map(str::to_owned)
                    .boxed(),
            ),
            ("cursor", in_state.boxed()),
        ],
        "listOptionsHistory" => vec![("cursor", in_history.boxed())],
        "draftCard" => vec![("productionType", Just("standard".to_owned()).boxed())],
        _ => vec![],
    };
    let mut pairs = Vec::new();
    for (at, (name, good)) in wanted.into_iter().enumerate() {
        let value = prop_oneof![5 => good, 1 => odd()];
        let weight = if at == 0 { 0.95 } else { 0.2 };
        pairs.push(prop::option::weighted(weight, value.prop_map(move |v| pair(name, &v))).boxed());
    }
    let limit = prop_oneof![4 => (0..103_u32).prop_map(|n| n.to_string()), 1 => odd()];
    pairs.push(prop::option::weighted(0.2, limit.prop_map(|v| pair("limit", &v))).boxed());
    let names = select(vec![
        "q",
        "state",
        "limit",
        "cursor",
        "productionType",
        "utm",
        "%FF",
        "",
    ]);
    let stray = (names, odd(), any::<bool>()).prop_map(|(name, value, raw)| {
        if raw {
            format!("{name}={value}")
        } else {
            pair(name, &value)
        }
    });
    pairs.push(prop::option::weighted(0.15, stray).boxed());
    prop_oneof![
        20 => pairs.prop_map(|pairs| pairs.into_iter().flatten().collect::<Vec<_>>().join("&")),
        1 => odd(),
    ]
    .boxed()
}

/// As a form is encoded; some clients leave alone what they need not.
fn pair(name: &str, value: &str) -> String {
    let encoded: String = value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                (byte as char).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect();
    format!("{name}={encoded}")
}

/// As the producer signs, but for what was replaced.
fn signature() -> BoxedStrategy<Vec<(&'static str, String)>> {
    let known = select(vec!["evt-1", "evt-2", "evt-3", "evt-4", "evt-5", "evt-6"]);
    let id = prop_oneof![8 => known.prop_map(str::to_owned), 1 => odd()];
    let near = -300..=300_i64;
    let far = select(vec![-86_400, -301, 301, i64::MIN / 2, i64::MAX / 2]);
    let time = prop_oneof![12 => near, 1 => far].prop_map(|seconds| (NOW + seconds).to_string());
    let time = prop_oneof![12 => time, 1 => odd()];
    let right = Just(WHEN_SENT.to_owned());
    let wrong = select(vec!["v1,", "v1", "v2,AAAA", "v1,AAAA v1,BBBB", "v1,é", " "]);
    let signature = prop_oneof![12 => right, 1 => wrong.prop_map(str::to_owned), 1 => odd()];
    let all = (
        prop::option::weighted(0.97, id.prop_map(|id| ("webhook-id", id))),
        prop::option::weighted(0.97, time.prop_map(|time| ("webhook-timestamp", time))),
        prop::option::weighted(0.97, signature.prop_map(|one| ("webhook-signature", one))),
    );
    all.prop_map(|(id, time, signature)| {
        let sent = [id, time, signature].into_iter().flatten();
        sent.collect::<Vec<_>>()
    })
    .boxed()
}

fn headers(is_signed: bool) -> BoxedStrategy<Value> {
    if is_signed {
        let named = |(name, value): (&str, String)| (name.to_owned(), Value::from(value));
        return signature()
            .prop_map(move |all| Value::Object(all.into_iter().map(named).collect()))
            .boxed();
    }
    let key = prop_oneof![6 => select(vec!["first", "k1", "k2", "k3"]).prop_map(str::to_owned), 1 => odd()];
    let tag = prop_oneof![
        8 => Just(TAG_IN_FORCE.to_owned()),
        2 => select(vec!["\"0\"", "*", "W/\"1\"", "\"18446744073709551615\"", "1", "\"01\"", "\"+1\""])
            .prop_map(str::to_owned),
        1 => odd(),
    ];
    let other = ("[a-z-]{1,12}", odd());
    let all = (
        prop::option::weighted(0.9, key),
        prop::option::weighted(0.9, tag),
        prop::collection::vec(other, 0..2),
    );
    all.prop_map(|(key, tag, others)| {
        let mut headers = json!({"host": "api.example", "content-type": "application/json"});
        for (name, value) in others {
            headers[name] = value.into();
        }
        for (name, value) in [("idempotency-key", key), ("if-match", tag)] {
            if let Some(value) = value {
                headers[name] = value.into();
            }
        }
        headers
    })
    .boxed()
}
