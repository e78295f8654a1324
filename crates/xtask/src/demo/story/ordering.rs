//! From the administrator's switch to an order in the queue, and back out of it.

use serde_json::{Value, json};

use super::super::expect::{require, text};
use super::super::teller::Teller;
use super::{
    abort as abort_card, administrator_gets, card_data, change_options, operator_gets, order,
    problem, profile,
};
use crate::error::Error;
use crate::users::well_known::{ANNA, JURGEN, LUKASZ, ZOE};

const ENABLED: &str = "/useCases/orderCard/enabled";

pub(super) async fn nothing_without_the_administrator(
    teller: &mut Teller<'_>,
) -> Result<(), Error> {
    teller.chapter("Cards can be ordered when an administrator says so");
    let what = "reads the options: the use case is off by default";
    let off = [(ENABLED, json!(false)), ("/version", json!(0))];
    let seen = teller
        .api(what, administrator_gets("/options"), 200, &off)
        .await?;

    let what = "looks at Anna: the command is there, and says why it is off";
    let command = [
        ("/commands/0/command", json!("order-card")),
        ("/commands/0/process", json!("CardsAddonExtProdProcOrder")),
        ("/commands/0/available", json!(false)),
        ("/commands/0/reason", problem("use-case-disabled")),
    ];
    teller.api(what, profile(&ANNA), 200, &command).await?;

    let what = "orders all the same: refused";
    let refused = [("/type", problem("use-case-disabled"))];
    let answer = teller
        .api(what, order(&ANNA, "too-early", json!({})), 403, &refused)
        .await?;
    teller.show(text(&answer.body, "/detail"));

    let what = "enables the use case";
    let enable = change_options(&seen, ENABLED, json!(true));
    let enabled = [(ENABLED, json!(true)), ("/version", json!(1))];
    teller.api(what, enable, 200, &enabled).await?;

    let what = "changes what somebody else has changed since: not overwritten";
    let stale = [("/type", problem("precondition-failed"))];
    let change = change_options(&seen, "/multipleOrders", json!(true));
    teller.api(what, change, 412, &stale).await?;
    Ok(())
}

pub(super) async fn find(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("An operator finds the user who shall have a card");
    let what = "searches for \"lindqvist an\"";
    let search = operator_gets("/users", "").query("q", "lindqvist an");
    let answer = teller.api(what, search, 200, &[]).await?;
    let found = answer.body["items"].as_array().into_iter().flatten();
    let names: Vec<_> = found.map(|user| text(user, "/commonName")).collect();
    teller.show(&names.join(", "));
    require(names == [ANNA.common_name()], || format!("found {names:?}"))?;

    let what = "opens the profile: what do you want to do?";
    let command = [
        ("/commands/0/available", json!(true)),
        ("/cards", json!([])),
    ];
    teller.api(what, profile(&ANNA), 200, &command).await?;

    let what = "looks at the card data: common name and UPN are filled in";
    let draft = [
        ("/data", card_data(&ANNA)),
        ("/delivery", json!("queue")),
        ("/blockers", json!([])),
    ];
    let request = operator_gets("/users/{userId}/card-draft", ANNA.user_id);
    let answer = teller.api(what, request, 200, &draft).await?;
    teller.show(&answer.body["data"].to_string());
    Ok(())
}

/// Answers the id of Anna's card.
pub(super) async fn order_once(teller: &mut Teller<'_>) -> Result<String, Error> {
    teller.chapter("The operator orders the card");
    let comment = json!({ "comment": "First day at work" });
    let first = order(&ANNA, "demo-anna-1", comment);
    let processing = [
        ("/state", json!("processing")),
        ("/abortable", json!(true)),
        ("/data", card_data(&ANNA)),
    ];
    let what = "orders: the card is in the queue";
    let answer = teller.api(what, first.clone(), 201, &processing).await?;
    let card_id = text(&answer.body, "/cardId").to_owned();

    let what = "sends the same order again: the same card, not a second one";
    let same = [("/cardId", json!(card_id)), ("/version", json!(1))];
    teller.api(what, first, 201, &same).await?;

    let what = "orders another card for Anna: refused, one is on order";
    let refused = [
        ("/type", problem("open-order-exists")),
        ("/cardId", json!(card_id)),
    ];
    let second = order(&ANNA, "demo-anna-2", json!({}));
    teller.api(what, second, 409, &refused).await?;

    let what = "lists what is being processed";
    let list = operator_gets("/cards", "").query("state", "processing");
    let listed = [("/items/0/cardId", json!(card_id)), ("/next", Value::Null)];
    teller.api(what, list, 200, &listed).await?;
    Ok(card_id)
}

pub(super) async fn what_an_order_needs(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("Not everybody can have a card");
    let what = "orders for Jürgen, who is not active: refused";
    let refused = [("/type", problem("user-inactive"))];
    teller
        .api(
            what,
            order(&JURGEN, "demo-jurgen", json!({})),
            409,
            &refused,
        )
        .await?;

    let what = "orders for Zoë, who has no UPN to print: refused";
    let refused = [
        ("/type", problem("user-attribute-missing")),
        ("/errors/0/pointer", json!("/data/upn")),
    ];
    teller
        .api(what, order(&ZOE, "demo-zoe", json!({})), 422, &refused)
        .await?;
    Ok(())
}

pub(super) async fn abort(teller: &mut Teller<'_>) -> Result<(), Error> {
    teller.chapter("An order is taken back");
    let processing = [("/state", json!("processing"))];
    let ordering = order(&LUKASZ, "demo-lukasz", json!({}));
    let answer = teller
        .api("orders a card for Łukasz", ordering, 201, &processing)
        .await?;
    let card_id = text(&answer.body, "/cardId").to_owned();

    let aborted = [("/state", json!("aborted")), ("/abortable", json!(false))];
    let aborting = abort_card(&card_id).body(json!({ "comment": "Ordered for the wrong person" }));
    teller.api("aborts it", aborting, 200, &aborted).await?;
    let what = "aborts it again: it is aborted already, and that is fine";
    teller
        .api(what, abort_card(&card_id), 200, &aborted)
        .await?;
    Ok(())
}
