//! The adapters on a real DynamoDB API. The first module shows that the emulator is fit to judge
//! the rest.

mod change_card;
mod due_cards;
pub(crate) mod emulator;
mod faults;
mod list_cards;
mod options;
mod order_context;
mod passed_deadlines;
mod place_order;
mod producer_events;
mod repeat_order;
mod search_cost;
mod search_users;
mod silent_orders;
mod stored;
mod user_import;
