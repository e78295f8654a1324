use cardwright_domain::card::{CardKind, StateKind, sample};
use jiff::SignedDuration;

use super::*;
use crate::memory::{Memory, check_counts, counted};

fn activate() -> Command {
    Command::Activate { comment: None }
}

fn deactivate() -> Command {
    Command::Deactivate {
        reason: "on leave".into(),
    }
}

fn reactivate() -> Command {
    Command::Reactivate {
        comment: Some("back".into()),
    }
}

fn stored(state: StateKind) -> (Memory, Card) {
    let card = sample::card(state, "k");
    (Memory::with([card.clone()]), card)
}

type Done = (Result<Card, String>, Vec<(String, u64)>);

fn done(memory: &Memory, card: &Card, version: u64, command: &Command) -> Done {
    let seen = Seen {
        card_id: card.card_id,
        version,
    };
    let by = sample::operator();
    let (done, counts) = counted(manage_card(memory, memory, &by, command, seen));
    (done.map_err(|error| format!("{error:?}")), counts)
}

fn locked(memory: &Memory, card: &Card) -> Done {
    let by = sample::operator();
    let lock = lock_card(memory, memory, &by, "lost".into(), card.card_id);
    let (done, counts) = counted(lock);
    (done.map_err(|error| format!("{error:?}")), counts)
}

#[test]
fn each_command_moves_the_card_is_counted_once_and_says_why() {
    for (from, command, to, counter, reason) in [
        (
            StateKind::Produced,
            activate(),
            StateKind::Active,
            "CardsActivated",
            None,
        ),
        (
            StateKind::Active,
            deactivate(),
            StateKind::Inactive,
            "CardsDeactivated",
            Some("on leave"),
        ),
        (
            StateKind::Inactive,
            reactivate(),
            StateKind::Active,
            "CardsReactivated",
            Some("back"),
        ),
    ] {
        let (memory, card) = stored(from);
        let (first, counts) = done(&memory, &card, 3, &command);
        let first = first.unwrap();
        assert_eq!(first.state.kind(), to);
        assert_eq!(first.timeline.last().unwrap().reason.as_deref(), reason);
        check_counts(&counts, &[(counter, 1)]);
        assert_eq!(format!("{command:?}"), counter);
        let (again, counts) = done(&memory, &card, 3, &command);
        assert_eq!(again, Ok(first), "{command:?}");
        check_counts(&counts, &[]);
    }
}

#[test]
fn a_card_is_valid_from_its_activation_for_as_long_as_was_ordered() {
    let (memory, card) = stored(StateKind::Produced);
    let (active, _) = done(&memory, &card, 3, &activate());
    let end = sample::now().plus(SignedDuration::from_hours(365 * 24));
    let active = active.unwrap();
    assert_eq!(
        (active.valid_until, active.deadline_at),
        (Some(end), Some(end))
    );
}

#[test]
fn a_request_that_comes_late_undoes_nothing() {
    let (memory, card) = stored(StateKind::Active);
    done(&memory, &card, 3, &deactivate()).0.unwrap();
    done(&memory, &card, 4, &reactivate()).0.unwrap();
    // It was answered before, and is answered again; the card stays as it is now.
    let (late, counts) = done(&memory, &card, 3, &deactivate());
    assert_eq!(late.unwrap().state.kind(), StateKind::Active);
    check_counts(&counts, &[]);
}

#[test]
fn a_command_that_does_not_fit_says_why() {
    for (from, version, command, refused) in [
        (
            StateKind::Ordered,
            3,
            activate(),
            "CardState { state: Ordered }",
        ),
        (
            StateKind::Produced,
            2,
            activate(),
            "CardChanged { current: 3 }",
        ),
        (
            StateKind::Locked,
            3,
            deactivate(),
            "CardState { state: Locked }",
        ),
        (
            StateKind::Active,
            3,
            reactivate(),
            "CardState { state: Active }",
        ),
    ] {
        let (memory, card) = stored(from);
        let (answer, counts) = done(&memory, &card, version, &command);
        assert_eq!(answer, Err(format!("Refused({refused})")));
        check_counts(&counts, &[]);
    }
    let missing = sample::card(StateKind::Active, "other");
    let (memory, _) = stored(StateKind::Active);
    for command in [activate(), deactivate()] {
        let (answer, _) = done(&memory, &missing, 3, &command);
        assert_eq!(answer, Err("Refused(CardNotFound)".to_owned()));
    }
    let (answer, _) = locked(&memory, &missing);
    assert_eq!(answer, Err("Refused(CardNotFound)".to_owned()));
}

#[test]
fn a_temporary_card_is_not_activated() {
    let card = Card {
        kind: CardKind::Temporary,
        ..sample::card(StateKind::Produced, "k")
    };
    let memory = Memory::with([card.clone()]);
    let (answer, _) = done(&memory, &card, 3, &activate());
    let refused = "Refused(CardState { state: Produced })";
    assert_eq!(answer, Err(refused.to_owned()));
}

#[test]
fn a_lock_is_final_and_asks_for_no_version() {
    for from in [StateKind::Active, StateKind::Inactive] {
        let (memory, card) = stored(from);
        let (first, counts) = locked(&memory, &card);
        let first = first.unwrap();
        assert_eq!(
            (first.state.kind(), first.deadline_at),
            (StateKind::Locked, None)
        );
        check_counts(&counts, &[("CardsLocked", 1)]);
        let (again, counts) = locked(&memory, &card);
        assert_eq!(again, Ok(first));
        check_counts(&counts, &[]);
    }
    let (memory, card) = stored(StateKind::Ordered);
    let (answer, _) = locked(&memory, &card);
    assert_eq!(
        answer,
        Err("Refused(CardState { state: Ordered })".to_owned())
    );
}
