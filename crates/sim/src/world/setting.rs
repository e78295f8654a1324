//! Users and options to begin with, and what is asked for. Small, because they are copied often.

use cardwright_app::order_card::OrderRequest;
use cardwright_domain::email::Language;
use cardwright_domain::ids::{Actor, IdempotencyKey, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::production_type::Delivery;
use cardwright_domain::user::{EmailAddress, User, UserState};

const NAME: &str = "Ada";
const NEW_NAME: &str = "Ada Byron";

/// Everything here is a constant text, so a parse that fails is a mistake in this file.
#[expect(clippy::expect_used, reason = "constant texts")]
fn sure<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.expect("a valid text")
}

pub(crate) fn operator() -> Actor {
    sure(Actor::parse("operator"))
}

pub(crate) fn approver() -> Actor {
    sure(Actor::parse("approver"))
}

pub(crate) fn user(number: usize, has_email: bool) -> User {
    let email = has_email.then(address);
    User {
        user_id: sure(UserId::parse(&format!("u{number}"))),
        state: UserState::Active,
        version: 1,
        common_name: NAME.into(),
        given_name: None,
        family_name: None,
        upn: Some(format!("ada{number}")),
        email,
        employee_number: None,
        department: None,
    }
}

/// What the producer would get of the user is not what it was.
pub(crate) fn rename(user: &mut User) {
    let name = if user.common_name == NAME {
        NEW_NAME
    } else {
        NAME
    };
    user.common_name = name.into();
}

/// The user has an address, or none any more.
pub(crate) fn change_address(user: &mut User) {
    user.email = match user.email {
        None => Some(address()),
        Some(_) => None,
    };
}

fn address() -> EmailAddress {
    sure(EmailAddress::parse("a@example.com"))
}

pub(crate) fn options(delivery: Delivery) -> Options {
    let mut options = Options::default();
    options.use_cases.order_card.enabled = true;
    options.use_cases.repeat_order.enabled = true;
    options.card_ordered_email.language = Language::En;
    for production_type in &mut options.production_types {
        production_type.delivery = delivery;
    }
    options
}

/// An order of an operator for one of the users.
pub(crate) fn request(user: &UserId, key: usize, comment: Option<&str>) -> OrderRequest {
    OrderRequest {
        caller: operator(),
        for_self: false,
        key: sure(IdempotencyKey::parse(&format!("k{key}"))),
        user_id: user.clone(),
        production_type: None,
        comment: comment.map(str::to_owned),
    }
}
