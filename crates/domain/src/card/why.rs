//! Why a card stands still: what it waits for, and since when.

use serde::Serialize;

use super::{Card, CardKind, State};
use crate::time::Time;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingFor {
    Approval,
    /// A drain takes it to the producer.
    Drain,
    /// The producer was asked to make it, and it is not known what became of that.
    ProducerAnswer,
    /// The producer makes it.
    Production,
    /// Somebody activates it for its holder.
    Activation,
    /// Somebody takes it into the stock of temporary cards.
    Initialization,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Why {
    pub waiting_for: WaitingFor,
    pub since: Time,
    /// What it waits for does not come before this time.
    pub not_before: Option<Time>,
}

impl Card {
    /// `None` if nothing more will happen to the card by itself, or nothing is known of what will.
    #[must_use]
    pub fn why(&self) -> Option<Why> {
        let moves = self.timeline.iter().rev().find(|entry| entry.to.is_some());
        let since = moves.map_or(self.created_at, |entry| entry.at);
        let waiting = |waiting_for| {
            Some(Why {
                waiting_for,
                since,
                not_before: None,
            })
        };
        match &self.state {
            State::Requested => waiting(WaitingFor::Approval),
            State::Processing { claim: None } => Some(Why {
                waiting_for: WaitingFor::Drain,
                since,
                not_before: self.held_until,
            }),
            State::Processing { claim: Some(_) } => Some(Why {
                waiting_for: WaitingFor::ProducerAnswer,
                since: self.asked_since.unwrap_or(since),
                not_before: None,
            }),
            State::Ordered | State::InProduction => waiting(WaitingFor::Production),
            State::Produced => waiting(match self.kind {
                CardKind::Personal => WaitingFor::Activation,
                CardKind::Temporary => WaitingFor::Initialization,
            }),
            State::Registered
            | State::Active
            | State::Inactive
            | State::Locked
            | State::Expired
            | State::Aborted { .. }
            | State::Rejected { .. }
            | State::Failed { .. }
            | State::Unassigned
            | State::Assigned { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::sample::{self, event, later, now, registered};
    use crate::card::{EventKind, StateKind};

    fn lived(events: &[EventKind]) -> Card {
        let card = registered("k");
        let live = |card: Card, kind: &EventKind| card.on(&event(*kind), now()).unwrap();
        events.iter().fold(card, live)
    }

    #[test]
    fn a_card_waits_for_what_comes_next_since_it_came_where_it_is() {
        let claimed = [EventKind::Order, EventKind::Claim];
        let ordered = [EventKind::Order, EventKind::Claim, EventKind::Accept];
        for (events, waiting_for) in [
            (&[EventKind::Request][..], WaitingFor::Approval),
            (&[EventKind::Order], WaitingFor::Drain),
            (&claimed, WaitingFor::ProducerAnswer),
            (&ordered, WaitingFor::Production),
        ] {
            let expected = Why {
                waiting_for,
                since: now(),
                not_before: None,
            };
            assert_eq!(lived(events).why(), Some(expected));
        }
        let in_production = lived(&ordered).on(&event(EventKind::StartProduction), later());
        let why = in_production.unwrap().why().unwrap();
        assert_eq!(
            (why.waiting_for, why.since),
            (WaitingFor::Production, later())
        );
    }

    #[test]
    fn a_card_that_was_made_waits_for_whoever_gives_it_out() {
        for (kind, waiting_for) in [
            (CardKind::Personal, WaitingFor::Activation),
            (CardKind::Temporary, WaitingFor::Initialization),
        ] {
            let produced = Card {
                kind,
                ..sample::card(StateKind::Produced, "k")
            };
            assert_eq!(produced.why().unwrap().waiting_for, waiting_for);
        }
    }

    #[test]
    fn an_email_does_not_make_the_waiting_shorter() {
        let ordered = lived(&[EventKind::Order, EventKind::Claim, EventKind::Accept]);
        let claimed = ordered.on(&event(EventKind::ClaimEmail), now()).unwrap();
        let sent = claimed.on(&event(EventKind::EmailSent), later()).unwrap();
        assert_eq!(sent.timeline.len(), 3);
        assert_eq!(sent.why(), ordered.why());
    }

    #[test]
    fn a_held_card_says_until_when() {
        let held = Card {
            held_until: Some(later()),
            ..lived(&[EventKind::Order])
        };
        assert_eq!(held.why().unwrap().not_before, Some(later()));
        let claimed = held.on(&event(EventKind::Claim), later()).unwrap();
        assert_eq!(claimed.why().unwrap().not_before, None);
    }

    #[test]
    fn the_producers_answer_is_waited_for_since_it_was_first_asked_about_this_attempt() {
        let claimed = lived(&[EventKind::Order]).on(&event(EventKind::Claim), later());
        let claimed = claimed.unwrap();
        assert_eq!(claimed.why().unwrap().since, later());
        let much_later = later().plus(later().since(now()));
        let again = claimed.on(&event(EventKind::Claim), much_later).unwrap();
        assert_eq!(again.why().unwrap().since, later());
        let failed = Card {
            state: sample::card(StateKind::Failed, "k").state,
            version: 3,
            ..again
        };
        let repeated = failed.on(&event(EventKind::Repeat), much_later).unwrap();
        assert_eq!(repeated.asked_since, None);
    }

    #[test]
    fn what_is_over_waits_for_nothing() {
        use StateKind as S;
        for state in StateKind::ALL {
            let waits = matches!(
                state,
                S::Requested | S::Processing | S::Ordered | S::InProduction | S::Produced
            );
            assert_eq!(sample::card(state, "k").why().is_some(), waits, "{state:?}");
        }
    }
}
