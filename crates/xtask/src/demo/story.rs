//! The story, chapter by chapter. Each step says who does what, and what must come of it.

mod faults;
mod handing_over;
mod in_use;
mod ordering;

use serde_json::{Value, json};

use super::request::{Answer, Request};
use super::teller::Teller;
use crate::error::Error;
use crate::token::Role;
use crate::users::well_known::WellKnown;

pub(super) async fn tell(teller: &mut Teller<'_>) -> Result<(), Error> {
    ordering::nothing_without_the_administrator(teller).await?;
    ordering::find(teller).await?;
    let anna = ordering::order_once(teller).await?;
    ordering::what_an_order_needs(teller).await?;
    ordering::abort(teller).await?;
    handing_over::drain_and_mail(teller, &anna).await?;
    handing_over::rejected_by_the_bureau(teller).await?;
    faults::bureau_stumbles(teller).await?;
    faults::garbage(teller).await?;
    faults::bureau_is_down(teller).await?;
    handing_over::direct_delivery(teller).await?;
    in_use::from_the_bureau_to_the_lock(teller, &anna).await?;
    faults::one_order_each(teller).await
}

fn administrator_gets(path: &'static str) -> Request {
    Request::get(Role::Administrator, path, "")
}

fn operator_gets(path: &'static str, parameter: &str) -> Request {
    Request::get(Role::Operator, path, parameter)
}

fn profile(user: &WellKnown) -> Request {
    operator_gets("/users/{userId}", user.user_id)
}

fn get_card(card_id: &str) -> Request {
    operator_gets("/cards/{cardId}", card_id)
}

/// What is printed on a user's card by the default mapping.
fn card_data(user: &WellKnown) -> Value {
    json!({ "commonName": user.common_name(), "upn": user.address })
}

fn order(holder: &WellKnown, key: &str, body: Value) -> Request {
    Request::post(Role::Operator, "/users/{userId}/cards", holder.user_id)
        .header("idempotency-key", key)
        .body(body)
}

fn abort(card_id: &str) -> Request {
    Request::post(Role::Operator, "/cards/{cardId}/abort", card_id)
}

/// Replaces the options: those that were read, with one change.
fn change_options(seen: &Answer, pointer: &str, value: Value) -> Request {
    let mut options = seen.body.clone();
    if let Some(place) = options.pointer_mut(pointer) {
        *place = value;
    }
    Request::put(Role::Administrator, "/options")
        .header("if-match", &seen.etag)
        .body(options)
}

/// The type of a problem, as an expected value.
fn problem(slug: &str) -> Value {
    json!(cardwright_domain::refusal::problem_type(slug))
}
