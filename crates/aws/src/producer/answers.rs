//! What the producer says about each key. Every entry is read by itself: one that can't be read
//! leaves that order unknown and no other. Fields that the contract does not name are ignored.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use cardwright_app::ports::{Answer, Cancelled, ProducerOrder, Status};
use cardwright_domain::card::Failure;
use cardwright_domain::ids::{OrderId, ProducerOrderId};
use cardwright_domain::order_status::{OrderStatus, Progress, Shipment};
use serde::Deserialize;
use serde_json::Value;

use super::failed::Failed;
use crate::limits::{PRODUCER_REASON_CHARS, PRODUCER_SHIPMENT_CHARS};

#[derive(Deserialize)]
struct Document {
    answers: Vec<Value>,
}

enum Decision {
    Accepted(ProducerOrderId),
    Rejected(Failure),
    Deferred,
    Cancelled,
}

/// The answers to the orders that were asked for.
pub(super) fn submission(
    bytes: &[u8],
    asked: &[ProducerOrder],
) -> Result<HashMap<OrderId, Answer>, Failed> {
    let document: Document =
        serde_json::from_slice(bytes).map_err(|error| Failed::unreadable(&error))?;
    let keys: HashMap<String, OrderId> = asked
        .iter()
        .map(|order| (order.order_id.to_string(), order.order_id))
        .collect();
    let mut known = HashMap::new();
    for entry in &document.answers {
        let Some(order_id) = key(entry).and_then(|key| keys.get(key)) else {
            tracing::warn!("the producer answered for a key that was not asked for");
            continue;
        };
        let answer = answer(entry, *order_id);
        match known.entry(*order_id) {
            Entry::Vacant(place) => drop(place.insert(answer)),
            Entry::Occupied(place) if *place.get() == answer => {}
            Entry::Occupied(mut place) => {
                tracing::error!(order.id = %order_id, "the producer gave two answers for one key");
                place.insert(Answer::Unknown);
            }
        }
    }
    Ok(known)
}

fn answer(entry: &Value, order_id: OrderId) -> Answer {
    match decision(entry) {
        Some(Decision::Accepted(id)) => Answer::Accepted(id),
        Some(Decision::Rejected(failure)) => Answer::Rejected(failure),
        Some(Decision::Deferred) => Answer::Unknown,
        Some(Decision::Cancelled) | None => {
            tracing::error!(order.id = %order_id, "the producer's answer can't be read");
            Answer::Unknown
        }
    }
}

/// What became of a key that was to be cancelled.
pub(super) fn cancelled(bytes: &[u8], order_id: OrderId) -> Result<Cancelled, Failed> {
    let entry: Value = serde_json::from_slice(bytes).map_err(|error| Failed::unreadable(&error))?;
    if key(&entry) != Some(&order_id.to_string()) {
        return Err(Failed::Unreadable("another key".into()));
    }
    match decision(&entry) {
        Some(Decision::Cancelled) => Ok(Cancelled::Done),
        Some(Decision::Accepted(id)) => Ok(Cancelled::TooLate(Answer::Accepted(id))),
        Some(Decision::Rejected(failure)) => Ok(Cancelled::TooLate(Answer::Rejected(failure))),
        Some(Decision::Deferred) | None => Err(Failed::Unreadable("no decision".into())),
    }
}

/// How far the order is that was asked about. An answer that can be read is not asked for again, whatever
/// it says.
pub(super) fn status(bytes: &[u8], id: &ProducerOrderId) -> Result<Status, Failed> {
    let entry: Value = serde_json::from_slice(bytes).map_err(|error| Failed::unreadable(&error))?;
    let Some((order_id, _)) = order(&entry).filter(|(_, said)| said == id) else {
        return Ok(Status::Contradicts);
    };
    let Some(status) = order_status(&entry) else {
        tracing::error!(order.id = %order_id, "the producer names a state that is not agreed");
        return Ok(Status::Unknown);
    };
    Ok(Status::Known(status))
}

/// What an event of the producer says; `None` if it is not of a kind that is agreed.
#[must_use]
pub fn event(body: &[u8]) -> Option<OrderStatus> {
    let event: Value = serde_json::from_slice(body).ok()?;
    let is_agreed = event.get("type")?.as_str()? == "order.state_changed";
    is_agreed.then(|| order_status(event.get("data")?))?
}

fn order_status(entry: &Value) -> Option<OrderStatus> {
    let (order_id, producer_order_id) = order(entry)?;
    Some(OrderStatus {
        order_id,
        producer_order_id,
        progress: progress(entry)?,
    })
}

/// Which order an entry is about, by both names.
fn order(entry: &Value) -> Option<(OrderId, ProducerOrderId)> {
    let producer_order_id = entry.get("producerOrderId")?.as_str()?;
    let producer_order_id = ProducerOrderId::parse(producer_order_id).ok()?;
    Some((key(entry)?.parse().ok()?, producer_order_id))
}

fn progress(entry: &Value) -> Option<Progress> {
    // Half a tracking number leads nowhere.
    let whole = |text: &Value| {
        text.as_str()
            .is_some_and(|text| text.chars().count() <= PRODUCER_SHIPMENT_CHARS)
    };
    let text = |field: &str| {
        let text = entry.get(field).filter(|text| whole(text))?;
        clean(text, PRODUCER_SHIPMENT_CHARS)
    };
    Some(match entry.get("state")?.as_str()? {
        "accepted" => Progress::Accepted,
        "in_production" => Progress::InProduction,
        "produced" => Progress::Produced(Shipment {
            carrier: text("carrier"),
            tracking: text("tracking"),
        }),
        "failed" => Progress::Failed(Failure::production_failed(reason(entry))),
        _ => return None,
    })
}

fn key(entry: &Value) -> Option<&str> {
    entry.get("key")?.as_str()
}

/// A rejection stands whatever its reason looks like; an acceptance without an id can't be
/// followed.
fn decision(entry: &Value) -> Option<Decision> {
    match entry.get("status")?.as_str()? {
        "accepted" => {
            let id = entry.get("producerOrderId")?.as_str()?;
            ProducerOrderId::parse(id).ok().map(Decision::Accepted)
        }
        "rejected" => Some(Decision::Rejected(Failure::producer_rejected(reason(
            entry,
        )))),
        "deferred" => Some(Decision::Deferred),
        "cancelled" => Some(Decision::Cancelled),
        _ => None,
    }
}

/// The sentence for people, or else the word for programs, on one line and not longer than a limit.
fn reason(entry: &Value) -> String {
    let text = |field: &str| clean(entry.get("reason")?.get(field)?, PRODUCER_REASON_CHARS);
    text("detail")
        .or_else(|| text("code"))
        .unwrap_or_else(|| "The producer gave no reason.".into())
}

/// A text of the producer on one line, unless there is nothing in it.
fn clean(text: &Value, limit: usize) -> Option<String> {
    let visible = text.as_str()?.chars().filter(|c| !c.is_control());
    let clean: String = visible.take(limit).collect();
    Some(clean.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use cardwright_domain::ids::ProductionTypeId;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn id(number: u32) -> OrderId {
        format!("260e4468-4eb5-5ca6-a250-088199d7c8e0-{number}")
            .parse()
            .unwrap()
    }

    fn asked(numbers: &[u32]) -> Vec<ProducerOrder> {
        let order = |number: &u32| ProducerOrder {
            order_id: id(*number),
            production_type: ProductionTypeId::parse("standard").unwrap(),
            data: BTreeMap::new(),
        };
        numbers.iter().map(order).collect()
    }

    fn read(answers: Value) -> HashMap<OrderId, Answer> {
        let bytes = json!({ "answers": answers, "page": 1 }).to_string();
        submission(bytes.as_bytes(), &asked(&[1, 2])).unwrap()
    }

    fn accepted(producer_order_id: &str) -> Answer {
        Answer::Accepted(ProducerOrderId::parse(producer_order_id).unwrap())
    }

    fn rejected(detail: &str) -> Answer {
        Answer::Rejected(Failure::producer_rejected(detail.into()))
    }

    #[test]
    fn each_entry_is_read_by_itself_and_by_its_key() {
        let known = read(json!([
            {"key": id(2), "status": "rejected", "reason": {"code": "x", "detail": "No photo."}},
            {"key": id(9), "status": "accepted", "producerOrderId": "P-9"},
            {"status": "accepted"},
            7,
            {"key": id(1), "status": "accepted", "producerOrderId": "P-1", "more": true},
        ]));
        assert_eq!(
            known,
            HashMap::from([(id(1), accepted("P-1")), (id(2), rejected("No photo."))])
        );
    }

    #[test]
    fn what_is_not_definite_is_unknown() {
        for entry in [
            json!({"key": id(1), "status": "deferred"}),
            json!({"key": id(1), "status": "cancelled"}),
            json!({"key": id(1), "status": "maybe"}),
            json!({"key": id(1), "status": "accepted"}),
            json!({"key": id(1), "status": "accepted", "producerOrderId": "a/b"}),
            json!({"key": id(1), "status": "accepted", "producerOrderId": 7}),
            json!({"key": id(1)}),
        ] {
            assert_eq!(
                read(json!([entry])),
                HashMap::from([(id(1), Answer::Unknown)]),
                "{entry}"
            );
        }
        assert_eq!(read(json!([])), HashMap::new());
    }

    #[test]
    fn two_answers_for_one_key_count_only_if_they_are_the_same() {
        let yes = json!({"key": id(1), "status": "accepted", "producerOrderId": "P-1"});
        let other = json!({"key": id(1), "status": "accepted", "producerOrderId": "P-2"});
        let known = |entries| read(entries)[&id(1)].clone();
        assert_eq!(known(json!([yes, yes])), accepted("P-1"));
        assert_eq!(known(json!([yes, other])), Answer::Unknown);
        assert_eq!(known(json!([yes, other, yes])), Answer::Unknown);
    }

    #[test]
    fn an_event_is_read_only_if_all_of_it_is_agreed() {
        let data = json!({"key": id(1), "producerOrderId": "P-1", "state": "in_production"});
        let read = |kind: &str, data: &Value| {
            let body = json!({"type": kind, "timestamp": "2026-03-02T08:15:00Z", "data": data});
            event(body.to_string().as_bytes())
        };
        let expected = OrderStatus {
            order_id: id(1),
            producer_order_id: ProducerOrderId::parse("P-1").unwrap(),
            progress: Progress::InProduction,
        };
        assert_eq!(read("order.state_changed", &data), Some(expected));
        assert_eq!(read("order.archived", &data), None);
        for (member, bad) in [
            ("key", json!("x")),
            ("producerOrderId", json!("a/b")),
            ("state", json!("lost")),
            ("state", json!(null)),
        ] {
            let mut data = data.clone();
            data[member] = bad;
            assert_eq!(read("order.state_changed", &data), None, "{data}");
        }
        for body in ["", "7", "{}", r#"{"type": "order.state_changed"}"#] {
            assert_eq!(event(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let long = "x".repeat(600);
        for (reason, shown) in [
            (
                json!({"code": "a-b", "detail": " No\r\n photo.\u{7} "}),
                "No photo.".to_owned(),
            ),
            (json!({"code": "a-b", "detail": ""}), "a-b".to_owned()),
            (json!({"code": "a-b"}), "a-b".to_owned()),
            (json!("no"), "The producer gave no reason.".to_owned()),
            (json!({"detail": long}), "x".repeat(500)),
        ] {
            let known = read(json!([{"key": id(1), "status": "rejected", "reason": reason}]));
            assert_eq!(known[&id(1)], rejected(&shown));
        }
    }

    #[test]
    fn a_broken_body_is_an_error_that_does_not_repeat_it() {
        let error = submission(br#"{"answers": "Ada Lovelace"}"#, &asked(&[1])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer can't be read (line 1, column 26)"
        );
    }

    #[test]
    fn a_cancel_is_done_or_too_late() {
        let read = |entry: Value| cancelled(entry.to_string().as_bytes(), id(1));
        let done = read(json!({"key": id(1), "status": "cancelled"})).unwrap();
        assert_eq!(done, Cancelled::Done);
        let late = json!({"key": id(1), "status": "accepted", "producerOrderId": "P-1"});
        assert_eq!(read(late).unwrap(), Cancelled::TooLate(accepted("P-1")));
        let late = json!({"key": id(1), "status": "rejected", "reason": {"detail": "No."}});
        assert_eq!(read(late).unwrap(), Cancelled::TooLate(rejected("No.")));
        for bad in [
            json!({"key": id(2), "status": "cancelled"}),
            json!({"key": id(1), "status": "deferred"}),
            json!({"key": id(1), "status": "accepted"}),
            json!([]),
        ] {
            assert!(read(bad).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_answer_breaks_the_reader(text in ".{0,300}", status in ".{0,12}", more in ".{0,40}") {
            drop(submission(text.as_bytes(), &asked(&[1])));
            drop(cancelled(text.as_bytes(), id(1)));
            drop(event(text.as_bytes()));
            let mut entry = json!({"key": id(1), "status": status, "reason": more});
            entry["producerOrderId"] = more.into();
            let bytes = json!({"answers": [entry]}).to_string();
            let known = submission(bytes.as_bytes(), &asked(&[1])).unwrap();
            prop_assert!(known.contains_key(&id(1)));
        }
    }
}
