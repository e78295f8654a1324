use cardwright_app::abort_order::abort_order;
use cardwright_app::self_service::Reach;
use cardwright_domain::card::StateKind;
use cardwright_domain::ids::{Actor, CardId, UserId};

use super::bureau::Mood;
use super::world::{World, slug};

#[tokio::test]
async fn a_waiting_order_can_be_aborted_and_is_never_sent() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    let aborted = world.abort(&card).await.unwrap();
    assert_eq!(aborted.state.kind(), StateKind::Aborted);
    let report = world.drain().await;
    assert_eq!((report.received, report.dropped, report.claimed), (1, 1, 0));
    assert!(!world.bureau.has(&card));
    world.assert_settled().await;
}

#[tokio::test]
async fn aborting_again_is_the_same_answer_for_the_same_caller_only() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    let first = world.abort(&card).await.unwrap();
    assert_eq!(world.abort(&card).await.unwrap(), first);
    let other = Actor::parse("other@example.com").unwrap();
    let answer = world.abort_within(&Reach::Everybody, &card, other).await;
    assert_eq!(slug(answer), "card-state");
}

#[tokio::test]
async fn a_holder_takes_back_their_own_order_and_finds_no_other() {
    let world = World::new().await;
    world.put_user("bea", "").await;
    let within = |id: &str| Reach::Own(UserId::parse(id).unwrap());
    let (own, other) = (within("ada"), within("bea"));
    let holder = Actor::parse("ada@example.com").unwrap();
    let theirs = world.order("bea", "k1").await.unwrap();
    let refused = world.abort_within(&own, &theirs, holder.clone()).await;
    assert_eq!(slug(refused), "card-not-found");
    world.drain().await;
    let refused = world.abort_within(&own, &theirs, holder.clone()).await;
    assert_eq!(slug(refused), "card-not-found", "whatever its state");
    assert_eq!(
        world.card(theirs.card_id).await.state.kind(),
        StateKind::Ordered
    );

    let card = world.order("ada", "k2").await.unwrap();
    let refused = world.abort_within(&other, &card, holder.clone()).await;
    assert_eq!(slug(refused), "card-not-found");
    let aborted = world
        .abort_within(&own, &card, holder.clone())
        .await
        .unwrap();
    assert_eq!(aborted.state.kind(), StateKind::Aborted);
    let again = world
        .abort_within(&own, &card, holder.clone())
        .await
        .unwrap();
    assert_eq!(again, aborted);
    let refused = world.abort_within(&other, &card, holder).await;
    assert_eq!(
        slug(refused),
        "card-not-found",
        "even if they aborted it themselves"
    );
    world.drain().await;
    assert!(!world.bureau.has(&card));
}

#[tokio::test]
async fn a_claimed_or_ordered_or_unknown_card_cannot_be_aborted() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    world.bureau.set(Mood::Dead);
    world.drain().await;
    assert_eq!(slug(world.abort(&card).await), "card-claimed");
    world.pass(1_000);
    assert_eq!(
        slug(world.abort(&card).await),
        "card-claimed",
        "an old claim may have been heard"
    );
    world.bureau.set(Mood::Fine);
    world.drain().await;
    assert_eq!(slug(world.abort(&card).await), "card-state");
    let unknown: CardId = "6f1c1b4e-0000-4000-8000-000000000000".parse().unwrap();
    let by = super::world::operator();
    let (tables, chance) = (&world.tables, &world.chance);
    let answer = abort_order(tables, chance, &Reach::Everybody, unknown, by, None).await;
    assert_eq!(slug(answer), "card-not-found");
}

#[tokio::test]
async fn abort_and_drain_race_with_one_winner() {
    let world = World::new().await;
    let (mut aborted, mut ordered) = (0, 0);
    for round in 0..100 {
        let user = format!("u{round}");
        world.put_user(&user, "").await;
        let card = world.order(&user, &user).await.unwrap();
        let abort = async {
            for _ in 0..round % 10 {
                tokio::task::yield_now().await;
            }
            world.abort(&card).await
        };
        let (answer, _) = tokio::join!(abort, world.drain());
        let state = world.card(card.card_id).await.state.kind();
        if answer.is_ok() {
            aborted += 1;
            assert_eq!(state, StateKind::Aborted);
            assert!(!world.bureau.has(&card), "an aborted card was sent");
        } else {
            ordered += 1;
            assert!(["card-claimed", "card-state"].contains(&slug(answer)));
            assert_eq!(state, StateKind::Ordered);
        }
    }
    assert!(aborted > 0, "the drain won every race ({ordered})");
}
