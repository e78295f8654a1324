//! What is counted over schedules.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Fault;
use crate::transition::Triple;

#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) schedules: u64,
    pub(crate) steps: u64,
    /// Calls that took effect, or were refused.
    pub(crate) points: u64,
    pub(crate) faults: BTreeMap<Fault, u64>,
    pub(crate) crashes: u64,
    pub(crate) placed: u64,
    /// Orders under a key that was answered before.
    pub(crate) repeats: u64,
    /// Requests that were answered as a failed order being ordered again.
    pub(crate) repeated: u64,
    pub(crate) stopped: u64,
    /// Schedules in which a crowd of drains began on a queue that was not empty.
    pub(crate) crowds: u64,
    pub(crate) lies: u64,
    pub(crate) made: u64,
    pub(crate) mailed: u64,
    /// Emails beyond the first, each after a fault that left open whether the first went out.
    pub(crate) second_emails: u64,
    /// Emails that ended after all their tries without a clear answer, and how many of these the mail
    /// service never took although it was not silent for longer than it may be.
    pub(crate) given_up: u64,
    pub(crate) given_up_unsent: u64,
    /// Every change of a card that took effect.
    pub(crate) transitions: BTreeSet<Triple>,
}

impl Tally {
    pub(crate) fn fault(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (fault, number) in &other.faults {
            *self.faults.entry(*fault).or_default() += number;
        }
        self.transitions.extend(&other.transitions);
        let Self {
            schedules,
            steps,
            points,
            crashes,
            placed,
            repeats,
            repeated,
            stopped,
            crowds,
            lies,
            made,
            mailed,
            second_emails,
            given_up,
            given_up_unsent,
            faults: _,
            transitions: _,
        } = self;
        *schedules += other.schedules;
        *steps += other.steps;
        *points += other.points;
        *crashes += other.crashes;
        *placed += other.placed;
        *repeats += other.repeats;
        *repeated += other.repeated;
        *stopped += other.stopped;
        *crowds += other.crowds;
        *lies += other.lies;
        *made += other.made;
        *mailed += other.mailed;
        *second_emails += other.second_emails;
        *given_up += other.given_up;
        *given_up_unsent += other.given_up_unsent;
    }

    pub(crate) fn transition(&mut self, triple: Triple) {
        self.transitions.insert(triple);
    }
}
