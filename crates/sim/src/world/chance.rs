//! The hook of a seeded schedule: faults and deaths by chance, as long as the budget lasts.

use fastrand::Rng;

use super::fault::{Call, Calm, Death, Fault, Faults, Plan};
use super::state::WorkerId;

#[derive(Debug)]
pub(crate) struct Chance {
    pub(crate) rng: Rng,
    pub(crate) faults_left: u32,
    pub(crate) deaths_left: u32,
    /// How many calls in a hundred go wrong while faults are left.
    pub(crate) percent: u32,
    /// Requests outlive their senders wherever they can.
    pub(crate) mostly_late: bool,
    /// How often the producer or the mail service says no.
    pub(crate) refuses_percent: u32,
}

impl Chance {
    fn choose(&mut self, call: Call) -> Fault {
        let faults = call.faults();
        if self.mostly_late && faults.contains(&Fault::AppliedLate) {
            return Fault::AppliedLate;
        }
        faults[self.rng.usize(..faults.len())]
    }

    /// A clear no is part of ordinary life, and costs no fault.
    fn refusal(&mut self, call: Call) -> Option<Fault> {
        let may = matches!(call, Call::Submit | Call::SendMail);
        (may && self.rng.u32(..100) < self.refuses_percent).then_some(Fault::Refused)
    }
}

impl Faults for Chance {
    fn plan(&mut self, _: WorkerId, _: u32, call: Call) -> Plan {
        let percent = match call {
            // Idle drains make many of these; they would use the budget up.
            Call::DueCards | Call::ReceiveOrders => self.percent.div_ceil(8),
            _ => self.percent,
        };
        let strikes = self.faults_left > 0 && self.rng.u32(..100) < percent;
        let fault = strikes.then(|| self.choose(call));
        let fault = fault.or_else(|| self.refusal(call));
        self.faults_left -= u32::from(strikes);
        let dies = self.deaths_left > 0 && self.rng.u32(..100) < 2;
        let death = dies.then(|| {
            if self.rng.bool() {
                Death::Before
            } else {
                Death::After
            }
        });
        self.deaths_left -= u32::from(dies);
        Plan {
            fault,
            death,
            pauses_before: self.rng.u8(..3),
            pauses_after: self.rng.u8(..2),
        }
    }
}

/// Nothing goes wrong any more, except that the mail service takes nothing and does not say so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SilentMail;

impl Faults for SilentMail {
    fn plan(&mut self, worker: WorkerId, number: u32, call: Call) -> Plan {
        let silent = call == Call::SendMail;
        Plan {
            fault: silent.then_some(Fault::NotApplied),
            ..Calm.plan(worker, number, call)
        }
    }
}
