//! The fields of an event or a span, as JSON.

use std::error::Error;
use std::fmt::Debug;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};

use crate::call::CallError;

#[derive(Debug, Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Adds the fields of a span that lies around.
    pub(super) fn extend(&mut self, other: &Self) {
        let pairs = other
            .0
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        self.0.extend(pairs);
    }

    pub(super) fn map(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.set(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field.name(), value);
    }

    /// Whatever the field is called, an error is the same three fields everywhere.
    fn record_error(&mut self, _field: &Field, error: &(dyn Error + 'static)) {
        let texts: Vec<_> = chain(error).map(ToString::to_string).collect();
        self.set("error", texts.join(": "));
        if let Some(call) = chain(error).find_map(|error| error.downcast_ref::<CallError>()) {
            call.code()
                .into_iter()
                .for_each(|code| self.set("error.code", code));
            call.request_id()
                .into_iter()
                .for_each(|id| self.set("aws.request.id", id));
        }
    }
}

/// The error and all its sources.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
