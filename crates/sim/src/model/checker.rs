//! The model as `stateright` takes it, for safety.

use stateright::{Checker, Model, Property};

use super::actions::Action;
use super::config::Config;
use super::properties::RULES;
use super::state::State;

impl Model for Config {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        self.first_states()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        Self::actions(self, state, |action| actions.push(action));
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.after(state, action).map(|next| next.state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let rules = RULES.iter();
        rules
            .map(|(name, holds)| Property::always(name, *holds))
            .collect()
    }
}

/// The number of states, the steps to the farthest, and the promise that is broken if one is.
pub(super) fn check(config: &Config, threads: usize) -> (usize, usize, Option<&'static str>) {
    let checker = config.clone().checker().threads(threads).spawn_bfs().join();
    let broken = checker.discoveries().into_keys().next();
    (checker.unique_state_count(), checker.max_depth(), broken)
}
