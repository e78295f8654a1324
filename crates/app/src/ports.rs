//! What the use cases need from outside: one small trait for each capability, so that a signature says
//! what a use case may touch. `crates/aws` has them on AWS.

use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::ops::RangeInclusive;

use cardwright_domain::card::{Card, Event, Failure, StateKind};
use cardwright_domain::email::Message;
use cardwright_domain::ids::{
    Actor, CardId, ClaimToken, EventId, OrderId, ProducerOrderId, ProductionTypeId, UserId,
};
use cardwright_domain::options::Options;
use cardwright_domain::order_status::OrderStatus;
use cardwright_domain::search::Query;
use cardwright_domain::sign_in::SignIn;
use cardwright_domain::time::Time;
use cardwright_domain::user::{EmailAddress, User};
use serde_json::Value;

use crate::error::PortError;

pub type Result<T> = std::result::Result<T, PortError>;

/// Shorthand for the return type of a port's method: the API's edge needs futures that are `Send`.
macro_rules! answer {
    ($type:ty) => { impl Future<Output = Result<$type>> + Send };
}

/// The system clock.
pub trait Clock {
    fn now(&self) -> Time;
}

/// A source of random claim tokens.
pub trait Tokens {
    fn claim_token(&self) -> ClaimToken;
}

// ---- users ----

/// Users that a query found, and where to go on.
#[derive(Debug)]
pub struct FoundUsers {
    pub users: Vec<User>,
    /// The place after the last user, in the store's own terms; `None` at the end.
    pub next: Option<String>,
}

pub trait SearchUsers {
    /// Users in the order of the index, from after `position`, at most `limit`. A page may be short and
    /// have a `next` nevertheless.
    fn search_users(
        &self,
        query: &Query,
        position: Option<&str>,
        limit: usize,
    ) -> answer!(FoundUsers);
}

pub trait ActiveHolders {
    /// Those of the users that are active now, by a strongly consistent read. At most 100 ids.
    fn active_holders(&self, ids: &[UserId]) -> answer!(HashSet<UserId>);
}

/// What is known of a caller, as of one strongly consistent read.
#[derive(Debug)]
pub struct CallerContext {
    /// The one active user who signs in by the caller's name.
    pub user_id: Option<UserId>,
    pub options: Options,
}

pub trait ReadCallerContext {
    /// One request. If several users sign in by one name, it is nobody's.
    fn caller_context(&self, sign_in: SignIn) -> answer!(CallerContext);
}

// ---- cards ----

/// Everything that an order depends on, as of one strongly consistent read.
#[derive(Debug)]
pub struct OrderContext {
    pub user: Option<User>,
    pub options: Options,
    /// The card that the order would make, if it is there already.
    pub card: Option<Card>,
    /// The order that the user's open-order pointer names, whatever has become of it.
    pub open_order: Option<OrderId>,
}

pub trait ReadOrderContext {
    /// One request. `card_id` is left out where no order is meant.
    fn order_context(&self, user_id: &UserId, card_id: Option<CardId>) -> answer!(OrderContext);
}

pub trait ReadCard {
    /// A strongly consistent read.
    fn card(&self, card_id: CardId) -> answer!(Option<Card>);
}

pub trait ListCards {
    /// A user's cards, newest first, at most `limit`.
    fn cards_of_holder(&self, user_id: &UserId, limit: usize) -> answer!(Vec<Card>);

    /// Cards in one of the listed states, those longest in it first, from after `position`. A page may be
    /// short and have a `next` nevertheless.
    fn cards_in_state(
        &self,
        state: StateKind,
        position: Option<&str>,
        limit: usize,
    ) -> answer!(CardsInState);
}

#[derive(Debug)]
pub struct CardsInState {
    pub cards: Vec<Card>,
    pub next: Option<String>,
}

pub trait DueCards {
    /// Cards whose due time has passed, the longest due first, at most `limit`.
    fn due_cards(&self, now: Time, limit: usize) -> answer!(Vec<Card>);
}

pub trait PassedDeadlines {
    /// Cards whose deadline is over, the longest over first, at most `limit`.
    fn passed_deadlines(&self, now: Time, limit: usize) -> answer!(Vec<Card>);
}

pub trait SilentOrders {
    /// Cards that the producer has in hand and of which nothing was heard since this time, the longest
    /// silent first, at most `limit`.
    fn silent_orders(&self, since: Time, limit: usize) -> answer!(Vec<Card>);
}

/// What an event of the producer is about, as of one strongly consistent read.
#[derive(Debug)]
pub struct EventContext {
    /// The event was handled before.
    pub is_known: bool,
    pub card: Option<Card>,
}

pub trait RememberEvents {
    /// One request. `card_id` is left out if the event names none.
    fn event_context(&self, id: &EventId, card_id: Option<CardId>) -> answer!(EventContext);

    /// Remembers that the event was handled, until this time at least.
    fn remember_event(&self, id: &EventId, until: Time) -> answer!(());
}

/// What an order writes, all or nothing.
#[derive(Debug)]
pub struct Placement {
    pub card: Card,
    /// The user must still be active and at this version.
    pub user_id: UserId,
    pub user_version: u64,
    pub guard: OpenOrderGuard,
}

/// How the user's open-order pointer is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenOrderGuard {
    /// The pointer must not have changed since it was seen.
    OnlyIf { seen: Option<OrderId> },
    /// Multiple orders are allowed: the pointer follows the newest.
    Always,
}

impl OpenOrderGuard {
    pub(crate) fn of(options: &Options, seen: Option<OrderId>) -> Self {
        if options.multiple_orders {
            Self::Always
        } else {
            Self::OnlyIf { seen }
        }
    }
}

#[derive(Debug)]
pub enum Placed {
    Done,
    /// The card was there already: an earlier request with the same key made it.
    CardExists(Box<Card>),
    /// The user or the open-order pointer is not as it was seen.
    ContextChanged,
}

pub trait PlaceOrder {
    /// One transaction. A conflict with another transaction is tried again inside.
    fn place_order(&self, placement: &Placement) -> answer!(Placed);
}

/// What the order of a failed card again writes, all or nothing.
#[derive(Debug)]
pub struct Repetition {
    /// The attempt that begins.
    pub order_id: OrderId,
    pub event: Event,
    pub now: Time,
    /// The holder must still be active and at this version.
    pub user_id: UserId,
    pub user_version: u64,
    pub guard: OpenOrderGuard,
}

#[derive(Debug)]
pub enum Repeated {
    Done,
    /// The card's state or a guard forbade it; this is the card as it was.
    Conflict(Box<Card>),
    /// The user or the open-order pointer is not as it was seen.
    ContextChanged,
}

pub trait RepeatOrder {
    /// One transaction. A conflict with another transaction is tried again inside.
    fn repeat_order(&self, repetition: &Repetition) -> answer!(Repeated);
}

#[derive(Debug)]
pub enum Changed {
    /// The event happened; this is the card after it.
    Done(Box<Card>),
    /// The card's state or a guard forbade it; this is the card as it was.
    Conflict(Box<Card>),
    Missing,
}

pub trait ChangeCard {
    /// One conditional write that does what [`Card::on`] does. Nothing is read first.
    fn change_card(&self, card_id: CardId, event: &Event, now: Time) -> answer!(Changed);
}

// ---- options ----

pub trait ReadOptions {
    fn options(&self) -> answer!(Options);
}

/// A change of the options, whole.
#[derive(Debug, Clone)]
pub struct OptionsChange {
    /// What they become, with its version.
    pub options: Options,
    pub at: Time,
    pub by: Actor,
}

pub trait StoreOptions {
    /// Stores the options together with the record of the change, if the stored version is the one
    /// before theirs; `false` if it is not. No record is ever written over.
    fn store_options(&self, change: &OptionsChange) -> answer!(bool);
}

/// The record of a change of the options.
#[derive(Debug, Clone)]
pub struct RecordedChange {
    pub version: u64,
    pub at: Time,
    pub by: Actor,
    /// The options as the release of that time wrote them: it may have known others than this one.
    pub document: Value,
}

pub trait ReadOptionsHistory {
    /// The records of these versions, newest first; a version without one is left out.
    fn options_history(&self, versions: RangeInclusive<u64>) -> answer!(Vec<RecordedChange>);
}

// ---- queues ----

/// Any number of reminders, in as few requests as possible. An error may leave some unsent.
pub trait RemindOfOrders {
    fn remind_of_orders(&self, order_ids: &[OrderId]) -> answer!(());
}

/// As for orders.
pub trait RemindOfEmails {
    fn remind_of_emails(&self, order_ids: &[OrderId]) -> answer!(());
}

/// A message of the order queue.
#[derive(Debug)]
pub struct Received {
    pub receipt: String,
    /// The order it reminds of, or the body as it came if that can't be read.
    pub body: std::result::Result<OrderId, String>,
}

pub trait OrderInbox {
    /// Up to 10 messages. `wait` lets an empty queue be looked at for a second.
    fn receive_orders(&self, wait: bool) -> answer!(Vec<Received>);

    /// Any number of receipts, in as few requests as possible. What is not deleted comes again.
    fn delete_received(&self, receipts: &[String]) -> answer!(());
}

pub trait Quarantine {
    /// Keeps a message that nobody can read, for a person to look at.
    fn quarantine(&self, body: &[u8]) -> answer!(());
}

// ---- the producer ----

/// An order as the producer gets it: no more than the production type's fields.
#[derive(Clone)]
pub struct ProducerOrder {
    pub order_id: OrderId,
    pub production_type: ProductionTypeId,
    pub data: BTreeMap<String, String>,
}

impl std::fmt::Debug for ProducerOrder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProducerOrder")
            .field("order_id", &self.order_id)
            .finish_non_exhaustive()
    }
}

/// What is known of an order after asking. Unknown never becomes a no by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Accepted(ProducerOrderId),
    /// For ever, for this order id.
    Rejected(Failure),
    /// The producer may have it or not.
    Unknown,
}

/// What is known of an order after asking to cancel its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancelled {
    /// The producer has not made it and never will under this key.
    Done,
    TooLate(Answer),
}

/// What the producer says about an order that it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Known(OrderStatus),
    /// It knows no such order, or answers about another one.
    Contradicts,
    Unknown,
}

pub trait Producer {
    /// An answer for each order, in their order. At most [`crate::limits::ORDERS_PER_REQUEST`].
    /// Failures of the wire are answers of `Unknown`, after the retries that the time allows.
    fn submit(&self, orders: &[ProducerOrder]) -> impl Future<Output = Vec<Answer>> + Send;

    /// Fences a key, so that no submit under it, however late, makes a card.
    fn cancel(&self, order_id: OrderId) -> impl Future<Output = Cancelled> + Send;

    /// Whether asking makes sense now: false while the circuit is open.
    fn is_available(&self) -> bool;
}

pub trait FollowOrder {
    /// How far an accepted order is. A failure of the wire is an answer of `Unknown`, after the retries
    /// that the time allows.
    fn status(&self, id: &ProducerOrderId) -> impl Future<Output = Status> + Send;
}

/// A key that producer and product share.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey(Vec<u8>);

impl SigningKey {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The key itself, for the one who signs or checks.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

pub trait SigningKeys {
    /// The keys with which the producer signs its events, one at least; if those known so far did not
    /// fit, read anew, but not for each forged event.
    fn signing_keys(&self, did_not_fit: bool) -> answer!(Vec<SigningKey>);
}

// ---- email ----

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailAnswer {
    Accepted {
        message_id: String,
    },
    /// For good: trying again would not help. The reason has no personal data.
    Rejected {
        reason: String,
    },
    /// Surely not sent, and it may be tried again later.
    Deferred {
        reason: String,
    },
}

pub trait SendMail {
    /// An error means that it is not known whether the message was taken.
    fn send_mail(&self, to: &EmailAddress, message: &Message) -> answer!(MailAnswer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_revealed_to_who_asks_and_in_no_debug_output() {
        let key = SigningKey::new(vec![7, 8]);
        assert_eq!(
            format!("{key:?} {:?}", key.reveal()),
            "SigningKey(redacted) [7, 8]"
        );
    }
}
