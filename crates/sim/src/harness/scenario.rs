//! A situation, and what is set going in it.

use cardwright_app::decide_order::Decision;
use cardwright_domain::card::StateKind;
use cardwright_domain::production_type::Delivery;

use super::stage;
use crate::world::executor::Executor;
use crate::world::fault::{Call, Fault};
use crate::world::setting::operator;

/// A process to start. The number is the user's, and the key's as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Order(usize),
    /// The same key and user, another body.
    OrderOther(usize),
    /// A second order for the user, under a key of its own.
    OrderNext(usize),
    Abort(usize),
    /// An approver decides about the order as it was made.
    Approve(usize),
    Reject(usize),
    /// An approver decides about all that wait, in one request.
    ApproveAll,
    RejectAll,
    /// An operator orders the card again, as it was when its first attempt had failed.
    Repeat(usize),
    /// The same with data frozen anew.
    Refresh(usize),
    /// An operator orders the card again as it is now.
    RepeatNow(usize),
    /// The same with data frozen anew.
    RefreshNow(usize),
    Tick,
    /// The function that sends emails, once for each message that is visible.
    Mails,
}

impl Start {
    pub(crate) fn start(self, executor: &mut Executor) {
        match self {
            Self::Order(user) => {
                executor.order(stage::request(user));
            }
            Self::OrderOther(user) => {
                executor.order(stage::other_request(user));
            }
            Self::OrderNext(user) => {
                executor.order(stage::next_request(user));
            }
            Self::Abort(user) => {
                executor.abort(stage::card_id(user), operator());
            }
            Self::Approve(user) => {
                let decision = Decision::Approve { comment: None };
                executor.decide(stage::seen(user), decision);
            }
            Self::Reject(user) => {
                let reason = "no".into();
                executor.decide(stage::seen(user), Decision::Reject { reason });
            }
            Self::ApproveAll => {
                let seen = executor.world.state().waiting_for_approval();
                executor.decide_many(seen, Decision::Approve { comment: None });
            }
            Self::RejectAll => {
                let seen = executor.world.state().waiting_for_approval();
                let reason = "no".into();
                executor.decide_many(seen, Decision::Reject { reason });
            }
            Self::Repeat(user) => {
                executor.repeat(stage::seen_failed(user), false);
            }
            Self::Refresh(user) => {
                executor.repeat(stage::seen_failed(user), true);
            }
            Self::RepeatNow(user) => {
                executor.repeat(stage::seen_now(executor, user), false);
            }
            Self::RefreshNow(user) => {
                executor.repeat(stage::seen_now(executor, user), true);
            }
            Self::Tick => {
                executor.tick();
            }
            Self::Mails => stage::deliver_mails(executor),
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) delivery: Delivery,
    /// Brings the world into the situation. Nothing is struck there.
    pub(crate) before: fn(&mut Executor),
    /// What is under attack.
    pub(crate) runs: &'static [Start],
    /// Faults that are part of the situation: they befall each such call of `runs`.
    pub(crate) given: &'static [(Call, Fault)],
    /// What people do next, whatever they were answered.
    pub(crate) again: &'static [Start],
    /// The states in which cards may end.
    pub(crate) ends: &'static [StateKind],
}

impl Scenario {
    /// Where most scenarios begin: nothing has happened yet.
    pub(super) const PLAIN: Self = Self {
        name: "",
        delivery: Delivery::Queue,
        before: |_| {},
        runs: &[],
        given: &[],
        again: &[],
        ends: &[StateKind::Ordered],
    };

    pub(crate) fn stage(&self) -> Executor {
        let mut executor = stage::world(self.delivery);
        (self.before)(&mut executor);
        executor
    }
}
