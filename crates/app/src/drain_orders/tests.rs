//! What a tick reports and counts. That it keeps its promises whatever fails is for the simulator.

use cardwright_domain::card::{Claim, Failure, Holder, StateKind, sample};
use cardwright_domain::ids::{Actor, UserId};
use cardwright_domain::limits::MAX_EMAIL_TRIES;
use jiff::SignedDuration;

use super::*;
use crate::memory::{Memory, check_counts, counted};
use crate::ports::{Answer, Cancelled, Received};

/// Queued cards, whose messages are on their way.
fn queued(count: usize) -> Vec<Card> {
    let card = |at| {
        let mut card = sample::card(StateKind::Processing, &format!("k{at}"));
        card.state = State::QUEUED;
        card.due_at = None;
        card
    };
    (0..count).map(card).collect()
}

fn message(card: &Card) -> Received {
    Received {
        receipt: format!("of {}", card.card_id),
        body: Ok(card.order_id()),
    }
}

/// A queue that gives so many messages at a time.
fn inbox(memory: &Memory, cards: &[Card], at_once: usize) {
    let batches = cards.chunks(at_once);
    let batches = batches.map(|cards| cards.iter().map(message).collect());
    memory.things().inbox = batches.collect();
}

fn tick(memory: &Memory) -> (Report, Vec<(String, u64)>) {
    tick_until(memory, sample::now().plus(WAVE_TIME))
}

fn tick_until(memory: &Memory, deadline: Time) -> (Report, Vec<(String, u64)>) {
    let drain = Drain {
        worker: Worker {
            store: memory,
            queues: memory,
            producer: memory,
            chance: memory,
            by: Actor::system("drain-orders"),
        },
        deadline,
    };
    let (report, counts) = counted(drain.tick());
    (report.unwrap(), counts)
}

fn rejected() -> Answer {
    Answer::Rejected(Failure::producer_rejected("unknown article".into()))
}

/// Everything that was received is settled and its messages deleted.
fn check_deleted(memory: &Memory, cards: &[Card]) {
    let mut expected: Vec<_> = cards.iter().map(|card| message(card).receipt).collect();
    let mut deleted = memory.things().deleted.clone();
    expected.sort();
    deleted.sort();
    assert_eq!(deleted, expected);
}

#[test]
fn an_idle_tick_reports_nothing_and_still_says_that_nothing_is_due() {
    let (report, counts) = tick(&Memory::with([]));
    assert_eq!(report, Report::default());
    check_counts(&counts, &[("OldestDueSeconds", 0)]);
}

#[test]
fn every_message_is_asked_for_marked_and_deleted() {
    let cards = queued(7);
    let memory = Memory::with(cards[..6].to_vec());
    for (at, answer) in [
        (1, rejected()),
        (2, rejected()),
        (3, Answer::Unknown),
        (4, Answer::Unknown),
        (5, Answer::Unknown),
    ] {
        memory.things().answers.insert(cards[at].card_id, answer);
    }
    inbox(&memory, &cards, 7);
    let (report, counts) = tick(&memory);
    let expected = Report {
        received: 7,
        claimed: 6,
        dropped: 1,
        accepted: 1,
        refused: 2,
        unknown: 3,
        ..Report::default()
    };
    assert_eq!(report, expected);
    check_deleted(&memory, &cards);
    check_counts(
        &counts,
        &[
            ("OldestDueSeconds", 0),
            ("OrdersHandedOver", 1),
            ("OrdersRefused", 2),
            ("OrdersUnknown", 3),
        ],
    );
}

#[test]
fn a_full_answer_of_the_queue_is_worth_asking_for_a_hundred_orders() {
    let cards = queued(110);
    let memory = Memory::with(cards.clone());
    inbox(&memory, &cards, MESSAGES_PER_RECEIVE);
    assert_eq!(tick(&memory).0.accepted, 110);
    assert_eq!(memory.things().submitted, [100, 10]);
    check_deleted(&memory, &cards);
}

#[test]
fn orders_that_are_late_are_taken_up_without_a_message() {
    let mut cards = queued(3);
    for (card, claims) in cards.iter_mut().zip(0..) {
        card.due_at = Some(sample::now());
        card.claims = claims;
    }
    let lease_until = sample::now();
    let token = sample::token();
    cards[2].state = State::Processing {
        claim: Some(Claim { token, lease_until }),
    };
    let memory = Memory::with(cards);
    let (report, counts) = tick(&memory);
    let expected = Report {
        swept_orders: 3,
        claimed: 3,
        taken_over: 2,
        accepted: 3,
        ..Report::default()
    };
    assert_eq!(report, expected);
    check_counts(
        &counts,
        &[
            ("ClaimsTakenOver", 2),
            ("OldestDueSeconds", 0),
            ("OrdersHandedOver", 3),
            ("OrdersRepaired", 3),
        ],
    );
}

#[test]
fn garbage_is_put_aside_and_deleted_unless_that_fails() {
    for (down, quarantined, deleted) in [(false, 2, 2), (true, 0, 0)] {
        let memory = Memory::with([]);
        let garbage = ["r1", "r2"].map(|receipt| Received {
            receipt: receipt.into(),
            body: Err("?".into()),
        });
        memory.things().inbox = [garbage.into()].into();
        if down {
            memory.things().down.insert("quarantine");
        }
        let (report, _) = tick(&memory);
        assert_eq!((report.received, report.quarantined), (2, quarantined));
        assert_eq!(memory.things().deleted.len(), deleted);
    }
}

#[test]
fn late_emails_are_reminded_of_until_their_tries_are_used() {
    let email = |key: &str, email_tries, email| Card {
        email_tries,
        email,
        ..sample::card(StateKind::Ordered, key)
    };
    let cards = [
        email("a", MAX_EMAIL_TRIES - 1, Email::Pending),
        email("b", MAX_EMAIL_TRIES, Email::Pending),
        email("c", 0, Email::Pending),
        email("d", 0, Email::Pending),
        email("e", MAX_EMAIL_TRIES, Email::Pending),
        email("f", 0, Email::Off),
    ];
    let memory = Memory::with(cards.clone());
    let silent = [cards[3].card_id, cards[4].card_id];
    memory.things().silent.extend(silent);
    let (report, counts) = tick(&memory);
    assert_eq!((report.swept_emails, report.failed), (2, 0));
    let mut reminded = memory.things().reminded.clone();
    let mut expected = [cards[0].order_id(), cards[2].order_id()];
    reminded.sort();
    expected.sort();
    assert_eq!(reminded, expected);
    check_counts(
        &counts,
        &[
            ("EmailUndeliverable", 1),
            ("OldestDueSeconds", 0),
            ("OrdersRepaired", 2),
        ],
    );
}

#[test]
fn an_email_that_got_no_clear_answer_several_times_waits_longer_each_time() {
    let hours = |hours: i64| SignedDuration::from_hours(-hours);
    let ms = SignedDuration::from_millis(1);
    for (tries, lease_over, waits) in [
        (1, SignedDuration::ZERO, None),
        (2, SignedDuration::ZERO, None),
        (3, hours(1) + ms, Some(ms)),
        (3, hours(1), None),
        (4, hours(1), Some(SignedDuration::from_hours(5))),
        (4, hours(6), None),
    ] {
        let card = Card {
            email: Email::Sending {
                token: sample::token(),
                lease_until: sample::now().plus(lease_over),
            },
            email_tries: tries,
            ..sample::card(StateKind::Ordered, "k")
        };
        let memory = Memory::with([card.clone()]);
        let (report, _) = tick(&memory);
        let reminds = waits.is_none();
        assert_eq!(report.swept_emails, u64::from(reminds), "{tries} tries");
        let reminded = memory.things().reminded.clone();
        assert_eq!(reminded, Vec::from_iter(reminds.then(|| card.order_id())));
        let due = memory.things().cards[&card.card_id].due_at;
        assert_eq!(
            due,
            Some(sample::now().plus(waits.unwrap_or(EMAIL_GRACE))),
            "{tries} tries"
        );
    }
}

#[test]
fn an_acceptance_that_a_card_cannot_take_is_reported() {
    let cards = queued(2);
    let memory = Memory::with(cards.clone());
    inbox(&memory, &cards, 2);
    memory.things().gone.insert(cards[1].card_id);
    let (report, counts) = tick(&memory);
    assert_eq!((report.accepted, report.mismatched), (1, 1));
    assert!(counts.contains(&("ProducerOrderMismatch".into(), 1)));
    check_deleted(&memory, &cards);
}

#[test]
fn reminders_that_are_not_sent_are_failures() {
    let cards = ["a", "b"].map(|key| sample::card(StateKind::Ordered, key));
    let memory = Memory::with(cards);
    memory.things().down.insert("remind");
    let (report, _) = tick(&memory);
    assert_eq!((report.swept_emails, report.failed), (0, 2));
}

#[test]
fn a_queue_that_does_not_answer_is_a_failure() {
    let memory = Memory::with([]);
    memory.things().down.insert("receive");
    let (report, counts) = tick(&memory);
    assert_eq!(report.failed, 1);
    check_counts(&counts, &[("DrainFailures", 1), ("OldestDueSeconds", 0)]);
}

#[test]
fn nothing_is_begun_without_the_time_for_it_or_without_the_producer() {
    let second = jiff::SignedDuration::from_secs(1);
    let enough = sample::now().plus(WAVE_TIME);
    for (available, deadline, accepted) in [
        (true, enough, 1),
        (true, enough.plus(second), 1),
        (true, enough.plus(-second), 0),
        (false, enough, 0),
        (false, enough.plus(-second), 0),
    ] {
        let cards = queued(1);
        let memory = Memory::with(cards.clone());
        memory.things().available = available;
        inbox(&memory, &cards, 1);
        let report = tick_until(&memory, deadline).0;
        assert_eq!((report.received, report.accepted), (accepted, accepted));
    }
}

#[test]
fn a_lane_goes_on_unless_most_of_a_wave_fails() {
    // The first wave goes ahead alone; a lane whose wave fails leaves the rest to the others.
    let first = 1;
    for (orders, failing, waves, settled) in [
        (1, 0, 10, 10),
        (2, 1, 10, 10),
        (3, 1, 10, 10),
        (1, 1, 10, LANES),
        (3, 2, 10, LANES),
    ] {
        let cards = queued(orders * waves);
        let ahead = Card {
            due_at: None,
            ..sample::card(StateKind::Ordered, "settled")
        };
        let memory = Memory::with(cards.iter().chain([&ahead]).cloned());
        inbox(&memory, &cards, orders);
        memory.things().inbox.push_front(vec![message(&ahead)]);
        for wave in cards.chunks(orders) {
            let failing = wave.iter().take(failing).map(|card| card.card_id);
            memory.things().silent.extend(failing);
        }
        let report = tick(&memory).0;
        assert_eq!(
            (report.received, report.failed),
            (
                (first + orders * settled) as u64,
                (failing * settled) as u64
            ),
            "{failing} of {orders}"
        );
        let kept = report.received - report.failed;
        assert_eq!(memory.things().deleted.len() as u64, kept);
    }
}

/// A card of an inactive holder, claimed so many times before.
fn inactive(key: &str, claims: u32) -> Card {
    let mut card = queued(1).remove(0);
    card.card_id = sample::card(StateKind::Processing, key).card_id;
    card.claims = claims;
    card.holder = card.holder.map(|holder| Holder {
        user_id: UserId::parse("u2").unwrap(),
        ..holder
    });
    card
}

#[test]
fn the_card_of_an_inactive_holder_ends_as_the_producer_says() {
    let accepted = Answer::Accepted(sample::producer_order_id());
    for (claims, said, report, counted) in [
        (
            0,
            None,
            Report {
                holder_inactive: 1,
                ..Report::default()
            },
            "OrdersHolderInactive",
        ),
        (
            1,
            None,
            Report {
                holder_inactive: 1,
                ..Report::default()
            },
            "OrdersHolderInactive",
        ),
        (
            1,
            Some(accepted),
            Report {
                accepted: 1,
                ..Report::default()
            },
            "OrdersHandedOver",
        ),
        (
            1,
            Some(rejected()),
            Report {
                refused: 1,
                ..Report::default()
            },
            "OrdersRefused",
        ),
        (
            1,
            Some(Answer::Unknown),
            Report {
                unknown: 1,
                ..Report::default()
            },
            "",
        ),
    ] {
        let card = inactive("k", claims);
        let memory = Memory::with([card.clone()]);
        let said = said.map_or(Cancelled::Done, Cancelled::TooLate);
        memory.things().cancels.insert(card.card_id, said.clone());
        inbox(&memory, std::slice::from_ref(&card), 1);
        let (told, counts) = tick(&memory);
        let expected = Report {
            received: 1,
            claimed: 1,
            taken_over: u64::from(claims),
            ..report
        };
        assert_eq!(told, expected, "{said:?}");
        // Nobody can have asked for a card that is claimed for the first time.
        assert_eq!(memory.things().cancelled.len(), claims as usize, "{said:?}");
        assert_eq!(memory.things().submitted, [0; 0]);
        let others = ["OldestDueSeconds", "ClaimsTakenOver"];
        let counts = counts.iter().map(|(name, _)| name.as_str());
        let counts: Vec<_> = counts.filter(|name| !others.contains(name)).collect();
        assert_eq!(counts.join(" "), counted, "{said:?}");
    }
}

#[test]
fn holders_that_cannot_be_looked_up_leave_their_cards_to_the_sweep() {
    let cards = queued(2);
    let memory = Memory::with(cards.clone());
    memory.things().down.insert("active_holders");
    inbox(&memory, &cards, 2);
    let report = tick(&memory).0;
    assert_eq!((report.claimed, report.failed, report.accepted), (2, 2, 0));
    check_deleted(&memory, &[]);
}

#[test]
fn a_message_that_came_twice_is_one_order_and_both_are_deleted() {
    let cards = queued(1);
    let memory = Memory::with(cards.clone());
    let twice = [cards[0].clone(), cards[0].clone()];
    inbox(&memory, &twice, 2);
    let report = tick(&memory).0;
    assert_eq!(
        (report.received, report.claimed, report.accepted),
        (2, 1, 1)
    );
    check_deleted(&memory, &twice);
}
