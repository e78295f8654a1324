//! What must be true after a run, beyond what the world itself looks at: the harness knows each
//! strike, so it can be stricter.

use cardwright_domain::card::{Card, Email, StateKind};

use super::scenario::Scenario;
use super::stage::GARBAGE;
use crate::world::queue::Queue;
use crate::world::settle::ONE_EMAIL;
use crate::world::state::State;

pub(crate) const RIGHT_END: &str = "a card ends as its situation says";
pub(crate) const KEPT: &str = "a message that nobody can read is kept for a person";

/// The books at the moment when the attack begins.
#[derive(Debug)]
pub(crate) struct Before {
    mails: usize,
    sent: usize,
    garbage: usize,
    stopped: u64,
    made: u64,
}

impl Before {
    pub(crate) fn of(state: &State) -> Self {
        let garbage = |queue: &Queue| queue.messages.iter().filter(|m| m.body.is_err()).count();
        Self {
            mails: state.post.taken.len(),
            sent: sent(state),
            garbage: garbage(&state.orders) + garbage(&state.mails),
            stopped: state.tally.stopped,
            made: state.tally.made,
        }
    }

    /// Whether somebody was told since then that an order is aborted.
    pub(crate) fn aborts_since(&self, state: &State) -> bool {
        state.tally.stopped > self.stopped
    }

    /// Whether the producer made a card since then.
    pub(crate) fn makes_since(&self, state: &State) -> bool {
        state.tally.made > self.made
    }
}

fn sent(state: &State) -> usize {
    let is_sent = |card: &&Card| matches!(card.email, Email::Sent { .. });
    state.cards.values().filter(is_sent).count()
}

/// What a run is held against.
#[derive(Debug)]
pub(crate) struct Audit<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) before: Before,
    /// How many strikes left open whether an email went out.
    pub(crate) windows: usize,
    /// States in which cards may end as well, because of what was done to them.
    pub(crate) may_end: &'static [StateKind],
}

impl Audit<'_> {
    /// Adds what it finds to the world's violations. Gives the number of emails beyond the first of
    /// each card.
    pub(crate) fn check(&self, state: &mut State) -> usize {
        let ends = self.scenario.ends.iter().chain(self.may_end);
        let ends: Vec<_> = ends.copied().collect();
        let wrong = |card: &&Card| !ends.contains(&card.state.kind());
        if let Some(card) = state.cards.values().find(wrong).cloned() {
            let detail = state.shown(&card);
            state.violate(RIGHT_END, detail);
        }
        let mails = state.post.taken.len() - self.before.mails;
        let sent = sent(state) - self.before.sent;
        if mails > sent + self.windows {
            let excused = self.windows;
            let detail = format!("{mails} taken for {sent} cards, {excused} of them excused");
            state.violate(ONE_EMAIL, detail);
        }
        let garbage = |body: &&String| *body == GARBAGE;
        let kept = state.quarantined.iter().filter(garbage).count();
        if kept < self.before.garbage {
            let detail = format!("{kept} of {}", self.before.garbage);
            state.violate(KEPT, detail);
        }
        mails.saturating_sub(sent)
    }
}
