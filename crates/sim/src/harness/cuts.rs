//! Any step can be the last (R10): a process dies before or after the effect of its call k, for
//! every k, and somebody of the recovery at its call j, for every j. What the producer took must be
//! marked one lease and one tick after the last death (R4).

use super::scenario::Scenario;
use super::script::{At, Gait, Strike};
use super::trial::{MARKED_IN_TIME, Outcome, Trial};
use crate::world::fault::Death;
use crate::world::flaw::Flaw;
use crate::world::state::Violation;

/// Timelines that are kept of each scenario, at most.
const KEPT: usize = 3;

/// A run that broke a promise, or that did not go where it was sent.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) what: String,
    pub(crate) broken: Vec<&'static str>,
    pub(crate) timeline: Vec<String>,
}

pub(crate) const REACHED: &str = "the harness reaches each point that it strikes";

#[derive(Debug, Default)]
pub(crate) struct Cuts {
    /// Calls of the processes under attack, over all gaits.
    pub(crate) calls: u64,
    pub(crate) singles: u64,
    pub(crate) pairs: u64,
    /// Deaths between the producer's yes and the mark.
    pub(crate) unmarked: u64,
    /// Of these, how many were not marked one lease and one tick later.
    pub(crate) late: u64,
    pub(crate) second_emails: u64,
    pub(crate) violations: u64,
    pub(crate) failures: Vec<Failure>,
}

/// How far to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    pub(crate) gaits: &'static [Gait],
    pub(crate) pairs: bool,
}

pub(crate) fn cut(scenario: &Scenario, reach: Reach, flaw: Option<Flaw>) -> Cuts {
    let mut cuts = Cuts::default();
    for gait in reach.gaits {
        let plain = Trial::new(scenario, *gait, flaw);
        let uncut = plain.run();
        cuts.judge(&plain, &uncut, 0);
        cuts.calls += uncut.first.calls.len() as u64;
        for first in deaths(uncut.first.calls.len()) {
            let trial = Trial {
                first: Some(first),
                ..plain
            };
            let outcome = cuts.once(&trial, 1);
            cuts.singles += 1;
            if !reach.pairs {
                continue;
            }
            for second in deaths(outcome.second.calls.len()) {
                let second = Some(second);
                cuts.once(&Trial { second, ..trial }, 2);
                cuts.pairs += 1;
            }
        }
    }
    cuts
}

/// A death before and one after each of so many calls.
pub(crate) fn deaths(calls: usize) -> impl Iterator<Item = Strike> {
    let each = |at| [Death::Before, Death::After].map(|death| Strike::death(At::Number(at), death));
    (0..calls).flat_map(each)
}

/// The promises that a run broke. A strike that was not reached proves nothing.
pub(crate) fn broken(outcome: &Outcome, reached: bool) -> Vec<&'static str> {
    let broken = outcome.violations.iter().map(|broken| broken.promise);
    broken.chain((!reached).then_some(REACHED)).collect()
}

impl Cuts {
    /// Runs it, and once more with the stricter limit on time if it concerns the mark.
    pub(super) fn once(&mut self, trial: &Trial, deaths: usize) -> Outcome {
        let outcome = trial.run();
        self.judge(trial, &outcome, deaths);
        if outcome.unmarked {
            self.unmarked += 1;
            let trial = Trial {
                one_tick: true,
                ..*trial
            };
            let outcome = trial.run();
            let late = |broken: &Violation| broken.promise == MARKED_IN_TIME;
            self.late += u64::from(outcome.violations.iter().any(late));
            self.judge(&trial, &outcome, deaths);
        }
        outcome
    }

    fn judge(&mut self, trial: &Trial, outcome: &Outcome, deaths: usize) {
        self.second_emails += outcome.second_emails as u64;
        let struck = outcome.first.struck + outcome.second.struck;
        let reached = struck == deaths && outcome.deaths == deaths;
        let broken = broken(outcome, reached);
        if broken.is_empty() {
            return;
        }
        self.violations += 1;
        if self.failures.len() < KEPT {
            self.failures.push(Failure::of(trial, broken));
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.singles += other.singles;
        self.pairs += other.pairs;
        self.unmarked += other.unmarked;
        self.late += other.late;
        self.second_emails += other.second_emails;
        self.violations += other.violations;
        self.failures.extend(other.failures);
    }
}

impl Failure {
    /// Runs it again and writes down what happens.
    pub(crate) fn of(trial: &Trial, broken: Vec<&'static str>) -> Self {
        let shown = Trial {
            shown: true,
            ..*trial
        };
        let Trial {
            scenario,
            gait,
            first,
            second,
            landing,
            ..
        } = trial;
        let name = scenario.name;
        let strikes = [*first, *second].into_iter().flatten();
        let strikes: Vec<_> = strikes.map(|strike| format!("{strike:?}")).collect();
        let strikes = strikes.join(", then ");
        Self {
            what: format!("{name}: {strikes} ({gait:?}, late requests: {landing:?})"),
            broken,
            timeline: shown.run().timeline,
        }
    }

    pub(crate) fn print(&self) {
        println!("\n{}\n  broke: {}", self.what, self.broken.join("; "));
        for line in &self.timeline {
            println!("  {line}");
        }
    }
}
