//! Drains against aborts, and drains against each other.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use cardwright_app::error::Error;
use cardwright_app::ports::ReadCard;
use cardwright_domain::card::{Card, StateKind};
use futures_util::future::{join, join_all};

use super::{grouped, rounds, row};
use crate::protocol::world::{World, slug};

/// An order for each of so many users of this round.
async fn orders(world: &World, round: usize, number: usize) -> Vec<Card> {
    let mut cards = Vec::new();
    for n in 0..number {
        let user = format!("user-{round}-{n}");
        world.put_user(&user, "").await;
        cards.push(world.order(&user, &user).await.unwrap());
    }
    cards
}

/// Reads the card so many times first, so that the aborts of a round are spread over the drain.
async fn abort_later(world: Arc<World>, card: Card, reads: usize) -> Result<Card, Error> {
    for _ in 0..reads {
        world.tables.card(card.card_id).await.unwrap();
    }
    world.abort(&card).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abort_and_a_drain_agree_on_who_won() {
    const CARDS: usize = 12;
    let world = Arc::new(World::new().await);
    let (mut aborted, mut ordered) = (0, 0);
    for round in 0..rounds(4) {
        let cards = orders(&world, round, CARDS).await;
        let aborts = cards.iter().enumerate().map(|(n, card)| {
            let reads = (n * 2 + round) % CARDS;
            tokio::spawn(abort_later(Arc::clone(&world), card.clone(), reads))
        });
        let aborts: Vec<_> = aborts.collect();
        let (report, answers) = join(world.drain(), join_all(aborts)).await;
        for (card, answer) in cards.iter().zip(answers) {
            let now = world.card(card.card_id).await;
            match answer.unwrap() {
                Ok(answered) => {
                    assert_eq!(now, answered);
                    assert_eq!(now.state.kind(), StateKind::Aborted);
                    assert!(!world.bureau.has(card), "{round}: aborted, but sent");
                    aborted += 1;
                }
                refused @ Err(Error::Refused(_)) => {
                    let slug = slug(refused);
                    assert!(["card-claimed", "card-state"].contains(&slug), "{slug}");
                    assert_eq!(now.state.kind(), StateKind::Ordered, "{round}: {report:?}");
                    assert!(world.bureau.has(card), "{round}: ordered, but not sent");
                    ordered += 1;
                }
                Err(error) => panic!("{round}: {error:?}"),
            }
        }
        world.send_emails().await;
    }
    let sent = world.mailbox.sent.lock().unwrap().len();
    assert_eq!(sent, ordered, "an email for each ordered card and no other");
    println!("{aborted} aborted, {ordered} ordered");
    world.assert_settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_drains_on_one_queue_make_one_producer_order_each() {
    const DRAINS: usize = 8;
    const CARDS: usize = 10;
    const TARGET: usize = 1_000;
    let world = World::new().await;
    let rounds = rounds(4);
    for round in 0..rounds {
        let cards = orders(&world, round, CARDS).await;
        // Half of them are late, so that the sweeps of all drains reach for what the queue holds too;
        // and every message is there twice.
        if round.is_multiple_of(2) {
            world.pass(200);
        }
        cards
            .iter()
            .for_each(|card| world.queues.put(card.order_id()));
        let asked = world.bureau.requests.load(Ordering::Relaxed);
        let reports = join_all((0..DRAINS).map(|_| world.drain())).await;
        let sum = |count: fn(&cardwright_app::drain_orders::Report) -> u64| {
            reports.iter().map(count).sum::<u64>()
        };
        assert_eq!(sum(|report| report.claimed), CARDS as u64, "{round}");
        assert_eq!(sum(|report| report.accepted), CARDS as u64, "{round}");
        assert_eq!(
            sum(|report| report.failed + report.unknown + report.mismatched),
            0
        );
        let asked = world.bureau.requests.load(Ordering::Relaxed) - asked;
        assert!(asked <= CARDS as u64, "{asked} requests for {CARDS} orders");
        for card in &cards {
            let now = world.card(card.card_id).await;
            assert_eq!(
                (now.state.kind(), now.claims),
                (StateKind::Ordered, 1),
                "{round}"
            );
        }
        assert_eq!(world.queues.redeliver(), 0, "a message was left");
        assert_eq!(world.send_emails().await.len(), CARDS);
    }
    let made = world.bureau.orders.lock().unwrap().len();
    assert_eq!(made, rounds * CARDS);
    assert_eq!(world.mailbox.sent.lock().unwrap().len(), made);
    world.assert_settled().await;
    let figure = format!(
        "{} orders once each, by {DRAINS} drains at once in {} rounds",
        grouped(made),
        grouped(rounds)
    );
    row(
        "R14t",
        rounds,
        TARGET,
        figure,
        "0 doubled in 10^3 rounds on the tables",
    );
}
