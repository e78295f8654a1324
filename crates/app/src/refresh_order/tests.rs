use cardwright_domain::card::{StateKind, sample};
use cardwright_domain::ids::ProducerOrderId;
use cardwright_domain::order_status::{OrderStatus, Progress};

use super::*;
use crate::memory::{Memory, answer, check_counts, counted};
use crate::ports::Status;

fn card(state: StateKind) -> Card {
    Card {
        producer_order_id: Some(sample::producer_order_id()),
        ..sample::card(state, "k")
    }
}

fn known(card: &Card, progress: Progress) -> Status {
    Status::Known(OrderStatus {
        order_id: card.order_id(),
        producer_order_id: sample::producer_order_id(),
        progress,
    })
}

fn refresh(memory: &Memory, card: &Card) -> Result<StateKind, String> {
    let by = sample::operator();
    let refreshed = answer(refresh_order(memory, memory, memory, &by, card.card_id));
    let refreshed = refreshed.map(|card| card.state.kind());
    refreshed.map_err(|error| format!("{error:?}"))
}

#[test]
fn a_card_in_the_producers_hands_is_brought_up_to_date() {
    for state in [StateKind::Ordered, StateKind::InProduction] {
        let card = card(state);
        let memory = Memory::with([card.clone()]);
        memory.things().status = known(&card, Progress::InProduction);
        assert_eq!(refresh(&memory, &card), Ok(StateKind::InProduction));
    }
}

#[test]
fn only_a_card_in_the_producers_hands_can_be_asked_about() {
    for state in StateKind::ALL {
        let card = card(state);
        let memory = Memory::with([card.clone()]);
        memory.things().status = known(&card, Progress::Accepted);
        let in_hand = matches!(state, StateKind::Ordered | StateKind::InProduction);
        let expected = if in_hand {
            Ok(state)
        } else {
            Err(format!("Refused(CardState {{ state: {state:?} }})"))
        };
        assert_eq!(refresh(&memory, &card), expected);
    }
    let unknown = Memory::with([]);
    let refused = refresh(&unknown, &card(StateKind::Ordered));
    assert_eq!(refused, Err("Refused(CardNotFound)".into()));
}

#[test]
fn what_the_producer_does_not_say_or_says_of_another_changes_nothing() {
    let card = card(StateKind::Ordered);
    let memory = Memory::with([card.clone()]);
    assert!(
        refresh(&memory, &card)
            .unwrap_err()
            .starts_with("Unavailable")
    );
    let contradicts = Err("Refused(ProducerContradicts)".to_owned());
    memory.things().status = Status::Contradicts;
    let (refused, counts) = counted(async { refresh(&memory, &card) });
    assert_eq!(refused, contradicts);
    check_counts(&counts, &[("ProducerOrderMismatch", 1)]);
    let mut other = known(&card, Progress::InProduction);
    if let Status::Known(status) = &mut other {
        status.producer_order_id = ProducerOrderId::parse("P-2").unwrap();
    }
    memory.things().status = other;
    assert_eq!(refresh(&memory, &card), contradicts);
    assert_eq!(memory.things().cards[&card.card_id], card);
}
