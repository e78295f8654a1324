//! The HTTP edge: which function answers which route, who calls, and how results and refusals look.
//!
//! | module | what |
//! | --- | --- |
//! | [`edge`] | one invocation from event to response: identity, route, headers, log line |
//! | [`event`] | what the gateway sends and takes |
//! | [`call`], `parameters`, `body` | what a route reads from a request |
//! | [`caller`] | who calls and with which roles |
//! | [`webhook`] | requests that their sender has signed |
//! | [`problem`] | every refusal, as `docs/problems/` describes it |
//! | `representations` | what the answers show |
//! | [`search_users`], [`order_card`], [`abort_order`], [`decide_order`] | the routes of these functions |
//! | [`repeat_order`], [`refresh_order`], [`receive_producer_event`] | the routes of these |
//! | [`manage_card`], [`view_cards`], [`manage_options`] | the routes of these |
//!
//! A request is refused in one order: identity, route, role, path, parameters, headers, body, and
//! only then the tables (`docs/api-design.md`). Each route reads in that order.
//!
//! Architecture invariant: no other crate knows what the API looks like on HTTP, and this one knows
//! of AWS only the shape of the gateway's events.

pub mod abort_order;
mod body;
pub mod call;
pub mod caller;
pub mod decide_order;
pub mod edge;
pub mod event;
mod limits;
pub mod manage_card;
pub mod manage_options;
pub mod order_card;
mod parameters;
pub mod problem;
pub mod receive_producer_event;
pub mod refresh_order;
pub mod repeat_order;
pub mod reply;
mod representations;
pub mod search_users;
pub mod view_cards;
pub mod webhook;
