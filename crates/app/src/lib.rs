//! The use cases of Cardwright over small ports. DynamoDB decides, SQS only reminds: every right to act
//! comes from a conditional write on the card, and the sweep at the start of every drain tick repairs
//! whatever a lost message or a dead process has left behind.
//!
//! Architecture invariant: no AWS and no HTTP here; time, tokens and everything remote come in by ports.

pub mod abort_order;
pub mod apply;
pub mod card_draft;
pub mod count;
pub mod decide_order;
pub mod drain_orders;
pub mod error;
mod freeze;
pub mod hand_over;
pub mod keep_deadlines;
pub mod limits;
pub mod manage_card;
pub mod manage_options;
#[cfg(test)]
mod memory;
pub mod options_history;
pub mod order_card;
pub mod page;
pub mod ports;
pub mod receive_producer_event;
pub mod refresh_order;
pub mod repeat_order;
pub mod search_users;
pub mod self_service;
pub mod send_card_ordered_email;
pub mod settle_orders;
pub mod sync_orders;
pub mod take_status;
pub mod view_cards;
