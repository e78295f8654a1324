use cardwright_app::error::Error;
use cardwright_app::order_card::OrderRequest;
use cardwright_app::ports::ListCards;
use cardwright_domain::card::{Email, StateKind};
use cardwright_domain::ids::{Actor, ProductionTypeId, UserId};
use cardwright_domain::options::Options;
use cardwright_domain::production_type::Delivery;
use cardwright_domain::refusal::Refusal;

use super::bureau::Mood;
use super::world::{World, request, slug};

#[tokio::test]
async fn an_order_waits_in_the_queue_with_its_data_frozen() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(card.state.kind(), StateKind::Processing);
    assert!(card.abortable());
    assert_eq!(card.options_version, 1);
    world
        .put_user("ada", r#""commonName":"Ada King","upn":"king@example.com""#)
        .await;
    let stored = world.card(card.card_id).await;
    assert_eq!(stored, card);
    assert_eq!(stored.data["commonName"], "ada Lovelace");
    assert_eq!(stored.data["upn"], "ada@example.com");
}

#[tokio::test]
async fn the_same_key_gives_the_same_card_for_ever() {
    let world = World::new().await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(world.order("ada", "k").await.unwrap(), card);
    world.drain().await;
    world.put_user("ada", r#""state":"inactive""#).await;
    world
        .change_options(|options| options.use_cases.order_card.enabled = false)
        .await;
    world.pass(86_400);
    let later = world.order("ada", "k").await.unwrap();
    assert_eq!(
        (later.card_id, later.state.kind()),
        (card.card_id, StateKind::Ordered)
    );
}

#[tokio::test]
async fn a_holder_orders_only_while_the_upn_is_theirs() {
    let world = World::new().await;
    let own = |key| OrderRequest {
        caller: Actor::parse("ADA@example.com").unwrap(),
        for_self: true,
        ..request("ada", key)
    };
    let card = world.order_as(own("k1")).await.unwrap();
    assert_eq!(card.requested_by.as_str(), "ADA@example.com");
    world.abort(&card).await.unwrap();
    world.put_user("ada", r#""upn":"king@example.com""#).await;
    world.put_user("bea", r#""upn":"ada@example.com""#).await;
    assert_eq!(slug(world.order_as(own("k2")).await), "user-not-found");
    let now_hers = OrderRequest {
        user_id: UserId::parse("bea").unwrap(),
        ..own("k3")
    };
    assert_eq!(
        world
            .order_as(now_hers)
            .await
            .unwrap()
            .holder
            .unwrap()
            .user_id
            .as_str(),
        "bea"
    );
}

#[tokio::test]
async fn a_key_that_was_used_for_another_request_is_refused() {
    let world = World::new().await;
    world.put_user("bob", "").await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(
        slug(world.order("bob", "k").await),
        "idempotency-key-reused"
    );
    let mut commented = request("ada", "k");
    commented.comment = Some("urgent".into());
    assert_eq!(
        slug(world.order_as(commented).await),
        "idempotency-key-reused"
    );
    let mut typed = request("ada", "k");
    typed.production_type = Some("standard".into());
    assert_eq!(slug(world.order_as(typed).await), "idempotency-key-reused");
    assert_eq!(world.card(card.card_id).await, card);
}

#[tokio::test]
async fn a_user_has_one_open_order() {
    let world = World::new().await;
    let first = world.order("ada", "k1").await.unwrap();
    match world.order("ada", "k2").await {
        Err(Error::Refused(Refusal::OpenOrderExists { card_id, state })) => {
            assert_eq!((card_id, state), (first.card_id, StateKind::Processing));
        }
        other => panic!("{other:?}"),
    }
    world.abort(&first).await.unwrap();
    let second = world.order("ada", "k2").await.unwrap();
    world.drain().await;
    assert_eq!(slug(world.order("ada", "k3").await), "open-order-exists");
    assert_eq!(
        world.card(second.card_id).await.state.kind(),
        StateKind::Ordered
    );
}

#[tokio::test]
async fn of_simultaneous_orders_for_a_user_one_wins() {
    let world = World::new().await;
    for round in 0..20 {
        let user = format!("u{round}");
        world.put_user(&user, "").await;
        let keys: Vec<_> = (0..8).map(|n| format!("{user}-{n}")).collect();
        let orders = keys.iter().map(|key| world.order(&user, key));
        let results = futures_util::future::join_all(orders).await;
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "round {round}: {results:?}");
        for refused in results.into_iter().filter(Result::is_err) {
            assert_eq!(slug(refused), "open-order-exists");
        }
    }
}

#[tokio::test]
async fn simultaneous_orders_with_one_key_are_one_order() {
    let world = World::new().await;
    let orders = (0..20).map(|_| world.order("ada", "k"));
    let results = futures_util::future::join_all(orders).await;
    let first = results[0].as_ref().unwrap();
    assert!(
        results
            .iter()
            .all(|result| result.as_ref().unwrap().card_id == first.card_id)
    );
    let cards = world
        .tables
        .cards_of_holder(&UserId::parse("ada").unwrap(), 50)
        .await
        .unwrap();
    assert_eq!(cards.len(), 1);
}

#[tokio::test]
async fn several_orders_are_taken_when_the_option_allows_them() {
    let world = World::new().await;
    world
        .change_options(|options| options.multiple_orders = true)
        .await;
    let first = world.order("ada", "k1").await.unwrap();
    let second = world.order("ada", "k2").await.unwrap();
    assert_ne!(first.card_id, second.card_id);
    world
        .change_options(|options| options.multiple_orders = false)
        .await;
    assert_eq!(slug(world.order("ada", "k3").await), "open-order-exists");
}

#[tokio::test]
async fn a_refused_order_writes_nothing() {
    type Change = fn(&mut Options);
    let same: Change = |_| {};
    let off: Change = |options| options.use_cases.order_card.enabled = false;
    let number: Change = |options| {
        options.mapping =
            serde_json::from_str(r#"{"upn":"{upn}","commonName":"{employeeNumber}"}"#).unwrap()
    };
    for (user, more, change, chosen, expected) in [
        ("eve", "", off, None, "use-case-disabled"),
        ("eve", r#""state":"inactive""#, same, None, "user-inactive"),
        ("eve", "", same, Some("gold"), "production-type-unknown"),
        ("eve", r#""upn":null"#, same, None, "user-attribute-missing"),
        ("eve", "", number, None, "user-attribute-missing"),
        ("nobody", "", same, None, "user-not-found"),
    ] {
        let world = World::new().await;
        world.put_user("eve", more).await;
        world.change_options(change).await;
        let mut request = request(user, "k");
        request.production_type = chosen.map(str::to_owned);
        assert_eq!(slug(world.order_as(request).await), expected);
        let id = UserId::parse(user).unwrap();
        assert!(
            world
                .tables
                .cards_of_holder(&id, 50)
                .await
                .unwrap()
                .is_empty(),
            "{expected}"
        );
        assert!(world.queues.is_empty(), "{expected}");
    }
}

#[tokio::test]
async fn an_order_whose_reminder_is_lost_is_ordered_all_the_same() {
    let world = World::new().await;
    *world.queues.broken.lock().unwrap() = true;
    let card = world.order("ada", "k").await.unwrap();
    *world.queues.broken.lock().unwrap() = false;
    assert!(world.queues.is_empty());
    assert_eq!(world.drain().await.swept_orders, 0, "it is not late yet");
    world.pass(181);
    let report = world.drain().await;
    assert_eq!((report.swept_orders, report.accepted), (1, 1));
    assert_eq!(
        world.card(card.card_id).await.state.kind(),
        StateKind::Ordered
    );
}

async fn direct() -> World {
    let world = World::new().await;
    world
        .change_options(|options| options.production_types[0].delivery = Delivery::Direct)
        .await;
    world
}

#[tokio::test]
async fn direct_delivery_answers_with_what_the_producer_said() {
    let world = direct().await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(card.state.kind(), StateKind::Ordered);
    assert!(world.bureau.has(&card) && world.queues.is_empty());
    world.send_emails().await;
    assert!(matches!(
        world.card(card.card_id).await.email,
        Email::Sent { .. }
    ));
    world.assert_settled().await;
}

#[tokio::test]
async fn direct_delivery_without_an_answer_says_processing_and_the_drain_finishes() {
    for mood in [Mood::Dead, Mood::Mute] {
        let world = direct().await;
        world.bureau.set(mood);
        let card = world.order("ada", "k").await.unwrap();
        assert_eq!(card.state.kind(), StateKind::Processing);
        assert!(!card.abortable());
        assert_eq!(slug(world.abort(&card).await), "card-claimed");
        world.bureau.set(Mood::Fine);
        world.pass(91);
        let report = world.drain().await;
        assert_eq!((report.taken_over, report.accepted), (1, 1));
        assert_eq!(world.bureau.orders.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_held_card_is_taken_when_its_time_is_over_and_not_before() {
    let world = World::new().await;
    world
        .change_options(|options| options.production_types[0].hold_minutes = 10)
        .await;
    let card = world.order("ada", "k").await.unwrap();
    assert_eq!(card.due_at, card.held_until);
    assert!(world.queues.is_empty());
    // A message that comes too early takes nothing.
    world.queues.put(card.order_id());
    world.pass(599);
    let early = world.drain().await;
    assert_eq!((early.received, early.dropped, early.claimed), (1, 1, 0));
    assert!(!world.bureau.has(&card));
    world.pass(1);
    let report = world.drain().await;
    assert_eq!(
        (report.accepted, report.swept_orders),
        (1, 0),
        "it was not late"
    );
    world.send_emails().await;
    world.assert_settled().await;
}

#[tokio::test]
async fn a_held_card_can_be_aborted_until_the_end() {
    let world = World::new().await;
    world
        .change_options(|options| options.production_types[0].hold_minutes = 10)
        .await;
    let card = world.order("ada", "k").await.unwrap();
    world.pass(599);
    world.drain().await;
    world.abort(&card).await.unwrap();
    world.assert_settled().await;
    assert!(!world.bureau.has(&card));
}

#[tokio::test]
async fn an_order_follows_the_type_that_was_chosen_for_as_long_as_it_lives() {
    let world = World::new().await;
    world
        .change_options(|options| {
            let mut gold = options.production_types[0].clone();
            gold.id = ProductionTypeId::parse("gold").unwrap();
            gold.default = false;
            gold.delivery = Delivery::Direct;
            gold.fields = vec!["upn".into()];
            options.production_types.push(gold);
        })
        .await;
    let of_gold = |user, key| OrderRequest {
        production_type: Some("gold".into()),
        ..request(user, key)
    };
    let gold = world.order_as(of_gold("ada", "k")).await.unwrap();
    assert_eq!(gold.state.kind(), StateKind::Ordered, "direct");
    assert_eq!(gold.producer_fields, ["upn"]);
    world.put_user("bob", "").await;
    let standard = world.order("bob", "k2").await.unwrap();
    assert_eq!(standard.production_type.as_str(), "standard");
    assert_eq!(standard.state.kind(), StateKind::Processing);

    world
        .change_options(|options| {
            options.production_types[0].default = false;
            options.production_types[0].enabled = false;
            options.production_types[1].default = true;
        })
        .await;
    world.put_user("eve", "").await;
    let mut disabled = request("eve", "k3");
    disabled.production_type = Some("standard".into());
    assert_eq!(
        slug(world.order_as(disabled).await),
        "production-type-unknown"
    );
    assert_eq!(world.drain().await.accepted, 1, "existing orders go on");
}
