//! What the audit judges: what the clients were told, and what is there in the end.

use std::collections::BTreeMap;

use cardwright_domain::card::Card;
use cardwright_domain::ids::{CardId, OrderId};
use cardwright_domain::time::Time;

/// A client was told 201.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub(super) key: String,
    pub(super) card_id: CardId,
}

/// An order that the bureau has accepted.
#[derive(Debug, Clone)]
pub(super) struct BureauOrder {
    pub(super) order_id: OrderId,
    pub(super) producer_order_id: String,
    /// How often it was submitted.
    pub(super) submits: u64,
}

/// A mail that the mail service has taken.
#[derive(Debug, Clone)]
pub(super) struct Mail {
    /// The reference in its text.
    pub(super) producer_order_id: String,
    pub(super) at: Time,
}

/// Something that was done to the mail function, or to one of its calls.
#[derive(Debug, Clone)]
pub(super) struct Disturbance {
    /// The card whose email it concerns, if that is known.
    pub(super) card_id: Option<CardId>,
    pub(super) from: Time,
    pub(super) until: Time,
    pub(super) what: String,
    /// How many emails it can have doubled.
    pub(super) emails: usize,
}

#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) answers: Vec<Answered>,
    /// Cards whose abort or rejection was answered 200.
    pub(super) stopped: Vec<CardId>,
    pub(super) cards: BTreeMap<CardId, Card>,
    pub(super) bureau: Vec<BureauOrder>,
    pub(super) mails: Vec<Mail>,
    /// How many messages each queue holds.
    pub(super) queues: Vec<(&'static str, u64)>,
    /// The best evidence first.
    pub(super) disturbances: Vec<Disturbance>,
}

impl Evidence {
    /// The card that a mail is about.
    pub(super) fn card_of(&self, mail: &Mail) -> Option<CardId> {
        let order_id = mail.producer_order_id.strip_prefix("P-")?;
        let order_id: OrderId = order_id.parse().ok()?;
        self.cards
            .contains_key(&order_id.card_id)
            .then_some(order_id.card_id)
    }
}
