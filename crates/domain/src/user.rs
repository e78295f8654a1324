//! A person in the directory who may hold a card.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::UserId;
use crate::limits::{MAX_ATTRIBUTE_CHARS, MAX_EMAIL_CHARS, MAX_EMAIL_LOCAL_BYTES};
use crate::refusal::FieldError;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    #[default]
    Active,
    Inactive,
}

/// An address that mail can be sent to. Its debug output is redacted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Takes one mailbox without display name, quotes or comments: what a directory holds.
    ///
    /// # Errors
    /// The text is no such address; the message does not repeat it.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let plain = |part: &str| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| !c.is_control() && !c.is_whitespace() && !"\"(),:;<>@[\\]".contains(c))
        };
        let dotted = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
        let fits = text.chars().count() <= MAX_EMAIL_CHARS && local.len() <= MAX_EMAIL_LOCAL_BYTES;
        let whole = plain(local) && plain(domain) && dotted && fits;
        whole.then(|| Self(text.to_owned())).ok_or(InvalidEmail)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an email address such as name@example.com")]
pub struct InvalidEmail;

impl TryFrom<String> for EmailAddress {
    type Error = InvalidEmail;

    fn try_from(text: String) -> Result<Self, InvalidEmail> {
        Self::parse(&text)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(redacted)")
    }
}

/// The attributes of a user, as an import gives them and as the API shows them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserFields {
    pub user_id: Option<String>,
    #[serde(default)]
    pub state: UserState,
    pub common_name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub upn: Option<String>,
    pub email: Option<String>,
    pub employee_number: Option<String>,
    pub department: Option<String>,
}

/// A user as the directory holds it: every attribute has been checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub user_id: UserId,
    pub state: UserState,
    /// Counts the changes; an order is refused if it changed between look and write.
    pub version: u64,
    pub common_name: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub upn: Option<String>,
    pub email: Option<EmailAddress>,
    pub employee_number: Option<String>,
    pub department: Option<String>,
}

impl User {
    /// Checks the fields. Blank attributes count as absent; `fresh_id` is used if there is no id.
    ///
    /// # Errors
    /// Every field that does not fit, with a JSON pointer.
    pub fn parse(fields: UserFields, fresh_id: &UserId) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let user_id = match fields.user_id.as_deref().filter(|id| !id.is_empty()) {
            None => Ok(fresh_id.clone()),
            Some(id) => UserId::parse(id).map_err(|e| FieldError::new("/userId", e.to_string())),
        };
        let mut text = |pointer: &str, value: Option<String>| {
            let value = value
                .map(|v| v.trim().to_owned())
                .filter(|v| !v.is_empty())?;
            if let Some(detail) = unfit_text(&value) {
                errors.push(FieldError::new(pointer, detail));
            }
            Some(value)
        };
        let common_name = text("/commonName", Some(fields.common_name));
        let given_name = text("/givenName", fields.given_name);
        let family_name = text("/familyName", fields.family_name);
        let upn = text("/upn", fields.upn);
        let email = text("/email", fields.email);
        let employee_number = text("/employeeNumber", fields.employee_number);
        let department = text("/department", fields.department);
        if common_name.is_none() {
            errors.push(FieldError::new("/commonName", "is required"));
        }
        let email = email
            .map(|email| EmailAddress::parse(&email))
            .transpose()
            .map_err(|e| {
                errors.push(FieldError::new("/email", e.to_string()));
            });
        match (user_id, email, common_name) {
            (Ok(user_id), Ok(email), Some(common_name)) if errors.is_empty() => Ok(Self {
                user_id,
                state: fields.state,
                version: 1,
                common_name,
                given_name,
                family_name,
                upn,
                email,
                employee_number,
                department,
            }),
            (user_id, ..) => {
                errors.extend(user_id.err());
                Err(errors)
            }
        }
    }
}

fn unfit_text(value: &str) -> Option<String> {
    if value.chars().count() > MAX_ATTRIBUTE_CHARS {
        return Some(format!("has more than {MAX_ATTRIBUTE_CHARS} characters"));
    }
    value
        .chars()
        .any(char::is_control)
        .then(|| "has control characters".to_owned())
}

/// A user is personal data: only what identifies the record is shown.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("user_id", &self.user_id)
            .field("state", &self.state)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for UserFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserFields")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> UserFields {
        serde_json::from_str(json).unwrap()
    }

    fn parse(json: &str) -> Result<User, Vec<FieldError>> {
        User::parse(fields(json), &UserId::parse("fresh").unwrap())
    }

    #[test]
    fn blank_attributes_are_absent_and_a_missing_id_is_made() {
        let user = parse(r#"{"commonName":" Ada Lovelace ","upn":"","email":"ada@example.com"}"#);
        let user = user.unwrap();
        assert_eq!(user.user_id.as_str(), "fresh");
        assert_eq!(
            (user.common_name.as_str(), user.upn.as_deref()),
            ("Ada Lovelace", None)
        );
        assert_eq!(user.state, UserState::Active);
    }

    #[test]
    fn every_field_that_does_not_fit_is_named() {
        let long = "x".repeat(257);
        let json = format!(
            r#"{{"userId":"a/b","commonName":" ","email":"no","department":"{long}","upn":"a\u0007"}}"#
        );
        let mut pointers: Vec<_> = parse(&json)
            .unwrap_err()
            .into_iter()
            .map(|e| e.pointer)
            .collect();
        pointers.sort();
        assert_eq!(
            pointers,
            ["/commonName", "/department", "/email", "/upn", "/userId"]
        );
    }

    #[test]
    fn one_field_that_does_not_fit_is_enough() {
        let long = "x".repeat(MAX_ATTRIBUTE_CHARS + 1);
        for (pointer, json) in [
            (
                "/department",
                format!(r#"{{"commonName":"Ada","department":"{long}"}}"#),
            ),
            ("/userId", r#"{"commonName":"Ada","userId":"a/b"}"#.into()),
            ("/email", r#"{"commonName":"Ada","email":"no"}"#.into()),
            ("/commonName", r#"{"commonName":" "}"#.into()),
        ] {
            let errors = parse(&json).unwrap_err();
            let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
            assert_eq!(pointers, [pointer]);
        }
    }

    #[test]
    fn an_address_that_could_bend_a_mail_header_is_refused() {
        for bad in [
            "",
            "a",
            "@b.c",
            "a@",
            "a@b",
            "a@b..c",
            "a b@c.d",
            "a@b.c\r\nBcc: x@y.z",
            "A <a@b.c>",
            "a@b@c.d",
            "a,b@c.d",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
        for good in [
            "a@b.c",
            "åsa.öberg@exämple.se",
            "o'brien+tag@mail.example.com",
        ] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn an_address_has_254_characters_and_64_bytes_before_the_sign_at_most() {
        let address = |local: usize, whole: usize| {
            let domain = "d".repeat(whole - local - "@.se".len());
            format!("{}@{domain}.se", "l".repeat(local))
        };
        for (text, fits) in [
            (address(64, 254), true),
            (address(64, 255), false),
            (address(65, 254), false),
            (format!("{}@b.se", "é".repeat(32)), true),
            (format!("{}@b.se", "é".repeat(33)), false),
        ] {
            assert_eq!(EmailAddress::parse(&text).is_ok(), fits, "{text}");
        }
    }

    #[test]
    fn an_attribute_has_256_characters_without_controls_at_most() {
        for (text, detail) in [
            ("å".repeat(MAX_ATTRIBUTE_CHARS), None),
            (
                "å".repeat(MAX_ATTRIBUTE_CHARS + 1),
                Some("has more than 256 characters"),
            ),
            ("a\u{7}".into(), Some("has control characters")),
        ] {
            assert_eq!(unfit_text(&text).as_deref(), detail, "{text:?}");
        }
    }

    #[test]
    fn debug_output_has_no_personal_data() {
        let user = parse(r#"{"commonName":"Ada","email":"ada@example.com"}"#).unwrap();
        let shown = format!("{user:?} {:?}", user.email);
        assert!(!shown.contains("Ada") && !shown.contains("ada@"), "{shown}");
        assert!(shown.contains(user.user_id.as_str()), "{shown}");
    }
}
