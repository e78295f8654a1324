//! A card product of the producer: how orders for it are made, and what its card data has to look like.

mod rule;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use self::rule::{Characters, FieldRule};
use crate::ids::ProductionTypeId;
use crate::limits::{DEFAULT_VALIDITY_DAYS, MAX_HOLD_MINUTES, MAX_NAME_CHARS, MAX_VALIDITY_DAYS};
use crate::mapping::Mapping;
use crate::refusal::{FieldError, Refusal};
use crate::user::User;

/// How an order reaches the producer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It waits in `processing` until a drain takes it.
    #[default]
    Queue,
    /// The producer is asked while the orderer waits.
    Direct,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductionType {
    pub id: ProductionTypeId,
    pub name: String,
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub enabled: bool,
    #[serde(default)]
    pub delivery: Delivery,
    /// Minutes from the order in which no drain takes the card, so that an abort is sure.
    #[serde(default)]
    pub hold_minutes: u32,
    /// Days from its activation in which a card is valid.
    #[serde(default = "default_validity_days")]
    pub validity_days: u32,
    /// The card fields that the producer gets; no others leave the house.
    pub fields: Vec<String>,
    /// What the text of a field has to be like.
    #[serde(default)]
    pub rules: BTreeMap<String, FieldRule>,
}

/// What serde takes where a document says nothing, in days.
pub(crate) fn default_validity_days() -> u32 {
    DEFAULT_VALIDITY_DAYS
}

impl ProductionType {
    #[must_use]
    pub fn hold(&self) -> Option<SignedDuration> {
        let minutes = i64::from(self.hold_minutes);
        (minutes > 0).then(|| SignedDuration::from_mins(minutes))
    }

    /// Everything that is wrong with it, by JSON pointers into it.
    #[must_use]
    pub fn errors(&self, mapping: &Mapping) -> Vec<FieldError> {
        let mut errors = Vec::new();
        // It is shown as it was sent, so spaces around it count too.
        if self.name.trim().is_empty()
            || self.name.chars().count() > MAX_NAME_CHARS
            || self.name.chars().any(char::is_control)
        {
            errors.push(FieldError::new(
                "/name",
                "needs 1 to 100 printable characters",
            ));
        }
        if self.hold_minutes > MAX_HOLD_MINUTES {
            let detail = format!("needs a whole number up to {MAX_HOLD_MINUTES}");
            errors.push(FieldError::new("/holdMinutes", detail));
        } else if self.hold_minutes > 0 && self.delivery == Delivery::Direct {
            errors.push(FieldError::new("/holdMinutes", "needs delivery queue"));
        }
        if !(1..=MAX_VALIDITY_DAYS).contains(&self.validity_days) {
            let detail = format!("needs a whole number from 1 to {MAX_VALIDITY_DAYS}");
            errors.push(FieldError::new("/validityDays", detail));
        }
        if self.fields.is_empty() {
            errors.push(FieldError::new("/fields", "needs at least one card field"));
        }
        for (at, field) in self.fields.iter().enumerate() {
            let pointer = || format!("/fields/{at}");
            if self.fields[..at].contains(field) {
                errors.push(FieldError::new(pointer(), "is there twice"));
            }
            if !mapping.has(field) {
                errors.push(FieldError::new(pointer(), NO_FIELD));
            }
        }
        for (field, rule) in &self.rules {
            let pointer = format!("/rules/{}", field.replace('~', "~0").replace('/', "~1"));
            if !mapping.has(field) {
                errors.push(FieldError::new(pointer.clone(), NO_FIELD));
            }
            let wrong = rule.errors().into_iter();
            errors.extend(wrong.map(|error| error.below(&pointer)));
        }
        errors
    }

    /// What is printed and encoded for this user.
    ///
    /// # Errors
    /// The user lacks attributes that fields need, or fields do not fit their rules, or both.
    pub fn card_data(
        &self,
        mapping: &Mapping,
        user: &User,
    ) -> Result<BTreeMap<String, String>, Vec<Refusal>> {
        let (data, missing) = mapping.apply(user, |field| !self.rule(field).required);
        let unfit = data.iter().filter_map(|(field, text)| {
            let detail = self.rule(field).broken_by(text)?;
            Some(FieldError::new(format!("/data/{field}"), detail))
        });
        let unfit: Vec<_> = unfit.collect();
        let mut refusals = Vec::new();
        if !missing.is_empty() {
            refusals.push(Refusal::UserAttributeMissing { errors: missing });
        }
        if !unfit.is_empty() {
            refusals.push(Refusal::CardDataInvalid { errors: unfit });
        }
        if refusals.is_empty() {
            Ok(data)
        } else {
            Err(refusals)
        }
    }

    /// A field without a rule is required if the producer gets it.
    fn rule(&self, field: &str) -> FieldRule {
        let by_default = || FieldRule {
            required: self.fields.iter().any(|sent| sent == field),
            ..FieldRule::default()
        };
        self.rules.get(field).cloned().unwrap_or_else(by_default)
    }
}

const NO_FIELD: &str = "is not a field of the mapping";

#[cfg(test)]
mod tests;
