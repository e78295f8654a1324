//! The races of `crate::races` through the API: real HTTP, real processes, and as many instances of
//! a function as there are requests at once.

use std::collections::BTreeMap;

use cardwright_domain::ids::UserId;
use cardwright_domain::user::User;
use futures_util::StreamExt;
use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};

use super::stack::{Reply, Stack};
use crate::races::{grouped, rounds, row};

const ORDERS: usize = 50;
/// Requests at once where the race is not between them.
const CLIENTS: usize = 8;

impl Stack {
    async fn order_with(&self, user: &str, key: &str, body: &Value) -> Reply {
        let path = format!("/users/{user}/cards");
        let headers = [("idempotency-key", key)];
        let body = Some(body.to_string());
        self.send("operator", Method::POST, &path, &headers, body)
            .await
    }

    async fn deactivate(&self, id: &str) {
        let fields = json!({"userId": id, "commonName": "No Longer Here", "state": "inactive"});
        let fields = serde_json::from_value(fields).unwrap();
        let user = User::parse(fields, &UserId::parse(id).unwrap()).unwrap();
        self.tables().import_users(&[user]).await.unwrap();
    }

    async fn cards(&self, card_ids: &[String]) -> Vec<Value> {
        let cards = card_ids.iter().map(|card_id| self.card(card_id));
        let cards: Vec<_> = cards.collect();
        futures_util::stream::iter(cards)
            .buffered(CLIENTS)
            .collect()
            .await
    }
}

#[tokio::test]
async fn fifty_parallel_orders_with_one_key_get_one_card_and_one_answer() {
    let stack = Stack::ready().await;
    stack.drained().await;
    for _ in 0..rounds(1) {
        let user = stack.new_user("Runa", json!({})).await;
        let key = stack.unique("key");
        let orders = (0..ORDERS).map(|_| stack.order(&user, &key));
        let cards: Vec<_> = join_all(orders)
            .await
            .into_iter()
            .map(|reply| reply.expect(201))
            .collect();
        assert!(cards.iter().all(|card| *card == cards[0]), "{cards:?}");
        let other = stack
            .order_with(&user, &key, &json!({"comment": "again"}))
            .await;
        other.expect_problem(422, "idempotency-key-reused");
        let report = stack.drain().await;
        // Where sending was slow, the reminder was sent twice.
        assert_eq!(report["accepted"], 1, "{report}");
    }
}

#[tokio::test]
async fn of_fifty_parallel_orders_for_one_user_one_wins_and_the_others_name_it() {
    let stack = Stack::ready().await;
    let rounds = rounds(1);
    for _ in 0..rounds {
        let user = stack.new_user("Rolf", json!({})).await;
        let keys: Vec<_> = (0..ORDERS).map(|_| stack.unique("key")).collect();
        let replies = join_all(keys.iter().map(|key| stack.order(&user, key))).await;
        let (won, lost): (Vec<_>, Vec<_>) =
            replies.into_iter().partition(|reply| reply.status == 201);
        assert_eq!((won.len(), lost.len()), (1, ORDERS - 1));
        let won = won.into_iter().next().unwrap().body;
        for lost in lost {
            let lost = lost.expect_problem(409, "open-order-exists");
            assert_eq!(lost["cardId"], won["cardId"]);
        }
        let profile = stack
            .call("operator", Method::GET, &format!("/users/{user}"))
            .await;
        assert_eq!(profile.expect(200)["cards"], json!([won]));
    }
    stack.drained().await;
    let figure = format!(
        "1 winner in each of {} rounds of {ORDERS} through HTTP",
        grouped(rounds)
    );
    row("R7e", rounds, 10, figure, "exactly 1 wins, 10 rounds");
}

#[tokio::test]
async fn an_order_after_the_deactivation_of_its_user_is_refused_and_none_is_sent() {
    let stack = Stack::ready().await;
    stack.set_options(&json!({"multipleOrders": true})).await;
    stack.drained().await;
    for _ in 0..rounds(2) {
        let user = stack.new_user("Rita", json!({})).await;
        let before = stack.ordered(&user).await;
        let keys: Vec<_> = (0..24).map(|_| stack.unique("key")).collect();
        let orders = keys.iter().map(|key| stack.order(&user, key));
        let orders: Vec<_> = orders.collect();
        let orders = futures_util::stream::iter(orders)
            .buffered(CLIENTS)
            .collect::<Vec<_>>();
        let late = async {
            // In between: the first orders are on their way by then.
            stack.card(&before).await;
            stack.deactivate(&user).await;
            stack.order(&user, &stack.unique("key")).await
        };
        let (replies, late) = join(orders, late).await;
        late.expect_problem(409, "user-inactive");
        let mut card_ids = vec![before];
        for reply in replies {
            if reply.status == 201 {
                card_ids.push(reply.body["cardId"].as_str().unwrap().to_owned());
            } else {
                reply.expect_problem(409, "user-inactive");
            }
        }
        let profile = stack
            .call("operator", Method::GET, &format!("/users/{user}"))
            .await;
        let listed = profile.expect(200)["cards"].as_array().unwrap().len();
        assert_eq!(
            listed,
            card_ids.len(),
            "no card but those that were answered"
        );
        stack.drain().await;
        for card in stack.cards(&card_ids).await {
            let failure = card["failure"]["type"].as_str().unwrap();
            assert!(failure.ends_with("/holder-inactive"), "{card}");
            let card_id = card["cardId"].as_str().unwrap();
            assert_eq!(stack.at_bureau(card_id).await, None);
        }
    }
}

#[tokio::test]
async fn an_abort_and_a_drain_agree_on_who_won() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let (mut aborted, mut ordered) = (0, 0);
    for _ in 0..rounds(3) {
        let card_ids = stack.place_orders(24).await;
        let aborts: Vec<_> = card_ids
            .iter()
            .map(|card_id| stack.abort(card_id))
            .collect();
        let aborts = futures_util::stream::iter(aborts)
            .buffered(2)
            .collect::<Vec<_>>();
        let (replies, _report) = join(aborts, stack.drain()).await;
        let cards = stack.cards(&card_ids).await;
        for (reply, card) in replies.into_iter().zip(cards) {
            let sent = stack.at_bureau(card["cardId"].as_str().unwrap()).await;
            if reply.status == 200 {
                assert_eq!((&card, sent), (&reply.body, None));
                assert_eq!(card["state"], "aborted");
                aborted += 1;
            } else {
                let slug = reply.body["type"]
                    .as_str()
                    .unwrap()
                    .rsplit('/')
                    .next()
                    .unwrap();
                assert!(["card-claimed", "card-state"].contains(&slug), "{slug}");
                assert_eq!(card["state"], "ordered", "{card}");
                assert_eq!(sent.unwrap()["producerOrderId"], card["producerOrderId"]);
                ordered += 1;
            }
        }
    }
    println!("{aborted} aborted, {ordered} ordered");
    stack.drained().await;
}

#[tokio::test]
async fn eight_drains_at_once_make_one_producer_order_and_one_email_each() {
    const CARDS: usize = 40;
    const DRAINS: usize = 8;
    let stack = Stack::ready().await;
    stack.drained().await;
    let rounds = rounds(1);
    for _ in 0..rounds {
        let card_ids = stack.place_orders(CARDS).await;
        // Every message is doubled, and a quarter of the cards is late as well.
        for (n, card_id) in card_ids.iter().enumerate() {
            stack.remind(card_id).await;
            if n % 4 == 0 {
                stack.expire(card_id).await;
            }
        }
        let reports = join_all((0..DRAINS).map(|_| stack.drain())).await;
        for (number, wanted) in [("claimed", CARDS), ("accepted", CARDS), ("failed", 0)] {
            let sum: u64 = reports
                .iter()
                .map(|report| report[number].as_u64().unwrap())
                .sum();
            assert_eq!(sum, wanted as u64, "{number}: {reports:?}");
        }
        let orders = stack.bureau_orders().await;
        let by_key: BTreeMap<_, _> = orders
            .iter()
            .map(|order| (order["key"].as_str().unwrap(), order))
            .collect();
        for card_id in &card_ids {
            let order = by_key[format!("{card_id}-1").as_str()];
            assert_eq!(order["submits"], 1, "{order}");
            let card = stack.until_email(card_id, "sent").await;
            assert_eq!(card["producerOrderId"], order["producerOrderId"]);
            let holder = card["holder"]["userId"].as_str().unwrap();
            let mails = stack.mail_to(&format!("{holder}@mail.example.com")).await;
            assert_eq!(mails.len(), 1, "{card}");
        }
        assert_eq!(stack.messages_in("orderQueueUrl").await, 0);
    }
    let figure = format!(
        "{} orders once each, by {DRAINS} drains at once in {} rounds through the functions",
        grouped(rounds * CARDS),
        grouped(rounds)
    );
    row("R14e", rounds, 10, figure, "0 doubled in 10 rounds");
}
