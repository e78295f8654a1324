//! What an approver is told and what is counted. Races and lost answers are for the simulator.

use cardwright_domain::card::{EventKind, Failure, State, StateKind, sample};
use cardwright_domain::production_type::Delivery;
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
    let (answers, counts) = match cards {
        [one] => {
            let (answer, counts) = counted(decide_order(&worker, by, decision, seen(one)));
            (vec![answer], counts)
        }
        many => {
            let seen: Vec<_> = many.iter().map(seen).collect();
            counted(decide_orders(memory, memory, memory, by, decision, &seen))
        }
    };
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
fn an_approved_order_of_the_queue_is_reminded_of() {
    let card = requested("k");
    let memory = Memory::with([card.clone()]);
    let again = || decide(&memory, &approve(), std::slice::from_ref(&card));
    let (told, counts) = again();
    assert_eq!(told, [Ok(StateKind::Processing)]);
    check_counts(&counts, &[("OrdersApproved", 1)]);
    assert_eq!(memory.things().reminded, [card.order_id()]);
    let (told, counts) = again();
    assert_eq!(told, [Ok(StateKind::Processing)]);
    check_counts(&counts, &[]);
    assert_eq!(memory.things().reminded.len(), 2, "the first may be lost");
    assert!(memory.things().submitted.is_empty());
}

#[test]
fn an_approved_order_that_is_held_is_left_to_the_sweep() {
    let until = sample::now().plus(jiff::SignedDuration::from_mins(30));
    let past = sample::now().plus(jiff::SignedDuration::from_mins(-1));
    let grace = sample::now().plus(ORDER_GRACE);
    let now = sample::now();
    for (held_until, due, reminders) in [(until, until, 0), (now, grace, 1), (past, grace, 1)] {
        let card = Card {
            held_until: Some(held_until),
            ..requested("k")
        };
        let memory = Memory::with([card.clone()]);
        let (told, _) = decide(&memory, &approve(), std::slice::from_ref(&card));
        assert_eq!(told, [Ok(StateKind::Processing)]);
        assert_eq!(memory.things().cards[&card.card_id].due_at, Some(due));
        assert_eq!(memory.things().reminded.len(), reminders);
    }
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
fn an_approved_direct_delivery_is_answered_as_the_producer_answered_it() {
    let rejected = Answer::Rejected(Failure::producer_rejected("unknown article".into()));
    for (answer, state, counter) in [
        (None, StateKind::Ordered, "OrdersHandedOver"),
        (
            Some(Answer::Unknown),
            StateKind::Processing,
            "OrdersUnknown",
        ),
        (Some(rejected), StateKind::Failed, "OrdersRefused"),
    ] {
        let card = direct("k");
        let memory = Memory::with([card.clone()]);
        memory
            .things()
            .answers
            .extend(answer.map(|answer| (card.card_id, answer)));
        let cards = std::slice::from_ref(&card);
        let (told, counts) = decide(&memory, &approve(), cards);
        assert_eq!(told, [Ok(state)]);
        check_counts(&counts, &[("OrdersApproved", 1), (counter, 1)]);
        let (again, counts) = decide(&memory, &approve(), cards);
        assert_eq!(again, [Ok(state)]);
        check_counts(&counts, &[]);
        assert_eq!(memory.things().submitted, [1]);
    }
}

#[test]
fn the_holder_of_an_approved_direct_delivery_is_looked_at_again() {
    let mut card = direct("k");
    card.holder = card.holder.map(|mut holder| {
        holder.user_id = user("u2", UserState::Inactive).user_id;
        holder
    });
    let memory = Memory::with([card.clone()]);
    let (told, counts) = decide(&memory, &approve(), &[card]);
    assert_eq!(told, [Ok(StateKind::Failed)]);
    check_counts(
        &counts,
        &[("OrdersApproved", 1), ("OrdersHolderInactive", 1)],
    );
    assert!(memory.things().submitted.is_empty());
}

#[test]
fn of_many_direct_deliveries_a_drain_is_reminded() {
    let cards = ["a", "b"].map(direct);
    let memory = Memory::with(cards.clone());
    let (told, _) = decide(&memory, &approve(), &cards);
    assert_eq!(told, [Ok(StateKind::Processing), Ok(StateKind::Processing)]);
    assert_eq!(memory.things().reminded, cards.map(|card| card.order_id()));
    assert!(memory.things().submitted.is_empty());
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
