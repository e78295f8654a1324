//! Bodies: what an operation takes, with one part of it replaced, and what is no body at all.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cardwright_domain::options::Options;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::texts::{CANARY, odd, odd_value};
use crate::contract::cases::{ordered, requested};
use crate::contract::receiving::told;

/// Bodies whose two members of one name a JSON library makes one of.
pub(super) const MEMBERS_TWICE: [&str; 2] = [
    r#"{"comment":"a","comment":"b"}"#,
    r#"{"version":1,"version":2}"#,
];

/// A body as the gateway passes it on.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) text: Option<String>,
    pub(super) is_base64: bool,
}

impl Body {
    fn plain(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            is_base64: false,
        }
    }

    fn base64(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            is_base64: true,
        }
    }
}

/// A body for the operation: often a good one, often nearly one, seldom nonsense.
pub(super) fn body(operation: &str) -> BoxedStrategy<Body> {
    let good = match operation {
        "orderCard" => order(),
        "abortOrder" | "approveOrder" | "activateCard" | "reactivateCard" => abort(),
        "rejectOrder" | "deactivateCard" | "lockCard" => some_of(vec![("reason", comment())]),
        "repeatOrder" => repeat(),
        "decideOrders" => decisions(),
        "receiveProducerEvent" => event(),
        "putOptions" => options(),
        _ => Just(json!({})).boxed(),
    };
    prop_oneof![
        14 => good.clone().prop_map(|value| Body::plain(value.to_string())),
        14 => changed(good.clone()).prop_map(|value| Body::plain(value.to_string())),
        3 => (good.clone(), any::<Index>(), odd()).prop_map(|(v, at, t)| Body::plain(bent(&v, at, &t))),
        1 => good.prop_map(|value| Body::base64(STANDARD.encode(value.to_string()))),
        1 => prop::collection::vec(any::<u8>(), 0..60).prop_map(|bytes| Body::base64(STANDARD.encode(bytes))),
        1 => odd().prop_map(Body::base64),
        1 => odd().prop_map(Body::plain),
        2 => raw(),
        1 => select(vec![16_384_usize, 16_385]).prop_map(|bytes| Body::plain(padded(bytes))),
        1 => Just(Body { text: None, is_base64: false }),
    ]
    .boxed()
}

/// An empty object of so many bytes.
fn padded(bytes: usize) -> String {
    format!("{{{}}}", " ".repeat(bytes - 2))
}

fn comment() -> BoxedStrategy<Value> {
    let text = prop_oneof![
        ".{0,30}",
        odd().prop_map(|text| text.chars().take(500).collect())
    ];
    prop_oneof![
        3 => text.prop_map(Value::from),
        1 => Just(Value::Null),
    ]
    .boxed()
}

/// An object with some of these members.
fn some_of(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| prop::option::weighted(0.7, value.prop_map(move |v| (name, v))))
        .collect();
    members
        .prop_map(|chosen| {
            let chosen = chosen.into_iter().flatten();
            Value::Object(chosen.map(|(name, v)| (name.to_owned(), v)).collect())
        })
        .boxed()
}

fn order() -> BoxedStrategy<Value> {
    let production_type = prop_oneof![
        4 => Just(json!("standard")),
        1 => Just(json!("gold")),
        1 => Just(Value::Null),
        1 => "[A-Za-z0-9._-]{1,64}".prop_map(Value::from),
    ];
    some_of(vec![
        ("productionType", production_type.boxed()),
        ("comment", comment()),
    ])
}

fn abort() -> BoxedStrategy<Value> {
    some_of(vec![("comment", comment())])
}

fn repeat() -> BoxedStrategy<Value> {
    let refresh = prop::bool::weighted(0.7).prop_map(Value::from);
    some_of(vec![
        ("refreshData", refresh.boxed()),
        ("comment", comment()),
    ])
}

fn decisions() -> BoxedStrategy<Value> {
    let card = (any::<u128>(), 0..4_u64).prop_map(|(id, version)| {
        let id = uuid::Uuid::from_u128(id);
        json!({"cardId": id, "version": version})
    });
    let known =
        (0..4_u64).prop_map(|version| json!({"cardId": requested().card_id, "version": version}));
    let cards = prop::collection::vec(prop_oneof![card, known], 0..5);
    some_of(vec![
        (
            "decision",
            select(vec![json!("approve"), json!("reject")]).boxed(),
        ),
        ("reason", comment()),
        ("cards", cards.prop_map(Value::from).boxed()),
    ])
}

/// What the producer tells, mostly about the order that it has in hand.
fn event() -> BoxedStrategy<Value> {
    let state = select(vec![
        "accepted",
        "in_production",
        "produced",
        "failed",
        "lost",
    ]);
    let more = some_of(vec![
        ("carrier", odd_value()),
        ("tracking", comment()),
        (
            "reason",
            some_of(vec![("code", comment()), ("detail", odd_value())]),
        ),
    ]);
    let other = select(vec![
        ("producerOrderId", "P-2"),
        ("key", "x"),
        ("state", ""),
    ]);
    (state, more, prop::option::weighted(0.2, other))
        .prop_map(|(state, more, other)| {
            let mut event = told(&ordered(), state);
            for (name, value) in more.as_object().unwrap() {
                event["data"][name] = value.clone();
            }
            if let Some((name, value)) = other {
                event["data"][name] = value.into();
            }
            event
        })
        .boxed()
}

fn template() -> BoxedStrategy<Value> {
    let part = prop_oneof![
        3 => select(vec![
            "{commonName}", "{upn}", "{email}", "{userId}", "{department}", "{{", "}}", " ", "ö",
        ])
        .prop_map(str::to_owned),
        1 => "[^{}]{0,6}".prop_map(String::from),
    ];
    let parts = prop::collection::vec(part, 0..6);
    parts.prop_map(|parts| parts.concat().into()).boxed()
}

/// Options that may be stored; what they say is mostly sensible.
fn options() -> BoxedStrategy<Value> {
    let mostly = prop::bool::weighted(0.8);
    let flag = || any::<bool>().prop_map(Value::from).boxed();
    let field = prop_oneof![Just("commonName".to_owned()), "[a-z][A-Za-z0-9]{0,39}"];
    let mapping = prop::collection::btree_map(field, template(), 1..4);
    let mapping = mapping.prop_flat_map(|mapping| {
        let fields: Vec<_> = mapping.keys().cloned().collect();
        let names = prop_oneof![Just("Card".to_owned()), "\\PC{1,100}", "[ a]{98,101}"];
        let delivery = select(vec!["queue", "direct"]);
        let hold = prop_oneof![3 => Just(0), 1 => 0..11_000_u64];
        let validity = prop_oneof![3 => Just(1_825), 1 => 0..3_652_u64];
        let rule = select(vec![
            json!({}),
            json!({"required": false}),
            json!({"maxLength": 1}),
            json!({"maxLength": 501}),
            json!({"allowed": "a-z"}),
            json!({"allowed": "z-a"}),
            json!({"values": ["a"]}),
            json!({"values": null, "allowed": null, "maxLength": null}),
        ]);
        let made = (
            Just(mapping),
            names,
            delivery,
            (hold, validity),
            prop::option::weighted(0.3, rule),
        );
        made.prop_map(move |(mapping, name, delivery, (hold, validity), rule)| {
            let rules: BTreeMap<_, _> = fields.first().cloned().zip(rule).into_iter().collect();
            let only = json!({
                "id": "standard", "name": name, "default": true, "enabled": true,
                "delivery": delivery, "holdMinutes": hold, "validityDays": validity,
                "fields": fields, "rules": rules,
            });
            let other = json!({"id": "gold", "name": "Gold", "enabled": true, "fields": fields});
            (json!([only, other]), json!(mapping))
        })
    });
    let approval = (any::<bool>(), any::<bool>());
    let approval = approval.prop_map(|(single, own)| json!({"single": single, "ownOrders": own}));
    let language = select(vec!["en", "sv"]);
    let email = (any::<bool>(), language);
    let email = email.prop_map(|(on, language)| json!({"enabled": on, "language": language}));
    let rest = some_of(vec![
        ("version", any::<u64>().prop_map(Value::from).boxed()),
        (
            "useCases",
            (mostly, mostly)
                .prop_map(|(order, repeat)| {
                    json!({"orderCard": {"enabled": order}, "repeatOrder": {"enabled": repeat}})
                })
                .boxed(),
        ),
        ("multipleOrders", flag()),
        ("cardOrderedEmail", email.boxed()),
        ("selfService", flag()),
        ("approval", approval.boxed()),
    ]);
    let whole = (rest, mapping).prop_map(|(mut rest, (types, mapping))| {
        rest["productionTypes"] = types;
        rest["mapping"] = mapping;
        rest
    });
    let default = serde_json::to_value(Options::default()).unwrap();
    prop_oneof![4 => whole, 1 => Just(default), 1 => Just(json!({}))].boxed()
}

/// The value with one of its parts replaced, taken out, or given a neighbour.
fn changed(good: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let name = prop_oneof!["[a-z]{1,4}", "[~/A-Z]{1,3}", Just("version".to_owned())];
    (good, any::<Index>(), odd_value(), name, 0..4)
        .prop_map(|(mut value, at, odd, name, how)| {
            let all = pointers(&value);
            let pointer = at.get(&all).clone();
            let part = value.pointer_mut(&pointer).unwrap();
            match (how, part) {
                (0, Value::Object(members)) => drop(members.insert(name, odd)),
                (1, Value::Array(items)) => items.push(odd),
                (2, Value::Object(members)) if !members.is_empty() => {
                    let name = at.get(&members.keys().cloned().collect::<Vec<_>>()).clone();
                    drop(members.remove(&name));
                }
                (_, part) => *part = odd,
            }
            value
        })
        .boxed()
}

fn pointers(value: &Value) -> Vec<String> {
    let mut all = vec![String::new()];
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v))
            .collect(),
        _ => vec![],
    };
    for (name, child) in children {
        let name = name.replace('~', "~0").replace('/', "~1");
        all.extend(
            pointers(child)
                .into_iter()
                .map(|rest| format!("/{name}{rest}")),
        );
    }
    all
}

/// The text cut off, or with something put into it, at any place.
fn bent(value: &Value, at: Index, put: &str) -> String {
    let chars: Vec<char> = value.to_string().chars().collect();
    let at = at.index(chars.len() + 1);
    let start: String = chars[..at].iter().collect();
    let end: String = chars[at..].iter().collect();
    if put.is_empty() {
        start
    } else {
        format!("{start}{put}{end}")
    }
}

/// What a JSON library could not have written.
fn raw() -> BoxedStrategy<Body> {
    let deep = |times: usize| format!("{}1{}", "[".repeat(times), "]".repeat(times));
    let deep_in = |times: usize| format!("{{\"comment\":{}}}", deep(times));
    let text = select(vec![
        MEMBERS_TWICE[0].to_owned(),
        MEMBERS_TWICE[1].to_owned(),
        "{\"version\":1e400}".to_owned(),
        "{\"version\":18446744073709551616}".to_owned(),
        "{\"version\":-0}".to_owned(),
        format!("{{\"version\":1{}}}", "0".repeat(5_000)),
        "{\"comment\":\"\\ud800\"}".to_owned(),
        "{\"comment\":\"\\u0000\"}".to_owned(),
        "\u{feff}{}".to_owned(),
        "{} {}".to_owned(),
        "nul".to_owned(),
        " ".to_owned(),
        deep(100),
        deep(127),
        deep(128),
        deep(8_000),
        deep_in(120),
        deep_in(8_000),
        "{\"a\":".repeat(3_000),
        format!("{{\"comment\":\"{CANARY}{}\"}}", "x".repeat(1 << 20)),
        format!("{{\"comment\":\"{}\"}}", "\u{fdfa}".repeat(5_000)),
    ]);
    text.prop_map(Body::plain).boxed()
}
