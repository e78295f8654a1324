//! A card answered "aborted" is never sent (R3): an abort at every await of a drain and of an
//! order.
//!
//! One schedule is a list of turns. Two processes are interleaved in every way there is; with a
//! fault, or with more awaits than that allows, each of them stops at every await while the other
//! goes on, and they end in every order.

use std::collections::BTreeSet;

use cardwright_domain::card::{EventKind, StateKind};

use super::audit::Audit;
use super::cuts::{Failure, REACHED};
use super::scenario::{Scenario, Start};
use super::scenarios::{DRAINS, ORDERS, STOPS};
use super::script::{At, Gait, Script, Strike};
use super::trial::{Course, Landing};
use crate::world::fault::{Call, Fault};
use crate::world::flaw::Flaw;
use crate::world::state::{Violation, WorkerId};

/// Interleavings up to which all of them are walked.
const ALL_WAYS: usize = 10_000;

/// Timelines that are kept of each race, at most.
const KEPT: usize = 3;

/// How far to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// All interleavings, where there are not too many; otherwise each process stops at each await.
    pub(crate) every_way: bool,
    /// The same races with a fault at each call of the other process.
    pub(crate) faults: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Races {
    /// Pairs of an await of the other process and one of the abort, each reached.
    pub(crate) pairs: u64,
    pub(crate) schedules: u64,
    /// Schedules in which the operator was told "aborted".
    pub(crate) aborted: u64,
    /// Schedules in which the producer made the card.
    pub(crate) made: u64,
    pub(crate) violations: u64,
    pub(crate) failures: Vec<Failure>,
}

/// Who takes a turn: the place in the list of processes, of which the abort is the last.
type Turns = Vec<usize>;

/// One schedule of a race.
#[derive(Debug, Clone)]
struct Schedule<'a> {
    scenario: &'a Scenario,
    gait: Gait,
    flaw: Option<Flaw>,
    strike: Option<Strike>,
    landing: Landing,
    /// Turns of a process that is done are passed over.
    turns: Turns,
    /// Then they run to their ends in this order.
    ends: Turns,
}

#[derive(Debug)]
struct Finish {
    /// Turns that each process took.
    lengths: Vec<usize>,
    /// Turns of the first and of the last process, at every moment.
    awaits: BTreeSet<(usize, usize)>,
    calls: Vec<Call>,
    aborted: bool,
    made: bool,
    violations: Vec<Violation>,
    timeline: Vec<String>,
}

/// The scenario's processes, and an abort of the first user's card beside them.
pub(crate) fn race(scenario: &Scenario, reach: Reach, flaw: Option<Flaw>) -> Races {
    let mut races = Races::default();
    for gait in [Gait::Together, Gait::InTurn] {
        let plain = Schedule {
            scenario,
            gait,
            flaw,
            strike: None,
            landing: Landing::First,
            turns: Vec::new(),
            ends: (0..=scenario.runs.len()).collect(),
        };
        let alone = plain.run(false);
        races.every_pair(&plain, &alone.lengths, reach.every_way);
        if reach.faults && gait == Gait::Together && scenario.runs.len() == 1 {
            races.with_faults(&plain, &alone);
        }
    }
    races
}

/// In how many ways two processes of so many turns interleave.
fn ways(long: usize, short: usize) -> usize {
    (1..=short).fold(1, |ways, nth| ways * (long + nth) / nth)
}

/// All interleavings of the first process with the second.
fn interleavings(first: usize, second: usize) -> Vec<Turns> {
    let mut done = vec![Vec::new()];
    for _ in 0..first + second {
        done = done
            .into_iter()
            .flat_map(|turns: Turns| longer(&turns, [first, second]))
            .collect();
    }
    done
}

fn longer(turns: &Turns, lengths: [usize; 2]) -> Vec<Turns> {
    let taken = |who| turns.iter().filter(|turn| **turn == who).count();
    let who = [0, 1].into_iter().filter(|who| taken(*who) < lengths[*who]);
    who.map(|who| turns.iter().copied().chain([who]).collect())
        .collect()
}

impl Races {
    fn every_pair(&mut self, plain: &Schedule, lengths: &[usize], every_way: bool) {
        let mut awaits = BTreeSet::new();
        if let [long, short] = *lengths
            && every_way
            && ways(long, short) <= ALL_WAYS
        {
            for turns in interleavings(long, short) {
                awaits.extend(self.once(&Schedule {
                    turns,
                    ..plain.clone()
                }));
            }
        } else {
            self.stops(plain, lengths, &mut awaits);
        }
        self.pairs += awaits.len() as u64;
        let aborts = lengths.last().copied().unwrap_or(0);
        let wanted = (lengths[0] + 1) * (aborts + 1);
        if awaits.len() < wanted {
            self.violations += 1;
            let name = plain.scenario.name;
            self.failures.push(Failure {
                what: format!("{name}: {} of {wanted} pairs of awaits", awaits.len()),
                broken: vec![REACHED],
                timeline: Vec::new(),
            });
        }
    }

    /// Each process stops at each of its awaits, and then they end in every order.
    fn stops(
        &mut self,
        plain: &Schedule,
        lengths: &[usize],
        awaits: &mut BTreeSet<(usize, usize)>,
    ) {
        let mut stops = vec![Vec::new()];
        for (who, length) in lengths.iter().enumerate() {
            let further = |turns: &Turns| {
                let stop = |taken| {
                    let more = std::iter::repeat_n(who, taken);
                    turns.iter().copied().chain(more).collect::<Turns>()
                };
                (0..=*length).map(stop).collect::<Vec<_>>()
            };
            stops = stops.iter().flat_map(further).collect();
        }
        for turns in stops {
            for ends in orders(lengths.len()) {
                awaits.extend(self.once(&Schedule {
                    turns: turns.clone(),
                    ends,
                    ..plain.clone()
                }));
            }
        }
    }

    /// The same with each fault at each call of the first process; what is late arrives when the
    /// race is over, or when all is.
    fn with_faults(&mut self, plain: &Schedule, alone: &Finish) {
        let calls = alone.calls.iter().enumerate();
        let calls = calls.filter(|(_, call)| **call != Call::ChangeCard(EventKind::Abort));
        for (number, call) in calls {
            for fault in call.faults() {
                let landings: &[_] = match fault {
                    Fault::AppliedLate => &[Landing::First, Landing::Last],
                    _ => &[Landing::First],
                };
                for landing in landings {
                    let struck = Schedule {
                        strike: Some(Strike::fault(At::Number(number), *fault)),
                        landing: *landing,
                        ..plain.clone()
                    };
                    let lengths = struck.run(false).lengths;
                    self.stops(&struck, &lengths, &mut BTreeSet::new());
                }
            }
        }
    }

    fn once(&mut self, schedule: &Schedule) -> BTreeSet<(usize, usize)> {
        let finish = schedule.run(false);
        self.schedules += 1;
        self.aborted += u64::from(finish.aborted);
        self.made += u64::from(finish.made);
        if !finish.violations.is_empty() {
            let broken = finish.violations.iter().map(|broken| broken.promise);
            self.violations += 1;
            if self.failures.len() < KEPT {
                self.failures.push(Failure {
                    what: format!("{}: {:?}", schedule.scenario.name, schedule.turns),
                    broken: broken.collect(),
                    timeline: schedule.run(true).timeline,
                });
            }
        }
        finish.awaits
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.schedules += other.schedules;
        self.aborted += other.aborted;
        self.made += other.made;
        self.violations += other.violations;
        self.failures.extend(other.failures);
    }
}

/// All orders of so few processes.
fn orders(number: usize) -> Vec<Turns> {
    if number == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(number - 1);
    let insert = |order: &Turns| {
        let at = |place| {
            let mut order = order.clone();
            order.insert(place, number - 1);
            order
        };
        (0..number).map(at).collect::<Vec<_>>()
    };
    shorter.iter().flat_map(insert).collect()
}

impl Schedule<'_> {
    fn run(&self, shown: bool) -> Finish {
        let mut course = Course::new(self.scenario.stage(), self.landing);
        let before = course.begin(self.flaw, shown);
        let script = Script::new(self.gait, self.scenario.given, self.strike);
        course.under(&script);
        let starts = self.scenario.runs.iter().copied().chain([Start::Abort(0)]);
        let workers: Vec<_> = starts
            .filter_map(|start| {
                start.start(&mut course.executor);
                course.executor.tasks.last().map(|task| task.worker)
            })
            .collect();
        let mut turns = Taken {
            workers,
            lengths: vec![0; self.ends.len()],
            awaits: BTreeSet::from([(0, 0)]),
        };
        for who in &self.turns {
            turns.take(&mut course, *who);
        }
        for who in &self.ends {
            while turns.take(&mut course, *who) {}
        }
        let aborted = before.aborts_since(&course.executor.world.state());
        let seen = script.seen();
        let calm = Script::new(self.gait, &[], None);
        course.under(&calm);
        course.recover(self.scenario.again);
        let made = before.makes_since(&course.executor.world.state());
        let audit = Audit {
            scenario: self.scenario,
            before,
            windows: seen.windows,
            may_end: &[StateKind::Aborted, StateKind::Failed],
        };
        let (_, violations, timeline) = course.end(&audit);
        Finish {
            lengths: turns.lengths,
            awaits: turns.awaits,
            calls: seen.calls,
            aborted,
            made,
            violations,
            timeline,
        }
    }
}

/// The turns that were taken so far.
struct Taken {
    workers: Vec<WorkerId>,
    lengths: Vec<usize>,
    awaits: BTreeSet<(usize, usize)>,
}

impl Taken {
    /// `false` if the process is over.
    fn take(&mut self, course: &mut Course, who: usize) -> bool {
        let worker = self.workers[who];
        let mut tasks = course.executor.tasks.iter();
        let Some(task) = tasks.position(|task| task.worker == worker) else {
            return false;
        };
        course.step(task);
        self.lengths[who] += 1;
        let last = self.lengths.len() - 1;
        self.awaits.insert((self.lengths[0], self.lengths[last]));
        true
    }
}

/// What an abort is raced with: the first order of a user, and every drain of orders.
pub(crate) fn all() -> Vec<&'static Scenario> {
    let orders = ORDERS
        .iter()
        .filter(|scenario| scenario.runs == [Start::Order(0)]);
    orders.chain(DRAINS).chain(STOPS).collect()
}
