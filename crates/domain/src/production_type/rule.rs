//! What the text of a card field has to be like.

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_CHARACTER_SET_CHARS, MAX_FIELD_CHARS, MAX_VALUES};
use crate::refusal::FieldError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FieldRule {
    /// Whether a user who lacks the attribute gets no card; otherwise they get one without the field.
    pub required: bool,
    /// In characters, at most.
    pub max_length: Option<usize>,
    pub allowed: Option<Characters>,
    /// The texts that there may be, and no others.
    pub values: Option<Vec<String>>,
}

impl Default for FieldRule {
    fn default() -> Self {
        Self {
            required: true,
            max_length: None,
            allowed: None,
            values: None,
        }
    }
}

impl FieldRule {
    /// What is wrong with the rule itself.
    pub(super) fn errors(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self
            .max_length
            .is_some_and(|most| !(1..=MAX_FIELD_CHARS).contains(&most))
        {
            let detail = format!("needs a whole number from 1 to {MAX_FIELD_CHARS}");
            errors.push(FieldError::new("/maxLength", detail));
        }
        if self
            .allowed
            .as_ref()
            .is_some_and(|allowed| !allowed.is_valid())
        {
            let detail =
                format!("needs 1 to {MAX_CHARACTER_SET_CHARS} characters and ranges such as A-Z");
            errors.push(FieldError::new("/allowed", detail));
        }
        let values = self.values.as_deref().unwrap_or_default();
        if self.values.is_some() && !(1..=MAX_VALUES).contains(&values.len()) {
            let detail = format!("needs 1 to {MAX_VALUES} texts");
            errors.push(FieldError::new("/values", detail));
        }
        for (at, value) in values.iter().enumerate() {
            if values[..at].contains(value) {
                errors.push(FieldError::new(format!("/values/{at}"), "is there twice"));
            }
        }
        errors
    }

    /// What does not fit about the text.
    pub(super) fn broken_by(&self, text: &str) -> Option<String> {
        let most = self.max_length.unwrap_or(MAX_FIELD_CHARS);
        if text.chars().count() > most {
            return Some(format!("needs at most {most} characters"));
        }
        let allowed = self.allowed.as_ref();
        if let Some(allowed) = allowed.filter(|allowed| !text.chars().all(|c| allowed.has(c))) {
            return Some(format!("has characters other than {}", allowed.text));
        }
        let values = self.values.as_ref();
        let listed = values.is_none_or(|values| values.iter().any(|value| value == text));
        (!listed).then(|| "needs one of the values that the production type lists".into())
    }
}

/// A set of characters as in a regular expression's brackets: single ones and ranges such as `A-Z`. A
/// hyphen that is first or last stands for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Characters {
    text: String,
    ranges: Vec<(char, char)>,
}

impl Characters {
    fn is_valid(&self) -> bool {
        let fits = (1..=MAX_CHARACTER_SET_CHARS).contains(&self.text.chars().count());
        fits && self.ranges.iter().all(|(first, last)| first <= last)
    }

    pub(super) fn has(&self, c: char) -> bool {
        self.ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&c))
    }
}

impl From<Characters> for String {
    fn from(characters: Characters) -> Self {
        characters.text
    }
}

impl From<String> for Characters {
    fn from(text: String) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut ranges = Vec::new();
        let mut rest = chars.as_slice();
        while let [first, after @ ..] = rest {
            let (last, after) = match after {
                ['-', last, after @ ..] => (last, after),
                _ => (first, after),
            };
            ranges.push((*first, *last));
            rest = after;
        }
        Self { text, ranges }
    }
}
