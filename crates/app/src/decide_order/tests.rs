//! What an approver is told and what is counted. Races and lost answers are for the simulator.

use cardwright_domain::card::{EventKind, State, StateKind, sample};
use cardwright_domain::user::UserState;

use super::*;
use crate::memory::{Memory, check_counts, counted, user};
use crate::ports::Answer;

fn requested(key: &str) -> Card {
    sample::registered(key)
        .on(&sample::event(EventKind::Request), sample::now())
        .unwrap()
}

fn direct(key: &str) -> Card {
    Card {
        delivery: Delivery::Direct,
        ..requested(key)
    }
}

fn approve() -> Decision {
    Decision::Approve { comment: None }
}

fn reject() -> Decision {
    Decision::Reject {
        reason: "not needed".into(),
    }
}

type Told = Vec<Result<StateKind, String>>;

fn decide_as(
    by: &Actor,
    memory: &Memory,
    decision: &Decision,
    cards: &[Card],
) -> (Told, Vec<(String, u64)>) {
    let worker = Worker {
        store: memory,
        queues: memory,
        producer: memory,
        chance: memory,
        by: Actor::system("decide-order"),
    };
    let seen = |card: &Card| Seen {
        card_id: card.card_id,
        version: card.version,
    };
    let seen: Vec<_> = cards.iter().map(seen).collect();
    let (answers, counts) = counted(decide_orders(&worker, by, decision, &seen));
    let told = answers.into_iter().map(|answer| {
        let state = answer.map(|card| card.state.kind());
        state.map_err(|error| format!("{error:?}"))
    });
    (told.collect(), counts)
}

fn decide(memory: &Memory, decision: &Decision, cards: &[Card]) -> (Told, Vec<(String, u64)>) {
    decide_as(&sample::approver(), memory, decision, cards)
}

#[test]
fn an_approved_order_of_the_queue_is_reminded_of_once() {
    let card = requested("k");
    let memory = Memory::with([card.clone()]);
    for (now, expected) in [(1, &[("OrdersApproved", 1)][..]), (2, &[])] {
        let (told, counts) = decide(&memory, &approve(), std::slice::from_ref(&card));
        assert_eq!(told, [Ok(StateKind::Processing)], "{now}");
        check_counts(&counts, expected);
    }
    assert_eq!(memory.things().reminded, [card.order_id()]);
    assert!(memory.things().submitted.is_empty());
}

#[test]
fn an_order_that_nobody_could_be_reminded_of_is_approved_all_the_same() {
    let card = requested("k");
    let memory = Memory::with([card.clone()]);
    memory.things().down.insert("remind");
    let (told, _) = decide(&memory, &approve(), &[card]);
    assert_eq!(told, [Ok(StateKind::Processing)]);
}

#[test]
fn a_rejected_order_goes_nowhere() {
    let cards = [requested("k"), direct("d")];
    let memory = Memory::with(cards.clone());
    let (told, counts) = decide(&memory, &reject(), &cards);
    assert_eq!(told, [Ok(StateKind::Rejected), Ok(StateKind::Rejected)]);
    check_counts(&counts, &[("OrdersRejected", 2)]);
    assert!(memory.things().reminded.is_empty() && memory.things().submitted.is_empty());
}

#[test]
fn approved_direct_deliveries_are_asked_for_at_once_and_together() {
    let cards = ["a", "b", "c", "d"].map(direct);
    let memory = Memory::with(cards.clone());
    let holder = cards[2].holder.clone().map(|mut holder| {
        holder.user_id = user("u2", UserState::Inactive).user_id;
        holder
    });
    let card_id = cards[2].card_id;
    memory.things().cards.get_mut(&card_id).unwrap().holder = holder;
    let unknown = cards[1].card_id;
    memory.things().answers.insert(unknown, Answer::Unknown);
    let (told, counts) = decide(&memory, &approve(), &cards);
    assert_eq!(
        told,
        [
            Ok(StateKind::Ordered),
            Ok(StateKind::Processing),
            Ok(StateKind::Failed),
            Ok(StateKind::Ordered),
        ]
    );
    assert_eq!(memory.things().submitted, [3], "one request");
    check_counts(
        &counts,
        &[
            ("OrdersApproved", 4),
            ("OrdersHandedOver", 2),
            ("OrdersHolderInactive", 1),
            ("OrdersUnknown", 1),
        ],
    );
}

#[test]
fn each_card_is_refused_by_itself_and_says_why() {
    let (own, good, changed) = (requested("own"), requested("good"), requested("changed"));
    let aborted = Card {
        state: State::Aborted {
            by: sample::operator(),
        },
        ..requested("aborted")
    };
    let nowhere = requested("nowhere");
    let mine = Card {
        barred_approvers: vec![sample::approver().caseless()],
        ..own
    };
    let newer = Card {
        version: 7,
        ..changed.clone()
    };
    let memory = Memory::with([mine.clone(), good.clone(), newer, aborted.clone()]);
    let (told, counts) = decide(
        &memory,
        &approve(),
        &[mine, changed, aborted, nowhere, good],
    );
    let refused = |refusal: &str| Err(format!("Refused({refusal})"));
    assert_eq!(
        told,
        [
            refused("OwnOrder"),
            refused("CardChanged { current: 7 }"),
            refused("CardState { state: Aborted }"),
            refused("CardNotFound"),
            Ok(StateKind::Processing),
        ]
    );
    check_counts(&counts, &[("OrdersApproved", 1)]);
}

#[test]
fn of_two_approvers_the_second_is_told_what_stands() {
    let card = requested("k");
    let memory = Memory::with([card.clone()]);
    let cards = std::slice::from_ref(&card);
    assert_eq!(
        decide(&memory, &reject(), cards).0,
        [Ok(StateKind::Rejected)]
    );
    let other = Actor::parse("eve@example.com").unwrap();
    let refused = [Err("Refused(CardState { state: Rejected })".to_owned())];
    assert_eq!(decide_as(&other, &memory, &approve(), cards).0, refused);
    assert_eq!(decide_as(&other, &memory, &reject(), cards).0, refused);
    assert_eq!(decide(&memory, &approve(), cards).0, refused);
}
