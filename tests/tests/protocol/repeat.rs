use cardwright_app::decide_order::Decision;
use cardwright_app::send_card_ordered_email::Outcome;
use cardwright_domain::card::{Card, EventKind, StateKind};
use cardwright_domain::ids::{CardId, OrderAttempt, OrderId};
use cardwright_domain::production_type::Delivery;

use super::bureau::Mood;
use super::world::{World, approver, operator, request, slug};

fn approve() -> Decision {
    Decision::Approve { comment: None }
}

/// An order of this user, with their id as its key, that the producer refused.
async fn failed(world: &World, user: &str) -> Card {
    let request = request(user, user);
    let card_id = CardId::derive(&request.caller, &request.key);
    let order_id = OrderId {
        card_id,
        attempt: OrderAttempt::FIRST,
    };
    world.bureau.rejects.lock().unwrap().push(order_id);
    world.order_as(request).await.unwrap();
    world.drain().await;
    let card = world.card(card_id).await;
    assert_eq!(card.state.kind(), StateKind::Failed);
    card
}

/// What the producer has been told to print for the card's present attempt.
fn printed(world: &World, card: &Card) -> String {
    world.bureau.orders.lock().unwrap()[&card.order_id()].data["commonName"].clone()
}

async fn direct() -> World {
    let world = World::new().await;
    world
        .change_options(|options| options.production_types[0].delivery = Delivery::Direct)
        .await;
    world
}

#[tokio::test]
async fn a_failed_card_is_ordered_again_under_a_new_key() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    let again = world.repeat(&card, false).await.unwrap();
    assert_eq!(again.state.kind(), StateKind::Processing);
    assert_eq!(world.card(card.card_id).await, again);
    let reminders = world.queues.waiting.lock().unwrap().clone();
    assert_eq!(reminders, [format!("{}-2", card.card_id)]);

    let report = world.drain().await;
    assert_eq!((report.received, report.accepted), (1, 1));
    let ordered = world.card(card.card_id).await;
    assert_eq!(ordered.attempt, OrderAttempt(2));
    assert!(world.bureau.has(&ordered) && !world.bureau.has(&card));
    let told: Vec<_> = ordered.timeline.iter().map(|entry| entry.event).collect();
    let expected = [
        EventKind::Order,
        EventKind::Refuse,
        EventKind::Repeat,
        EventKind::Accept,
    ];
    assert_eq!(told, expected);
    assert_eq!(world.send_emails().await, [Outcome::Sent]);
    world.assert_settled().await;
}

#[tokio::test]
async fn a_repeat_whose_reminder_is_lost_is_found_by_the_sweep() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    *world.queues.broken.lock().unwrap() = true;
    world.repeat(&card, false).await.unwrap();
    *world.queues.broken.lock().unwrap() = false;
    assert!(world.queues.is_empty());
    assert_eq!(world.drain().await.swept_orders, 0, "it is not late yet");
    world.pass(181);
    let report = world.drain().await;
    assert_eq!((report.swept_orders, report.accepted), (1, 1));
}

#[tokio::test]
async fn a_message_of_the_attempt_that_failed_takes_nothing() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    *world.queues.broken.lock().unwrap() = true;
    world.repeat(&card, false).await.unwrap();
    *world.queues.broken.lock().unwrap() = false;
    world.queues.put(card.order_id());
    let report = world.drain().await;
    assert_eq!((report.received, report.dropped, report.claimed), (1, 1, 0));
}

#[tokio::test]
async fn what_was_frozen_goes_out_again_without_another_approval() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    world
        .change_options(|options| options.approval.single = true)
        .await;
    world.put_user("ada", r#""commonName":"Ada King""#).await;
    let again = world.repeat(&card, false).await.unwrap();
    assert_eq!(again.state.kind(), StateKind::Processing);
    assert_eq!(world.drain().await.accepted, 1);
    assert_eq!(printed(&world, &again), "ada Lovelace");
}

#[tokio::test]
async fn data_that_is_frozen_anew_goes_out_after_its_approval() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    world
        .change_options(|options| options.approval.single = true)
        .await;
    world.put_user("ada", r#""commonName":"Ada King""#).await;
    let asked = world.repeat(&card, true).await.unwrap();
    assert_eq!(asked.state.kind(), StateKind::Requested);
    assert_eq!(world.card(card.card_id).await, asked);
    world.pass(10_000);
    let report = world.drain().await;
    assert_eq!((report.received, report.swept_orders), (0, 0));

    let approved = world.decide(&asked, &approve()).await.unwrap();
    assert_eq!(approved.state.kind(), StateKind::Processing);
    assert_eq!(world.drain().await.accepted, 1);
    assert_eq!(printed(&world, &approved), "Ada King");
    world.send_emails().await;
    world.assert_settled().await;
}

#[tokio::test]
async fn nobody_approves_the_data_that_they_had_frozen_anew() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    world
        .change_options(|options| options.approval.single = true)
        .await;
    world.put_user("ada", r#""commonName":"Ada King""#).await;
    let asked = world.repeat_as(approver(), &card, true).await.unwrap();
    assert_eq!(slug(world.decide(&asked, &approve()).await), "own-order");
    assert_eq!(slug(world.abort(&asked).await), "requester-only");
}

#[tokio::test]
async fn a_user_has_one_open_order_with_repeats_as_well() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    let other = world.order("ada", "other").await.unwrap();
    let refused = world.repeat(&card, false).await;
    assert_eq!(slug(refused), "open-order-exists");
    assert_eq!(world.card(card.card_id).await, card);

    world.abort(&other).await.unwrap();
    world.repeat(&card, false).await.unwrap();
    let refused = world.order("ada", "third").await;
    assert_eq!(slug(refused), "open-order-exists");
}

#[tokio::test]
async fn an_inactive_holder_gets_no_repeat() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    world.put_user("ada", r#""state":"inactive""#).await;
    assert_eq!(slug(world.repeat(&card, false).await), "user-inactive");
    assert_eq!(world.card(card.card_id).await, card);
    assert!(world.queues.is_empty());
}

#[tokio::test]
async fn a_holder_who_was_deactivated_after_the_repeat_gets_no_card() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    let again = world.repeat(&card, false).await.unwrap();
    world.put_user("ada", r#""state":"inactive""#).await;
    assert_eq!(world.drain().await.holder_inactive, 1);
    let stopped = world.card(card.card_id).await;
    assert_eq!(stopped.state.kind(), StateKind::Failed);
    assert!(!world.bureau.has(&again));

    world.put_user("ada", "").await;
    world.repeat(&stopped, false).await.unwrap();
    assert_eq!(world.drain().await.accepted, 1);
    let ordered = world.card(card.card_id).await;
    assert_eq!(ordered.attempt, OrderAttempt(3));
    assert!(world.bureau.has(&ordered));
}

#[tokio::test]
async fn a_direct_delivery_is_settled_by_its_repeat() {
    let world = direct().await;
    let card = failed(&world, "ada").await;
    let ordered = world.repeat(&card, false).await.unwrap();
    assert_eq!(ordered.state.kind(), StateKind::Ordered);
    assert!(world.bureau.has(&ordered) && world.queues.is_empty());
    assert_eq!(world.card(card.card_id).await, ordered);
    world.send_emails().await;
    world.assert_settled().await;
}

#[tokio::test]
async fn a_direct_repeat_without_an_answer_is_finished_by_the_drain() {
    for mood in [Mood::Dead, Mood::Mute] {
        let world = direct().await;
        let card = failed(&world, "ada").await;
        world.bureau.set(mood);
        let again = world.repeat(&card, false).await.unwrap();
        assert_eq!(again.state.kind(), StateKind::Processing);
        assert!(!again.abortable());
        world.bureau.set(Mood::Fine);
        world.pass(91);
        let report = world.drain().await;
        assert_eq!((report.taken_over, report.accepted), (1, 1));
        assert_eq!(world.bureau.orders.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_same_request_twice_gives_the_same_card() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    let first = world.repeat(&card, false).await.unwrap();
    assert_eq!(world.repeat(&card, false).await.unwrap(), first);
    let report = world.drain().await;
    assert_eq!((report.accepted, report.refused), (1, 0));
    let later = world.repeat(&card, false).await.unwrap();
    assert_eq!(later.state.kind(), StateKind::Ordered);
    assert_eq!(later.attempt, OrderAttempt(2));
    let by_another = world.repeat_as(approver(), &card, false).await;
    assert_eq!(slug(by_another), "card-state");
}

#[tokio::test]
async fn a_repeat_is_of_the_version_that_was_seen() {
    let world = World::new().await;
    let card = failed(&world, "ada").await;
    for version in [card.version - 1, card.version + 1] {
        let stale = Card {
            version,
            ..card.clone()
        };
        let refused = world.repeat(&stale, false).await;
        assert_eq!(slug(refused), "precondition-failed");
    }
    assert_eq!(world.card(card.card_id).await, card);
}

#[tokio::test]
async fn of_two_operators_at_once_one_orders_the_card_again() {
    let world = World::new().await;
    for round in 0..30 {
        let user = format!("u{round}");
        world.put_user(&user, "").await;
        let card = failed(&world, &user).await;
        let late = |turn: usize| async move {
            // Whoever is late this time lets the other go first.
            for _ in 0..(round + turn) % 3 * 40 {
                tokio::task::yield_now().await;
            }
        };
        let (first, twin, second) = tokio::join!(
            async {
                late(0).await;
                world.repeat_as(operator(), &card, false).await
            },
            async {
                late(1).await;
                world.repeat_as(operator(), &card, false).await
            },
            async {
                late(2).await;
                world.repeat_as(approver(), &card, false).await
            }
        );
        let won = [first.is_ok(), second.is_ok()];
        assert_ne!(won[0], won[1], "round {round}");
        assert_eq!(first.is_ok(), twin.is_ok(), "they are one request");
        let stored = world.card(card.card_id).await;
        assert_eq!(stored.attempt, OrderAttempt(2), "round {round}");
        for answer in [first, twin, second] {
            match answer {
                Ok(answered) => assert_eq!(answered, stored, "round {round}"),
                refused => assert_eq!(slug(refused), "card-state", "round {round}"),
            }
        }
    }
}
