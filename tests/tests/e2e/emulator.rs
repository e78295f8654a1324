//! The local stack's emulator is fit to judge, before it judges anything.

use serde_json::json;

use super::stack::Stack;
use crate::adapters::emulator::race;

#[tokio::test(flavor = "multi_thread")]
async fn one_of_eight_clients_wins_each_race() {
    let stack = Stack::ready().await;
    let table = stack.unique("races");
    let definition = json!({
        "TableName": table, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    });
    stack.dynamodb("CreateTable", &definition).await;
    let clients = (0..8).map(|_| stack.aws().dynamodb()).collect();
    race("R17e", "the local stack", clients, &table, 60).await;
    stack
        .dynamodb("DeleteTable", &json!({"TableName": table}))
        .await;
}
