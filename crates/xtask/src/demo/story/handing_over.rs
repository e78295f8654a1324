//! The bureau gets the orders, the holders get their mails.

use serde_json::{Value, json};

use super::super::expect::{require, text};
use super::super::mailbox::Mail;
use super::super::teller::Teller;
use super::{abort, administrator_gets, change_options, get_card, order, problem, profile};
use crate::error::Error;
use crate::users::well_known::{ANNA, ELENI, OYSTEIN, SEAN};

const DELIVERY: &str = "/productionTypes/0/delivery";

pub(super) async fn drain_and_mail(teller: &mut Teller<'_>, card_id: &str) -> Result<(), Error> {
    teller.chapter("The drain takes the queue to the bureau");
    let what = "finds two messages: orders Anna's card, drops the aborted one";
    let report = [
        ("/received", json!(2)),
        ("/accepted", json!(1)),
        ("/dropped", json!(1)),
    ];
    teller.drain(what, &report).await?;

    let what = "aborts Anna's card: too late, the bureau has it";
    let refused = [
        ("/type", problem("card-state")),
        ("/state", json!("ordered")),
    ];
    teller.api(what, abort(card_id), 409, &refused).await?;

    let what = "starts the email function: the holder gets a mail";
    let mails = teller.mails_to(&[ANNA.address], what).await?;
    for Mail {
        to,
        source,
        subject,
        body_text,
    } in mails
    {
        let to = to.join(", ");
        teller.show(&format!(
            "From: {source}\nTo: {to}\nSubject: {subject}\n\n{body_text}"
        ));
    }

    let what = "reads the card: ordered, and its holder was told";
    let told = [("/state", json!("ordered")), ("/email", json!("sent"))];
    let card = get_card(card_id);
    let answer = teller.api_until(what, card, &told).await?;
    teller.show(&timeline(&answer.body));
    Ok(())
}

pub(super) async fn rejected_by_the_bureau(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("The bureau rejects an order; the others go through");
    let reason = json!({ "code": "photo-missing", "detail": "There is no photo of the holder." });
    let fault = json!({ "kind": "reject", "match": { "upn": OYSTEIN.address }, "reason": reason });
    teller.bureau.set_fault(&fault).await?;
    teller.does("bureau", "will reject what is ordered for Øystein", None);

    let processing = [("/state", json!("processing"))];
    let rejected = order(&OYSTEIN, "demo-oystein", json!({}));
    let rejected = teller
        .api("orders for Øystein", rejected, 201, &processing)
        .await?;
    let accepted = order(&ELENI, "demo-eleni", json!({}));
    let accepted = teller
        .api("orders for Eleni", accepted, 201, &processing)
        .await?;

    let report = [("/accepted", json!(1)), ("/refused", json!(1))];
    teller
        .drain("one is accepted, one is refused", &report)
        .await?;
    teller.bureau.clear_faults().await?;

    let failed = [
        ("/state", json!("failed")),
        ("/failure/type", problem("producer-rejected")),
    ];
    let card = get_card(text(&rejected.body, "/cardId"));
    let what = "reads Øystein's card: failed, with the bureau's reason";
    let answer = teller.api(what, card, 200, &failed).await?;
    let detail = text(&answer.body, "/failure/detail");
    teller.show(detail);
    require(detail.contains("There is no photo of the holder."), || {
        detail.into()
    })?;

    let ordered = [("/state", json!("ordered")), ("/failure", Value::Null)];
    let card = get_card(text(&accepted.body, "/cardId"));
    teller
        .api("reads Eleni's card: ordered", card, 200, &ordered)
        .await?;
    Ok(())
}

pub(super) async fn direct_delivery(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("Direct delivery: the bureau is asked while the operator waits");
    let seen = administrator_gets("/options");
    let queued = [(DELIVERY, json!("queue"))];
    let seen = teller.api("reads the options", seen, 200, &queued).await?;
    let direct = [(DELIVERY, json!("direct")), ("/version", json!(2))];
    let change = change_options(&seen, DELIVERY, json!("direct"));
    teller
        .api("switches to direct delivery", change, 200, &direct)
        .await?;

    let ordered = [("/state", json!("ordered")), ("/optionsVersion", json!(2))];
    let ordering = order(&SEAN, "demo-sean", json!({}));
    let answer = teller
        .api("orders for Seán: ordered at once", ordering, 201, &ordered)
        .await?;
    let producer_order_id = text(&answer.body, "/producerOrderId");
    require(!producer_order_id.is_empty(), || {
        "no producer order id".into()
    })?;

    let profile = profile(&ANNA);
    let card = [
        ("/cards/0/state", json!("ordered")),
        ("/cards/0/optionsVersion", json!(1)),
    ];
    let what = "looks at Anna: her card is still of the options then";
    teller.api(what, profile, 200, &card).await?;
    Ok(())
}

/// What happened to a card, line by line.
fn timeline(card: &Value) -> String {
    let entries = card["timeline"].as_array().into_iter().flatten();
    let lines = entries.map(|entry| {
        let [at, event, by, reason] =
            ["/at", "/event", "/by", "/reason"].map(|part| text(entry, part));
        format!("{at}  {event:<11} {by:<32} {reason}")
            .trim_end()
            .to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}
