//! Who is hit, when and by what: an endless list that the seed decides.

use std::time::Duration;

/// The functions and how often each is meant, in percent. The drain and the mail function do most
/// of what can be half done.
const TARGETS: [(&str, u64); 14] = [
    ("order-card", 19),
    ("drain-orders", 20),
    ("decide-order", 7),
    ("repeat-order", 4),
    ("refresh-order", 3),
    ("receive-producer-event", 2),
    ("manage-card", 2),
    ("sync-orders", 2),
    ("keep-deadlines", 2),
    ("send-card-ordered-email", 20),
    ("abort-order", 8),
    ("manage-options", 4),
    ("view-cards", 4),
    ("search-users", 3),
];

/// In percent: how many of the strikes kill. The others stop a process for a while.
const KILLS: u64 = 85;

/// In percent: how many of the strikes may hit a process that is still starting.
const STARTING: u64 = 10;

/// The longest pause before a strike.
const LONGEST_PAUSE_MS: u64 = 280;

/// How long after a process has begun to work it is hit, at most. A request takes about as long.
const LONGEST_AIM_MS: u64 = 60;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strike {
    pub(super) pause: Duration,
    /// The function that is meant. If it has nothing to do, the strike falls away.
    pub(super) target: &'static str,
    /// Whether a process may be hit that has only just started.
    pub(super) starting: bool,
    /// How long to wait after the process has begun to work.
    pub(super) aim: Duration,
    pub(super) blow: Blow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blow {
    /// `SIGKILL`: the process has no chance to do anything.
    Kill,
    /// `SIGSTOP`, and `SIGCONT` so much later: it goes on as if no time had passed.
    Stop(Duration),
}

#[derive(Debug)]
pub(super) struct Strikes(fastrand::Rng);

impl Strikes {
    pub(super) fn of_seed(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    fn target(&mut self) -> &'static str {
        let mut place = self.0.u64(0..100);
        for (function, share) in TARGETS {
            if place < share {
                return function;
            }
            place -= share;
        }
        TARGETS[0].0
    }

    /// Shorter than a try of a call, longer than all tries, and nearly as long as a function may
    /// run.
    fn stop(&mut self) -> Duration {
        let longest_ms = [400, 400, 5_000, 25_000][self.0.usize(0..4)];
        Duration::from_millis(self.0.u64(longest_ms / 10..=longest_ms))
    }
}

impl Iterator for Strikes {
    type Item = Strike;

    fn next(&mut self) -> Option<Strike> {
        let pause = Duration::from_millis(self.0.u64(0..=LONGEST_PAUSE_MS));
        let target = self.target();
        let starting = self.0.u64(0..100) < STARTING;
        let aim = Duration::from_micros(self.0.u64(0..=LONGEST_AIM_MS * 1_000));
        let blow = if self.0.u64(0..100) < KILLS {
            Blow::Kill
        } else {
            Blow::Stop(self.stop())
        };
        Some(Strike {
            pause,
            target,
            starting,
            aim,
            blow,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::FUNCTIONS;

    fn strikes(seed: u64) -> Vec<Strike> {
        Strikes::of_seed(seed).take(2_000).collect()
    }

    #[test]
    fn a_seed_always_gives_the_same_strikes_and_another_seed_gives_others() {
        assert_eq!(strikes(7), strikes(7));
        assert_ne!(strikes(7), strikes(8));
    }

    #[test]
    fn every_function_is_killed_and_stopped() {
        let strikes = strikes(1);
        for function in FUNCTIONS {
            let meant = strikes.iter().filter(|strike| strike.target == function);
            let (kills, stops): (Vec<_>, Vec<_>) =
                meant.partition(|strike| strike.blow == Blow::Kill);
            assert!(!kills.is_empty() && !stops.is_empty(), "{function}");
        }
    }

    #[test]
    fn the_shares_of_the_functions_make_a_whole() {
        assert_eq!(TARGETS.iter().map(|(_, share)| share).sum::<u64>(), 100);
    }
}
