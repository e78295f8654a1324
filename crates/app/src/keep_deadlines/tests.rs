use cardwright_domain::card::{StateKind, sample};
use jiff::SignedDuration;

use super::*;
use crate::memory::{Memory, check_counts, counted};

fn tick(memory: &Memory, left: SignedDuration) -> (Result<Report, String>, Vec<(String, u64)>) {
    let deadlines = Deadlines {
        store: memory,
        clock: memory,
        by: Actor::system("keep-deadlines"),
        deadline: sample::now().plus(left),
    };
    let (report, counts) = counted(deadlines.tick());
    (report.map_err(|error| error.to_string()), counts)
}

fn ends(state: StateKind, key: &str, at: Time) -> Card {
    Card {
        deadline_at: Some(at),
        ..sample::card(state, key)
    }
}

#[test]
fn what_is_over_ends_and_what_is_not_goes_on() {
    let early = sample::now().plus(SignedDuration::from_millis(1));
    let cards = [
        ends(StateKind::Active, "a", sample::now()),
        ends(StateKind::Inactive, "b", sample::now()),
        ends(StateKind::Assigned, "c", sample::now()),
        ends(StateKind::Active, "d", early),
    ];
    let memory = Memory::with(cards.clone());
    let (report, counts) = tick(&memory, DEADLINES_TIME);
    let expected = Report {
        expired: 2,
        assignments_ended: 1,
        ..Report::default()
    };
    assert_eq!(report, Ok(expected));
    check_counts(&counts, &[("AssignmentsEnded", 1), ("CardsExpired", 2)]);
    let states = cards.map(|card| {
        let card = memory.things().cards[&card.card_id].clone();
        (card.state.kind(), card.holder.is_some(), card.deadline_at)
    });
    let expected = [
        (StateKind::Expired, true, None),
        (StateKind::Expired, true, None),
        (StateKind::Unassigned, false, None),
        (StateKind::Active, true, Some(early)),
    ];
    assert_eq!(states, expected);
}

#[test]
fn one_card_that_fails_stops_no_other() {
    let cards = [
        ends(StateKind::Active, "a", sample::now()),
        ends(StateKind::Active, "b", sample::now()),
    ];
    let memory = Memory::with(cards.clone());
    memory.things().silent.insert(cards[0].card_id);
    let (report, counts) = tick(&memory, DEADLINES_TIME);
    let expected = Report {
        expired: 1,
        failed: 1,
        ..Report::default()
    };
    assert_eq!(report, Ok(expected));
    check_counts(&counts, &[("CardsExpired", 1), ("DeadlineFailures", 1)]);
}

#[test]
fn a_card_without_an_end_is_left_as_it_is() {
    let card = ends(StateKind::Locked, "a", sample::now());
    let memory = Memory::with([card.clone()]);
    let (report, _) = tick(&memory, DEADLINES_TIME);
    let expected = Report {
        left: 1,
        ..Report::default()
    };
    assert_eq!(report, Ok(expected));
    assert_eq!(memory.things().cards[&card.card_id], card);
}

#[test]
fn a_long_list_is_worked_off_while_there_is_time() {
    let card = |at: usize| ends(StateKind::Active, &format!("k{at}"), sample::now());
    let cards: Vec<_> = (0..=DEADLINES_AT_ONCE).map(card).collect();
    let memory = Memory::with(cards.clone());
    let (report, _) = tick(&memory, DEADLINES_TIME);
    assert_eq!(report.unwrap().expired, cards.len() as u64);
    let memory = Memory::with(cards);
    let too_short = DEADLINES_TIME - SignedDuration::from_millis(1);
    let (report, _) = tick(&memory, too_short);
    assert_eq!(report, Ok(Report::default()));
}

#[test]
fn a_list_of_nothing_but_failures_is_not_asked_for_again() {
    let card = |at: usize| ends(StateKind::Active, &format!("k{at}"), sample::now());
    let cards: Vec<_> = (0..DEADLINES_AT_ONCE).map(card).collect();
    let memory = Memory::with(cards.clone());
    let ids = cards.iter().map(|card| card.card_id);
    memory.things().silent.extend(ids);
    let (report, _) = tick(&memory, DEADLINES_TIME);
    assert_eq!(report.unwrap().failed, cards.len() as u64);
}

#[test]
fn a_list_that_can_not_be_read_is_an_error() {
    let memory = Memory::with([]);
    memory.things().down.insert("passed_deadlines");
    let (report, _) = tick(&memory, DEADLINES_TIME);
    assert!(report.unwrap_err().contains("passed_deadlines"));
}
