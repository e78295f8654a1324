//! Any answer can be lost (R11): every fault at every call of every scenario, one at a time and all
//! of a kind, and then a second one at every call of the recovery. A request that arrives late does
//! so before every step of the recovery, in turn, whether its sender went on or died.

use std::collections::{BTreeMap, BTreeSet};

use cardwright_domain::card::EventKind;

use super::cuts::{Failure, broken, deaths};
use super::scenario::Scenario;
use super::script::{At, Gait, Strike};
use super::trial::{Landing, Outcome, Trial};
use crate::world::fault::{Call, Death, Fault};
use crate::world::flaw::Flaw;

/// Every call that the use cases make.
pub(crate) const CALLS: [Call; 28] = [
    Call::OrderContext,
    Call::ReadCard,
    Call::PlaceOrder,
    Call::RepeatOrder,
    Call::DueCards,
    Call::ActiveHolders,
    Call::ChangeCard(EventKind::Abort),
    Call::ChangeCard(EventKind::Approve),
    Call::ChangeCard(EventKind::Reject),
    Call::ChangeCard(EventKind::Claim),
    Call::ChangeCard(EventKind::Accept),
    Call::ChangeCard(EventKind::Refuse),
    Call::ChangeCard(EventKind::HolderInactive),
    Call::ChangeCard(EventKind::ClaimEmail),
    Call::ChangeCard(EventKind::RemindEmail),
    Call::ChangeCard(EventKind::EmailSent),
    Call::ChangeCard(EventKind::EmailUndeliverable),
    Call::ChangeCard(EventKind::EmailDeferred),
    Call::ChangeCard(EventKind::EmailGivenUp),
    Call::RemindOfOrders,
    Call::RemindOfEmails,
    Call::ReceiveOrders,
    Call::DeleteReceived,
    Call::Quarantine,
    Call::Submit,
    Call::Cancel,
    Call::SendMail,
    Call::DeleteMail,
];

/// Every fault: first those that any remote call can have.
const FAULTS: [Fault; 12] = [
    Fault::NotApplied,
    Fault::Throttled,
    Fault::AnswerLost,
    Fault::AppliedLate,
    Fault::Conflict,
    Fault::Partial,
    Fault::Twice,
    Fault::Lost,
    Fault::Doubled,
    Fault::Stale,
    Fault::Refused,
    Fault::Deferred,
];

/// A fault, and whether its victim dies of it. Only for a request that arrives late it makes a
/// difference of its own; the other deaths are the cuts'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Column {
    pub(crate) fault: Fault,
    pub(crate) dies: bool,
}

#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) runs: u64,
    pub(crate) violations: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Matrix {
    pub(crate) cells: BTreeMap<(Call, Column), Cell>,
    /// Two strikes, the second one in the recovery.
    pub(crate) pairs: Cell,
    pub(crate) second_emails: u64,
    pub(crate) failures: Vec<Failure>,
}

/// Timelines that are kept of each scenario, at most.
const KEPT: usize = 3;

impl Column {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        FAULTS.into_iter().flat_map(Self::of)
    }

    fn of(fault: Fault) -> impl Iterator<Item = Self> {
        let late = fault == Fault::AppliedLate;
        let column = move |dies| Self { fault, dies };
        [column(false)]
            .into_iter()
            .chain(late.then(|| column(true)))
    }

    fn strike(self, at: At) -> Strike {
        Strike {
            at,
            fault: Some(self.fault),
            death: self.dies.then_some(Death::After),
        }
    }

    pub(crate) fn name(self) -> String {
        let name = self.fault.as_str();
        if self.dies {
            format!("{name}, sender dead")
        } else {
            name.to_owned()
        }
    }
}

/// How far to go.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Depth {
    /// A late request arrives before each step of the recovery, and not only first and last.
    pub(crate) every_step: bool,
    /// After each fault and each death, each fault at each call of the recovery.
    pub(crate) pairs: bool,
}

/// The matrix of one scenario.
pub(crate) fn walk(scenario: &Scenario, depth: Depth, flaw: Option<Flaw>) -> Matrix {
    let mut matrix = Matrix::default();
    let plain = Trial::new(scenario, Gait::InTurn, flaw);
    let calls = plain.run().first.calls;
    let kinds: BTreeSet<_> = calls.iter().copied().collect();
    let single = calls.iter().enumerate();
    let single = single.map(|(number, call)| (*call, At::Number(number)));
    let whole = kinds.into_iter().map(|call| (call, At::Every(call)));
    for (call, at) in single.chain(whole) {
        for column in columns(call) {
            let trial = Trial {
                first: Some(column.strike(at)),
                ..plain
            };
            let outcome = matrix.once(call, column, &trial);
            if depth.pairs {
                matrix.seconds(&trial, &outcome);
            }
            if column.fault == Fault::AppliedLate {
                let steps = if depth.every_step { outcome.steps } else { 0 };
                let landings = (0..steps).map(Landing::Step).chain([Landing::Last]);
                for landing in landings {
                    matrix.once(call, column, &Trial { landing, ..trial });
                }
            }
        }
    }
    if depth.pairs {
        for first in deaths(calls.len()) {
            let first = Some(first);
            let trial = Trial { first, ..plain };
            matrix.seconds(&trial, &trial.run());
        }
    }
    matrix
}

fn columns(call: Call) -> impl Iterator<Item = Column> {
    call.faults().iter().flat_map(|fault| Column::of(*fault))
}

impl Matrix {
    fn once(&mut self, call: Call, column: Column, trial: &Trial) -> Outcome {
        let outcome = trial.run();
        let died = outcome.deaths > 0;
        let reached = outcome.first.struck > 0 && died == column.dies;
        let holds = self.judge(trial, &outcome, reached);
        let cell = self.cells.entry((call, column)).or_default();
        cell.runs += 1;
        cell.violations += u64::from(!holds);
        outcome
    }

    /// The trial again, with each fault at each call of its recovery.
    fn seconds(&mut self, trial: &Trial, outcome: &Outcome) {
        for (number, call) in outcome.second.calls.iter().enumerate() {
            for column in columns(*call) {
                let second = Some(column.strike(At::Number(number)));
                let trial = Trial { second, ..*trial };
                let outcome = trial.run();
                let holds = self.judge(&trial, &outcome, outcome.second.struck == 1);
                self.pairs.runs += 1;
                self.pairs.violations += u64::from(!holds);
            }
        }
    }

    /// Whether all promises held and the strike was reached.
    fn judge(&mut self, trial: &Trial, outcome: &Outcome, reached: bool) -> bool {
        self.second_emails += outcome.second_emails as u64;
        let broken = broken(outcome, reached);
        let holds = broken.is_empty();
        if !holds && self.failures.len() < KEPT {
            self.failures.push(Failure::of(trial, broken));
        }
        holds
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (key, cell) in other.cells {
            let sum = self.cells.entry(key).or_default();
            sum.runs += cell.runs;
            sum.violations += cell.violations;
        }
        self.pairs.runs += other.pairs.runs;
        self.pairs.violations += other.pairs.violations;
        self.second_emails += other.second_emails;
        self.failures.extend(other.failures);
    }

    /// Cells that can exist, and that no scenario reached.
    pub(crate) fn missing(&self) -> Vec<(Call, Column)> {
        let cells = CALLS
            .into_iter()
            .flat_map(|call| columns(call).map(move |column| (call, column)));
        cells
            .filter(|cell| !self.cells.contains_key(cell))
            .collect()
    }

    pub(crate) fn sum(&self) -> Cell {
        let mut sum = Cell::default();
        for cell in self.cells.values() {
            sum.runs += cell.runs;
            sum.violations += cell.violations;
        }
        sum
    }
}
