//! Eight clients race for one winner. An emulator with two winners would prove nothing about the
//! adapters, so this comes before every other test of them: it has the highest priority in
//! `.config/nextest.toml`. `e2e/emulator.rs` lets the local stack's emulator run the same races.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Put, TransactWriteItem};
use futures_util::future::join_all;

use crate::races::{grouped, rounds, row};
use crate::support::dynamo::{CARDS, Database};

const CLIENTS: usize = 8;
const TARGET: usize = 10_000;

/// The writes that the adapters rely on; a race takes one of them.
#[derive(Debug, Clone, Copy)]
enum Write {
    PutIfAbsent,
    ConditionalUpdate,
    Transaction,
}

const WRITES: [Write; 3] = [
    Write::PutIfAbsent,
    Write::ConditionalUpdate,
    Write::Transaction,
];

/// Runs the races of [`rounds`] in this table, whose key is `pk`, and prints the row. `clients` have
/// connections of their own.
pub(crate) async fn race(
    name: &str,
    emulator: &str,
    clients: Vec<Client>,
    table: &str,
    few: usize,
) {
    let rounds = rounds(few);
    for round in 0..rounds {
        let write = WRITES[round % WRITES.len()];
        let key = format!("race#{round}");
        put(&clients[0], table, &open(&key)).await;
        let tries = clients.iter().enumerate().map(|(me, client)| {
            let (client, table, key) = (client.clone(), table.to_owned(), key.clone());
            tokio::spawn(async move { attempt(write, &client, &table, &key, me).await })
        });
        let tries: Vec<_> = tries.collect();
        let won: Vec<_> = join_all(tries)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        let winners: Vec<_> = (0..CLIENTS).filter(|me| won[*me]).collect();
        assert_eq!(
            winners.len(),
            1,
            "{write:?} in round {round}: {winners:?} won"
        );
        let stored = owners(write, &clients[0], table, &key).await;
        let winner = winners[0].to_string();
        assert!(
            stored.iter().all(|owner| *owner == winner),
            "{write:?} in round {round}: {winner} won, but {stored:?} is stored"
        );
    }
    let figure = format!(
        "{} races of {CLIENTS} on {emulator}, 0 double winners",
        grouped(rounds)
    );
    row(name, rounds, TARGET, figure, "10^4 races, 0 double winners");
}

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// The key of the item that is there before the race.
fn open(key: &str) -> String {
    format!("open#{key}")
}

async fn put(client: &Client, table: &str, key: &str) {
    let call = client.put_item().table_name(table).item("pk", text(key));
    call.item("owner_number", text("open"))
        .send()
        .await
        .unwrap();
}

/// Whether this client's write was done. Only a condition that does not hold is a loss; an emulator
/// that fails in another way is no judge either.
async fn attempt(write: Write, client: &Client, table: &str, key: &str, me: usize) -> bool {
    let (done, lost) = match write {
        Write::PutIfAbsent => {
            let answer = put_if_absent(client, table, key, me).send().await;
            let error = answer
                .as_ref()
                .err()
                .and_then(|error| error.as_service_error());
            let lost = error.is_some_and(|e| e.is_conditional_check_failed_exception());
            (answer.is_ok(), lost)
        }
        Write::ConditionalUpdate => {
            let answer = take(client, table, key, me).send().await;
            let error = answer
                .as_ref()
                .err()
                .and_then(|error| error.as_service_error());
            let lost = error.is_some_and(|e| e.is_conditional_check_failed_exception());
            (answer.is_ok(), lost)
        }
        Write::Transaction => {
            let answer = put_two(client, table, key, me).send().await;
            let error = answer
                .as_ref()
                .err()
                .and_then(|error| error.as_service_error());
            let lost = error.is_some_and(|e| e.is_transaction_canceled_exception());
            (answer.is_ok(), lost)
        }
    };
    assert!(done || lost, "{write:?} of {key} neither won nor lost");
    done
}

fn put_if_absent(
    client: &Client,
    table: &str,
    key: &str,
    me: usize,
) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder {
    let call = client.put_item().table_name(table).item("pk", text(key));
    call.item("owner_number", text(me.to_string()))
        .condition_expression("attribute_not_exists(pk)")
}

fn take(
    client: &Client,
    table: &str,
    key: &str,
    me: usize,
) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
    let call = client
        .update_item()
        .table_name(table)
        .key("pk", text(open(key)));
    call.update_expression("SET owner_number = :me")
        .condition_expression("owner_number = :open")
        .expression_attribute_values(":me", text(me.to_string()))
        .expression_attribute_values(":open", text("open"))
}

fn put_two(
    client: &Client,
    table: &str,
    key: &str,
    me: usize,
) -> aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder {
    let check = ConditionCheck::builder()
        .table_name(table)
        .key("pk", text(open(key)))
        .condition_expression("owner_number = :open")
        .expression_attribute_values(":open", text("open"));
    let check = TransactWriteItem::builder().condition_check(check.build().unwrap());
    let put = |key: String| {
        let put = Put::builder().table_name(table).item("pk", text(key));
        let put = put
            .item("owner_number", text(me.to_string()))
            .condition_expression("attribute_not_exists(pk)");
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build()
    };
    client
        .transact_write_items()
        .transact_items(check.build())
        .transact_items(put(format!("a#{key}")))
        .transact_items(put(format!("b#{key}")))
}

/// Who stands in the items that the race was about.
async fn owners(write: Write, client: &Client, table: &str, key: &str) -> Vec<String> {
    let keys = match write {
        Write::PutIfAbsent => vec![key.to_owned()],
        Write::ConditionalUpdate => vec![open(key)],
        Write::Transaction => vec![format!("a#{key}"), format!("b#{key}")],
    };
    let mut owners = Vec::new();
    for key in keys {
        let get = client.get_item().table_name(table).key("pk", text(key));
        let item = get
            .consistent_read(true)
            .send()
            .await
            .unwrap()
            .item
            .unwrap();
        owners.push(item["owner_number"].as_s().unwrap().clone());
    }
    owners
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_clients_wins_each_race() {
    let db = Database::start().await;
    let clients = (0..CLIENTS).map(|_| db.another_client()).collect();
    race("R17", "the embedded DynamoDB", clients, CARDS, 150).await;
}
