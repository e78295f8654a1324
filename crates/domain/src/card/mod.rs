//! A card and its life. `state` has the states, `event` what may happen, `table` which goes
//! with which, `guard` what else must hold, `step` what changes, `why` what it waits for.

mod event;
mod guard;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
mod state;
mod step;
mod table;
mod timeline;
mod why;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

pub use self::event::Event;
pub use self::guard::{Guard, Refused};
pub use self::state::{CardKind, Claim, Email, Failure, State, StateKind};
pub use self::step::{Due, Step};
pub use self::table::{EventKind, TRANSITIONS};
pub use self::timeline::Entry;
pub use self::why::{WaitingFor, Why};
use crate::email::Language;
use crate::ids::{
    Actor, CardId, OrderAttempt, OrderId, ProducerOrderId, ProductionTypeId, UserId, caseless,
};
use crate::limits::{EMAIL_WAITS, MAX_EMAIL_TRIES};
use crate::order_status::Shipment;
use crate::production_type::{Delivery, default_validity_days};
use crate::time::Time;
use crate::user::EmailAddress;

/// The user for whom a card is made, as they were when it was ordered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub user_id: UserId,
    pub common_name: String,
    pub upn: Option<String>,
    pub email: Option<EmailAddress>,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder")
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

/// One card: what was ordered, how far it is, and everything that happened to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub card_id: CardId,
    pub kind: CardKind,
    #[serde(flatten)]
    pub state: State,
    /// Counts the changes, from 1.
    pub version: u64,
    pub attempt: OrderAttempt,
    /// How often a worker has claimed this attempt. Above 1, an earlier worker may have asked the producer.
    pub claims: u32,
    /// When a worker claimed this attempt for the first time, to ask the producer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_since: Option<Time>,
    pub holder: Option<Holder>,
    pub production_type: ProductionTypeId,
    pub delivery: Delivery,
    /// What is printed and encoded: frozen when the order was taken.
    pub data: BTreeMap<String, String>,
    /// The fields of `data` that the producer gets; no others leave the house.
    pub producer_fields: Vec<String>,
    pub requested_by: Actor,
    /// Before this time no worker takes the card to the producer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub held_until: Option<Time>,
    /// Days from its activation in which the card is valid.
    #[serde(default = "default_validity_days")]
    pub validity_days: u32,
    /// The end of the validity, once the card was activated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_until: Option<Time>,
    /// Who must not decide about the order: its requester and its holder, unless the options let them.
    /// As [`crate::ids::caseless`] has it.
    pub barred_approvers: Vec<String>,
    /// Tells a repeated request from another one under the same key.
    pub request_digest: String,
    pub options_version: u64,
    pub email: Email,
    /// How often a worker has tried to send the email without surely failing.
    pub email_tries: u32,
    pub language: Language,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub producer_order_id: Option<ProducerOrderId>,
    /// How the card travels, once it was produced.
    #[serde(default)]
    pub shipment: Shipment,
    pub created_at: Time,
    pub updated_at: Time,
    /// When the sweep has to look at the card, if anything is left to do by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Time>,
    /// When time ends the state that the card is in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_at: Option<Time>,
    pub timeline: Vec<Entry>,
}

/// What an order freezes of its user and of the options; a repeat may freeze it anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Frozen {
    pub holder: Holder,
    pub data: BTreeMap<String, String>,
    /// The fields of `data` that the producer gets; no others leave the house.
    pub producer_fields: Vec<String>,
    pub barred_approvers: Vec<String>,
    pub options_version: u64,
    pub email: Email,
}

/// Card data is personal.
impl fmt::Debug for Frozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frozen")
            .field("holder", &self.holder)
            .field("options_version", &self.options_version)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// What an order makes a card of, before anything has happened to it.
#[derive(Debug, Clone)]
pub struct NewCard {
    pub card_id: CardId,
    pub frozen: Frozen,
    pub production_type: ProductionTypeId,
    pub delivery: Delivery,
    pub requested_by: Actor,
    pub held_until: Option<Time>,
    pub validity_days: u32,
    pub request_digest: String,
    pub language: Language,
}

/// Who must not decide about an order of this requester for this holder.
#[must_use]
pub fn barred_approvers(requested_by: &Actor, holder: &Holder) -> Vec<String> {
    // Whatever claim names the callers, it is one of these of the holder.
    let address = holder.email.as_ref().map(EmailAddress::as_str);
    let names = [
        Some(requested_by.as_str()),
        Some(holder.user_id.as_str()),
        holder.upn.as_deref(),
        address,
    ];
    let names: BTreeSet<_> = names.into_iter().flatten().map(caseless).collect();
    names.into_iter().collect()
}

impl Card {
    /// A personal card in its first state, which is never stored: an event follows at once.
    #[must_use]
    pub fn register(new: NewCard, now: Time) -> Self {
        let frozen = new.frozen;
        Self {
            card_id: new.card_id,
            kind: CardKind::Personal,
            state: State::Registered,
            version: 0,
            attempt: OrderAttempt::FIRST,
            claims: 0,
            asked_since: None,
            holder: Some(frozen.holder),
            production_type: new.production_type,
            delivery: new.delivery,
            data: frozen.data,
            producer_fields: frozen.producer_fields,
            requested_by: new.requested_by,
            held_until: new.held_until,
            validity_days: new.validity_days,
            valid_until: None,
            barred_approvers: frozen.barred_approvers,
            request_digest: new.request_digest,
            options_version: frozen.options_version,
            email: frozen.email,
            email_tries: 0,
            language: new.language,
            producer_order_id: None,
            shipment: Shipment::default(),
            created_at: now,
            updated_at: now,
            due_at: None,
            deadline_at: None,
            timeline: Vec::new(),
        }
    }

    /// The only way in which a card changes.
    ///
    /// # Errors
    /// The state or a guard forbids the event; the card is unchanged.
    pub fn on(&self, event: &Event, now: Time) -> Result<Self, Refused> {
        event.allowed(self, now)?;
        Ok(self.clone().after(event, now))
    }

    /// Applies an event that is allowed. The store does the same in one conditional write.
    fn after(mut self, event: &Event, now: Time) -> Self {
        let step = event.step();
        if let Some(state) = step.to {
            self.state = state;
        }
        step.due.change(&mut self.due_at);
        step.deadline.change(&mut self.deadline_at);
        self.valid_until = step.valid_until.or(self.valid_until);
        if step.counts_claim {
            self.claims += 1;
            self.asked_since.get_or_insert(now);
        }
        if let Some(requester) = step.new_attempt {
            self.attempt = self.attempt.next();
            self.claims = 0;
            self.asked_since = None;
            self.requested_by = requester;
            self.producer_order_id = None;
        }
        if let Some(frozen) = step.frozen {
            self.holder = Some(frozen.holder);
            self.data = frozen.data;
            self.producer_fields = frozen.producer_fields;
            self.barred_approvers = frozen.barred_approvers;
            self.options_version = frozen.options_version;
            self.email = frozen.email;
        }
        self.email = step.email.unwrap_or(self.email);
        self.email_tries = self.email_tries.saturating_add_signed(step.email_tries);
        self.producer_order_id = step.producer_order_id.or(self.producer_order_id);
        self.shipment = step.shipment.unwrap_or(self.shipment);
        self.holder = step.holder.or(self.holder).filter(|_| !step.drops_holder);
        self.timeline.extend(event.entry(now));
        self.version += 1;
        self.updated_at = now;
        self
    }

    /// Whether one of these events was done by this person, who had seen this version of the card.
    fn was_done_by(&self, by: &Actor, version: Option<u64>, events: &[EventKind]) -> bool {
        self.timeline.iter().any(|entry| {
            events.contains(&entry.event) && entry.by == *by && entry.seen_version == version
        })
    }

    /// Whether the timeline has the line of this very event, for the same reason, whenever it was.
    fn tells_of(&self, event: &Event) -> bool {
        let is_of = |line: &Entry| event.entry(line.at).as_ref() == Some(line);
        self.timeline.iter().any(is_of)
    }

    /// When the email may be tried, which may be before `now`; `None` if it needs no try or has none left.
    #[must_use]
    pub fn next_email_try(&self, now: Time) -> Option<Time> {
        let tries = self.email_tries as usize;
        match &self.email {
            _ if self.email_tries >= MAX_EMAIL_TRIES => None,
            Email::Pending => Some(now),
            Email::Sending { lease_until, .. } => {
                let wait = tries.checked_sub(1).map(|last| EMAIL_WAITS[last]);
                Some(lease_until.plus(wait.unwrap_or_default()))
            }
            Email::Off | Email::Sent { .. } | Email::Undeliverable { .. } => None,
        }
    }

    /// The end of the card's validity, if it is activated now.
    #[must_use]
    pub fn validity_from(&self, now: Time) -> Time {
        now.plus(SignedDuration::from_hours(
            24 * i64::from(self.validity_days),
        ))
    }

    /// What time does to the card when the deadline of its state is over.
    #[must_use]
    pub fn at_deadline(&self, by: Actor) -> Option<Event> {
        match self.state {
            State::Active | State::Inactive => Some(Event::Expire { by }),
            State::Assigned { .. } => Some(Event::EndAssignment { by }),
            State::Registered
            | State::Requested
            | State::Processing { .. }
            | State::Ordered
            | State::InProduction
            | State::Produced
            | State::Locked
            | State::Expired
            | State::Aborted { .. }
            | State::Rejected { .. }
            | State::Failed { .. }
            | State::Unassigned => None,
        }
    }

    /// What the producer knows the present attempt by.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        OrderId {
            card_id: self.card_id,
            attempt: self.attempt,
        }
    }

    /// The producer's name for the order, while it is the producer's turn.
    #[must_use]
    pub fn in_producers_hands(&self) -> Option<&ProducerOrderId> {
        let state = self.state.kind();
        let in_hand = matches!(state, StateKind::Ordered | StateKind::InProduction);
        self.producer_order_id.as_ref().filter(|_| in_hand)
    }

    /// Whether an operator could abort the card now.
    #[must_use]
    pub fn abortable(&self) -> bool {
        matches!(
            self.state,
            State::Requested | State::Processing { claim: None }
        )
    }

    /// Whether the hold time of the card is still running.
    #[must_use]
    pub fn is_held(&self, now: Time) -> bool {
        self.held_until.is_some_and(|until| now < until)
    }

    #[must_use]
    pub fn is_held_by(&self, user_id: &UserId) -> bool {
        let holder = self.holder.as_ref();
        holder.is_some_and(|holder| holder.user_id == *user_id)
    }

    /// Whether the card counts as an open order of its holder.
    #[must_use]
    pub fn is_open_order(&self) -> bool {
        self.state.kind().is_open_order()
    }
}

/// Card data is personal: only what identifies the record is shown.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("card_id", &self.card_id)
            .field("state", &self.state)
            .field("version", &self.version)
            .field("email", &self.email)
            .field("due_at", &self.due_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
