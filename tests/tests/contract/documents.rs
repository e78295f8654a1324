use std::collections::BTreeMap;
use std::path::Path;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::cases::{well_formed, world};
use super::{CONTRACT, check_answer, check_response};

fn headers(content_type: &str) -> BTreeMap<String, String> {
    let all = [
        ("content-type", content_type),
        ("aws-requests", "0"),
        ("cache-control", "no-store"),
    ];
    all.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

#[test]
fn an_answer_that_differs_from_the_contract_is_found() {
    let operation = CONTRACT.operation("GET", "/users");
    let good = json!({"items": [], "next": null});
    let json = headers("application/json; charset=utf-8");
    let violations = |status, headers: &BTreeMap<String, String>, body: &Value| {
        CONTRACT.violations(operation, status, headers, body).len()
    };
    assert_eq!(violations(200, &json, &good), 0);
    assert_eq!(violations(418, &json, &good), 1);
    assert_eq!(violations(200, &headers("text/html"), &good), 1);
    assert_eq!(violations(200, &json, &json!({"items": []})), 1);
    assert_eq!(
        violations(200, &json, &json!({"items": [], "next": null, "total": 0})),
        1
    );
    assert_eq!(
        violations(200, &json, &json!({"items": [], "next": "%"})),
        1
    );
    let mut dear = json.clone();
    dear.insert("aws-requests".into(), "many".into());
    dear.remove("cache-control");
    assert_eq!(violations(200, &dear, &good), 2);
    // The gateway's own answers have none of our headers, but they are no problems.
    let bare = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
    assert_eq!(
        violations(401, &bare, &json!({"message": "Unauthorized"})),
        0
    );
    let problem = json!({
        "type": "https://cardwright.example/problems/role-required",
        "title": "The caller lacks the role",
        "status": 403,
        "detail": "This needs one of the roles: operator.",
        "instance": "urn:request:a",
    });
    assert_eq!(
        violations(403, &headers("application/problem+json"), &problem),
        0
    );
    assert!(violations(401, &headers("application/problem+json"), &problem) > 0);
}

#[test]
#[should_panic(expected = "getUser answered 200")]
fn an_answer_by_http_is_held_against_the_operation_of_its_path() {
    let mut all = HeaderMap::new();
    for (name, value) in headers("application/json") {
        all.insert(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.parse().unwrap(),
        );
    }
    let page = json!({"items": [], "next": null});
    check_answer(&Method::GET, "/users?q=ada", StatusCode::OK, &all, &page);
    check_answer(
        &Method::GET,
        "/users/ada?q=ada",
        StatusCode::OK,
        &all,
        &page,
    );
}

#[tokio::test]
async fn every_example_fits_its_schema_and_every_example_request_is_accepted() {
    let mut examples = 0;
    for operation in &CONTRACT.operations {
        let bodies = operation
            .responses
            .values()
            .chain([&operation.request_body]);
        let contents = bodies.filter_map(|body| body["content"].as_object());
        for media_type in contents.flat_map(|content| content.values()) {
            let validator = CONTRACT.validator(&media_type["schema"]);
            for example in example_values(media_type) {
                examples += 1;
                let errors: Vec<_> = validator.iter_errors(&example).collect();
                assert!(errors.is_empty(), "{}: {example}: {errors:?}", operation.id);
            }
        }
        for example in example_values(&operation.request_body["content"]["application/json"]) {
            let response = well_formed(operation)
                .body(&example)
                .send(&world().await)
                .await;
            check_response(operation, &response);
            assert!(response.status_code < 300, "{}: {example}", operation.id);
        }
    }
    assert!(examples > 20, "{examples}");
}

/// The producer's contract says how far an order is in the same words as its events.
#[test]
fn an_event_tells_of_an_order_as_the_producers_contract_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/producer-api.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let theirs: Value = serde_saphyr::from_str(&text).unwrap();
    let schemas = &theirs["components"]["schemas"];
    let (theirs, ours) = (
        &schemas["OrderStatus"],
        CONTRACT.schema("ProducerOrderStatus"),
    );
    assert_eq!(ours["required"], theirs["required"]);
    for (name, member) in ours["properties"].as_object().unwrap() {
        let theirs = &theirs["properties"][name];
        let theirs = match theirs["$ref"].as_str() {
            Some(reference) => &schemas[reference.rsplit('/').next().unwrap()],
            None => theirs,
        };
        assert_eq!(&bare(theirs), member, "{name}");
    }
}

/// A schema without the words for people.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| *name != "description");
            Value::Object(
                members
                    .map(|(name, value)| (name.clone(), bare(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

fn example_values(media_type: &Value) -> Vec<Value> {
    let many = media_type["examples"]
        .as_object()
        .into_iter()
        .flat_map(|all| all.values());
    let many = many.map(|example| CONTRACT.resolve(example)["value"].clone());
    many.chain(media_type.get("example").cloned()).collect()
}

#[test]
fn every_problem_has_a_page_with_its_status_its_title_and_an_example_that_fits() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/problems"));
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut problems = BTreeMap::new();
    for operation in &CONTRACT.operations {
        for status in operation.responses.keys() {
            for slug in CONTRACT.problem_slugs(operation, *status) {
                problems
                    .entry(slug)
                    .or_insert_with(Vec::new)
                    .push((*status, &operation.id));
            }
        }
    }
    for (slug, raised) in problems {
        let page = std::fs::read_to_string(folder.join(format!("{slug}.md"))).unwrap();
        let (_, example) = page.split_once("```json").unwrap();
        let example: Value = serde_json::from_str(example.split("```").next().unwrap()).unwrap();
        let fits = CONTRACT.validator(CONTRACT.schema(&schema_name(&slug)));
        assert!(fits.is_valid(&example), "{slug}: {example}");
        let (status, _) = raised[0];
        let title = example["title"].as_str().unwrap();
        assert!(page.starts_with(&format!("# {title}\n")), "{slug}");
        let row = format!("| {status} | [{slug}]({slug}.md) | {title} | ");
        let row = table
            .lines()
            .find_map(|line| line.strip_prefix(&row))
            .expect(&slug);
        for (_, operation) in raised {
            assert!(
                page.contains(&format!("`{operation}`")),
                "{slug}: {operation}"
            );
            assert!(
                row.contains(&format!("`{operation}`")) || row.starts_with("every"),
                "{slug}"
            );
        }
    }
}

/// `card-state` is described by `CardStateProblem`.
fn schema_name(slug: &str) -> String {
    let words = slug
        .split('-')
        .map(|word| word[..1].to_uppercase() + &word[1..]);
    words.collect::<String>() + "Problem"
}
