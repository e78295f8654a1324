//! What becomes of a card that was made.

use serde_json::{Value, json};

use super::super::expect::text;
use super::super::request::Request;
use super::super::teller::Teller;
use super::get_card;
use crate::error::Error;
use crate::token::Role;

pub(super) async fn from_the_bureau_to_the_lock(
    teller: &mut Teller<'_>,
    card_id: &str,
) -> Result<(), Error> {
    teller.chapter("The card is made, handed over, put aside, taken up again and lost");
    let state = |state: &str| [("/state", json!(state))];
    let (what, card) = ("reads Anna's card", get_card(card_id));
    let ordered = teller.api(what, card, 200, &state("ordered")).await?;
    let order = text(&ordered.body, "/producerOrderId");
    teller.bureau.moves(order, "produced").await?;
    teller.does("bureau", "has made Anna's card and sent it", None);

    let command = |path| Request::post(Role::Operator, path, card_id);
    let refresh = command("/cards/{cardId}/refresh");
    let made = [
        ("/state", json!("produced")),
        ("/why/waitingFor", json!("activation")),
        ("/validUntil", Value::Null),
    ];
    let what = "has the bureau asked: made, and to be activated";
    let made = teller.api(what, refresh, 200, &made).await?;

    let activate = command("/cards/{cardId}/activate").header("if-match", &made.etag);
    let what = "activates it when Anna has it: its validity begins";
    let active = teller.api(what, activate, 200, &state("active")).await?;
    teller.show(&format!(
        "valid until {}",
        text(&active.body, "/validUntil")
    ));

    let reason = json!({ "reason": "Anna is on leave." });
    let aside = command("/cards/{cardId}/deactivate").body(reason);
    let aside = aside.header("if-match", &active.etag);
    let what = "deactivates it while Anna is on leave";
    let inactive = teller
        .api(what, aside.clone(), 200, &state("inactive"))
        .await?;
    let again = command("/cards/{cardId}/reactivate").header("if-match", &inactive.etag);
    let what = "reactivates it when she is back";
    teller.api(what, again, 200, &state("active")).await?;
    let what = "the deactivation comes once more: nothing is undone";
    teller.api(what, aside, 200, &state("active")).await?;

    let lost = json!({ "reason": "Anna has lost it." });
    let lock = command("/cards/{cardId}/lock").body(lost);
    let what = "locks it at once, for good";
    teller.api(what, lock, 200, &state("locked")).await?;
    Ok(())
}
