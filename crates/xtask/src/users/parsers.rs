//! Whatever a file of users holds, each record is a user or a fault, in the order of the lines, and
//! what was written reads back.

use std::io::Cursor;

use cardwright_domain::user::{UserFields, UserState};
use csv::WriterBuilder;
use proptest::prelude::*;
use serde_json::json;

use super::records::{FIELDS, records};
use super::source::Format;

/// A text that an attribute may be: what stands around it is trimmed off, and blank is absent.
fn attribute() -> impl Strategy<Value = String> {
    "[ -~åß,;\"'\\\\\u{feff}]{0,20}".prop_map(|text| text.trim().to_owned())
}

fn users() -> impl Strategy<Value = Vec<UserFields>> {
    let absent = |text: String| Some(text).filter(|text| !text.is_empty());
    let user = ("[a-zåß]{1,9}", attribute(), attribute(), any::<bool>());
    let user = user.prop_map(move |(name, upn, department, active)| UserFields {
        user_id: None,
        state: if active {
            UserState::Active
        } else {
            UserState::Inactive
        },
        common_name: name,
        given_name: None,
        family_name: None,
        upn: absent(upn),
        email: None,
        employee_number: None,
        department: absent(department),
    });
    prop::collection::vec(user, 0..6)
}

/// What a file is read as: the users, each with its line; nothing if any part of it is a fault.
fn read(format: Format, text: &[u8]) -> Option<Vec<(u64, UserFields)>> {
    let records = records(format, Cursor::new(text.to_vec())).ok()?;
    let users = records.map(|record| {
        let record = record.ok()?;
        Some((record.line, record.fields.ok()?))
    });
    users.collect()
}

fn as_csv(users: &[UserFields]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer
        .write_record(["department", "commonName", "state", "upn"])
        .unwrap();
    for user in users {
        let state = if user.state == UserState::Active {
            "active"
        } else {
            "inactive"
        };
        let (department, upn) = (user.department.as_deref(), user.upn.as_deref());
        let fields = [
            department.unwrap_or(""),
            &user.common_name,
            state,
            upn.unwrap_or(""),
        ];
        writer.write_record(fields).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Bytes that are nearly a file: its words and signs in any order.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "commonName",
        "upn",
        ",",
        "\"",
        "\n",
        "\r",
        "\r\n",
        "{",
        "}",
        ":",
        "[",
        "null",
        "\\u0041",
        "\\",
        "Ada",
        "1e999",
        "\t",
        "\u{feff}",
        "state",
        "active",
        "{\"commonName\":\"Ada\"}\n",
    ];
    let word = prop_oneof![
        9 => prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    let rest = prop::collection::vec(word, 0..40).prop_map(|words| words.concat());
    (any::<bool>(), rest).prop_map(|(has_header, rest)| {
        let header = if has_header { "commonName,upn\n" } else { "" };
        [header.as_bytes(), &rest].concat()
    })
}

proptest! {
    #[test]
    fn users_written_as_csv_read_back(users in users()) {
        let found = read(Format::Csv, &as_csv(&users)).unwrap();
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        prop_assert_eq!(lines, (2..2 + users.len() as u64).collect::<Vec<_>>());
        prop_assert_eq!(found.into_iter().map(|(_, user)| user).collect::<Vec<_>>(), users);
    }

    #[test]
    fn users_written_as_json_lines_read_back(users in users(), blank in "[ \\t\\r]{0,3}") {
        let shown = users.iter().map(|user| format!("{}{blank}\n", json!(user)));
        let found = read(Format::JsonLines, shown.collect::<String>().as_bytes()).unwrap();
        prop_assert_eq!(found.into_iter().map(|(_, user)| user).collect::<Vec<_>>(), users);
    }

    #[test]
    fn any_file_is_records_in_the_order_of_their_lines(text in nearly()) {
        for format in [Format::Csv, Format::JsonLines] {
            let Ok(records) = records(format, Cursor::new(text.clone())) else {
                continue;
            };
            let mut line_before = 0;
            let lines = text.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            // After an error there is nothing more to tell apart.
            for record in records.take_while(Result::is_ok).flatten() {
                prop_assert!(record.line > line_before && record.line <= lines);
                line_before = record.line;
                let Err(errors) = record.fields else {
                    continue;
                };
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(!error.pointer.chars().any(char::is_control));
                    let known = FIELDS.iter().any(|name| error.pointer == format!("/{name}"));
                    prop_assert!(known || error.pointer.is_empty() || error.detail.contains("no attribute")
                        || error.detail.contains("neither") || error.detail.contains("twice"));
                }
            }
        }
    }
}
