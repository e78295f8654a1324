//! Records of an import as they stand in the file, before the rules for users are applied.

use std::io::Read;

use cardwright_domain::refusal::FieldError;
use cardwright_domain::user::UserFields;
use serde_json::{Map, Value};

use super::csv_records::CsvRecords;
use super::json_lines::JsonLines;
use super::source::Format;
use crate::error::Error;

/// Bytes in a record, at most. The attributes of a user fit several times.
pub(super) const MAX_RECORD_BYTES: u64 = 64 * 1024;

/// The attributes of a user: the columns of a CSV file and the members of a JSON object.
pub(super) const FIELDS: [&str; 9] = [
    "userId",
    "state",
    "commonName",
    "givenName",
    "familyName",
    "upn",
    "email",
    "employeeNumber",
    "department",
];

/// One record and the line that it begins on.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) line: u64,
    pub(super) fields: Result<UserFields, Vec<FieldError>>,
}

/// An error ends the reading: what follows can't be told apart.
pub(super) type Records = Box<dyn Iterator<Item = Result<Record, Error>>>;

/// # Errors
/// The header of a CSV file does not fit; nothing can be said about its records then.
pub(super) fn records(format: Format, text: impl Read + 'static) -> Result<Records, Error> {
    Ok(match format {
        Format::Csv => Box::new(CsvRecords::open(text)?),
        Format::JsonLines => Box::new(JsonLines::open(text)),
    })
}

/// Takes the attributes from a record. Blank ones count as absent.
pub(super) fn fields(members: Vec<(String, Value)>) -> Result<UserFields, Vec<FieldError>> {
    let mut fields = Map::new();
    let mut errors = Vec::new();
    for (name, value) in members {
        let text = match value {
            Value::Null => String::new(),
            Value::String(text) => text.trim().to_owned(),
            _ => {
                errors.push(FieldError::new(
                    pointer(&name),
                    "is neither a text nor null",
                ));
                continue;
            }
        };
        if !FIELDS.contains(&name.as_str()) {
            errors.push(FieldError::new(pointer(&name), "is no attribute of a user"));
        } else if fields.contains_key(&name) {
            errors.push(FieldError::new(pointer(&name), "is there twice"));
        } else if name == "state" && !matches!(text.as_str(), "" | "active" | "inactive") {
            errors.push(FieldError::new("/state", "is neither active nor inactive"));
        } else {
            fields.insert(name, Value::String(text));
        }
    }
    fields.retain(|_, text| text != "");
    // Blank as well as absent: the rules for users say that it is required.
    fields.entry("commonName").or_insert_with(|| "".into());
    if !errors.is_empty() {
        return Err(errors);
    }
    serde_json::from_value(Value::Object(fields)).map_err(|_| vec![whole("is no user")])
}

/// Something that concerns the record and no attribute of it.
pub(super) fn whole(detail: &str) -> FieldError {
    FieldError::new("", detail)
}

/// A JSON pointer (RFC 6901) to a member; what a terminal would obey is made visible.
fn pointer(name: &str) -> String {
    let name: String = name.chars().take(80).collect();
    let name = name.replace('~', "~0").replace('/', "~1");
    format!("/{}", name.escape_debug())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::error::chain;

    /// What a text is read as: `line name` for a record, `line pointer detail` for a fault in it.
    pub(in super::super) fn read(format: Format, text: &[u8]) -> Vec<String> {
        let records = match records(format, std::io::Cursor::new(text.to_vec())) {
            Ok(records) => records,
            Err(error) => return vec![chain(&error)],
        };
        let shown = records.flat_map(|record| match record {
            Err(error) => vec![chain(&error)],
            Ok(Record {
                line,
                fields: Ok(fields),
            }) => {
                vec![format!("{line} {}", fields.common_name)]
            }
            Ok(Record {
                line,
                fields: Err(errors),
            }) => {
                let errors = errors.into_iter();
                errors
                    .map(|e| format!("{line} {} {}", e.pointer, e.detail))
                    .collect()
            }
        });
        shown.collect()
    }

    fn read_members(members: &str) -> Result<UserFields, Vec<String>> {
        let object: Map<String, Value> = serde_json::from_str(members).unwrap();
        let read = fields(object.into_iter().collect());
        let shown = |e: FieldError| format!("{} {}", e.pointer, e.detail);
        read.map_err(|errors| errors.into_iter().map(shown).collect())
    }

    #[test]
    fn the_attributes_are_those_of_the_user_representation() {
        let user = fields(vec![("commonName".into(), "Ada".into())]).unwrap();
        let value = serde_json::to_value(user).unwrap();
        let mut names: Vec<_> = value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut expected = FIELDS;
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    #[test]
    fn blank_attributes_are_absent_and_the_state_is_active_by_default() {
        let blank = r#"{"commonName":" Ada ","state":"","upn":" ","email":null}"#;
        let absent = r#"{"commonName":"Ada","state":"active"}"#;
        assert_eq!(read_members(blank), read_members(absent));
        assert_eq!(read_members(blank).unwrap().common_name, "Ada");
    }

    #[test]
    fn what_is_no_attribute_of_a_user_is_named_and_its_value_is_not() {
        let faults = r#"{"commonName":"Ada","employeeNumber":7,"password":"x","state":"retired"}"#;
        assert_eq!(
            read_members(faults).unwrap_err(),
            [
                "/employeeNumber is neither a text nor null",
                "/password is no attribute of a user",
                "/state is neither active nor inactive",
            ]
        );
        assert_eq!(
            read_members(r#"{"a/b~\u001b[31m":"x"}"#).unwrap_err(),
            ["/a~1b~0\\u{1b}[31m is no attribute of a user"]
        );
    }
}
