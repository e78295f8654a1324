//! `infra/producer-api.yaml` as a judge: of the simulator's answers and of its own examples.

use std::path::Path;

use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::harness::Reply;

/// Panics unless the contract names the operation, the status, the media type, the headers and
/// the shape of the answer.
pub(crate) fn check(method: &Method, path: &str, reply: &Reply) {
    let document = document();
    let (template, item) = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(template, _)| matches(template, path))
        .unwrap_or_else(|| panic!("{path} is not in the contract"));
    let operation = &item[method.as_str().to_lowercase()];
    let response = resolve(&document, &operation["responses"][reply.status.as_str()]);
    assert!(
        response.is_object(),
        "{method} {template} may not answer {}",
        reply.status
    );

    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let required = resolve(&document, header)["required"] == json!(true);
        assert!(
            !required || reply.headers.contains_key(name),
            "{method} {template}: no {name}"
        );
    }
    let media_type = reply.headers[CONTENT_TYPE].to_str().unwrap();
    let schema = &response["content"][media_type]["schema"];
    assert!(
        schema.is_object(),
        "{method} {template} may not answer with {media_type}"
    );
    check_value(&document, schema, &reply.body);
}

/// Panics unless the contract has such an event.
pub(crate) fn check_event(event: &Value) {
    let document = document();
    let post = &document["webhooks"]["orderStateChanged"]["post"];
    let schema = &post["requestBody"]["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "the contract has no event");
    check_value(&document, schema, event);
}

#[test]
fn every_example_of_the_contract_fits_its_schema() {
    let document = document();
    let checked = check_examples(&document, &document);
    assert!(checked >= 20, "only {checked} examples were found");
}

fn check_examples(document: &Value, node: &Value) -> usize {
    let mut checked = 0;
    if let (Some(schema), Some(examples)) = (node.get("schema"), node.get("examples")) {
        for example in examples.as_object().unwrap().values() {
            check_value(document, schema, &resolve(document, example)["value"]);
            checked += 1;
        }
    }
    let below: Vec<&Value> = match node {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    checked
        + below
            .into_iter()
            .map(|node| check_examples(document, node))
            .sum::<usize>()
}

fn check_value(document: &Value, schema: &Value, value: &Value) {
    // The schema's references start at the document's root, so the root carries them along.
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": document["components"],
        "allOf": [schema],
    });
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&root)
        .unwrap();
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{value} breaks the contract: {errors:?}");
}

fn document() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../producer-api.yaml");
    serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn resolve<'document>(document: &'document Value, node: &'document Value) -> &'document Value {
    match node.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => node,
    }
}

fn matches(template: &str, path: &str) -> bool {
    template.split('/').count() == path.split('/').count()
        && template
            .split('/')
            .zip(path.split('/'))
            .all(|(expected, actual)| expected.starts_with('{') || expected == actual)
}
