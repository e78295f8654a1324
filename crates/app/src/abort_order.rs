//! `CardsAddonExtProdProcAbort`: an operator or the holder takes back an order that no worker has claimed;
//! while it waits for approval, only its requester does.
//!
//! Promise: a card that was answered `aborted` is never sent to the producer. The one write here and the
//! drain's claim exclude each other by their conditions; there is nothing to clean up, since the drain
//! drops the message of an aborted card. That a holder aborts only their own card is a condition of the
//! same write; another one is for them not there, whatever its state.

use cardwright_domain::card::{Card, Event};
use cardwright_domain::ids::{Actor, CardId};
use cardwright_domain::refusal::Refusal;

use crate::apply::{Applied, apply, refusal};
use crate::count::count;
use crate::error::Error;
use crate::ports::{ChangeCard, Clock};
use crate::self_service::Reach;

/// # Errors
/// There is no such card within the caller's reach, its state or a claim forbids it, or the store does
/// not answer.
pub async fn abort_order(
    store: &impl ChangeCard,
    clock: &impl Clock,
    reach: &Reach,
    card_id: CardId,
    by: Actor,
    reason: Option<String>,
) -> Result<Card, Error> {
    let event = Event::Abort {
        by,
        reason,
        held_by: reach.own().cloned(),
    };
    match apply(store, card_id, &event, clock.now()).await? {
        Applied::Done(card) => {
            count("OrdersAborted", 1);
            Ok(*card)
        }
        Applied::Already(card) => Ok(reach.card(*card)?),
        Applied::Refused(card, refused) => Err(refusal(&reach.card(*card)?, &refused).into()),
        Applied::Missing => Err(Refusal::CardNotFound.into()),
    }
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::{State, StateKind, sample};
    use cardwright_domain::ids::UserId;

    use super::*;
    use crate::memory::{Memory, check_counts, counted};

    fn abort(state: State) -> (Result<StateKind, String>, Vec<(String, u64)>) {
        abort_within(&Reach::Everybody, state)
    }

    fn abort_within(
        reach: &Reach,
        state: State,
    ) -> (Result<StateKind, String>, Vec<(String, u64)>) {
        let mut card = sample::card(StateKind::Processing, "k");
        card.state = state;
        let memory = Memory::with([card.clone()]);
        let by = match card.state {
            State::Requested => sample::approver(),
            _ => sample::operator(),
        };
        let aborting = abort_order(&memory, &memory, reach, card.card_id, by, None);
        let (aborted, counts) = counted(aborting);
        let aborted = aborted.map(|card| card.state.kind());
        (aborted.map_err(|error| format!("{error:?}")), counts)
    }

    #[test]
    fn an_abort_is_counted_once_and_repeated_as_often_as_one_likes() {
        let (first, counts) = abort(State::QUEUED);
        assert_eq!(first, Ok(StateKind::Aborted));
        check_counts(&counts, &[("OrdersAborted", 1)]);
        let by = sample::operator();
        let (again, counts) = abort(State::Aborted { by });
        assert_eq!(again, Ok(StateKind::Aborted));
        check_counts(&counts, &[]);
    }

    #[test]
    fn an_abort_that_comes_too_late_says_why() {
        let claimed = sample::card(StateKind::Processing, "k").state;
        let by = sample::approver();
        for (state, refusal) in [
            (State::Requested, "RequesterOnly"),
            (claimed, "CardClaimed { state: Processing }"),
            (State::Ordered, "CardState { state: Ordered }"),
            (State::Aborted { by }, "CardState { state: Aborted }"),
        ] {
            let (answer, counts) = abort(state);
            assert_eq!(answer, Err(format!("Refused({refusal})")));
            check_counts(&counts, &[]);
        }
    }

    #[test]
    fn a_holder_aborts_their_own_card_and_finds_no_other() {
        let of = |id: &str| Reach::Own(UserId::parse(id).unwrap());
        let (aborted, counts) = abort_within(&of("u1"), State::QUEUED);
        assert_eq!(aborted, Ok(StateKind::Aborted));
        check_counts(&counts, &[("OrdersAborted", 1)]);
        let late = abort_within(&of("u1"), State::Ordered).0.unwrap_err();
        assert_eq!(late, "Refused(CardState { state: Ordered })");
        let by = sample::operator();
        let claimed = sample::card(StateKind::Processing, "k").state;
        for state in [
            State::QUEUED,
            State::Requested,
            State::Ordered,
            State::Aborted { by },
            claimed,
        ] {
            let (answer, counts) = abort_within(&of("u2"), state);
            assert_eq!(answer, Err("Refused(CardNotFound)".into()));
            check_counts(&counts, &[]);
        }
    }
}
