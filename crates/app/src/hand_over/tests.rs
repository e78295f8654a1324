use cardwright_domain::card::{State, StateKind, sample};
use cardwright_domain::ids::{ClaimToken, OrderAttempt};

use super::*;
use crate::memory::{Memory, check_counts, counted};

/// Cards that this worker has claimed; their emails wait.
fn claimed(keys: &[&str]) -> Vec<Card> {
    let card = |key: &&str| sample::card(StateKind::Processing, key);
    keys.iter().map(card).collect()
}

fn hand(memory: &Memory, cards: &[Card]) -> (HandOver, Vec<(String, u64)>) {
    let by = sample::operator();
    let cards = cards.to_vec();
    counted(hand_over(memory, memory, memory, memory, &by, cards))
}

fn rejected() -> Answer {
    Answer::Rejected(Failure::producer_rejected("unknown article".into()))
}

#[test]
fn every_answer_is_counted_and_only_ordered_cards_are_reminded_of() {
    let keys = ["a", "b", "c", "d", "e", "f", "g"];
    let cards = claimed(&keys);
    let memory = Memory::with(cards.clone());
    for (at, answer) in [
        (1, rejected()),
        (2, rejected()),
        (3, Answer::Unknown),
        (4, Answer::Unknown),
        (5, Answer::Unknown),
    ] {
        memory.things().answers.insert(cards[at].card_id, answer);
    }
    memory.things().silent.insert(cards[6].card_id);
    let (handed, counts) = hand(&memory, &cards);
    assert_eq!((handed.accepted, handed.refused, handed.unknown), (1, 2, 3));
    assert_eq!(handed.failed, [cards[6].order_id()]);
    assert_eq!(handed.cards.len(), keys.len());
    assert_eq!(memory.things().reminded, [cards[0].order_id()]);
    check_counts(
        &counts,
        &[
            ("OrdersHandedOver", 1),
            ("OrdersRefused", 2),
            ("OrdersUnknown", 3),
        ],
    );
}

#[test]
fn an_acceptance_that_the_card_cannot_take_is_told_to_somebody() {
    let cards = claimed(&["a", "b"]);
    let by = sample::operator();
    let aborted = Card {
        state: State::Aborted { by },
        ..cards[0].clone()
    };
    // The other card is gone altogether.
    let memory = Memory::with([aborted]);
    let (handed, counts) = hand(&memory, &cards);
    assert_eq!((handed.mismatched, handed.accepted), (2, 0));
    check_counts(&counts, &[("ProducerOrderMismatch", 2)]);
}

#[test]
fn a_refusal_is_left_to_whoever_took_the_claim_over() {
    let cards = claimed(&["a"]);
    let taken_over = Event::Claim {
        attempt: OrderAttempt::FIRST,
        token: ClaimToken(uuid::Uuid::from_u128(8)),
        lease_until: sample::later(),
    };
    let memory = Memory::with([cards[0].on(&taken_over, sample::now()).unwrap()]);
    memory.things().answers.insert(cards[0].card_id, rejected());
    let (handed, _) = hand(&memory, &cards);
    assert_eq!(
        (handed.unknown, handed.mismatched, handed.refused),
        (1, 0, 0)
    );
}

#[test]
fn an_answer_that_stands_already_is_the_same_as_one_written_now() {
    let cards = claimed(&["a", "b"]);
    let memory = Memory::with(cards.clone());
    memory.things().answers.insert(cards[1].card_id, rejected());
    for _ in 0..2 {
        let (handed, _) = hand(&memory, &cards);
        assert_eq!((handed.accepted, handed.refused), (1, 1));
    }
}

#[test]
fn only_an_email_that_waits_is_reminded_of() {
    let (token, lease_until) = (sample::token(), sample::later());
    for (email, reminded) in [
        (Email::Pending, true),
        (Email::Sending { token, lease_until }, false),
        (Email::Off, false),
    ] {
        let mut card = claimed(&["a"]).remove(0);
        card.email = email.clone();
        let memory = Memory::with([card.clone()]);
        assert_eq!(hand(&memory, &[card]).0.accepted, 1);
        assert_eq!(!memory.things().reminded.is_empty(), reminded, "{email:?}");
    }
}

#[test]
fn a_card_ordered_once_before_and_refused_now_is_not_reminded_of() {
    let mut card = claimed(&["a"]).remove(0);
    card.producer_order_id = Some(sample::producer_order_id());
    let memory = Memory::with([card.clone()]);
    memory.things().answers.insert(card.card_id, rejected());
    assert_eq!(hand(&memory, &[card]).0.refused, 1);
    assert_eq!(memory.things().reminded, []);
}
