//! What can happen next: a process makes its call, or dies; a request that outlived its sender
//! arrives; time passes; the queues lie; the holder leaves.

use super::config::{Config, Role};
use super::process::{Answer, Source, is_wanted_by_people, request};
use super::services::{Landed, land, ways};
use super::state::{Card, Decision, Due, Kind, MESSAGES, PROCS, Pc, Proc, Request, State, WIRE};
use super::triples::Change;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum How {
    Answered,
    /// It took effect, and the process learns nothing.
    AnswerLost,
    /// It took no effect, and the process learns nothing.
    Failed,
    /// It is still on the wire when the process gives up waiting.
    Late,
    /// It took effect, the answer was lost, and the client library asks again.
    AnsweredAgain,
    /// It is still on the wire, and the client library asks again.
    LateAndAgain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Action {
    Wake { who: u8, source: Source },
    Call { who: u8, how: How, way: u8 },
    Die { who: u8, request_lives: bool },
    Land { slot: u8, way: u8 },
    TimePasses,
    HolderLeaves,
    OrderReminderLost,
    OrderReminderDoubled,
    EmailReminderLost,
    EmailReminderDoubled,
}

/// A state that can follow, and what the step did to the card.
pub(super) struct Next {
    pub(super) state: State,
    pub(super) change: Option<Change>,
}

impl Config {
    pub(super) fn first_states(&self) -> Vec<State> {
        let mut procs = [Proc::at(Pc::Declined); PROCS];
        for (proc, role) in procs.iter_mut().zip(&self.roles) {
            *proc = Proc::at(role.begins(self));
        }
        let state = |email| State {
            card: Card {
                kind: Kind::Absent,
                attempt: 0,
                claims: 0,
                email,
                tries: 0,
                due: Due::No,
            },
            procs,
            wire: [None; WIRE],
            orders: 0,
            mails: 0,
            decisions: [Decision::Open; 3],
            holder_active: true,
            crashes: self.crashes,
            losses: self.losses,
            made: [0; 3],
            placed: 0,
            taken: 0,
            uncertain: 0,
            overstepped: false,
            repeated: 0,
            unapproved: false,
        };
        self.wishes.iter().map(|wish| state(wish.email())).collect()
    }

    /// Calls `found` with every action that may be possible. [`Config::after`] has the last word.
    pub(super) fn actions(&self, state: &State, mut found: impl FnMut(Action)) {
        found(Action::TimePasses);
        for who in 0..self.roles.len() {
            self.actions_of(state, who, &mut found);
        }
        for slot in 0..WIRE {
            if let Some(request) = state.wire[slot] {
                for way in 0..ways(self, state, request, true) {
                    let slot = u8::try_from(slot).unwrap_or(0);
                    found(Action::Land { slot, way });
                }
            }
        }
        if self.holder_leaves && state.holder_active {
            found(Action::HolderLeaves);
        }
        if self.queues_lie && state.losses > 0 {
            found(Action::OrderReminderLost);
            found(Action::OrderReminderDoubled);
            found(Action::EmailReminderLost);
            found(Action::EmailReminderDoubled);
        }
    }

    fn actions_of(&self, state: &State, index: usize, found: &mut impl FnMut(Action)) {
        let who = u8::try_from(index).unwrap_or(0);
        if state.procs[index].pc == Pc::Idle {
            for source in [Source::Queue, Source::Sweep] {
                found(Action::Wake { who, source });
            }
            return;
        }
        let Some(request) = request(self, state, index) else {
            return;
        };
        let safe = !self.submit_fails && self.role(index) == Some(Role::Submit);
        for way in 0..ways(self, state, request, false) {
            let how = How::Answered;
            found(Action::Call { who, how, way });
            if state.losses > 0 && !safe {
                let how = How::AnswerLost;
                found(Action::Call { who, how, way });
                let how = How::AnsweredAgain;
                found(Action::Call { who, how, way });
            }
        }
        if safe {
            return;
        }
        if state.losses > 0 {
            for how in [How::Failed, How::Late, How::LateAndAgain] {
                found(Action::Call { who, how, way: 0 });
            }
        }
        if state.crashes > 0 {
            for request_lives in [false, true] {
                found(Action::Die { who, request_lives });
            }
        }
    }

    /// The state after the action, if it is possible.
    pub(super) fn after(&self, before: &State, action: Action) -> Option<Next> {
        let mut state = *before;
        let mut change = None;
        match action {
            Action::Wake { who, source } => {
                state.wake(self, usize::from(who), source).then_some(())
            }
            Action::Call { who, how, way } => {
                let next = self.call(before, usize::from(who), how, way)?;
                (state, change) = (next.state, next.change);
                Some(())
            }
            Action::Die { who, request_lives } => {
                let who = usize::from(who);
                let request = request(self, &state, who)?;
                state.crashes = state.crashes.checked_sub(1)?;
                let leaves = !request_lives || (matters_late(request) && state.outlives(request));
                state.die(self, who);
                leaves.then_some(())
            }
            Action::Land { slot, way } => {
                let request = state.wire[usize::from(slot)].take()?;
                let landed = land(self, &state, request, way, true)?;
                (state, change) = (landed.state, landed.change);
                Some(())
            }
            Action::TimePasses => state.time_passes(),
            Action::HolderLeaves => {
                state.holder_active = false;
                Some(())
            }
            Action::OrderReminderLost => state.lies().and_then(|state| take(&mut state.orders)),
            Action::OrderReminderDoubled => state.lies().and_then(|state| add(&mut state.orders)),
            Action::EmailReminderLost => state.lies().and_then(|state| take(&mut state.mails)),
            Action::EmailReminderDoubled => state.lies().and_then(|state| add(&mut state.mails)),
        }?;
        let state = state.normal();
        (state != *before).then_some(Next { state, change })
    }

    fn call(&self, before: &State, who: usize, how: How, way: u8) -> Option<Next> {
        let request = request(self, before, who)?;
        let mut state = *before;
        if how != How::Answered {
            state.losses = state.losses.checked_sub(1)?;
        }
        let lands = matches!(how, How::Answered | How::AnswerLost | How::AnsweredAgain);
        let mut change = None;
        let mut answer = Answer::Error;
        if lands {
            let landed: Landed = land(self, &state, request, way, false)?;
            (state, answer, change) = (landed.state, landed.answer, landed.change);
            // An answer that says nothing is the same as none: there is another step for it.
            if answer == Answer::Error {
                return None;
            }
        }
        match how {
            How::Answered => state.resume(self, who, answer),
            How::AnswerLost if matters_late(request) => {
                if request == Request::Mail && answer == Answer::Accepted {
                    state.is_uncertain();
                }
                state.resume(self, who, Answer::Error);
            }
            How::Failed => state.resume(self, who, Answer::Error),
            How::Late if matters_late(request) && state.outlives(request) => {
                state.resume(self, who, Answer::Error);
            }
            // The mail service's client does not ask again by itself.
            How::AnsweredAgain if matters_late(request) && request != Request::Mail => {
                state.procs[who].asked = request.claim_seen();
            }
            How::LateAndAgain
                if matters_late(request) && request != Request::Mail && state.outlives(request) =>
            {
                state.procs[who].asked = request.claim_seen();
            }
            _ => return None,
        }
        Some(Next { state, change })
    }

    /// Whether the system does it by itself: no person, no fault, no request that lingers on the
    /// wire.
    pub(super) fn is_by_itself(&self, before: &State, action: Action) -> bool {
        match action {
            Action::Wake { .. } | Action::TimePasses => true,
            Action::Call {
                who,
                how: How::Answered,
                ..
            } => !is_wanted_by_people(self, before, usize::from(who)),
            _ => false,
        }
    }
}

/// Whether it makes a difference when the request takes effect: not for reads, nor for reminders,
/// which the queues lose and double anyway.
fn matters_late(request: Request) -> bool {
    !matches!(
        request,
        Request::Check
            | Request::Delete
            | Request::RemindOfOrder
            | Request::RemindOfEmail
            | Request::LookAtCard
            | Request::LookAtProducer
    )
}

fn take(messages: &mut u8) -> Option<()> {
    *messages = messages.checked_sub(1)?;
    Some(())
}

fn add(messages: &mut u8) -> Option<()> {
    if *messages == 0 || *messages == MESSAGES {
        return None;
    }
    *messages += 1;
    Some(())
}

impl State {
    fn lies(&mut self) -> Option<&mut Self> {
        self.losses = self.losses.checked_sub(1)?;
        Some(self)
    }
}
