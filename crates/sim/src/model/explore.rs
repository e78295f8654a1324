//! The whole graph of a configuration: breadth first, so that the first counterexample is a
//! shortest one. Then backwards from what is settled, by the system's own steps only: what is not
//! reached is stuck.
//!
//! The checker of `stateright` shows safety by itself (`checker.rs`); that both count the same
//! states shows that neither has left out any. Its `eventually` is experimental, which is why
//! liveness is done here.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use super::actions::Action;
use super::config::Config;
use super::describe::describe;
use super::properties::RULES;
use super::state::State;
use super::triples::note;
use crate::transition::Triple;

/// What was found wrong, and the shortest way there.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) promise: &'static str,
    pub(crate) steps: Vec<String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a run took is no part of the model"
)]
pub(super) fn stopwatch() -> Instant {
    Instant::now()
}

/// What a full exploration, or one up to the first fault, has found.
#[derive(Debug)]
pub(crate) struct Explored {
    pub(crate) name: &'static str,
    pub(crate) states: usize,
    /// Steps from the beginning to the farthest state.
    pub(crate) depth: u32,
    pub(crate) stuck: usize,
    pub(crate) fault: Option<Fault>,
    pub(crate) triples: BTreeSet<Triple>,
    pub(crate) time: Duration,
}

/// The promise that the backward pass keeps.
pub(crate) const SETTLES: &str = "the system can always settle it by itself";

#[derive(Default)]
struct Graph {
    states: Vec<State>,
    parents: Vec<u32>,
    depths: Vec<u32>,
    /// By a hash of 64 bits, as the checker does: the states themselves would need twice the
    /// memory.
    known: HashMap<u64, u32>,
    /// Steps of the system itself: from, to.
    edges: Vec<(u32, u32)>,
    triples: BTreeSet<Triple>,
}

/// Explores until everything is seen, or the first promise is broken.
pub(super) fn explore(config: &Config) -> Explored {
    let begun = stopwatch();
    let mut graph = Graph::default();
    let mut fault = graph.grow(config);
    let mut stuck = 0;
    if fault.is_none() {
        let lost = graph.stuck();
        stuck = lost.len();
        fault = lost.first().map(|state| Fault {
            promise: SETTLES,
            steps: graph.way_to(config, *state),
        });
    }
    Explored {
        name: config.name,
        states: graph.states.len(),
        depth: graph.depths.last().copied().unwrap_or(0),
        stuck,
        fault,
        triples: graph.triples,
        time: begun.elapsed(),
    }
}

impl Graph {
    fn grow(&mut self, config: &Config) -> Option<Fault> {
        for state in config.first_states() {
            self.add(state, u32::MAX, 0);
        }
        let mut next = 0;
        while let Some(state) = self.states.get(next).copied() {
            let from = u32::try_from(next).unwrap_or(u32::MAX);
            let broken = RULES.iter().find(|(_, holds)| !holds(config, &state));
            if let Some((promise, _)) = broken {
                let steps = self.way_to(config, from);
                return Some(Fault { promise, steps });
            }
            config.actions(&state, |action| self.follow(config, from, &state, action));
            next += 1;
        }
        None
    }

    fn follow(&mut self, config: &Config, from: u32, state: &State, action: Action) {
        let Some(next) = config.after(state, action) else {
            return;
        };
        if let Some(change) = next.change {
            note(&mut self.triples, &state.card, change, &next.state.card);
        }
        let depth = self.depths[from as usize] + 1;
        let to = self.add(next.state, from, depth);
        if config.is_by_itself(state, action) {
            self.edges.push((from, to));
        }
    }

    fn add(&mut self, state: State, parent: u32, depth: u32) -> u32 {
        let new = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let mut hash = DefaultHasher::new();
        state.hash(&mut hash);
        let place = *self.known.entry(hash.finish()).or_insert(new);
        if place == new {
            self.states.push(state);
            self.parents.push(parent);
            self.depths.push(depth);
        }
        place
    }

    /// The states from which no way of the system's own leads to a settled one, nearest first.
    fn stuck(&mut self) -> Vec<u32> {
        self.edges.sort_unstable_by_key(|(_, to)| *to);
        let mut settles: Vec<bool> = self.states.iter().map(State::is_settled).collect();
        let all = 0..u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        let mut open: Vec<u32> = all.clone().filter(|id| settles[*id as usize]).collect();
        while let Some(to) = open.pop() {
            let first = self.edges.partition_point(|edge| edge.1 < to);
            for (from, _) in self.edges[first..].iter().take_while(|edge| edge.1 == to) {
                if !std::mem::replace(&mut settles[*from as usize], true) {
                    open.push(*from);
                }
            }
        }
        all.filter(|id| !settles[*id as usize]).collect()
    }

    fn way_to(&self, config: &Config, state: u32) -> Vec<String> {
        let mut way = Vec::new();
        let mut to = state;
        while let Some(from) = self.parents.get(to as usize).filter(|id| **id != u32::MAX) {
            let (before, after) = (&self.states[*from as usize], &self.states[to as usize]);
            let mut step = None;
            config.actions(before, |action| {
                let leads = config
                    .after(before, action)
                    .is_some_and(|next| next.state == *after);
                if leads && step.is_none() {
                    step = Some(action);
                }
            });
            way.extend(step.map(|action| describe(config, before, action, after)));
            to = *from;
        }
        way.reverse();
        way
    }
}
