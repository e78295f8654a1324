//! Reads `infra/api.yaml` and holds answers against it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

pub(crate) const PROBLEM: &str = "application/problem+json";

/// What the answers of the API may be.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

pub(crate) struct Contract {
    pub(crate) operations: Vec<Operation>,
    components: Value,
    /// By schema: to make one costs far more than to use it.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// A method on a path template.
pub(crate) struct Operation {
    pub(crate) id: String,
    /// `GET`, `POST`, ...
    pub(crate) method: String,
    /// Such as `/users/{userId}`.
    pub(crate) path: String,
    /// The roles of which a caller needs one; none if callers sign, or if everybody may.
    pub(crate) roles: Vec<String>,
    /// Whether holders may, for themselves.
    pub(crate) is_for_self: bool,
    /// Whether every signed-in caller may.
    pub(crate) is_for_anyone: bool,
    /// Whether callers sign what they send instead of sending a token.
    pub(crate) is_signed: bool,
    pub(crate) request_body: Value,
    /// By status, with references to shared responses followed.
    pub(crate) responses: BTreeMap<u16, Value>,
}

impl Contract {
    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/api.yaml");
        let text = std::fs::read_to_string(path).unwrap();
        let document: Value = serde_saphyr::from_str(&text).unwrap();
        let components = document["components"].clone();
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            let methods = item.as_object().unwrap().iter();
            for (method, operation) in methods.filter(|(name, _)| *name != "parameters") {
                operations.push(Operation::read(&components, method, path, operation));
            }
        }
        Self {
            operations,
            components,
            validators: Mutex::default(),
        }
    }

    /// The operation of a path without query, each `{parameter}` being one segment.
    pub(crate) fn operation(&self, method: &str, path: &str) -> &Operation {
        let fits = |operation: &&Operation| operation.method == method && operation.is_at(path);
        let found = self.operations.iter().find(fits);
        found.unwrap_or_else(|| panic!("the contract has no {method} {path}"))
    }

    /// The problem types that an answer of this status may have; none if no function gives it.
    pub(crate) fn problem_slugs(&self, operation: &Operation, status: u16) -> Vec<String> {
        let schema = &operation.responses[&status]["content"][PROBLEM]["schema"];
        let choices = schema["oneOf"].as_array().into_iter().flatten();
        let slugs = choices.map(|choice| {
            let uri = &self.resolve(choice)["properties"]["type"]["const"];
            uri.as_str().unwrap().rsplit('/').next().unwrap().to_owned()
        });
        slugs.collect()
    }

    /// Everything in which an answer differs from the contract.
    pub(crate) fn violations(
        &self,
        operation: &Operation,
        status: u16,
        headers: &BTreeMap<String, String>,
        body: &Value,
    ) -> Vec<String> {
        let Some(response) = operation.responses.get(&status) else {
            return vec![format!("status {status} is not described")];
        };
        let content_type = headers.get("content-type").map_or("", String::as_str);
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let Some(schema) = response["content"][media_type].get("schema") else {
            return vec![format!(
                "content type {content_type:?} is not described for {status}"
            )];
        };
        let mut violations = self.header_violations(response, media_type, headers);
        let validator = self.validator(schema);
        violations.extend(
            validator
                .iter_errors(body)
                .map(|error| format!("body at {:?}: {error}", error.instance_path().as_str())),
        );
        if media_type == PROBLEM && body["status"] != status {
            violations.push(format!("the problem's status is {}", body["status"]));
        }
        violations
    }

    /// The gateway's own answers have none of our headers; a problem is ours and has them all.
    fn header_violations(
        &self,
        response: &Value,
        media_type: &str,
        headers: &BTreeMap<String, String>,
    ) -> Vec<String> {
        let no_headers = Map::new();
        let described = response["headers"].as_object().unwrap_or(&no_headers);
        let mut violations = Vec::new();
        for (name, header) in described {
            let header = self.resolve(header);
            let required = header["required"] == true || media_type == PROBLEM;
            match headers.get(&name.to_lowercase()) {
                None if required => violations.push(format!("header {name} is missing")),
                None => {}
                Some(text) => {
                    let is_number = header["schema"]["type"] == "integer";
                    let number = text.parse::<u64>().ok().filter(|_| is_number);
                    let value = number.map_or_else(|| json!(text), Value::from);
                    let errors = self.validator(&header["schema"]);
                    let errors = errors
                        .iter_errors(&value)
                        .map(|e| format!("header {name}: {e}"));
                    violations.extend(errors);
                }
            }
        }
        violations
    }

    /// References point into the components, which therefore go with the schema.
    pub(crate) fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let whole = json!({"allOf": [schema], "components": self.components});
            let options = jsonschema::options().with_draft(Draft::Draft202012);
            Arc::new(options.should_validate_formats(true).build(&whole).unwrap())
        });
        Arc::clone(made)
    }

    pub(crate) fn schema(&self, name: &str) -> &Value {
        &self.components["schemas"][name]
    }

    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        resolve(&self.components, value)
    }
}

impl Operation {
    fn read(components: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let responses = operation["responses"].as_object().unwrap().iter();
        let responses = responses.map(|(status, response)| {
            (
                status.parse().unwrap(),
                resolve(components, response).clone(),
            )
        });
        let roles = operation["x-roles"].as_array().into_iter().flatten();
        Self {
            is_for_self: operation["x-self"] == true,
            is_for_anyone: operation["x-anyone"] == true,
            is_signed: operation["security"] == json!([]),
            id: operation["operationId"].as_str().unwrap().to_owned(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            roles: roles
                .map(|role| role.as_str().unwrap().to_owned())
                .collect(),
            request_body: operation["requestBody"].clone(),
            responses: responses.collect(),
        }
    }

    /// Such as `GET /users/{userId}`.
    pub(crate) fn route_key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_at(&self, path: &str) -> bool {
        let (template, path) = (self.path.split('/'), path.split('/'));
        let same = |(wanted, given): (&str, &str)| wanted.starts_with('{') || wanted == given;
        template.clone().count() == path.clone().count() && template.zip(path).all(same)
    }
}

/// What a value is, or what its reference into the components points to.
fn resolve<'a>(components: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        None => value,
        Some(reference) => {
            let pointer = reference.strip_prefix("#/components").unwrap();
            components
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{reference} is not there"))
        }
    }
}
