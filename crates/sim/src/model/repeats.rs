//! A failed card ordered again, with what is frozen anew.

use super::config::{Config, Flaw, Wish};
use super::rules::Written;
use super::state::{Card, Due, Email, Kind};
use super::triples::Change;

/// What is not as it was when the card was ordered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anew {
    /// What the producer would get differently has to be approved.
    pub(super) data: bool,
    email: Option<Wish>,
}

impl Anew {
    /// How many there are. The last ones have other data.
    pub(super) fn ways(config: &Config) -> u8 {
        let data = if config.approval { 2 } else { 1 };
        data * emails(config)
    }

    pub(super) fn of(config: &Config, way: u8) -> Self {
        let emails = emails(config);
        let email = Wish::ALL.get(usize::from(way % emails)).copied();
        Self {
            data: way >= emails,
            email: email.filter(|_| config.address_changes),
        }
    }

    /// An email that may have been sent keeps its life.
    fn email(self, card: &Card) -> Email {
        match self.email {
            Some(wish) if card.tries == 0 => wish.email(),
            _ => card.email,
        }
    }
}

fn emails(config: &Config) -> u8 {
    if config.address_changes { 3 } else { 1 }
}

impl Card {
    pub(super) fn repeat(self, config: &Config, seen: u8, anew: Anew) -> Written {
        let as_seen = self.attempt == seen || config.has(Flaw::RepeatOfWhatWasNotSeen);
        let more = self.attempt + 1 < config.attempts;
        if !matches!(self.kind, Kind::Failed(_)) || !as_seen || !more {
            return Written::No;
        }
        let waits = anew.data && !config.has(Flaw::RepeatOfOtherDataUnapproved);
        let (kind, due) = if waits {
            (Kind::Requested, Due::No)
        } else {
            (Kind::Queued, Due::Later)
        };
        Written::Done(Self {
            kind,
            attempt: self.attempt + 1,
            claims: 0,
            email: anew.email(&self),
            due,
            ..self
        })
    }
}

impl Written {
    pub(super) fn change_of_repeat(&self) -> Change {
        match self {
            Self::Done(card) if card.kind == Kind::Requested => Change::RequestRepeat,
            _ => Change::Repeat,
        }
    }
}
