//! Texts that have broken other programs, and what may stand in for them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Stands in values only, so a refusal that holds it has repeated the request.
pub(super) const CANARY: &str = "kanarie";

/// What is odd as an id, a name, a key or a word.
pub(super) fn odd() -> BoxedStrategy<String> {
    let well_known = select(vec![
        "",
        " ",
        ".",
        "..",
        "...",
        "a/b",
        "%41",
        "%",
        "\0",
        "\n",
        "a\r\nset-cookie: b",
        "\u{202e}evil",
        "\u{feff}",
        "\u{fdfa}",
        "İ",
        "ß",
        "e\u{301}\u{301}\u{301}",
        "\u{10ffff}",
        "'; DROP TABLE cards; --",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "{commonName}",
        "<script>",
        "null",
        "undefined",
        "-1",
        "1e309",
        "00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000",
        "system:drain-orders",
        "card#x",
        "open#ada",
    ]);
    let repeated = (
        select(vec!["x", "ß", "𝕏", "\u{fdfa}", ".", "e\u{301}"]),
        {
            select(vec![
                2_usize, 40, 64, 65, 100, 101, 256, 257, 500, 501, 3_000,
            ])
        },
    );
    prop_oneof![
        3 => well_known.prop_map(str::to_owned),
        2 => repeated.prop_map(|(text, times)| text.repeat(times)),
        3 => ".{0,40}".prop_map(String::from),
        2 => any::<String>(),
        3 => ".{0,12}".prop_map(|text| format!("{CANARY}{text}")),
    ]
    .boxed()
}

/// What is odd as a value of JSON.
pub(super) fn odd_value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => select(vec![0_u64, 1, 2, 999_999_999_999_999]).prop_map(Value::from),
        1 => odd().prop_map(Value::from),
        // Where a text does not belong it is most easily repeated.
        3 => ".{0,8}".prop_map(|text| format!("{CANARY}{text}").into()),
        1 => "[a-zA-Z]{1,6}".prop_map(Value::from),
        1 => Just(json!([])),
        1 => Just(json!({})),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let member = prop_oneof!["[a-z]{1,3}", "[~/]{1,2}[a-z]?", Just(String::new())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(member, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}
