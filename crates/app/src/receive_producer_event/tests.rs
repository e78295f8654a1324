use cardwright_domain::card::{Card, StateKind, sample};
use cardwright_domain::ids::OrderAttempt;
use cardwright_domain::order_status::Progress;

use super::*;
use crate::memory::{Memory, answer, check_counts, counted};

fn ordered() -> Card {
    Card {
        producer_order_id: Some(sample::producer_order_id()),
        ..sample::card(StateKind::Ordered, "k")
    }
}

fn event(id: &str, status: Option<OrderStatus>) -> ProducerEvent<'static> {
    ProducerEvent {
        id: EventId::parse(id).unwrap(),
        body: b"{}",
        status,
    }
}

fn says(card: &Card, progress: Progress) -> Option<OrderStatus> {
    Some(OrderStatus {
        order_id: card.order_id(),
        producer_order_id: sample::producer_order_id(),
        progress,
    })
}

fn receive(memory: &Memory, event: &ProducerEvent<'_>) -> Result<Outcome, PortError> {
    answer(receive_producer_event(memory, memory, memory, event))
}

#[test]
fn the_card_goes_where_the_producer_says_and_the_event_is_remembered() {
    let card = ordered();
    let memory = Memory::with([card.clone()]);
    let event = event("e1", says(&card, Progress::InProduction));
    assert_eq!(receive(&memory, &event).unwrap(), Outcome::Taken);
    let things = memory.things();
    let after = &things.cards[&card.card_id];
    assert_eq!(after.state.kind(), StateKind::InProduction);
    let by = &after.timeline.last().unwrap().by;
    assert_eq!(by.as_str(), "system:receive-producer-event");
    assert_eq!(things.events[&event.id], sample::now().plus(EVENT_MEMORY));
    assert!(things.quarantined.is_empty());
}

#[test]
fn an_event_that_comes_again_does_nothing_whatever_it_says() {
    let card = ordered();
    let memory = Memory::with([card.clone()]);
    receive(&memory, &event("e1", says(&card, Progress::Accepted))).unwrap();
    for again in [says(&card, Progress::InProduction), None] {
        let (outcome, counts) = counted(async { receive(&memory, &event("e1", again)) });
        assert_eq!(outcome.unwrap(), Outcome::Duplicate);
        check_counts(&counts, &[("ProducerEventsDuplicate", 1)]);
    }
    assert_eq!(memory.things().cards[&card.card_id], card);
    assert!(memory.things().quarantined.is_empty());
}

#[test]
fn an_event_that_was_overtaken_is_taken_and_moves_nothing() {
    let card = ordered();
    let memory = Memory::with([card.clone()]);
    let produced = Progress::Produced(Default::default());
    for (id, progress) in [("e2", produced), ("e1", Progress::InProduction)] {
        let event = event(id, says(&card, progress));
        assert_eq!(receive(&memory, &event).unwrap(), Outcome::Taken);
    }
    let state = memory.things().cards[&card.card_id].state.kind();
    assert_eq!(state, StateKind::Produced);
}

#[test]
fn what_nobody_can_follow_is_kept_once_and_raises_the_alarm_if_an_order_is_at_stake() {
    let card = ordered();
    let mut later = says(&card, Progress::InProduction).unwrap();
    later.order_id.attempt = OrderAttempt::FIRST.next();
    let mut nobodys = says(&card, Progress::InProduction).unwrap();
    nobodys.order_id = sample::card(StateKind::Ordered, "other").order_id();
    for (status, alarms) in [(None, 0), (Some(later), 1), (Some(nobodys), 1)] {
        let memory = Memory::with([card.clone()]);
        let event = event("e1", status);
        let (outcome, counts) = counted(async { receive(&memory, &event) });
        assert_eq!(outcome.unwrap(), Outcome::Kept);
        let mut expected = vec![("ProducerEventsKept", 1)];
        expected.extend((alarms > 0).then_some(("ProducerOrderMismatch", alarms)));
        check_counts(&counts, &expected);
        assert_eq!(receive(&memory, &event).unwrap(), Outcome::Duplicate);
        let things = memory.things();
        assert_eq!(things.quarantined, ["{}"]);
        assert_eq!(things.cards[&card.card_id], card);
    }
}

#[test]
fn an_event_that_fails_half_way_is_done_when_it_comes_again() {
    let card = ordered();
    for (down, status, expected) in [
        (
            "remember",
            says(&card, Progress::InProduction),
            Outcome::Taken,
        ),
        ("quarantine", None, Outcome::Kept),
    ] {
        let memory = Memory::with([card.clone()]);
        let event = event("e1", status);
        memory.things().down.insert(down);
        assert!(receive(&memory, &event).is_err(), "{down}");
        memory.things().down.clear();
        assert_eq!(receive(&memory, &event).unwrap(), expected);
        assert_eq!(receive(&memory, &event).unwrap(), Outcome::Duplicate);
    }
}
