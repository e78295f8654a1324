//! Orders against orders, and orders against the deactivation of their user.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cardwright_app::error::Error;
use cardwright_app::order_card::{OrderRequest, order_card};
use cardwright_app::ports::{
    ChangeCard, Changed, Clock, ListCards, OrderContext, PlaceOrder, Placed, Placement, ReadCard,
    ReadOrderContext, Result, Tokens,
};
use cardwright_aws::dynamodb::Tables;
use cardwright_domain::card::{Card, Event, Failure, State, StateKind};
use cardwright_domain::ids::{CardId, ClaimToken, UserId};
use cardwright_domain::refusal::Refusal;
use cardwright_domain::time::Time;
use futures_util::future::join_all;
use jiff::SignedDuration;

use super::{grouped, rounds, row};
use crate::protocol::world::{Chance, World, operator, request, slug};

const ORDERS: usize = 50;

/// The world's clock, read a little later: requests of one race come at different times.
struct Later<'a>(&'a Chance, i64);

impl Clock for Later<'_> {
    fn now(&self) -> Time {
        self.0.now().plus(SignedDuration::from_millis(self.1))
    }
}

impl Tokens for Later<'_> {
    fn claim_token(&self) -> ClaimToken {
        self.0.claim_token()
    }
}

/// Sends all orders at once, each from a task of its own.
async fn all_at_once(
    world: &Arc<World>,
    requests: impl IntoIterator<Item = OrderRequest>,
) -> Vec<std::result::Result<Card, Error>> {
    let orders = requests.into_iter().zip(0..).map(|(request, ms)| {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            let (tables, queues, bureau) = (&world.tables, &world.queues, &world.bureau);
            order_card(tables, queues, bureau, &Later(&world.chance, ms), request).await
        })
    });
    let orders: Vec<_> = orders.collect();
    let answers = join_all(orders).await;
    answers
        .into_iter()
        .map(std::result::Result::unwrap)
        .collect()
}

fn with_comment(user: &str, key: &str, comment: &str) -> OrderRequest {
    OrderRequest {
        comment: Some(comment.to_owned()),
        ..request(user, key)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_parallel_orders_with_one_key_get_one_card_and_one_answer() {
    let world = Arc::new(World::new().await);
    let rounds = rounds(3);
    for round in 0..rounds {
        let user = format!("user-{round}");
        world.put_user(&user, "").await;
        let requests = (0..ORDERS).map(|_| request(&user, &user));
        let answers = all_at_once(&world, requests).await;
        let cards: Vec<_> = answers
            .into_iter()
            .map(std::result::Result::unwrap)
            .collect();
        assert!(cards.iter().all(|card| *card == cards[0]), "{cards:?}");
        assert_eq!(world.card(cards[0].card_id).await, cards[0]);
        let reminders = std::mem::take(&mut *world.queues.waiting.lock().unwrap());
        assert_eq!(reminders, [cards[0].order_id().to_string()], "{round}");

        let other = world.order_as(with_comment(&user, &user, "again")).await;
        assert_eq!(slug(other), "idempotency-key-reused");
    }
    println!("{} answers, none differed", grouped(rounds * ORDERS));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_bodies_under_one_key_one_is_taken_and_the_other_always_refused() {
    let world = Arc::new(World::new().await);
    for round in 0..rounds(3) {
        let user = format!("user-{round}");
        world.put_user(&user, "").await;
        let body = |n: usize| if n.is_multiple_of(2) { "even" } else { "odd" };
        let requests = (0..ORDERS).map(|n| with_comment(&user, &user, body(n)));
        let answers = all_at_once(&world, requests).await;
        let taken = |answer: &std::result::Result<Card, Error>| answer.is_ok();
        let first = answers.iter().position(taken).expect("one is taken");
        for (n, answer) in answers.into_iter().enumerate() {
            if body(n) == body(first) {
                answer.unwrap();
            } else {
                assert_eq!(slug(answer), "idempotency-key-reused", "{round}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_parallel_orders_for_one_user_one_wins_and_the_others_name_it() {
    const TARGET: usize = 1_000;
    let world = Arc::new(World::new().await);
    let rounds = rounds(5);
    for round in 0..rounds {
        // Four rounds for one user: the first finds no open order, the others a settled one.
        let user = format!("user-{}", round / 4);
        world.put_user(&user, "").await;
        let requests = (0..ORDERS).map(|n| request(&user, &format!("{round}-{n}")));
        let answers = all_at_once(&world, requests).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.is_ok());
        assert_eq!(
            (won.len(), lost.len()),
            (1, ORDERS - 1),
            "{round}: {lost:?}"
        );
        let won = won.into_iter().next().unwrap().unwrap();
        for lost in lost {
            let Err(Error::Refused(Refusal::OpenOrderExists { card_id, state })) = lost else {
                panic!("{round}: {lost:?}")
            };
            assert_eq!((card_id, state), (won.card_id, StateKind::Processing));
        }
        let cards = world
            .tables
            .cards_of_holder(&won.holder.as_ref().unwrap().user_id, 50);
        let cards = cards.await.unwrap();
        let expected = round % 4 + 1;
        assert_eq!(
            (cards.len(), cards.contains(&won)),
            (expected, true),
            "{round}: {cards:?}"
        );
        world.abort(&won).await.unwrap();
    }
    let figure = format!("1 winner in each of {} rounds of {ORDERS}", grouped(rounds));
    row("R7", rounds, TARGET, figure, "exactly 1 wins, 10^3 rounds");
}

/// The tables, with an eye on orders that are placed after a deactivation was acknowledged.
struct Watched<'a> {
    tables: &'a Tables,
    deactivated: &'a AtomicBool,
}

impl ReadOrderContext for Watched<'_> {
    async fn order_context(&self, user: &UserId, card: Option<CardId>) -> Result<OrderContext> {
        self.tables.order_context(user, card).await
    }
}

impl ReadCard for Watched<'_> {
    async fn card(&self, card_id: CardId) -> Result<Option<Card>> {
        self.tables.card(card_id).await
    }
}

impl PlaceOrder for Watched<'_> {
    async fn place_order(&self, placement: &Placement) -> Result<Placed> {
        let late = self.deactivated.load(Ordering::SeqCst);
        let placed = self.tables.place_order(placement).await?;
        assert!(
            !late || !matches!(placed, Placed::Done),
            "an order was placed for a user who was inactive by then"
        );
        Ok(placed)
    }
}

impl ChangeCard for Watched<'_> {
    async fn change_card(&self, card_id: CardId, event: &Event, now: Time) -> Result<Changed> {
        self.tables.change_card(card_id, event, now).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_order_is_placed_after_the_deactivation_of_its_user_was_acknowledged() {
    let world = Arc::new(World::new().await);
    world
        .change_options(|options| options.multiple_orders = true)
        .await;
    let (mut placed, mut refused) = (0, 0);
    for round in 0..rounds(3) {
        let user = format!("user-{round}");
        world.put_user(&user, "").await;
        let deactivated = Arc::new(AtomicBool::new(false));
        let orders = (0..ORDERS).map(|n| {
            let (world, deactivated) = (Arc::clone(&world), Arc::clone(&deactivated));
            let request = request(&user, &format!("{round}-{n}"));
            tokio::spawn(async move {
                // Some begin late, so that the deactivation falls among them.
                for _ in 0..n / 4 {
                    tokio::task::yield_now().await;
                }
                let store = Watched {
                    tables: &world.tables,
                    deactivated: &deactivated,
                };
                let (queues, bureau) = (&world.queues, &world.bureau);
                order_card(&store, queues, bureau, &world.chance, request).await
            })
        });
        let orders: Vec<_> = orders.collect();
        world.put_user(&user, r#""state":"inactive""#).await;
        deactivated.store(true, Ordering::SeqCst);
        let late = world.order(&user, &format!("{round}-late")).await;
        assert_eq!(slug(late), "user-inactive");
        let mut cards = Vec::new();
        for (n, order) in join_all(orders).await.into_iter().enumerate() {
            let key = request(&user, &format!("{round}-{n}")).key;
            let stored = world
                .tables
                .card(CardId::derive(&operator(), &key))
                .await
                .unwrap();
            match order.unwrap() {
                Ok(card) => cards.push(card),
                Err(Error::Refused(Refusal::UserInactive)) => {
                    assert_eq!(stored, None, "{round}-{n}")
                }
                Err(error) => panic!("{round}-{n}: {error:?}"),
            }
        }
        (placed, refused) = (placed + cards.len(), refused + ORDERS - cards.len());
        never_sent(&world, &cards).await;
    }
    println!("{placed} orders before the deactivation, {refused} after it");
}

/// What was ordered before the deactivation ends `failed`, and the bureau never hears of it.
async fn never_sent(world: &World, cards: &[Card]) {
    let report = world.drain().await;
    assert_eq!(report.holder_inactive, cards.len() as u64, "{report:?}");
    let failure = Failure::holder_inactive();
    for card in cards {
        let state = world.card(card.card_id).await.state;
        assert_eq!(
            state,
            State::Failed {
                failure: failure.clone()
            }
        );
        assert!(!world.bureau.has(card));
    }
    assert!(world.queues.is_empty());
}
