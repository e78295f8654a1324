use std::sync::atomic::Ordering;

use cardwright_domain::card::{Failure, State, StateKind};

use super::bureau::Mood;
use super::world::{World, slug};

async fn orders(world: &World, number: usize) -> Vec<cardwright_domain::card::Card> {
    let mut cards = Vec::new();
    for n in 0..number {
        let user = format!("user-{n}");
        world.put_user(&user, "").await;
        cards.push(world.order(&user, &user).await.unwrap());
    }
    cards
}

#[tokio::test]
async fn every_waiting_order_is_handed_over_once() {
    let world = World::new().await;
    let cards = orders(&world, 250).await;
    let report = world.drain().await;
    assert_eq!(
        (report.received, report.claimed, report.accepted),
        (250, 250, 250)
    );
    assert!(
        world.bureau.requests.load(Ordering::Relaxed) <= 5,
        "many orders share a request"
    );
    for card in &cards {
        let now = world.card(card.card_id).await;
        assert_eq!(now.state.kind(), StateKind::Ordered);
        assert_eq!(
            now.producer_order_id.unwrap().as_str(),
            format!("P-{}", card.order_id())
        );
    }
    world.send_emails().await;
    assert_eq!(world.mailbox.sent.lock().unwrap().len(), 250);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_rejected_order_fails_with_the_reason_and_holds_up_nobody() {
    let world = World::new().await;
    let cards = orders(&world, 3).await;
    world
        .bureau
        .rejects
        .lock()
        .unwrap()
        .push(cards[1].order_id());
    let report = world.drain().await;
    assert_eq!((report.accepted, report.refused), (2, 1));
    let failure = Failure::producer_rejected("article withdrawn".into());
    assert_eq!(
        world.card(cards[1].card_id).await.state,
        State::Failed { failure }
    );
    world.send_emails().await;
    assert_eq!(
        world.mailbox.sent.lock().unwrap().len(),
        2,
        "no email for a failed order"
    );
    world.assert_settled().await;
}

#[tokio::test]
async fn the_producer_gets_the_production_types_fields_and_no_others() {
    let world = World::new().await;
    world
        .change_options(|options| {
            let mapping = r#"{"commonName":"{commonName}","upn":"{upn}","note":"{email}"}"#;
            options.mapping = serde_json::from_str(mapping).unwrap();
            options.production_types[0].fields = vec!["commonName".into()];
        })
        .await;
    let card = world.order("ada", "k").await.unwrap();
    // What is sent was frozen with the order.
    world
        .change_options(|options| options.production_types[0].fields.push("note".into()))
        .await;
    world.drain().await;
    let sent = world.bureau.orders.lock().unwrap()[&card.order_id()]
        .data
        .clone();
    assert_eq!(
        sent,
        [("commonName".to_owned(), "ada Lovelace".to_owned())].into()
    );
}

#[tokio::test]
async fn garbage_goes_to_quarantine_and_doubles_and_strangers_are_dropped() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    world.queues.put("{not json");
    world.queues.put(card.order_id());
    world.queues.put("6f1c1b4e-0000-4000-8000-000000000000-1");
    let report = world.drain().await;
    assert_eq!(
        (report.received, report.quarantined, report.accepted),
        (4, 1, 1)
    );
    assert_eq!(*world.queues.quarantined.lock().unwrap(), ["{not json"]);
    assert_eq!(world.bureau.orders.lock().unwrap().len(), 1);
    world.queues.put(card.order_id());
    assert_eq!(world.drain().await.dropped, 1);
    world.send_emails().await;
    world.assert_settled().await;
}

#[tokio::test]
async fn an_unknown_answer_never_goes_backwards() {
    for (mood, lands) in [(Mood::Dead, 0), (Mood::Mute, 1)] {
        let world = World::new().await;
        let card = world.order("ada", "k").await.unwrap();
        world.bureau.set(mood);
        let report = world.drain().await;
        assert_eq!((report.claimed, report.unknown), (1, 1));
        assert_eq!(world.bureau.orders.lock().unwrap().len(), lands);
        assert_eq!(slug(world.abort(&card).await), "card-claimed");
        assert_eq!(world.drain().await.claimed, 0, "the lease is running");
        world.bureau.set(Mood::Fine);
        world.pass(91);
        let report = world.drain().await;
        assert_eq!((report.taken_over, report.accepted), (1, 1));
        assert_eq!(
            world.bureau.orders.lock().unwrap().len(),
            1,
            "one order at the producer"
        );
        world.send_emails().await;
        world.assert_settled().await;
    }
}

#[tokio::test]
async fn the_queue_holds_nothing_back_while_the_producer_is_down() {
    let world = World::new().await;
    orders(&world, 5).await;
    world.bureau.set(Mood::Dead);
    for _ in 0..60 {
        world.drain().await;
        assert_eq!(
            world.queues.redeliver(),
            0,
            "a message would walk to the dead-letter queue"
        );
        world.pass(60);
    }
    world.bureau.set(Mood::Fine);
    world.pass(91);
    assert_eq!(world.drain().await.accepted, 5);
}

#[tokio::test]
async fn a_silent_producer_costs_one_wave_of_orders_the_abort_and_no_more() {
    let world = World::new().await;
    let cards = orders(&world, 130).await;
    world.bureau.set(Mood::Dead);
    let report = world.drain().await;
    assert_eq!((report.claimed, report.unknown), (100, 100));
    let mut abortable = 0;
    for card in &cards {
        abortable += usize::from(world.card(card.card_id).await.abortable());
    }
    assert_eq!(abortable, 30);
    world.bureau.set(Mood::Fine);
    world.pass(91);
    assert_eq!(world.drain().await.accepted, 130);
}

#[tokio::test]
async fn the_longest_due_are_swept_first_when_time_is_short() {
    let world = World::new().await;
    *world.queues.broken.lock().unwrap() = true;
    let mut cards = Vec::new();
    for n in 0..120 {
        let user = format!("user-{n:03}");
        world.put_user(&user, "").await;
        cards.push(world.order(&user, &user).await.unwrap());
        world.pass(1);
    }
    *world.queues.broken.lock().unwrap() = false;
    world.pass(200);
    // The producer is silent, so that only the first wave is claimed.
    world.bureau.set(Mood::Dead);
    assert_eq!(world.drain().await.claimed, 100);
    for (n, card) in cards.iter().enumerate() {
        assert_eq!(world.card(card.card_id).await.abortable(), n >= 100, "{n}");
    }
}

#[tokio::test]
async fn nothing_is_claimed_while_the_circuit_is_open() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    *world.bureau.circuit_open.lock().unwrap() = true;
    assert_eq!(world.drain().await.received, 0);
    world.abort(&card).await.unwrap();
}

#[tokio::test]
async fn a_tick_without_time_receives_nothing() {
    let world = World::new().await;
    world.order("ada", "k").await.unwrap();
    assert_eq!(world.drain_with_time(24).await.received, 0);
    assert_eq!(world.drain().await.accepted, 1);
}

#[tokio::test]
async fn an_inactive_holder_gets_no_card() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    world.put_user("ada", r#""state":"inactive""#).await;
    assert_eq!(world.drain().await.holder_inactive, 1);
    let failed = world.card(card.card_id).await;
    assert_eq!(
        failed.state,
        State::Failed {
            failure: Failure::holder_inactive()
        }
    );
    assert!(!world.bureau.has(&card));
    world.assert_settled().await;
}

#[tokio::test]
async fn an_inactive_holders_order_that_may_be_out_is_fenced_first() {
    for (mood, state) in [
        (Mood::Dead, StateKind::Failed),
        (Mood::Mute, StateKind::Ordered),
    ] {
        let world = World::new().await;
        let card = world.order("ada", "k").await.unwrap();
        world.bureau.set(mood);
        world.drain().await;
        world.put_user("ada", r#""state":"inactive""#).await;
        world.pass(91);
        let report = world.drain().await;
        assert_eq!(
            (report.taken_over, report.unknown),
            (1, 1),
            "the fence was not answered"
        );
        assert_eq!(
            world.card(card.card_id).await.state.kind(),
            StateKind::Processing
        );
        world.bureau.set(Mood::Fine);
        world.pass(91);
        world.drain().await;
        assert_eq!(world.card(card.card_id).await.state.kind(), state);
        assert_eq!(world.bureau.has(&card), state == StateKind::Ordered);
    }
}

#[tokio::test]
async fn eight_ticks_at_once_are_harmless() {
    let world = World::new().await;
    let cards = orders(&world, 60).await;
    // Every message doubled, so that several ticks reach for each card.
    cards
        .iter()
        .for_each(|card| world.queues.put(card.order_id()));
    let ticks = (0..8).map(|_| world.drain());
    let reports = futures_util::future::join_all(ticks).await;
    assert_eq!(reports.iter().map(|report| report.claimed).sum::<u64>(), 60);
    assert_eq!(
        reports.iter().map(|report| report.accepted).sum::<u64>(),
        60
    );
    assert_eq!(world.bureau.orders.lock().unwrap().len(), 60);
    world.send_emails().await;
    assert_eq!(world.mailbox.sent.lock().unwrap().len(), 60);
    world.assert_settled().await;
}
