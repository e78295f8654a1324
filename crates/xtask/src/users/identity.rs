//! The id of a user whose record has none.

use cardwright_domain::ids::UserId;
use cardwright_domain::user::UserFields;
use uuid::Uuid;

use crate::error::{Context, Error};

/// Keeps the ids made here apart from name-based UUIDs made elsewhere from the same text.
const USER_NAMESPACE: Uuid = Uuid::from_u128(0x9c1e_07d4_35ab_4f62_8e5b_d0a7_41f3_926c);

/// The id is made of the first of employee number, UPN and email address that the record has, so
/// that the same person gets the same id in every import. A record with none of them is somebody
/// of its own: only the same line of the same `import` is the same person.
pub(super) fn user_id(fields: &UserFields, import: &str, line: u64) -> Result<UserId, Error> {
    let known = [
        ("employeeNumber", &fields.employee_number),
        ("upn", &fields.upn),
        ("email", &fields.email),
    ];
    let name = known.into_iter().find_map(|(attribute, value)| {
        let value = value.as_deref()?;
        Some(format!("{attribute}:{}", value.to_lowercase()))
    });
    let name = name.unwrap_or_else(|| format!("import:{import}:{line}"));
    let id = Uuid::new_v5(&USER_NAMESPACE, name.as_bytes());
    UserId::parse(&id.to_string()).doing("make a user id")
}

#[cfg(test)]
mod tests {
    use super::super::records::fields;
    use super::*;

    fn id(json: &str, import: &str, line: u64) -> String {
        let object: serde_json::Map<_, _> = serde_json::from_str(json).unwrap();
        let fields = fields(object.into_iter().collect()).unwrap();
        user_id(&fields, import, line).unwrap().to_string()
    }

    #[test]
    fn a_person_with_a_number_or_an_address_has_one_id_in_every_import() {
        let number = r#"{"commonName":"Ada","employeeNumber":"E-7","upn":"a@example.com"}"#;
        let renamed = r#"{"commonName":"Ada L","employeeNumber":"e-7"}"#;
        assert_eq!(id(number, "one", 2), id(renamed, "other", 9));

        let upn = r#"{"commonName":"Ada","upn":"a@example.com"}"#;
        let email = r#"{"commonName":"Ada","email":"a@example.com"}"#;
        assert_eq!(id(upn, "one", 2), id(upn, "other", 9));
        assert_ne!(id(upn, "one", 2), id(email, "one", 2));
        assert_ne!(id(upn, "one", 2), id(number, "one", 2));
    }

    #[test]
    fn namesakes_without_a_number_or_an_address_are_two_people() {
        let namesake = r#"{"commonName":"Ada"}"#;
        assert_eq!(id(namesake, "one", 2), id(namesake, "one", 2));
        assert_ne!(id(namesake, "one", 2), id(namesake, "one", 3));
        assert_ne!(id(namesake, "one", 2), id(namesake, "other", 2));
    }
}
