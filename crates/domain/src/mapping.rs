//! The mapping `CardsMapUserToCard`: which user attribute or text goes into which field of the card.
//!
//! A template is text in which `{commonName}` stands for the user's attribute; `{{` and `}}` are braces.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::{MAX_FIELD_NAME_CHARS, MAX_FIELDS, MAX_TEMPLATE_CHARS};
use crate::refusal::FieldError;
use crate::user::User;

/// The name of the mapping in the original product.
pub const NAME: &str = "CardsMapUserToCard";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    UserId,
    CommonName,
    GivenName,
    FamilyName,
    Upn,
    Email,
    EmployeeNumber,
    Department,
}

impl Attribute {
    const ALL: [Self; 8] = [
        Self::UserId,
        Self::CommonName,
        Self::GivenName,
        Self::FamilyName,
        Self::Upn,
        Self::Email,
        Self::EmployeeNumber,
        Self::Department,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserId => "userId",
            Self::CommonName => "commonName",
            Self::GivenName => "givenName",
            Self::FamilyName => "familyName",
            Self::Upn => "upn",
            Self::Email => "email",
            Self::EmployeeNumber => "employeeNumber",
            Self::Department => "department",
        }
    }

    fn of(self, user: &User) -> Option<&str> {
        match self {
            Self::UserId => Some(user.user_id.as_str()),
            Self::CommonName => Some(&user.common_name),
            Self::GivenName => user.given_name.as_deref(),
            Self::FamilyName => user.family_name.as_deref(),
            Self::Upn => user.upn.as_deref(),
            Self::Email => user.email.as_ref().map(|email| email.as_str()),
            Self::EmployeeNumber => user.employee_number.as_deref(),
            Self::Department => user.department.as_deref(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Attribute(Attribute),
}

/// The text of one card field, with places for user attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    #[error("a template has more than {MAX_TEMPLATE_CHARS} characters")]
    TooLong,
    #[error("a brace in a template is not closed or not opened; a brace itself is written twice")]
    Brace,
    #[error("a template names something that is no attribute of a user")]
    Attribute,
}

impl Template {
    /// # Errors
    /// The text is too long, has a stray brace or names no attribute of a user.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        if text.chars().count() > MAX_TEMPLATE_CHARS {
            return Err(InvalidTemplate::TooLong);
        }
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = from.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else {
                let inner = from.strip_prefix('{').ok_or(InvalidTemplate::Brace)?;
                let (name, after) = inner.split_once('}').ok_or(InvalidTemplate::Brace)?;
                let attribute = Attribute::ALL.into_iter().find(|a| a.as_str() == name);
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(Part::Attribute(
                    attribute.ok_or(InvalidTemplate::Attribute)?,
                ));
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// The text for this user, or the attributes that they lack.
    fn fill(&self, user: &User) -> Result<String, Vec<Attribute>> {
        let mut text = String::new();
        let mut missing = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Attribute(attribute) => match attribute.of(user) {
                    Some(value) => text.push_str(value),
                    None => missing.push(*attribute),
                },
            }
        }
        if missing.is_empty() {
            Ok(text)
        } else {
            Err(missing)
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(plain) => f.write_str(&plain.replace('{', "{{").replace('}', "}}")),
            Part::Attribute(attribute) => write!(f, "{{{}}}", attribute.as_str()),
        })
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.to_string()
    }
}

impl TryFrom<String> for Template {
    type Error = InvalidTemplate;

    fn try_from(text: String) -> Result<Self, InvalidTemplate> {
        Self::parse(&text)
    }
}

/// A template for each field of the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mapping(BTreeMap<String, Template>);

impl Default for Mapping {
    /// Common name and UPN are filled in from the user.
    fn default() -> Self {
        let field = |attribute: Attribute| {
            (
                attribute.as_str().to_owned(),
                Template(vec![Part::Attribute(attribute)]),
            )
        };
        Self([Attribute::CommonName, Attribute::Upn].map(field).into())
    }
}

impl Mapping {
    /// The card data for a user, and every field for which the user lacks an attribute and that may not be
    /// left out, by pointers below `/data`.
    #[must_use]
    pub fn apply(
        &self,
        user: &User,
        may_be_left_out: impl Fn(&str) -> bool,
    ) -> (BTreeMap<String, String>, Vec<FieldError>) {
        let mut data = BTreeMap::new();
        let mut errors = Vec::new();
        for (field, template) in &self.0 {
            match template.fill(user) {
                Ok(text) => drop(data.insert(field.clone(), text)),
                Err(_) if may_be_left_out(field) => {}
                Err(missing) => {
                    let names: Vec<_> = missing.into_iter().map(Attribute::as_str).collect();
                    let detail = format!("the user has no {}", names.join(", "));
                    errors.push(FieldError::new(format!("/data/{field}"), detail));
                }
            }
        }
        (data, errors)
    }

    /// Every field of the card, as far as the user fills it.
    #[must_use]
    pub fn draft(&self, user: &User) -> BTreeMap<String, Option<String>> {
        let fields = self.0.iter();
        fields
            .map(|(field, template)| (field.clone(), template.fill(user).ok()))
            .collect()
    }

    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// What is wrong with the names and the number of the fields.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        let count = (self.0.is_empty() || self.0.len() > MAX_FIELDS)
            .then(|| FieldError::new("/mapping", format!("needs 1 to {MAX_FIELDS} fields")));
        let names = self
            .0
            .keys()
            .filter(|name| !is_field_name(name))
            .map(|name| {
                let pointer = format!("/mapping/{}", name.replace('~', "~0").replace('/', "~1"));
                FieldError::new(
                    pointer,
                    "a field name is a letter a-z, then letters and digits",
                )
            });
        count.into_iter().chain(names).collect()
    }
}

fn is_field_name(name: &str) -> bool {
    name.len() <= MAX_FIELD_NAME_CHARS
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;
    use crate::user::UserFields;

    fn user(json: &str) -> User {
        let fields: UserFields = serde_json::from_str(json).unwrap();
        User::parse(fields, &UserId::parse("u1").unwrap()).unwrap()
    }

    fn mapping(json: &str) -> Mapping {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn common_name_and_upn_are_filled_in_by_default() {
        let ada = user(r#"{"commonName":"Ada Lovelace","upn":"ada@example.com"}"#);
        let (data, _) = Mapping::default().apply(&ada, |_| false);
        assert_eq!(
            serde_json::to_string(&data).unwrap(),
            r#"{"commonName":"Ada Lovelace","upn":"ada@example.com"}"#
        );
    }

    #[test]
    fn a_template_mixes_text_and_attributes() {
        let ada = user(r#"{"commonName":"Ada","givenName":"A","familyName":"{L}"}"#);
        let (data, _) =
            mapping(r#"{"line":"{familyName}, {givenName} {{card}}"}"#).apply(&ada, |_| false);
        assert_eq!(data["line"], "{L}, A {card}");
    }

    #[test]
    fn every_field_that_lacks_an_attribute_is_named() {
        let ada = user(r#"{"commonName":"Ada"}"#);
        let (_, errors) =
            mapping(r#"{"a":"{upn}","b":"{email} {department}","c":"x"}"#).apply(&ada, |_| false);
        let errors: Vec<_> = errors.into_iter().map(|e| (e.pointer, e.detail)).collect();
        let expected = [
            ("/data/a", "the user has no upn"),
            ("/data/b", "the user has no email, department"),
        ];
        assert_eq!(errors, expected.map(|(p, d)| (p.to_owned(), d.to_owned())));
    }

    #[test]
    fn a_template_shows_what_it_was_parsed_from() {
        for text in ["", "plain", "{upn}", "a{upn}b{email}", "{{{upn}}}", "{{}}"] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_bad_template_is_refused() {
        for (text, error) in [
            ("{", InvalidTemplate::Brace),
            ("a}b", InvalidTemplate::Brace),
            ("{upn", InvalidTemplate::Brace),
            ("{password}", InvalidTemplate::Attribute),
            ("{}", InvalidTemplate::Attribute),
        ] {
            assert_eq!(Template::parse(text).unwrap_err(), error, "{text}");
        }
        assert_eq!(
            Template::parse(&"x".repeat(501)).unwrap_err(),
            InvalidTemplate::TooLong
        );
    }

    #[test]
    fn a_template_of_the_longest_length_is_taken() {
        let longest = "å".repeat(MAX_TEMPLATE_CHARS);
        assert_eq!(Template::parse(&longest).unwrap().to_string(), longest);
    }

    #[test]
    fn a_draft_shows_every_field_and_which_ones_the_user_cannot_fill() {
        let ada = user(r#"{"commonName":"Ada"}"#);
        let draft = mapping(r#"{"name":"{commonName}","mail":"to {email}"}"#).draft(&ada);
        let expected = [("mail", None), ("name", Some("Ada"))];
        let expected = expected.map(|(field, text)| (field.to_owned(), text.map(str::to_owned)));
        assert_eq!(draft, expected.into());
    }

    #[test]
    fn a_card_has_one_to_fifty_fields() {
        for (fields, fits) in [
            (0, false),
            (1, true),
            (MAX_FIELDS, true),
            (MAX_FIELDS + 1, false),
        ] {
            let template = Template(Vec::new());
            let named = (0..fields).map(|at| (format!("f{at}"), template.clone()));
            let pointers: Vec<_> = Mapping(named.collect())
                .errors()
                .into_iter()
                .map(|error| error.pointer)
                .collect();
            let expected: &[&str] = if fits { &[] } else { &["/mapping"] };
            assert_eq!(pointers, expected, "{fields}");
        }
    }

    #[test]
    fn a_field_name_is_forty_letters_and_digits_at_most() {
        let longest = "a".repeat(MAX_FIELD_NAME_CHARS);
        for (name, fits) in [
            ("a1B", true),
            (longest.as_str(), true),
            (&format!("{longest}a"), false),
            ("Name", false),
            ("1st", false),
            ("first name", false),
        ] {
            let fields = [(name.to_owned(), Template(Vec::new()))];
            let errors = Mapping(fields.into()).errors();
            assert_eq!(errors.is_empty(), fits, "{name}");
        }
    }
}
