//! Eight clients race for one winner. An emulator with two winners would prove nothing about the
//! adapters.

use std::future::Future;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use futures_util::future::join_all;

use crate::support::dynamo::{CARDS, Database};

const CLIENTS: usize = 8;
const ROUNDS: usize = 200;

/// Lets eight clients try the same thing at once, round after round. Exactly one may succeed in
/// each.
async fn race<Try: Future<Output = bool> + Send + 'static>(
    db: &Database,
    attempt: fn(Client, String, usize) -> Try,
) {
    let clients: Vec<_> = (0..CLIENTS).map(|_| db.another_client()).collect();
    for round in 0..ROUNDS {
        let key = format!("race#{round}");
        put(&db.client, &format!("open#{key}")).await;
        let racers = clients.iter().enumerate();
        let tries =
            racers.map(|(me, client)| tokio::spawn(attempt(client.clone(), key.clone(), me)));
        let won: Vec<_> = join_all(tries)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}");
    }
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

async fn put(client: &Client, key: &str) {
    let call = client.put_item().table_name(CARDS).item("pk", text(key));
    call.item("place", text("open")).send().await.unwrap();
}

async fn put_if_absent(client: Client, key: String, me: usize) -> bool {
    let call = client.put_item().table_name(CARDS).item("pk", text(key));
    let call = call.item("owner_number", text(me.to_string()));
    call.condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .is_ok()
}

async fn take(client: Client, key: String, me: usize) -> bool {
    let call = client
        .update_item()
        .table_name(CARDS)
        .key("pk", text(format!("open#{key}")));
    let call = call
        .update_expression("SET place = :me")
        .condition_expression("place = :open")
        .expression_attribute_values(":me", text(me.to_string()))
        .expression_attribute_values(":open", text("open"));
    call.send().await.is_ok()
}

async fn put_two(client: Client, key: String, me: usize) -> bool {
    let check = ConditionCheck::builder()
        .table_name(CARDS)
        .key("pk", text(format!("open#{key}")))
        .condition_expression("place = :open")
        .expression_attribute_values(":open", text("open"));
    let check = TransactWriteItem::builder()
        .condition_check(check.build().unwrap())
        .build();
    let put = |key: String| {
        let put = Put::builder().table_name(CARDS).item("pk", text(key));
        let put = put.item("owner_number", text(me.to_string()));
        let put = put
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let call = client.transact_write_items().transact_items(check);
    let call = call
        .transact_items(put(format!("a#{key}")))
        .transact_items(put(format!("b#{key}")));
    call.send().await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_wins_a_put_if_absent() {
    race(&Database::start().await, put_if_absent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_wins_a_conditional_update() {
    race(&Database::start().await, take).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_client_wins_a_transaction() {
    race(&Database::start().await, put_two).await;
}
