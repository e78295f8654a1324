//! The hook of a seeded schedule: faults and deaths by chance, as long as the budget lasts.

use fastrand::Rng;

use super::fault::{Call, Death, Faults, Plan};
use super::state::WorkerId;

#[derive(Debug)]
pub(crate) struct Chance {
    pub(crate) rng: Rng,
    pub(crate) faults_left: u32,
    pub(crate) deaths_left: u32,
    /// How many calls in a hundred go wrong while faults are left.
    pub(crate) percent: u32,
}

impl Faults for Chance {
    fn plan(&mut self, _: WorkerId, _: u32, call: Call) -> Plan {
        let faults = call.faults();
        let strikes = self.faults_left > 0 && self.rng.u32(..100) < self.percent;
        let fault = strikes.then(|| faults[self.rng.usize(..faults.len())]);
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
