use cardwright_domain::card::{StateKind, sample};
use cardwright_domain::ids::ProducerOrderId;
use cardwright_domain::order_status::{OrderStatus, Progress};
use jiff::SignedDuration;

use super::*;
use crate::memory::{Memory, check_counts, counted};
use crate::ports::Status;

/// An order of which nothing was heard for so long.
fn silent_for(silence: SignedDuration, state: StateKind, name: &str) -> Card {
    Card {
        producer_order_id: Some(ProducerOrderId::parse(name).unwrap()),
        updated_at: sample::now().plus(-silence),
        ..sample::card(state, name)
    }
}

fn silent(name: &str) -> Card {
    silent_for(SILENCE, StateKind::Ordered, name)
}

fn says(memory: &Memory, card: &Card, progress: Progress) {
    let producer_order_id = card.producer_order_id.clone().unwrap();
    let status = Status::Known(OrderStatus {
        order_id: card.order_id(),
        producer_order_id: producer_order_id.clone(),
        progress,
    });
    memory.things().statuses.insert(producer_order_id, status);
}

fn tick(memory: &Memory) -> (Report, Vec<(String, u64)>) {
    tick_until(memory, sample::now().plus(SYNC_WAVE_TIME))
}

fn tick_until(memory: &Memory, deadline: Time) -> (Report, Vec<(String, u64)>) {
    let sync = Sync {
        store: memory,
        producer: memory,
        clock: memory,
        by: Actor::system("sync-orders"),
        deadline,
    };
    let (report, counts) = counted(sync.tick());
    (report.unwrap(), counts)
}

#[test]
fn what_the_producer_says_of_a_silent_order_is_written_and_counted() {
    let (moved, unchanged, other) = (silent("moved"), silent("unchanged"), silent("other"));
    let in_production = silent_for(SILENCE, StateKind::InProduction, "made");
    let (lost, mute) = (silent("lost"), silent("mute"));
    let cards = [&moved, &unchanged, &other, &in_production, &lost, &mute];
    let memory = Memory::with(cards.map(Clone::clone));
    says(&memory, &moved, Progress::InProduction);
    says(&memory, &unchanged, Progress::Accepted);
    says(
        &memory,
        &in_production,
        Progress::Produced(Default::default()),
    );
    says(&memory, &lost, Progress::InProduction);
    let unknown = other.producer_order_id.clone().unwrap();
    memory
        .things()
        .statuses
        .insert(unknown, Status::Contradicts);
    memory.things().silent.insert(lost.card_id);
    let (report, counts) = tick(&memory);
    let expected = Report {
        asked: 6,
        moved: 2,
        unchanged: 1,
        contradicted: 1,
        unanswered: 1,
        failed: 1,
    };
    assert_eq!(report, expected);
    check_counts(
        &counts,
        &[
            ("OrdersMovedBySync", 2),
            ("ProducerOrderMismatch", 1),
            ("StatusUnanswered", 1),
            ("SyncFailures", 1),
        ],
    );
    let things = memory.things();
    for (card, state, heard) in [
        (&moved, StateKind::InProduction, true),
        (&unchanged, StateKind::Ordered, true),
        (&other, StateKind::Ordered, true),
        (&in_production, StateKind::Produced, true),
        (&lost, StateKind::Ordered, false),
        (&mute, StateKind::Ordered, true),
    ] {
        let after = &things.cards[&card.card_id];
        assert_eq!(after.state.kind(), state);
        assert_eq!(after.updated_at == sample::now(), heard, "{after:?}");
    }
    assert_eq!(
        things.cards[&unchanged.card_id].timeline,
        unchanged.timeline
    );
}

#[test]
fn only_orders_that_are_silent_for_long_are_asked_about() {
    let recent = SILENCE - SignedDuration::from_secs(1);
    let memory = Memory::with([
        silent_for(recent, StateKind::Ordered, "recent"),
        silent_for(SILENCE, StateKind::Produced, "there"),
    ]);
    let (report, counts) = tick(&memory);
    assert_eq!((report, memory.things().asked), (Report::default(), 0));
    check_counts(&counts, &[]);
}

#[test]
fn an_order_that_was_asked_about_is_left_alone_until_it_is_silent_again() {
    let card = silent("k");
    let memory = Memory::with([card.clone()]);
    says(&memory, &card, Progress::Accepted);
    assert_eq!(tick(&memory).0.asked, 1);
    assert_eq!(tick(&memory).0.asked, 0);
}

#[test]
fn a_tick_asks_on_unless_nobody_answers_a_whole_wave_or_the_time_is_short() {
    let cards: Vec<_> = (0..SYNC_WAVE * 3)
        .map(|at| silent(&format!("k{at}")))
        .collect();
    let memory = Memory::with(cards.clone());
    assert_eq!(tick(&memory).0.asked, SYNC_WAVE as u64);
    let memory = Memory::with(cards.clone());
    let mut first = cards[0].clone();
    says(&memory, &first, Progress::Accepted);
    first.updated_at = sample::now().plus(-SILENCE - SILENCE);
    memory.things().cards.insert(first.card_id, first);
    // One answer in the first wave, and none in the second.
    assert_eq!(tick(&memory).0.asked, 2 * SYNC_WAVE as u64);
    assert_eq!(tick(&memory).0.asked, SYNC_WAVE as u64);
    let memory = Memory::with(cards);
    let short = SYNC_WAVE_TIME - SignedDuration::from_millis(1);
    let (report, _) = tick_until(&memory, sample::now().plus(short));
    assert_eq!(report, Report::default());
}
