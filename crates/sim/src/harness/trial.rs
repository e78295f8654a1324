//! One run of a scenario: the situation, the processes under attack with at most one strike, then
//! what the world does about it by itself, with at most one strike more, until nothing is due.

use cardwright_app::limits::CLAIM_LEASE;
use cardwright_domain::card::{Card, StateKind};
use jiff::SignedDuration;

use super::audit::{Audit, Before};
use super::scenario::{Scenario, Start};
use super::script::{Gait, Script, Seen, Strike};
use super::stage::deliver_mails;
use crate::world::executor::{Executor, Stepped};
use crate::world::fault::Fault;
use crate::world::flaw::Flaw;
use crate::world::settle::ONE_TICK;
use crate::world::state::{State, Violation};

/// How often the scheduler starts a drain.
const TICK: SignedDuration = SignedDuration::from_secs(60);

/// Ticks until a run that is not struck again has settled, at most.
const TICKS: u32 = 40;

pub(crate) const MARKED_IN_TIME: &str =
    "what the producer took is ordered after one lease and one tick";

/// When a request that outlived its caller arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landing {
    /// Before anybody does anything about it.
    First,
    /// Before this step of the recovery; a step is what one process does between two awaits.
    Step(usize),
    /// When everything else is settled.
    Last,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) gait: Gait,
    pub(crate) flaw: Option<Flaw>,
    /// At a call of the processes under attack.
    pub(crate) first: Option<Strike>,
    /// At a call of the recovery.
    pub(crate) second: Option<Strike>,
    pub(crate) landing: Landing,
    /// After the last strike a lease passes, and one tick has to mark what the producer took.
    pub(crate) one_tick: bool,
    pub(crate) shown: bool,
}

#[derive(Debug)]
pub(crate) struct Outcome {
    /// The processes under attack.
    pub(crate) first: Seen,
    /// The recovery.
    pub(crate) second: Seen,
    pub(crate) deaths: usize,
    pub(crate) steps: usize,
    /// After the last strike there was a card that the producer had taken and that did not say so.
    pub(crate) unmarked: bool,
    pub(crate) second_emails: usize,
    pub(crate) violations: Vec<Violation>,
    pub(crate) timeline: Vec<String>,
}

/// A run on its way.
pub(super) struct Course {
    pub(super) executor: Executor,
    landing: Landing,
    deaths: usize,
    steps: usize,
    recovers: bool,
    /// Nothing is in the way of the recovery: one tick has to take care of all that is due.
    strict: bool,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(scenario: &'a Scenario, gait: Gait, flaw: Option<Flaw>) -> Self {
        Self {
            scenario,
            gait,
            flaw,
            first: None,
            second: None,
            landing: Landing::First,
            one_tick: false,
            shown: false,
        }
    }

    pub(crate) fn run(&self) -> Outcome {
        let executor = self.scenario.stage();
        let mut course = Course::new(executor, self.landing);
        let before = course.begin(self.flaw, self.shown);
        let first = Script::new(self.gait, self.scenario.given, self.first);
        course.under(&first);
        for start in self.scenario.runs {
            start.start(&mut course.executor);
        }
        course.work();

        let second = Script::new(self.gait, &[], self.second);
        course.under(&second);
        course.strict = self.second.is_none() && self.landing == Landing::First;
        let mut unmarked = course.has_unmarked();
        if self.one_tick && self.second.is_none() {
            course.takes_one_tick();
        }
        course.recover(self.scenario.again);
        if self.second.is_some() {
            unmarked = course.has_unmarked();
            if self.one_tick {
                course.takes_one_tick();
            }
        }
        let (deaths, steps) = (course.deaths, course.steps);
        let (first, second) = (first.seen(), second.seen());
        let mut strikes = [self.first, self.second].into_iter().flatten();
        let refused = strikes.any(|strike| strike.fault == Some(Fault::Refused));
        let may_end: &[_] = if refused { &[StateKind::Failed] } else { &[] };
        let audit = Audit {
            scenario: self.scenario,
            before,
            windows: first.windows + second.windows,
            may_end,
        };
        let (second_emails, violations, timeline) = course.end(&audit);
        Outcome {
            first,
            second,
            deaths,
            steps,
            unmarked,
            second_emails,
            violations,
            timeline,
        }
    }
}

impl Course {
    pub(super) fn new(executor: Executor, landing: Landing) -> Self {
        Self {
            executor,
            landing,
            deaths: 0,
            steps: 0,
            recovers: false,
            strict: false,
        }
    }

    /// The situation is there; from here on it counts.
    pub(super) fn begin(&self, flaw: Option<Flaw>, shown: bool) -> Before {
        let mut state = self.executor.world.state();
        state.flaw = flaw;
        if shown {
            let now = state.now;
            state.timeline.begin(now);
        }
        Before::of(&state)
    }

    pub(super) fn under(&mut self, script: &Script) {
        self.executor.world.state().hook = Box::new(script.clone());
    }

    /// People ask again, ticks run, emails are delivered, until all is settled or a process dies.
    pub(super) fn recover(&mut self, again: &[Start]) {
        self.recovers = true;
        self.executor.world.state().bureau_available = true;
        if self.landing == Landing::First {
            self.land();
        }
        for start in again {
            start.start(&mut self.executor);
            self.work();
        }
        let deaths = self.deaths;
        for _ in 0..TICKS {
            if self.executor.world.state().is_settled() || self.deaths > deaths {
                break;
            }
            self.executor.pass(TICK);
            self.executor.tick();
            self.work();
            if self.strict {
                self.nothing_is_due();
            }
            deliver_mails(&mut self.executor);
            self.work();
        }
    }

    /// Whatever is left settles, and the books are held against everything.
    pub(super) fn end(mut self, audit: &Audit) -> (usize, Vec<Violation>, Vec<String>) {
        self.executor.settle();
        let mut state = self.executor.world.state();
        let second_emails = audit.check(&mut state);
        let lines = state.timeline.lines().to_vec();
        (second_emails, std::mem::take(&mut state.violations), lines)
    }

    /// All processes take turns until none is left.
    pub(super) fn work(&mut self) {
        while !self.executor.tasks.is_empty() {
            for task in (0..self.executor.tasks.len()).rev() {
                self.step(task);
            }
        }
    }

    pub(super) fn step(&mut self, task: usize) {
        if self.recovers {
            if self.landing == Landing::Step(self.steps) {
                self.land();
            }
            self.steps += 1;
        }
        self.deaths += usize::from(self.executor.step(task) == Stepped::Died);
    }

    fn land(&mut self) {
        let mut state = self.executor.world.state();
        while !state.late.is_empty() {
            state.land(0);
        }
    }

    fn has_unmarked(&self) -> bool {
        unmarked(&self.executor.world.state()).is_some()
    }

    /// A lease is over, and the next tick runs.
    fn takes_one_tick(&mut self) {
        self.executor.pass(CLAIM_LEASE);
        self.executor.tick();
        self.work();
        let mut state = self.executor.world.state();
        if let Some(card) = unmarked(&state).cloned() {
            let detail = state.shown(&card);
            state.violate(MARKED_IN_TIME, detail);
        }
    }

    fn nothing_is_due(&mut self) {
        let mut state = self.executor.world.state();
        let now = state.now;
        let due = |card: &&Card| card.due_at.is_some_and(|due| due <= now);
        if let Some(card) = state.cards.values().find(due).cloned() {
            let detail = state.shown(&card);
            state.violate(ONE_TICK, detail);
        }
    }
}

/// A card that the producer has taken and that does not say so.
fn unmarked(state: &State) -> Option<&Card> {
    let mut cards = state.cards.values();
    cards.find(|card| {
        card.state.kind() == StateKind::Processing && state.bureau.made(card.order_id()) > 0
    })
}
