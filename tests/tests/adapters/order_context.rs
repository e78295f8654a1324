//! What an order looks at first, and the last look at the holders before a card goes out.

use std::collections::HashSet;

use cardwright_app::ports::{
    ActiveHolders, ReadCallerContext, ReadCard, ReadOrderContext, StoreOptions,
};
use cardwright_domain::card::StateKind;
use cardwright_domain::card::sample;
use cardwright_domain::options::Options;
use cardwright_domain::sign_in::SignIn;
use serde_json::json;

use crate::support::dynamo::{Database, options_change, user, user_from, user_id};

#[tokio::test]
async fn an_empty_store_has_the_default_options_and_nobody() {
    let db = Database::start().await;
    let card_id = sample::registered("k").card_id;
    let context = db
        .tables()
        .order_context(&user_id("u1"), Some(card_id))
        .await
        .unwrap();
    assert_eq!(context.options, Options::default());
    assert!(context.user.is_none() && context.card.is_none() && context.open_order.is_none());
    assert!(db.tables().card(card_id).await.unwrap().is_none());
}

#[tokio::test]
async fn everything_that_an_order_depends_on_comes_in_one_request() {
    let db = Database::start().await;
    let card = sample::card(StateKind::Ordered, "k");
    db.store(&card).await;
    let options = Options {
        version: 1,
        multiple_orders: true,
        ..Options::default()
    };
    let change = options_change(options.clone());
    assert!(db.tables().store_options(&change).await.unwrap());
    db.meter.take();
    let context = db
        .tables()
        .order_context(&user_id("u1"), Some(card.card_id))
        .await
        .unwrap();
    assert_eq!(db.meter.take().requests, 1);
    assert_eq!(context.user.unwrap(), user("u1", "Ada Lovelace"));
    assert_eq!(context.options, options);
    assert_eq!(context.open_order, Some(card.order_id()));
    assert_eq!(context.card.unwrap(), card);
}

#[tokio::test]
async fn who_a_caller_is_and_what_they_may_comes_in_one_request() {
    let db = Database::start().await;
    let sign_in = SignIn::of("ada@example.com");
    let nobody = db.tables().caller_context(sign_in).await.unwrap();
    assert_eq!((nobody.user_id, nobody.options), (None, Options::default()));
    let ada = json!({"userId": "u1", "commonName": "Ada", "upn": "ada@example.com"});
    db.tables().import_users(&[user_from(ada)]).await.unwrap();
    let options = Options {
        version: 1,
        self_service: true,
        ..Options::default()
    };
    let change = options_change(options.clone());
    assert!(db.tables().store_options(&change).await.unwrap());
    db.meter.take();
    let ada = db.tables().caller_context(sign_in).await.unwrap();
    assert_eq!(db.meter.take().requests, 1);
    assert_eq!((ada.user_id, ada.options), (Some(user_id("u1")), options));
}

#[tokio::test]
async fn the_active_ones_of_a_hundred_holders_are_found_in_one_request() {
    let db = Database::start().await;
    let state = |n: usize| {
        if n.is_multiple_of(3) {
            "active"
        } else {
            "inactive"
        }
    };
    let fields = |n| json!({"userId": format!("u{n}"), "state": state(n), "commonName": "Ada"});
    let users: Vec<_> = (0..99).map(|n| user_from(fields(n))).collect();
    db.tables().import_users(&users).await.unwrap();
    db.meter.take();
    let ids: Vec<_> = (0..100).map(|n| user_id(&format!("u{n}"))).collect();
    let active = db.tables().active_holders(&ids).await.unwrap();
    assert_eq!(db.meter.take().requests, 1);
    let expected = (0..99).step_by(3).map(|n| user_id(&format!("u{n}")));
    assert_eq!(active, expected.collect::<HashSet<_>>());
}
