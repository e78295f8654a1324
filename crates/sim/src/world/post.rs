//! The mail service: takes messages, knows no token against repeats, and counts what it took.

use cardwright_domain::email::Message;
use cardwright_domain::ids::OrderId;

use super::state::WorkerId;

/// The label in front of the producer's own name for the order (crates/domain/src/email.rs).
const REFERENCE: &str = "Order reference: ";

#[derive(Debug, Clone, Copy)]
pub(crate) struct Mail {
    /// `None` if the email names no order that the producer knows.
    pub(crate) order: Option<OrderId>,
    pub(crate) sender: WorkerId,
}

#[derive(Debug, Default)]
pub(crate) struct Post {
    pub(crate) taken: Vec<Mail>,
}

/// What the email says the producer calls the order.
pub(crate) fn reference(message: &Message) -> &str {
    let mut lines = message.text.lines().rev();
    let line = lines.find_map(|line| line.strip_prefix(REFERENCE));
    line.unwrap_or_default()
}
