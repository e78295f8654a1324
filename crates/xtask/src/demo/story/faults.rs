//! What goes wrong in every company, and what comes of it.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::expect::{require, text};
use super::super::queues;
use super::super::teller::Teller;
use super::{abort, get_card, order, problem};
use crate::error::Error;
use crate::users::well_known::{ANNA, ELENI, IREM, LUKASZ, SEAN, WellKnown};

pub(super) async fn garbage(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("A message that nobody can read");
    let body = "this is no order";
    let stack = teller.stack;
    queues::send(&teller.emulator, &stack.order_queue_url, body).await?;
    teller.does("somebody", "puts garbage into the order queue", None);
    let report = [("/received", json!(1)), ("/quarantined", json!(1))];
    let what = "puts it aside, where a person can look at it";
    teller.drain(what, &report).await?;
    let kept = queues::peek(&teller.emulator, &stack.quarantine_queue_url).await?;
    teller.show(&format!("in quarantine: {}", kept.join("\n")));
    require(kept == [body], || format!("in quarantine: {kept:?}"))
}

pub(super) async fn bureau_stumbles(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("The bureau is busy for a moment");
    teller
        .bureau
        .set_fault(&json!({ "kind": "unavailable" }))
        .await?;
    teller.does("bureau", "will answer the next request with 503", None);
    let processing = [("/state", json!("processing"))];
    let ordering = order(&IREM, "demo-irem", json!({}));
    let answer = teller
        .api("orders for İrem", ordering, 201, &processing)
        .await?;
    let report = [("/accepted", json!(1)), ("/producerRequests", json!(2))];
    let what = "asks, waits as the bureau wishes, asks again";
    teller.drain(what, &report).await?;
    let ordered = [("/state", json!("ordered"))];
    let card = get_card(text(&answer.body, "/cardId"));
    teller
        .api("reads İrem's card: ordered", card, 200, &ordered)
        .await?;
    Ok(())
}

/// The last chapter with a drain: the producer's circuit stays open for a while after it.
pub(super) async fn bureau_is_down(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("The bureau is down");
    let fault = json!({ "kind": "unavailable", "match": {} });
    teller.bureau.set_fault(&fault).await?;
    teller.does("bureau", "answers every request with 503", None);
    let processing = [("/state", json!("processing"))];
    let ordering = order(&LUKASZ, "demo-lukasz-again", json!({}));
    let what = "orders for Łukasz after all; the aborted card is not in the way";
    let answer = teller.api(what, ordering, 201, &processing).await?;
    let card_id = text(&answer.body, "/cardId");

    let report = [
        ("/claimed", json!(1)),
        ("/accepted", json!(0)),
        ("/unknown", json!(1)),
    ];
    let what = "asks in vain: whether the bureau has the order is not known";
    teller.drain(what, &report).await?;

    let claimed = [
        ("/state", json!("processing")),
        ("/abortable", json!(false)),
    ];
    let what = "reads the card: still processing, but no longer abortable";
    let card = get_card(card_id);
    teller.api(what, card, 200, &claimed).await?;
    let refused = [
        ("/type", problem("card-claimed")),
        ("/state", json!("processing")),
    ];
    let what = "aborts it: refused, because the bureau may have it";
    teller.api(what, abort(card_id), 409, &refused).await?;

    teller.bureau.clear_faults().await?;
    teller.does("bureau", "is back", None);
    let lease = cardwright_app::limits::CLAIM_LEASE.as_secs();
    teller.show(&format!(
        "Nothing is lost: {lease} s after the claim the drain takes the card up again\n\
         and asks under the same key, which can't make a second card."
    ));
    Ok(())
}

/// However the story went: one order at the bureau for each card that is ordered, and one mail.
pub(super) async fn one_order_each(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("What has come of it");
    let holders = [&ANNA, &ELENI, &IREM, &SEAN];
    let seen = teller.bureau.seen().await?;
    let orders: Vec<_> = seen["orders"].as_array().into_iter().flatten().collect();
    teller.does(
        "bureau",
        "has one order for each card that is ordered",
        None,
    );
    for order in &orders {
        let (id, data) = (text(order, "/producerOrderId"), &order["data"]);
        teller.show(&format!("{id}  {data}"));
    }
    let names = orders
        .iter()
        .map(|order| text(order, "/data/commonName").to_owned());
    let expected = BTreeSet::from(holders.map(WellKnown::common_name));
    let once = names.collect::<BTreeSet<_>>() == expected && orders.len() == expected.len();
    require(once, || seen.to_string())?;

    let addresses = holders.map(|holder| holder.address);
    let what = "has brought each of their holders one mail";
    let mails = teller.mails_to(&addresses, what).await?;
    require(mails.len() == addresses.len(), || {
        format!("{} mails", mails.len())
    })
}
