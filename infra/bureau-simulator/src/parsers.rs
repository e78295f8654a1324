//! Whatever a caller sends, it is an order, a fault, a progress or a receiver within the contract's
//! limits, or it is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::events::{Receiver, ReceiverSettings, signing_key};
use crate::faults::{Fault, Faults, Kind};
use crate::protocol::{MAX_ORDERS_PER_REQUEST, Progress, Submission, check_key};

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        "[A-Za-z0-9-]{0,70}".prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..70_000_u64).prop_map(Value::from),
        Just(Value::Null),
        Just(json!({"upn": "a"})),
        Just(json!({"code": "a", "detail": "b"})),
        Just(json!([])),
        "(reject|unavailable|slow|drop-answer|defer|produced|failed)".prop_map(Value::from),
        "(duplicate|hold|forge)-event".prop_map(Value::from),
    ]
}

/// An object with members of these names.
fn object(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let members = prop::collection::btree_map(prop::sample::select(names), value(), 0..5);
    members.prop_map(|members| json!(members))
}

fn orders() -> impl Strategy<Value = Value> {
    let data = prop_oneof![
        Just(json!({"upn": "a"})),
        Just(json!({"upn": "é".repeat(1_001)}))
    ];
    let good = ("[A-Za-z0-9-]{0,66}", ".{0,66}", data);
    let good = good
        .prop_map(|(key, kind, data)| json!({"key": key, "productionType": kind, "data": data}));
    let order = prop_oneof![9 => good, 1 => object(&["key", "productionType", "data", "more"])];
    prop_oneof![
        9 => prop::collection::vec(order.clone(), 0..4).prop_map(|orders| json!({"orders": orders})),
        1 => (order, 99_usize..103).prop_map(|(order, n)| json!({"orders": vec![order; n]})),
    ]
}

proptest! {
    #[test]
    fn a_submission_that_is_taken_keeps_the_limits(value in orders()) {
        let Ok(submission) = serde_json::from_value::<Submission>(value) else {
            return Ok(());
        };
        if submission.check().is_err() {
            return Ok(());
        }
        prop_assert!((1..=MAX_ORDERS_PER_REQUEST).contains(&submission.orders.len()));
        for order in &submission.orders {
            prop_assert!((1..=64).contains(&order.key.len()));
            let sound = (1..=64).contains(&order.production_type.chars().count())
                && order.data.values().all(|value| value.chars().count() <= 1_000);
            prop_assert_eq!(order.flaw().is_none(), sound);
        }
    }

    #[test]
    fn a_key_fits_a_path(key in prop_oneof![any::<String>(), "[A-Za-z0-9-]{0,66}"]) {
        let fits = (1..=64).contains(&key.len())
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        prop_assert_eq!(check_key(&key).is_ok(), fits);
    }

    #[test]
    fn a_fault_that_is_set_is_shown_as_it_was_and_hits_something(
        value in object(&["kind", "key", "match", "calls", "delayMs", "reason", "more"]),
    ) {
        let Ok(fault) = serde_json::from_value::<Fault>(value.clone()) else {
            return Ok(());
        };
        let is_slow = fault.kind == Kind::Slow;
        let mut faults = Faults::default();
        if faults.set(fault).is_err() {
            prop_assert!(faults.active().is_empty());
            return Ok(());
        }
        let shown = serde_json::to_value(faults.active()).unwrap();
        let fields = ["kind", "key", "match", "delayMs", "reason"];
        for (name, sent) in value.as_object().unwrap() {
            let is_kept = !fields.contains(&name.as_str()) || sent.is_null() || shown[0][name] == *sent;
            prop_assert!(is_kept, "{name}: {shown}");
        }
        prop_assert_eq!(is_slow, shown[0].get("delayMs").is_some());
        prop_assert!(shown[0]["calls"] != 0);
        prop_assert!(shown[0]["delayMs"].as_u64().is_none_or(|ms| ms <= 60_000));
    }

    #[test]
    fn a_progress_is_read_or_refused(value in object(&["state", "carrier", "reason", "more"])) {
        if let Ok(progress) = serde_json::from_value::<Progress>(value.clone()) {
            let shown = serde_json::to_value(progress).unwrap();
            prop_assert_eq!(&shown["state"], &value["state"]);
        }
    }

    #[test]
    fn a_key_is_as_long_as_the_contract_says_and_reads_back(
        text in prop_oneof![any::<String>(), "(whsec_)?([A-Za-z0-9+/]{4}){6,24}"],
    ) {
        if let Some(key) = signing_key(&text) {
            prop_assert!((24..=64).contains(&key.len()));
            prop_assert_eq!(format!("whsec_{}", STANDARD.encode(&key)), text);
        }
    }

    #[test]
    fn a_receiver_is_on_this_machine(
        scheme in "(http|https|ftp)",
        host in "(127[.]0[.]0[.]1|localhost|[a-z]{1,9}[.]example|192[.]0[.]2[.][0-9])",
        rest in "(:[1-9][0-9]{0,3})?(/[a-z]{0,9}){0,3}",
    ) {
        let key = format!("whsec_{}", STANDARD.encode([7_u8; 24]));
        let settings = json!({"url": format!("{scheme}://{host}{rest}"), "key": key});
        let settings: ReceiverSettings = serde_json::from_value(settings).unwrap();
        let is_here = host == "localhost" || host.starts_with("127.");
        prop_assert_eq!(Receiver::parse(&settings).is_ok(), is_here && scheme == "http");
    }

    #[test]
    fn bytes_that_are_no_json_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert!(serde_json::from_slice::<Submission>(&bytes).is_err());
        prop_assert!(serde_json::from_slice::<Fault>(&bytes).is_err());
    }
}
