//! The alarms about what time ends.

use serde_json::{Value, json};

use super::super::after_production::{KEEPER, active};
use super::super::stack::Stack;
use super::alarm::whatever_comes;

#[tokio::test]
async fn deadline_errors_are_raised_by_a_wrong_setting_and_end_with_the_right_one() {
    let stack = Stack::ready().await;
    stack
        .fails_by_a_wrong_setting(KEEPER, "deadline-errors")
        .await;
    stack.try_invoke(KEEPER, &json!({})).await.unwrap();
}

#[tokio::test]
async fn deadline_failures_are_raised_by_a_card_that_can_not_be_ended_and_hold_up_no_other() {
    let stack = Stack::ready().await;
    let since = stack.now_in(KEEPER).await;
    let [broken, healthy] = [active(&stack, "Dag").await, active(&stack, "Disa").await];
    let id = |card: &Value| card["cardId"].as_str().unwrap().to_owned();
    // Somebody edits the item by hand, which is never right: the next version is no number of ours.
    let edit = json!({
        "TableName": stack.setting("cardsTable"),
        "Key": {"pk": {"S": format!("card#{}", id(&broken))}},
        "UpdateExpression": "SET #version = :last",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":last": {"N": u64::MAX.to_string()}},
    });
    stack.dynamodb("UpdateItem", &edit).await;
    let tried = whatever_comes(async {
        stack.make_over(&id(&broken)).await;
        stack.make_over(&id(&healthy)).await;
        stack.keep_deadlines().await;
        assert_eq!(stack.card(&id(&healthy)).await["state"], "expired");
        stack
            .assert_raised("deadline-failures", KEEPER, since)
            .await;
        let errors = stack.errors_of(KEEPER, since).await;
        let named = |line: &Value| line["card.id"] == id(&broken).as_str();
        assert!(errors.iter().any(named), "{errors:?}");
    });
    let tried = tried.await;
    stack.delete_card(&id(&broken)).await;
    tried.unwrap();
}
