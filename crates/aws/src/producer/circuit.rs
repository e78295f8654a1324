//! Whether asking the producer makes sense now. Time comes in by parameter.
//!
//! | state | asked | leaves it |
//! | --- | --- | --- |
//! | closed | always | open, after [`PRODUCER_FAILURES`] failures in a row |
//! | open | never | probing, with the first request after [`PRODUCER_OPEN`] |
//! | probing | only by the request that probes | closed, when it is answered; open, when it fails |
//!
//! A probe whose end is never told of (its process was stopped in between) counts as failed after
//! [`PRODUCER_OPEN`]. Whatever the state, nothing is asked before the time that the producer named
//! itself.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{PRODUCER_FAILURES, PRODUCER_OPEN};

#[derive(Debug)]
enum State {
    Closed { failures: u32 },
    Open { since: Instant },
    Probing { since: Instant },
}

#[derive(Debug)]
pub(super) struct Circuit {
    state: State,
    not_before: Option<Instant>,
}

impl Circuit {
    pub(super) fn closed() -> Self {
        Self {
            state: State::Closed { failures: 0 },
            not_before: None,
        }
    }

    /// Whether a request would be let through.
    pub(super) fn admits(&self, now: Instant) -> bool {
        let may = match self.state {
            State::Closed { .. } => true,
            State::Open { since } | State::Probing { since } => now >= since + PRODUCER_OPEN,
        };
        may && self.not_before.is_none_or(|time| now >= time)
    }

    /// Lets a request through, or not. Whoever is let through tells how it went.
    pub(super) fn enter(&mut self, now: Instant) -> bool {
        let may = self.admits(now);
        if may && !matches!(self.state, State::Closed { .. }) {
            self.state = State::Probing { since: now };
        }
        may
    }

    /// The producer answered what was asked.
    pub(super) fn answered(&mut self) {
        *self = Self::closed();
    }

    /// The producer answered that it does not take this request. It is there, but nothing is
    /// proven.
    pub(super) fn refused(&mut self) {
        if !matches!(self.state, State::Closed { .. }) {
            self.state = State::Closed { failures: 0 };
        }
    }

    pub(super) fn failed(&mut self, now: Instant) {
        self.state = match self.state {
            State::Closed { failures } if failures + 1 < PRODUCER_FAILURES => State::Closed {
                failures: failures + 1,
            },
            State::Closed { .. } | State::Probing { .. } => State::Open { since: now },
            // A request that was on its way when the circuit opened.
            State::Open { since } => State::Open { since },
        };
    }

    /// The producer asked to be left alone for a while.
    pub(super) fn hold(&mut self, now: Instant, pause: Duration) {
        let until = now + pause;
        self.not_before = Some(self.not_before.map_or(until, |before| before.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    fn opened(now: Instant) -> Circuit {
        let mut circuit = Circuit::closed();
        for _ in 0..PRODUCER_FAILURES {
            assert!(circuit.enter(now));
            circuit.failed(now);
        }
        circuit
    }

    #[test]
    fn failures_in_a_row_open_it() {
        let now = Instant::now();
        let circuit = opened(now);
        assert!(!circuit.admits(now) && !circuit.admits(now + PRODUCER_OPEN - MOMENT));
        assert!(circuit.admits(now + PRODUCER_OPEN));
    }

    #[test]
    fn an_answer_between_failures_keeps_it_closed() {
        let now = Instant::now();
        let mut circuit = Circuit::closed();
        for _ in 0..10 * PRODUCER_FAILURES {
            circuit.failed(now);
            circuit.refused();
            circuit.failed(now);
            circuit.answered();
        }
        assert!(circuit.admits(now));
    }

    #[test]
    fn after_a_while_one_request_probes() {
        let now = Instant::now();
        let (mut good, mut bad) = (opened(now), opened(now));
        let later = now + PRODUCER_OPEN;
        for circuit in [&mut good, &mut bad] {
            assert!(circuit.enter(later));
            assert!(!circuit.admits(later) && !circuit.enter(later));
        }
        good.answered();
        assert!(good.enter(later) && good.enter(later));
        bad.failed(later);
        assert!(!bad.enter(later + PRODUCER_OPEN - MOMENT));
        assert!(bad.enter(later + PRODUCER_OPEN));
    }

    #[test]
    fn a_probe_that_is_refused_shows_that_the_producer_is_there() {
        let now = Instant::now();
        let mut circuit = opened(now);
        assert!(circuit.enter(now + PRODUCER_OPEN));
        circuit.refused();
        assert!(circuit.enter(now + PRODUCER_OPEN));
    }

    #[test]
    fn a_probe_that_is_never_told_of_does_not_keep_it_open_for_ever() {
        let now = Instant::now();
        let mut circuit = opened(now);
        assert!(circuit.enter(now + PRODUCER_OPEN));
        assert!(circuit.enter(now + 2 * PRODUCER_OPEN));
    }

    #[test]
    fn a_late_failure_does_not_put_the_probe_off() {
        let now = Instant::now();
        let mut circuit = opened(now);
        circuit.failed(now + MOMENT);
        assert!(circuit.admits(now + PRODUCER_OPEN));
    }

    #[test]
    fn nothing_is_asked_before_the_time_that_the_producer_named() {
        let now = Instant::now();
        let mut circuit = Circuit::closed();
        circuit.hold(now, 20 * MOMENT);
        circuit.hold(now, 10 * MOMENT);
        assert!(!circuit.enter(now + 19 * MOMENT));
        assert!(circuit.enter(now + 20 * MOMENT));
    }
}
