//! What a step must bring. A step that brings anything else ends the demo.

use serde_json::Value;

use crate::error::Error;

/// Values that must stand in a JSON document, by their JSON pointers (RFC 6901).
pub(super) type Expected<'a> = &'a [(&'a str, Value)];

/// # Errors
/// The first place where something else stands.
pub(super) fn check(document: &Value, expected: Expected<'_>) -> Result<(), Error> {
    for (pointer, value) in expected {
        let found = document.pointer(pointer).unwrap_or(&Value::Null);
        require(found == value, || {
            format!("{pointer} is {found}, and not {value}, in {document}")
        })?;
    }
    Ok(())
}

/// # Errors
/// The condition does not hold.
pub(super) fn require(holds: bool, fault: impl FnOnce() -> String) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "this step did not hold: {}",
        fault()
    )))
}

/// The text at a pointer; empty if there is none.
pub(super) fn text<'a>(document: &'a Value, pointer: &str) -> &'a str {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_held_against_every_expected_value() {
        let document = json!({ "state": "ordered", "items": [{ "id": 1 }] });
        let holds = |expected: Expected<'_>| check(&document, expected).is_ok();
        assert!(holds(&[
            ("/state", "ordered".into()),
            ("/items/0/id", 1.into())
        ]));
        assert!(holds(&[("/absent", Value::Null)]));
        assert!(!holds(&[
            ("/state", "ordered".into()),
            ("/items/0/id", 2.into())
        ]));
    }
}
