//! What must hold in every state. That every state can still settle is the backward pass's to show.

use super::config::{Config, Role};
use super::state::{Card, Decision, Due, Email, Kind, NoMail, Pc, State, Why};

/// A promise, and whether it is kept.
pub(super) type Rule = (&'static str, fn(&Config, &State) -> bool);

pub(super) const RULES: &[Rule] = &[
    ("one producer order for an order id", |_, state| {
        state.made.iter().all(|made| *made <= 1)
    }),
    ("a card is made once, whatever was repeated", |_, state| {
        state.made_at_all() <= 1
    }),
    ("an aborted card is never made", aborted_is_never_made),
    ("a rejected request is never made", rejected_is_never_made),
    ("ordered only if the producer has it", |_, state| {
        state.card.kind != Kind::Ordered || state.made[state.attempt()] == 1
    }),
    ("failed only if the producer never makes it", failed_is_true),
    ("an answered order is there", answered_is_there),
    ("one card for a key", |_, state| state.placed <= 1),
    ("a second email only in the named window", |_, state| {
        state.taken <= 1 + state.uncertain
    }),
    ("no more emails than tries", |config, state| {
        state.taken <= config.email_tries
    }),
    ("an email only for an ordered card", |_, state| {
        state.taken == 0 || state.card.kind == Kind::Ordered
    }),
    ("what is said of the email is true", email_is_true),
    ("due if and only if work is left", |_, state| {
        (state.card.due != Due::No) == state.card.work_is_left()
    }),
    ("nobody decides who may not", |_, state| !state.overstepped),
    ("a repeat is of the attempt that was seen", |_, state| {
        state.repeated == 0
    }),
    ("what is made was approved as it is", |_, state| {
        !state.unapproved || state.made[state.attempt()] == 0
    }),
];

impl Card {
    fn work_is_left(&self) -> bool {
        match self.kind {
            Kind::Queued | Kind::Claimed(_) => true,
            Kind::Ordered => self.email_waits(),
            Kind::Absent
            | Kind::Requested
            | Kind::Aborted(_)
            | Kind::Rejected
            | Kind::Failed(_) => false,
        }
    }
}

impl State {
    fn attempt(&self) -> usize {
        usize::from(self.card.attempt)
    }

    /// Nothing is left to do unless a person wants something: the end of the story, or an order
    /// that nobody was promised, or a request that waits for its approver.
    pub(super) fn is_settled(&self) -> bool {
        !self.card.work_is_left() && self.card.due == Due::No
    }
}

fn answered_yes(config: &Config, state: &State, wanted: fn(Role) -> bool) -> bool {
    let procs = config.roles.iter().zip(&state.procs);
    procs
        .filter(|(role, _)| wanted(**role))
        .any(|(_, proc)| proc.pc == Pc::Yes)
}

fn aborted_is_never_made(config: &Config, state: &State) -> bool {
    let told = answered_yes(config, state, |role| {
        matches!(role, Role::Abort(_) | Role::CloseByHand)
    });
    let aborted = matches!(state.card.kind, Kind::Aborted(_));
    !(told || aborted) || state.made_at_all() == 0
}

fn rejected_is_never_made(config: &Config, state: &State) -> bool {
    let told = answered_yes(config, state, |role| matches!(role, Role::Reject(_)));
    let rejected = state.card.kind == Kind::Rejected;
    !(told || rejected) || (state.made_at_all() == 0 && rejected)
}

fn failed_is_true(_: &Config, state: &State) -> bool {
    let attempt = state.attempt();
    // Attempts before this one have failed.
    let before = state.made.iter().take(attempt).all(|made| *made == 0);
    let decision = state.decisions[attempt];
    let refused = matches!(decision, Decision::Rejected | Decision::Cancelled);
    before
        && match state.card.kind {
            Kind::Failed(Why::Refused) => state.made[attempt] == 0 && refused,
            Kind::Failed(Why::Inactive) => state.made[attempt] == 0,
            _ => true,
        }
}

fn answered_is_there(config: &Config, state: &State) -> bool {
    let mut procs = config.roles.iter().zip(&state.procs);
    state.card.kind != Kind::Absent
        || !procs.any(|(role, proc)| *role == Role::Submit && proc.pc == Pc::Answered)
}

fn email_is_true(config: &Config, state: &State) -> bool {
    let certain = state.taken.saturating_sub(state.uncertain);
    match state.card.email {
        Email::Sent => state.taken > 0,
        Email::Undeliverable(NoMail::NoAddress) => state.taken == 0,
        Email::Undeliverable(NoMail::Refused) => certain == 0,
        Email::Undeliverable(NoMail::GivenUp) => {
            certain == 0 && state.card.tries >= config.email_tries
        }
        Email::Off | Email::Pending | Email::Sending { .. } => true,
    }
}
