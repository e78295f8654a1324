//! Builds an UpdateItem's expressions. Every name gets an alias, so that no reserved word can bite,
//! and every value a placeholder, so that no text can bend an expression.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::error::PortError;
use serde::Serialize;

use super::item::to_value;

#[derive(Debug, Default)]
pub(super) struct Update {
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
}

impl Update {
    /// The alias of an attribute, or of one inside another: `detail.claim` is `#detail.#claim`.
    pub(super) fn name(&mut self, path: &str) -> String {
        let parts = path.split('.').map(|part| {
            let alias = format!("#{part}");
            self.names.insert(alias.clone(), part.to_owned());
            alias
        });
        parts.collect::<Vec<_>>().join(".")
    }

    pub(super) fn value(&mut self, value: &impl Serialize) -> Result<String, PortError> {
        Ok(self.raw_value(to_value(value)?))
    }

    pub(super) fn set(&mut self, path: &str, value: AttributeValue) {
        let (name, value) = (self.name(path), self.raw_value(value));
        self.sets.push(format!("{name} = {value}"));
    }

    /// Sets what is not there yet.
    pub(super) fn set_once(&mut self, path: &str, value: AttributeValue) {
        let (name, value) = (self.name(path), self.raw_value(value));
        self.sets
            .push(format!("{name} = if_not_exists({name}, {value})"));
    }

    /// Adds to a number that is there.
    pub(super) fn add(&mut self, path: &str, number: i32) {
        let number = self.raw_value(AttributeValue::N(number.to_string()));
        let name = self.name(path);
        self.sets.push(format!("{name} = {name} + {number}"));
    }

    pub(super) fn append(&mut self, path: &str, value: AttributeValue) {
        let (name, list) = (
            self.name(path),
            self.raw_value(AttributeValue::L(vec![value])),
        );
        self.sets
            .push(format!("{name} = list_append({name}, {list})"));
    }

    pub(super) fn remove(&mut self, path: &str) {
        let name = self.name(path);
        self.removes.push(name);
    }

    pub(super) fn require(&mut self, condition: String) {
        self.conditions.push(format!("({condition})"));
    }

    pub(super) fn update_expression(&self) -> String {
        let mut expression = format!("SET {}", self.sets.join(", "));
        if !self.removes.is_empty() {
            expression = format!("{expression} REMOVE {}", self.removes.join(", "));
        }
        expression
    }

    pub(super) fn condition_expression(&self) -> String {
        self.conditions.join(" AND ")
    }

    fn raw_value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }
}
