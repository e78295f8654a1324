//! What happened to a card, when, by whom and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{EventKind, StateKind};
use crate::ids::Actor;
use crate::time::Time;

/// One line of a card's timeline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Time,
    pub event: EventKind,
    /// The state that the event led to; `None` if the card stayed in the state of the line before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<StateKind>,
    pub by: Actor,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The version of the card that a person had seen who approved, rejected or repeated it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seen_version: Option<u64>,
    /// The version of the options under which the card was ordered, or its data frozen anew.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub options_version: Option<u64>,
}

/// Reasons are free text, so they may be personal.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("at", &self.at)
            .field("event", &self.event)
            .field("to", &self.to)
            .finish_non_exhaustive()
    }
}
