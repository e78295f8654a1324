//! After the faults: late requests arrive, time passes, ticks run as the schedule has them and mails are
//! delivered. Within a bounded time everything must be settled, and then the books must balance.

use cardwright_domain::card::{Card, Email, EventKind, StateKind};
use cardwright_domain::ids::{OrderAttempt, OrderId};
use cardwright_domain::limits::{EMAIL_WAITS, MAX_EMAIL_TRIES};
use jiff::SignedDuration;

use super::chance::SilentMail;
use super::executor::Executor;
use super::fault::Calm;
use super::promises::{NEVER_TWICE, TRUE_STATE};
use super::queue::Queue;
use super::state::State;

pub(crate) const NEVER_LOST: &str = "every accepted order ends ordered, failed or aborted";
pub(crate) const ONE_TICK: &str = "one tick takes care of all that is due";
pub(crate) const ONE_EMAIL: &str =
    "one email per ordered card, a second one only in the named window";
pub(crate) const QUEUES_EMPTY: &str = "all messages are dealt with";

/// A silence of the mail service that no email is lost in. Less than the waits between the tries of an
/// email, because faults may have used up some of these before.
pub(crate) const OUTLASTED_SILENCE: SignedDuration = SignedDuration::from_hours(6);

/// How often the scheduler starts a drain (infra/template.yaml).
const TICK: SignedDuration = SignedDuration::from_secs(60);

/// Ticks until all is settled, at most. The longest way is one of leases, graces and visibility
/// timeouts: each try of an email has a lease, a wait and a grace.
const TICKS: u32 = 40;

impl Executor {
    /// Nothing goes wrong from here on. Checks that everything settles, and that it settled rightly.
    pub(crate) fn settle(&mut self) {
        self.calm();
        // What was on its way has met its fault already; from now on there is none left.
        self.run();
        let mail_answers = {
            let mut state = self.world.state();
            state.calm = true;
            state.now.plus(state.mail_silence)
        };
        let mut ticks = 0;
        while !self.world.state().is_settled() {
            if ticks == TICKS {
                let mut state = self.world.state();
                let left = state.unsettled();
                state.violate(NEVER_LOST, left);
                break;
            }
            ticks += 1;
            self.wait();
            let mut state = self.world.state();
            if state.now >= mail_answers {
                state.hook = Box::new(Calm);
            }
            drop(state);
            self.tick_in_peace();
        }
        self.world.state().check_books();
    }

    /// Faults end: whatever is still on its way arrives, and the producer can be reached.
    fn calm(&mut self) {
        let mut state = self.world.state();
        state.hook = if state.mail_silence.is_zero() {
            Box::new(Calm)
        } else {
            Box::new(SilentMail)
        };
        state.bureau_available = true;
        state.note(|_| "from here on nothing goes wrong".into());
        while !state.late.is_empty() {
            state.land(0);
        }
    }

    /// Until the first tick that finds something to do; those before it are left out.
    fn wait(&mut self) {
        let state = self.world.state();
        let due = state.cards.values().filter_map(|card| card.due_at);
        let visible = [&state.orders, &state.mails];
        let visible = visible.into_iter().filter_map(Queue::next_visible);
        let first = due.chain(visible).min().unwrap_or(state.now);
        let away = first.since(state.now).as_secs().max(0);
        drop(state);
        let ticks = away / TICK.as_secs() + 1;
        self.pass(SignedDuration::from_secs(ticks * TICK.as_secs()));
    }

    /// One tick and all emails that can be delivered after it.
    fn tick_in_peace(&mut self) {
        self.tick();
        self.run();
        let mut state = self.world.state();
        let now = state.now;
        let due = state
            .cards
            .values()
            .find(|card| card.due_at.is_some_and(|due| due <= now));
        if let Some(shown) = due.map(|card| state.shown(card)) {
            state.violate(ONE_TICK, shown);
        }
        let State { mails, rng, .. } = &mut *state;
        let messages = mails.receive(usize::MAX, now, rng);
        drop(state);
        for message in messages {
            self.mail(message);
        }
        self.run();
    }
}

impl State {
    pub(crate) fn is_settled(&self) -> bool {
        let waits =
            |card: &Card| card.due_at.is_some() || card.state.kind() == StateKind::Processing;
        !self.cards.values().any(waits)
            && self.orders.messages.is_empty()
            && self.mails.messages.is_empty()
    }

    /// Whether a drain that began now would find anything to do.
    pub(crate) fn has_work(&self) -> bool {
        let due = |card: &Card| card.due_at.is_some_and(|due| due <= self.now);
        let visible = self.orders.next_visible();
        self.cards.values().any(due) || visible.is_some_and(|time| time <= self.now)
    }

    fn unsettled(&self) -> String {
        let waits =
            |card: &&Card| card.due_at.is_some() || card.state.kind() == StateKind::Processing;
        let cards = self
            .cards
            .values()
            .filter(waits)
            .map(|card| self.shown(card));
        let cards: Vec<_> = cards.collect();
        let (orders, mails) = (self.orders.messages.len(), self.mails.messages.len());
        format!("{cards:?}, {orders} messages of orders, {mails} of emails")
    }

    /// Everything that must be true once nothing is on its way any more.
    pub(crate) fn check_books(&mut self) {
        let missing = self
            .told
            .ordered
            .keys()
            .find(|id| !self.cards.contains_key(id));
        if let Some(name) = missing.map(|id| self.card_name(*id)) {
            self.violate(
                NEVER_LOST,
                format!("{name} was answered 201 and is not there"),
            );
        }
        if !self.orders.dead.is_empty() && !self.told.queue_lied {
            self.violate(
                QUEUES_EMPTY,
                "receives alone led to the dead-letter queue".into(),
            );
        }
        let cards: Vec<_> = self.cards.values().cloned().collect();
        for card in &cards {
            self.check_orders(card);
            self.check_emails(card);
        }
    }

    /// What the producer made of a card, attempt by attempt.
    fn check_orders(&mut self, card: &Card) {
        for attempt in 1..=card.attempt.0 {
            let order_id = OrderId {
                card_id: card.card_id,
                attempt: OrderAttempt(attempt),
            };
            let made = self.bureau.made(order_id);
            let wanted = match card.state.kind() {
                // An attempt that the producer took and failed to make.
                _ if attempt < card.attempt.0 || card.state.kind() == StateKind::Failed => {
                    u32::from(failed_in_production(card, attempt))
                }
                StateKind::Requested | StateKind::Rejected | StateKind::Aborted => 0,
                _ => 1,
            };
            if made > 1 {
                self.violate(NEVER_TWICE, self.shown(card));
            } else if made != wanted {
                self.violate(TRUE_STATE, format!("{made} made: {}", self.shown(card)));
            }
        }
    }

    fn check_emails(&mut self, card: &Card) {
        let of_card = |mail: &&super::post::Mail| {
            mail.order
                .is_some_and(|order| order.card_id == card.card_id)
        };
        let mails: Vec<_> = self.post.taken.iter().filter(of_card).copied().collect();
        let excused = mails
            .iter()
            .filter(|mail| self.process(mail.sender).email_uncertain);
        let excused = excused.count();
        let was_ordered = card.producer_order_id.is_some();
        let right = match &card.email {
            Email::Off => mails.is_empty(),
            Email::Pending => mails.is_empty() && !was_ordered,
            Email::Sending { .. } => false,
            Email::Sent { .. } => !mails.is_empty() && mails.len() - excused <= 1,
            // Given up after so many tries without a clear answer, or refused, perhaps after such tries.
            Email::Undeliverable { .. } => mails.len() == excused,
        };
        let tries = card.email_tries <= MAX_EMAIL_TRIES;
        if !right || !tries {
            let detail = format!(
                "{} taken, {excused} uncertain: {}",
                mails.len(),
                self.shown(card)
            );
            self.violate(ONE_EMAIL, detail);
        }
        if card.email == Email::given_up() {
            let lost = mails.is_empty() && self.mail_silence <= OUTLASTED_SILENCE;
            self.tally.given_up += 1;
            self.tally.given_up_unsent += u64::from(lost);
            self.check_patience(card);
        }
        self.tally.second_emails += (mails.len() as u64).saturating_sub(1);
    }

    /// No email is given up before the waits between its tries are over.
    fn check_patience(&mut self, card: &Card) {
        let at = |event| {
            let mut entries = card.timeline.iter();
            entries
                .find(|entry| entry.event == event)
                .map(|entry| entry.at)
        };
        let (ordered, given_up) = (at(EventKind::Accept), at(EventKind::EmailGivenUp));
        let patience = EMAIL_WAITS.iter().copied().sum::<SignedDuration>();
        let waited = ordered.zip(given_up).map(|(from, to)| to.since(from));
        if waited.is_none_or(|waited| waited < patience) {
            self.violate(ONE_EMAIL, format!("given up early: {}", self.shown(card)));
        }
    }
}

/// Whether the producer took this attempt and failed to make it later.
fn failed_in_production(card: &Card, attempt: u32) -> bool {
    let ends = card.timeline.iter().filter(|entry| {
        matches!(
            entry.event,
            EventKind::Refuse | EventKind::HolderInactive | EventKind::ProductionFailed
        )
    });
    let end = ends
        .skip(attempt as usize - 1)
        .map(|entry| entry.event)
        .next();
    end == Some(EventKind::ProductionFailed)
}
