//! What two documents of the options differ in, for people.
//!
//! A change names its place by a JSON pointer (RFC 6901). Members come in the order of their names.
//!
//! A list whose entries have ids, such as the production types, is compared entry by entry, so that one
//! that is put between others does not make them look changed. The pointer has the place of the entry
//! in the list after the change; an entry that was taken out comes first, with the place that it had
//! before. If those that stayed stand in another order, the list is one change. So is every other
//! list, such as the fields of a production type.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

/// One place in which two documents differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub pointer: String,
    /// `null` if there was nothing.
    pub before: Value,
    /// `null` if there is nothing any more.
    pub after: Value,
}

/// Everything that changed from one document to the other, apart from their version.
#[must_use]
pub fn difference(before: &Value, after: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    compare(String::new(), Some(before), Some(after), &mut changes);
    changes.retain(|change| change.pointer != "/version");
    changes
}

/// The name of a part in a pointer, and the part in both documents.
type Part<'a> = (String, Option<&'a Value>, Option<&'a Value>);

fn compare(
    pointer: String,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<Change>,
) {
    if before == after {
        return;
    }
    let Some(parts) = parts(before, after) else {
        changes.push(Change {
            pointer,
            before: before.cloned().unwrap_or_default(),
            after: after.cloned().unwrap_or_default(),
        });
        return;
    };
    for (name, before, after) in parts {
        compare(format!("{pointer}/{name}"), before, after, changes);
    }
}

/// `None` if the two are only to be compared as a whole.
fn parts<'a>(before: Option<&'a Value>, after: Option<&'a Value>) -> Option<Vec<Part<'a>>> {
    match (before?, after?) {
        (Value::Object(before), Value::Object(after)) => Some(members(before, after)),
        (Value::Array(before), Value::Array(after)) => entries(before, after),
        _ => None,
    }
}

fn members<'a>(before: &'a Map<String, Value>, after: &'a Map<String, Value>) -> Vec<Part<'a>> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut parts = Vec::new();
    for name in names {
        let segment = name.replace('~', "~0").replace('/', "~1");
        parts.push((segment, before.get(name), after.get(name)));
    }
    parts
}

/// `None` if the entries are not known by ids, or those that stayed stand in another order.
fn entries<'a>(before: &'a [Value], after: &'a [Value]) -> Option<Vec<Part<'a>>> {
    let (old, new) = (ids(before)?, ids(after)?);
    let stayed = old.iter().filter(|id| new.contains(*id));
    if !stayed.eq(new.iter().filter(|id| old.contains(*id))) {
        return None;
    }
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (at, (entry, id)) in before.iter().zip(&old).enumerate() {
        if !new.contains(id) {
            parts.push((at.to_string(), Some(entry), None));
        }
    }
    for (at, (entry, id)) in after.iter().zip(&new).enumerate() {
        let was = old.iter().position(|other| other == id);
        let was = was.and_then(|at| before.get(at));
        parts.push((at.to_string(), was, Some(entry)));
    }
    Some(parts)
}

/// The ids of the entries, if each has one of its own.
fn ids(list: &[Value]) -> Option<Vec<&str>> {
    let ids = list.iter().map(|entry| entry["id"].as_str());
    let ids: Vec<&str> = ids.collect::<Option<_>>()?;
    let different = ids.iter().collect::<BTreeSet<_>>().len();
    (different == ids.len()).then_some(ids)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Each change as pointer, before and after.
    fn shown(before: Value, after: Value) -> Value {
        let changes = difference(&before, &after);
        let shown = changes
            .iter()
            .map(|change| json!([change.pointer, change.before, change.after]));
        shown.collect()
    }

    #[test]
    fn each_member_that_changed_is_named_in_the_order_of_names() {
        let before = json!({"version": 1, "b": {"x": 1, "y": [1, 2]}, "a/~": false, "gone": "g"});
        let after = json!({"version": 2, "b": {"x": 1, "y": [2]}, "a/~": true, "come": {"c": 0}});
        assert_eq!(
            shown(before, after),
            json!([
                ["/a~1~0", false, true],
                ["/b/y", [1, 2], [2]],
                ["/come", null, {"c": 0}],
                ["/gone", "g", null],
            ])
        );
    }

    #[test]
    fn the_version_alone_is_no_change() {
        assert_eq!(
            shown(json!({"version": 1}), json!({"version": 2})),
            json!([])
        );
        let below = shown(json!({"a": {"version": 1}}), json!({"a": {"version": 2}}));
        assert_eq!(below, json!([["/a/version", 1, 2]]));
    }

    #[test]
    fn entries_with_ids_are_compared_wherever_they_stand() {
        let [a, b, c] = ["a", "b", "c"].map(|id| json!({"id": id, "n": 1}));
        let changed = json!({"id": "b", "n": 2});
        for (before, after, expected) in [
            (json!([a]), json!([c, a]), json!([["/t/0", null, c]])),
            (json!([a, b]), json!([b]), json!([["/t/0", a, null]])),
            (json!([]), json!([a]), json!([["/t/0", null, a]])),
            (json!([a]), json!([]), json!([["/t/0", a, null]])),
            (
                json!([a, b]),
                json!([c, changed]),
                json!([["/t/0", a, null], ["/t/0", null, c], ["/t/1/n", 1, 2]]),
            ),
            (
                json!([a, b]),
                json!([b, a]),
                json!([["/t", [a, b], [b, a]]]),
            ),
            (
                json!([a, b]),
                json!([b, c, a]),
                json!([["/t", [a, b], [b, c, a]]]),
            ),
            (
                json!([a, a]),
                json!([a, b]),
                json!([["/t", [a, a], [a, b]]]),
            ),
            (json!([a, 1]), json!([a]), json!([["/t", [a, 1], [a]]])),
            (json!([a]), json!({}), json!([["/t", [a], {}]])),
        ] {
            assert_eq!(shown(json!({"t": before}), json!({"t": after})), expected);
        }
    }

    /// Few names and values, so that two documents have much in common.
    fn object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            prop::collection::vec(any::<bool>(), 0..3).prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 3, |inner| {
            let members = prop::collection::btree_map("[a~/]{1,2}", inner, 0..4);
            members.prop_map(|members| Value::Object(members.into_iter().collect()))
        })
    }

    fn document() -> impl Strategy<Value = Value> {
        let entry = (0..4_u8, object());
        let entry = entry.prop_map(|(id, rest)| json!({"id": id.to_string(), "rest": rest}));
        let list = prop::collection::vec(entry, 0..4);
        (object(), list).prop_map(|(rest, list)| json!({"rest": rest, "list": list}))
    }

    /// Makes one change in a document without ids.
    fn apply(document: &mut Value, change: &Change) {
        let Some((parent, name)) = change.pointer.rsplit_once('/') else {
            *document = change.after.clone();
            return;
        };
        let name = name.replace("~1", "/").replace("~0", "~");
        let members = document.pointer_mut(parent).unwrap();
        let members = members.as_object_mut().unwrap();
        match &change.after {
            Value::Null => drop(members.remove(&name).unwrap()),
            after => drop(members.insert(name, after.clone())),
        }
    }

    proptest! {
        #[test]
        fn there_is_no_difference_if_and_only_if_nothing_changed(
            before in document(),
            after in document(),
        ) {
            prop_assert!(difference(&before, &before).is_empty());
            prop_assert_eq!(difference(&before, &after).is_empty(), before == after);
        }

        #[test]
        fn a_pointer_leads_to_what_is_there_now_or_to_what_was_taken_out(
            before in document(),
            after in document(),
        ) {
            for change in difference(&before, &after) {
                prop_assert_ne!(&change.before, &change.after);
                let now = after.pointer(&change.pointer).unwrap_or(&Value::Null);
                let was = before.pointer(&change.pointer);
                let is_gone = change.after.is_null() && was == Some(&change.before);
                prop_assert!(*now == change.after || is_gone, "{:?}", change);
            }
        }

        #[test]
        fn the_changes_made_to_the_one_give_the_other(before in object(), after in object()) {
            let mut made = before.clone();
            for change in difference(&before, &after) {
                apply(&mut made, &change);
            }
            prop_assert_eq!(made, after);
        }
    }
}
