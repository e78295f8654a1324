//! What an operator is told, what is frozen anew and what is counted. Races and lost answers are for the
//! simulator.

use cardwright_domain::card::{Email, EventKind, State, StateKind, sample};
use cardwright_domain::production_type::Delivery;
use cardwright_domain::user::{EmailAddress, UserState};

use super::*;
use crate::memory::{Memory, check_counts, counted};

fn failed() -> Card {
    Card {
        data: [
            ("commonName".to_owned(), "Ada Lovelace".to_owned()),
            ("upn".to_owned(), "ada@example.com".to_owned()),
        ]
        .into(),
        producer_fields: vec!["commonName".into(), "upn".into()],
        ..sample::card(StateKind::Failed, "k")
    }
}

/// The card's user is as they were when it was ordered, and repeats are enabled.
fn memory(card: &Card) -> Memory {
    let memory = Memory::with([card.clone()]);
    let mut things = memory.things();
    things.options.use_cases.repeat_order.enabled = true;
    things.open_order = Some(card.order_id());
    drop(things);
    memory
}

/// What the same operator is answered, and the counts.
fn repeat(
    memory: &Memory,
    card: &Card,
    refresh: bool,
) -> (Result<Card, String>, Vec<(String, u64)>) {
    let worker = Worker {
        store: memory,
        queues: memory,
        producer: memory,
        chance: memory,
        by: Actor::system("repeat-order"),
    };
    let request = RepeatRequest {
        by: sample::approver(),
        seen: Seen {
            card_id: card.card_id,
            version: card.version,
        },
        refresh,
        comment: Some("the article is back".into()),
    };
    let (answer, counts) = counted(repeat_order(&worker, &request));
    (answer.map_err(|error| format!("{error:?}")), counts)
}

fn refused(memory: &Memory, card: &Card, refresh: bool) -> String {
    let (answer, counts) = repeat(memory, card, refresh);
    check_counts(&counts, &[]);
    answer.unwrap_err()
}

#[test]
fn a_failed_order_goes_out_again_under_a_key_of_its_own() {
    let card = failed();
    let memory = memory(&card);
    let (again, counts) = repeat(&memory, &card, false);
    let again = again.unwrap();
    check_counts(&counts, &[("OrdersRepeated", 1)]);
    assert_eq!(again.state, State::QUEUED);
    assert_ne!(again.order_id(), card.order_id());
    assert_eq!(again.requested_by, sample::approver());
    assert_eq!(again.due_at, Some(sample::now().plus(ORDER_GRACE)));
    assert_eq!(again.data, card.data);
    let line = again.timeline.last().unwrap();
    assert_eq!(line.event, EventKind::Repeat);
    assert_eq!(line.reason.as_deref(), Some("the article is back"));
    assert_eq!(memory.things().cards[&card.card_id], again);
    assert_eq!(memory.things().reminded, [again.order_id()]);

    let (same, counts) = repeat(&memory, &card, false);
    assert_eq!(same, Ok(again));
    check_counts(&counts, &[]);
    assert_eq!(memory.things().reminded.len(), 2, "the first may be lost");
}

#[test]
fn a_direct_delivery_is_answered_as_the_producer_answered_it() {
    let card = Card {
        delivery: Delivery::Direct,
        ..failed()
    };
    let memory = memory(&card);
    let (again, _) = repeat(&memory, &card, false);
    assert_eq!(again.unwrap().state.kind(), StateKind::Ordered);
    assert_eq!(memory.things().submitted, [1]);
}

#[test]
fn what_was_seen_is_what_is_repeated() {
    let card = failed();
    let memory = memory(&card);
    let stale = Card {
        version: card.version - 1,
        ..card.clone()
    };
    assert_eq!(
        refused(&memory, &stale, false),
        "Refused(CardChanged { current: 3 })"
    );
    let unknown = sample::card(StateKind::Failed, "unknown");
    assert_eq!(refused(&memory, &unknown, false), "Refused(CardNotFound)");
    let ordered = sample::card(StateKind::Ordered, "k");
    let memory = self::memory(&ordered);
    assert_eq!(
        refused(&memory, &ordered, false),
        "Refused(CardState { state: Ordered })"
    );
    let stock = Card {
        holder: None,
        ..failed()
    };
    let memory = self::memory(&stock);
    assert_eq!(
        refused(&memory, &stock, false),
        "Refused(CardState { state: Failed })"
    );
}

#[test]
fn what_forbids_an_order_forbids_a_repeat() {
    let card = failed();
    let memory = memory(&card);
    let other = sample::card(StateKind::Ordered, "other");
    memory.things().cards.insert(other.card_id, other.clone());
    memory.things().open_order = Some(other.order_id());
    assert!(refused(&memory, &card, false).starts_with("Refused(OpenOrderExists"));
    memory.things().options.multiple_orders = true;
    memory.things().options.production_types[0].enabled = false;
    assert_eq!(
        refused(&memory, &card, false),
        "Refused(ProductionTypeUnknown)"
    );
    memory.things().users[0].state = UserState::Inactive;
    assert_eq!(refused(&memory, &card, false), "Refused(UserInactive)");
    memory.things().options.use_cases.repeat_order.enabled = false;
    let disabled = r#"Refused(UseCaseDisabled { use_case: "repeatOrder" })"#;
    assert_eq!(refused(&memory, &card, false), disabled);
    memory.things().users.clear();
    assert_eq!(refused(&memory, &card, false), "Refused(UserNotFound)");
}

#[test]
fn an_order_of_another_card_that_is_settled_is_in_nobodys_way() {
    let card = failed();
    for (multiple_orders, state) in [(false, StateKind::Produced), (true, StateKind::Ordered)] {
        let memory = memory(&card);
        let other = sample::card(state, "other");
        memory.things().options.multiple_orders = multiple_orders;
        memory.things().open_order = Some(other.order_id());
        memory.things().cards.insert(other.card_id, other);
        repeat(&memory, &card, false).0.unwrap();
        let next = memory.things().cards[&card.card_id].order_id();
        assert_eq!(memory.things().open_order, Some(next));
        assert_ne!(next, card.order_id());
    }
}

#[test]
fn data_is_frozen_anew_only_if_that_was_asked_for() {
    let card = failed();
    for (refresh, name) in [(false, "Ada Lovelace"), (true, "Ada King")] {
        let memory = memory(&card);
        memory.things().users[0].common_name = "Ada King".into();
        memory.things().options.version = 9;
        let (again, _) = repeat(&memory, &card, refresh);
        let again = again.unwrap();
        assert_eq!(again.state, State::QUEUED);
        assert_eq!(again.data["commonName"], name);
        assert_eq!(again.holder.unwrap().common_name, name);
        assert_eq!(again.options_version, if refresh { 9 } else { 1 });
    }
    let memory = memory(&card);
    memory.things().users[0].upn = None;
    assert!(refused(&memory, &card, true).starts_with("Refused(UserAttributeMissing"));
    repeat(&memory, &card, false).0.unwrap();
}

#[test]
fn only_data_that_is_not_as_it_was_is_approved_again() {
    let card = failed();
    let fewer = Card {
        producer_fields: vec!["upn".into()],
        ..card.clone()
    };
    for (card, approval, name, state) in [
        (&card, true, "Ada King", StateKind::Requested),
        (&card, true, "Ada Lovelace", StateKind::Processing),
        (&card, false, "Ada King", StateKind::Processing),
        (&fewer, true, "Ada Lovelace", StateKind::Requested),
    ] {
        let memory = memory(card);
        memory.things().options.approval.single = approval;
        memory.things().users[0].common_name = name.into();
        let (again, counts) = repeat(&memory, card, true);
        let again = again.unwrap();
        check_counts(&counts, &[("OrdersRepeated", 1)]);
        assert_eq!(again.state.kind(), state, "{approval} {name}");
        let reminded = state == StateKind::Processing;
        assert_eq!(memory.things().reminded.len(), usize::from(reminded));
        let repeater = sample::approver();
        assert!(again.barred_approvers.contains(&repeater.caseless()));
        let (same, _) = repeat(&memory, card, true);
        assert_eq!(same, Ok(again));
    }
}

#[test]
fn an_email_that_may_have_been_sent_is_not_begun_again() {
    let given_up = Email::given_up();
    let no_address = Email::Undeliverable {
        reason: "the holder has no address".into(),
    };
    let address = EmailAddress::parse("ada@example.com").ok();
    for (tries, before, enabled, address, after) in [
        (5, given_up.clone(), true, address.clone(), given_up),
        (1, Email::Pending, false, None, Email::Pending),
        (0, Email::Pending, true, None, no_address.clone()),
        (0, no_address, true, address.clone(), Email::Pending),
        (0, Email::Pending, false, address.clone(), Email::Off),
        (0, Email::Off, true, address, Email::Pending),
    ] {
        let card = Card {
            email: before,
            email_tries: tries,
            ..failed()
        };
        let memory = memory(&card);
        memory.things().users[0].email = address;
        memory.things().options.card_ordered_email.enabled = enabled;
        let (again, _) = repeat(&memory, &card, true);
        assert_eq!(again.unwrap().email, after);
    }
}

#[test]
fn an_email_that_is_being_sent_is_waited_for() {
    let sending = |lease_until| Card {
        email: Email::Sending {
            token: sample::token(),
            lease_until,
        },
        email_tries: 1,
        ..failed()
    };
    let card = sending(sample::later());
    assert!(refused(&memory(&card), &card, false).starts_with("Unavailable"));
    let card = sending(sample::now());
    repeat(&memory(&card), &card, false).0.unwrap();
}

#[test]
fn who_could_not_approve_before_can_not_after_a_change_of_names() {
    let card = failed();
    for own_orders in [false, true] {
        let memory = memory(&card);
        memory.things().users[0].upn = Some("ada.king@example.com".into());
        memory.things().options.approval.own_orders = own_orders;
        let (again, _) = repeat(&memory, &card, true);
        let barred = again.unwrap().barred_approvers;
        for name in [
            "ada@example.com",
            "ada.king@example.com",
            "approver@example.com",
        ] {
            let is_barred = barred.iter().any(|barred| barred == name);
            assert_eq!(is_barred, !own_orders, "{name}");
        }
        assert!(barred.is_sorted());
    }
}
