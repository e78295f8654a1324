//! The body of a message: `{"cardId": "<uuid>", "orderId": "<uuid>-<attempt>"}`. Ids only, so that
//! no queue holds personal data.

use cardwright_domain::ids::OrderId;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reminder {
    card_id: String,
    order_id: String,
}

/// The message that reminds of an order.
pub(crate) fn written(order_id: OrderId) -> String {
    let reminder = Reminder {
        card_id: order_id.card_id.to_string(),
        order_id: order_id.to_string(),
    };
    // Two texts can always be written as JSON.
    serde_json::to_string(&reminder).unwrap_or_default()
}

/// The order that a message reminds of, if it reads exactly as [`written`] writes it.
pub(crate) fn read(body: &str) -> Option<OrderId> {
    let reminder: Reminder = serde_json::from_str(body).ok()?;
    let order_id: OrderId = reminder.order_id.parse().ok()?;
    let same = order_id.to_string() == reminder.order_id
        && order_id.card_id.to_string() == reminder.card_id;
    same.then_some(order_id)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CARD: &str = "260e4468-4eb5-5ca6-a250-088199d7c8e0";

    fn body(card_id: &str, order_id: &str) -> String {
        format!(r#"{{"cardId":"{card_id}","orderId":"{order_id}"}}"#)
    }

    #[test]
    fn a_reminder_reads_as_events_show_it() {
        let order_id: OrderId = format!("{CARD}-1").parse().unwrap();
        assert_eq!(written(order_id), body(CARD, &format!("{CARD}-1")));
        assert_eq!(read(&body(CARD, &format!("{CARD}-1"))), Some(order_id));
    }

    #[test]
    fn anything_else_is_unreadable() {
        let other = "4c85c82e-5f46-533e-acb6-943d496efb1a";
        let extra = format!(r#"{{"cardId":"{CARD}","orderId":"{CARD}-1","more":1}}"#);
        let twice = format!(r#"{{"cardId":"{CARD}","cardId":"{CARD}","orderId":"{CARD}-1"}}"#);
        for bad in [
            "",
            "hello",
            "{}",
            "[]",
            "null",
            &extra,
            &twice,
            &body(other, &format!("{CARD}-1")),
            &body("", &format!("{CARD}-1")),
            &body(CARD, CARD),
            &body(CARD, &format!("{CARD}-0")),
            &body(CARD, &format!("{CARD}-01")),
            &body(CARD, &format!("{CARD}-+1")),
            &body(&CARD.to_uppercase(), &format!("{}-1", CARD.to_uppercase())),
            &body("not-a-card", "not-a-card-1"),
            &format!("{} ", &body(CARD, &format!("{CARD}-1"))[..40]),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_order_reads_back(card: u128, attempt in 1u32..) {
            let text = format!("{}-{attempt}", uuid::Uuid::from_u128(card));
            let order_id: OrderId = text.parse().unwrap();
            prop_assert_eq!(read(&written(order_id)), Some(order_id));
        }

        #[test]
        fn no_body_breaks_the_reader(body in ".{0,200}", at in 0usize..100, with in any::<char>()) {
            let _ = read(&body);
            let mut almost: Vec<char> = self::body(CARD, &format!("{CARD}-1")).chars().collect();
            let at = at % almost.len();
            let same = almost[at] == with;
            almost[at] = with;
            let almost: String = almost.into_iter().collect();
            // A digit may turn one id into another, but never both at once.
            prop_assert!(same || read(&almost).is_none_or(|id| id.card_id.to_string() == CARD));
        }
    }
}
