use std::collections::BTreeSet;

use cardwright_app::decide_order::Decision;
use cardwright_app::error::Error;
use cardwright_app::order_card::OrderRequest;
use cardwright_domain::card::{Card, EventKind, StateKind};
use cardwright_domain::ids::Actor;
use cardwright_domain::options::Options;
use cardwright_domain::production_type::Delivery;

use super::bureau::Mood;
use super::world::{World, approver, request, slug};

fn approve() -> Decision {
    Decision::Approve {
        comment: Some("as agreed".into()),
    }
}

fn reject() -> Decision {
    Decision::Reject {
        reason: "not needed".into(),
    }
}

/// A world whose orders wait for approval.
async fn world(delivery: Delivery) -> World {
    let world = World::new().await;
    world
        .change_options(|options: &mut Options| {
            options.approval.single = true;
            options.production_types[0].delivery = delivery;
        })
        .await;
    world
}

fn state(answer: Result<Card, Error>) -> StateKind {
    answer.unwrap().state.kind()
}

#[tokio::test]
async fn an_order_waits_until_it_is_approved_and_is_then_handed_over() {
    let world = world(Delivery::Queue).await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(card.state.kind(), StateKind::Requested);
    world.pass(10_000);
    let report = world.drain().await;
    assert_eq!((report.received, report.swept_orders), (0, 0));
    assert_eq!(slug(world.order("ada", "k2").await), "open-order-exists");

    assert_eq!(
        state(world.decide(&card, &approve()).await),
        StateKind::Processing
    );
    assert_eq!(world.drain().await.accepted, 1);
    let ordered = world.card(card.card_id).await;
    let told: Vec<_> = ordered.timeline.iter().map(|entry| entry.event).collect();
    assert_eq!(
        told,
        [EventKind::Request, EventKind::Approve, EventKind::Accept]
    );
    let approval = &ordered.timeline[1];
    assert_eq!(approval.by, approver());
    assert_eq!(approval.reason.as_deref(), Some("as agreed"));
    world.send_emails().await;
    world.assert_settled().await;
}

#[tokio::test]
async fn an_approval_whose_reminder_is_lost_is_found_by_the_sweep() {
    let world = world(Delivery::Queue).await;
    let card = world.order("ada", "k").await.unwrap();
    *world.queues.broken.lock().unwrap() = true;
    assert_eq!(
        state(world.decide(&card, &approve()).await),
        StateKind::Processing
    );
    *world.queues.broken.lock().unwrap() = false;
    world.pass(181);
    assert_eq!(world.drain().await.swept_orders, 1);
    assert_eq!(
        world.card(card.card_id).await.state.kind(),
        StateKind::Ordered
    );
}

#[tokio::test]
async fn a_rejected_order_is_never_sent_and_makes_room_for_another() {
    let world = world(Delivery::Queue).await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(
        state(world.decide(&card, &reject()).await),
        StateKind::Rejected
    );
    world.pass(10_000);
    world.drain().await;
    assert!(!world.bureau.has(&card));
    assert_eq!(slug(world.decide(&card, &approve()).await), "card-state");
    world.order("ada", "k2").await.unwrap();
}

#[tokio::test]
async fn a_direct_delivery_is_made_by_its_approval() {
    let world = world(Delivery::Direct).await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(card.state.kind(), StateKind::Requested);
    assert!(!world.bureau.has(&card), "nobody has approved it yet");
    assert_eq!(
        state(world.decide(&card, &approve()).await),
        StateKind::Ordered
    );
    assert!(world.bureau.has(&card));

    world.put_user("bob", "").await;
    let card = world.order("bob", "b").await.unwrap();
    world.bureau.set(Mood::Dead);
    assert_eq!(
        state(world.decide(&card, &approve()).await),
        StateKind::Processing
    );
    world.bureau.set(Mood::Fine);
    world.pass(91);
    assert_eq!(world.drain().await.accepted, 1, "the lease is over");
    world.send_emails().await;
    world.assert_settled().await;
}

#[tokio::test]
async fn a_holder_who_was_deactivated_meanwhile_gets_no_card() {
    for delivery in [Delivery::Queue, Delivery::Direct] {
        let world = world(delivery).await;
        let card = world.order("ada", "k").await.unwrap();
        world.put_user("ada", r#""state":"inactive""#).await;
        world.decide(&card, &approve()).await.unwrap();
        world.drain().await;
        assert_eq!(
            world.card(card.card_id).await.state.kind(),
            StateKind::Failed
        );
        assert!(!world.bureau.has(&card), "{delivery:?}");
    }
}

#[tokio::test]
async fn a_decision_is_about_the_version_that_was_seen() {
    let world = world(Delivery::Queue).await;
    let card = world.order("ada", "k").await.unwrap();
    let stale = Card {
        version: card.version + 1,
        ..card.clone()
    };
    assert_eq!(
        slug(world.decide(&stale, &approve()).await),
        "precondition-failed"
    );
    let first = world.decide(&card, &approve()).await.unwrap();
    let again = world.decide(&card, &approve()).await.unwrap();
    assert_eq!(first, again, "a lost answer can be asked for again");
    assert_eq!(slug(world.decide(&card, &reject()).await), "card-state");
}

#[tokio::test]
async fn nobody_decides_about_their_own_order_unless_the_options_let_them() {
    let world = world(Delivery::Queue).await;
    let by_the_approver = |key| OrderRequest {
        caller: approver(),
        ..request("ada", key)
    };
    let own = world.order_as(by_the_approver("k1")).await.unwrap();
    assert_eq!(slug(world.decide(&own, &approve()).await), "own-order");
    assert_eq!(slug(world.decide(&own, &reject()).await), "own-order");
    let upn = format!(r#""upn":"{}""#, approver().as_str().to_uppercase());
    world.put_user("eve", &upn).await;
    let for_them = world.order("eve", "k2").await.unwrap();
    assert_eq!(slug(world.decide(&for_them, &approve()).await), "own-order");

    world
        .change_options(|options| options.approval.own_orders = true)
        .await;
    assert_eq!(
        slug(world.decide(&for_them, &approve()).await),
        "own-order",
        "what counts is what the options said when it was ordered"
    );
    world.put_user("eve", "").await;
    world.put_user("bob", &upn).await;
    let allowed = world.order("bob", "k3").await.unwrap();
    assert_eq!(
        state(world.decide(&allowed, &approve()).await),
        StateKind::Processing
    );
}

#[tokio::test]
async fn a_request_is_taken_back_by_its_requester_only() {
    let world = world(Delivery::Queue).await;
    let stranger = Actor::parse("other@example.com").unwrap();
    let by_a_stranger = OrderRequest {
        caller: stranger,
        ..request("ada", "k")
    };
    let card = world.order_as(by_a_stranger).await.unwrap();
    assert_eq!(slug(world.abort(&card).await), "requester-only");
    world.put_user("bob", "").await;
    let own = world.order("bob", "b").await.unwrap();
    assert_eq!(state(world.abort(&own).await), StateKind::Aborted);
    assert_eq!(slug(world.decide(&own, &approve()).await), "card-state");
}

#[tokio::test]
async fn approval_rejection_and_abort_race_with_one_winner() {
    let world = world(Delivery::Queue).await;
    let mut first = BTreeSet::new();
    for round in 0..60 {
        let user = format!("u{round}");
        world.put_user(&user, "").await;
        let card = world.order(&user, &user).await.unwrap();
        let (yes, no) = (approve(), reject());
        let late = |turn: usize| async move {
            // Whoever is late this time lets the others go first.
            for _ in 0..(round + turn) % 3 * 40 {
                tokio::task::yield_now().await;
            }
        };
        let (approved, rejected, aborted) = tokio::join!(
            async {
                late(0).await;
                world.decide(&card, &yes).await
            },
            async {
                late(1).await;
                world.decide(&card, &no).await
            },
            async {
                late(2).await;
                world.abort(&card).await
            }
        );
        // An approved order that nobody has claimed can still be aborted.
        let both = approved.is_ok() && aborted.is_ok();
        let won = [approved.is_ok(), rejected.is_ok(), aborted.is_ok()];
        let won = won.into_iter().filter(|won| *won).count();
        assert!(won == 1 || (won == 2 && both), "round {round}");
        let stands = world.card(card.card_id).await.state.kind();
        let told = if aborted.is_ok() {
            StateKind::Aborted
        } else if rejected.is_ok() {
            StateKind::Rejected
        } else {
            StateKind::Processing
        };
        assert_eq!(stands, told, "round {round}");
        first.insert(match (approved.is_ok(), rejected.is_ok()) {
            (true, _) => "approval",
            (_, true) => "rejection",
            _ => "abort",
        });
    }
    assert_eq!(first.len(), 3, "only {first:?} was ever first");
}
