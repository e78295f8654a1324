use reqwest::Method;
use serde_json::{Value, json};

use super::stack::{Reply, Stack};

async fn history(stack: &Stack, query: &str) -> Reply {
    let path = format!("/options/history?{query}");
    stack.call("administrator", Method::GET, &path).await
}

#[tokio::test]
async fn each_change_of_the_options_is_told_page_by_page() {
    let stack = Stack::ready().await;
    stack.set_options(&json!({"multipleOrders": true})).await;
    let gold = json!({
        "id": "gold", "name": "Gold", "default": true, "enabled": true, "delivery": "queue",
        "holdMinutes": 0, "validityDays": 1825, "fields": ["upn"], "rules": {},
    });
    let changed = json!({"multipleOrders": true, "productionTypes": [gold]});
    stack.set_options(&changed).await;
    let options = stack.call("administrator", Method::GET, "/options").await;
    let version = options.expect(200)["version"].as_u64().unwrap();

    let newest = history(&stack, "limit=1").await;
    assert_eq!(newest.aws_requests(), 2, "the version, and two records");
    let newest = newest.expect(200);
    let last = &newest["items"][0];
    assert_eq!(
        (&last["version"], &last["by"]),
        (&json!(version), &json!("administrator@example.com"))
    );
    let changes = last["changes"].as_array().unwrap();
    let [standard, added] = changes.as_slice() else {
        panic!("{last}")
    };
    assert_eq!(standard["before"]["id"], "standard");
    assert_eq!(standard["after"], Value::Null);
    assert_eq!(
        added,
        &json!({"pointer": "/productionTypes/0", "before": null, "after": gold})
    );

    let next = newest["next"].as_str().unwrap();
    let before = history(&stack, &format!("limit=1&cursor={next}")).await;
    assert_eq!(before.aws_requests(), 1);
    let before = before.expect(200);
    let change = json!({"pointer": "/multipleOrders", "before": false, "after": true});
    let item = &before["items"][0];
    assert_eq!(
        (&item["version"], &item["changes"]),
        (&json!(version - 1), &json!([change]))
    );
    let at = |item: &Value| item["at"].as_str().unwrap().to_owned();
    assert!(at(item) <= at(last));

    let both = history(&stack, "limit=2").await.expect(200);
    assert_eq!(both["items"], json!([last, item]));
}

#[tokio::test]
async fn the_history_refuses_what_is_no_page_of_it() {
    let stack = Stack::ready().await;
    for (query, slug) in [
        ("limit=0", "parameter-invalid"),
        ("limit=101", "parameter-invalid"),
        ("cursor=nonsense", "cursor-invalid"),
    ] {
        let refused = history(&stack, query).await;
        refused.expect_problem(400, slug);
    }
}
