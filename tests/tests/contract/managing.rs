//! What an administrator is answered about the options and their history.

use cardwright_app::page::cursor;
use cardwright_domain::options::Options;
use serde_json::{Value, json};

use super::cases::{Case, get_options, history, put_options};
use super::{CONTRACT, check_response};
use crate::support::gateway::Request;
use crate::support::memory::Memory;

const STANDARD: &str =
    r#"{"id":"standard","name":"S","default":true,"enabled":true,"fields":["upn"]}"#;
const GOLD: &str = r#"{"id":"gold","name":"G","enabled":true,"delivery":"queue","holdMinutes":30,
    "fields":["upn"],"rules":{"upn":{"allowed":"A-Z","maxLength":9}}}"#;

fn types(types: &[&str]) -> String {
    format!(r#"{{"productionTypes":[{}]}}"#, types.join(","))
}

pub(super) fn managing() -> Vec<Case> {
    let tagged = |tag: &str| put_options("{}").header("if-match", tag);
    vec![
        Case::good(get_options(), 200).after(forget_options),
        Case::good(history("limit=1&unknown=1"), 200).after(forget_options),
        Case::bad(history("limit=101"), 400, "parameter-invalid"),
        Case::bad(history("cursor=a&cursor=b"), 400, "parameter-invalid"),
        Case::bad(history("cursor=bm90LW91cnM"), 400, "cursor-invalid"),
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

/// As if nothing had ever been stored.
fn forget_options(memory: &Memory) {
    memory.change_options(|options| *options = Options::default());
}

/// Sends the request and holds its answer against the contract.
async fn answer(request: Request, memory: &Memory) -> Value {
    let (method, path) = request.route_key().split_once(' ').unwrap();
    let operation = CONTRACT.operation(method, path);
    let response = request.send(memory).await;
    assert_eq!(response.status_code, 200, "{}", response.body);
    check_response(operation, &response)
}

/// A world in which the options were replaced by each of these bodies in turn.
async fn replaced(bodies: &[Value]) -> Memory {
    let memory = Memory::default();
    for (seen, body) in bodies.iter().enumerate() {
        let tag = format!("\"{seen}\"");
        let request = put_options(&body.to_string()).header("if-match", &tag);
        answer(
            request.by(&format!("admin.{seen}"), &["administrator"]),
            &memory,
        )
        .await;
    }
    memory
}

#[tokio::test]
async fn the_history_tells_who_changed_what_and_when() {
    let standard: Value = serde_json::from_str(STANDARD).unwrap();
    let gold: Value = serde_json::from_str(GOLD).unwrap();
    let mut renamed = standard.clone();
    renamed["name"] = json!("Card");
    let memory = replaced(&[
        json!({"useCases": {"orderCard": {"enabled": true}}}),
        json!({"productionTypes": [gold, renamed]}),
        json!({"productionTypes": [standard]}),
        json!({"productionTypes": [standard]}),
    ])
    .await;
    let page = answer(history(""), &memory).await;
    let items = page["items"].as_array().unwrap();
    let told = |at: usize| {
        let changes = items[at]["changes"].as_array().unwrap().iter();
        let told = changes.map(|change| (change["pointer"].as_str().unwrap(), &change["after"]));
        told.collect::<Vec<_>>()
    };
    let heads: Value = items
        .iter()
        .map(|item| json!([item["version"], item["by"], item["at"]]))
        .collect();
    let at = "2026-03-02T08:15:30.120Z";
    let expected = json!([
        [4, "admin.3", at],
        [3, "admin.2", at],
        [2, "admin.1", at],
        [1, "admin.0", at],
    ]);
    assert_eq!(heads, expected);
    assert!(told(0).is_empty());
    assert_eq!(
        told(1),
        [
            ("/productionTypes/0", &Value::Null),
            ("/productionTypes/0/name", &json!("S")),
        ]
    );
    let [gold, fields, name, use_case] = told(2)[..] else {
        panic!("{:?}", told(2))
    };
    assert_eq!(
        (gold.0, &gold.1["id"]),
        ("/productionTypes/0", &json!("gold"))
    );
    assert_eq!(fields, ("/productionTypes/1/fields", &json!(["upn"])));
    assert_eq!(name, ("/productionTypes/1/name", &json!("Card")));
    assert_eq!(use_case, ("/useCases/orderCard/enabled", &json!(false)));
    assert_eq!(told(3), [("/useCases/orderCard/enabled", &json!(true))]);
    assert_eq!(page["next"], Value::Null);
}

#[tokio::test]
async fn pages_of_the_history_follow_each_other_by_their_cursor_and_no_other() {
    let bodies = [true, false, true].map(|allowed| json!({"multipleOrders": allowed}));
    let memory = replaced(&bodies).await;
    let whole = answer(history(""), &memory).await;
    let mut found = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = answer(history(&query), &memory).await;
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else {
            break;
        };
        query = format!("limit=1&cursor={next}");
        let other_list = Request::new("GET /cards").query(&format!("state=failed&cursor={next}"));
        assert_eq!(other_list.send(&memory).await.status_code, 400);
    }
    assert_eq!(json!(found), whole["items"]);
    let foreign = format!("cursor={}", cursor("cards failed", "2"));
    assert_eq!(history(&foreign).send(&memory).await.status_code, 400);
}

#[tokio::test]
async fn what_a_change_replaced_is_not_known_if_it_was_not_recorded() {
    let memory = Memory::ready();
    answer(put_options("{}"), &memory).await;
    let page = answer(history(""), &memory).await;
    let item = &page["items"][0];
    assert_eq!(
        (&item["version"], &item["changes"]),
        (&json!(2), &Value::Null)
    );
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}
