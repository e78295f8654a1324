use reqwest::Method;
use serde_json::json;

use super::stack::Stack;

#[tokio::test]
async fn an_operator_orders_and_the_holder_gets_card_and_email() {
    let stack = Stack::ready().await;
    let user = stack
        .new_user(
            "Zofia",
            json!({"familyName": "Øster", "commonName": "Zofia Øster"}),
        )
        .await;

    let found = stack
        .call("operator", Method::GET, "/users?q=oster+zof&limit=100")
        .await;
    assert_eq!(found.aws_requests(), 1);
    let found = found.expect(200);
    let ids: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| &u["userId"])
        .collect();
    assert!(ids.contains(&&json!(user)), "{found}");

    let profile = stack
        .call("operator", Method::GET, &format!("/users/{user}"))
        .await
        .expect(200);
    assert_eq!(profile["commands"][0]["available"], true, "{profile}");
    let draft = stack
        .call(
            "operator",
            Method::GET,
            &format!("/users/{user}/card-draft"),
        )
        .await;
    let draft = draft.expect(200);
    let data = json!({"commonName": "Zofia Øster", "upn": format!("{user}@example.com")});
    assert_eq!((&draft["data"], &draft["blockers"]), (&data, &json!([])));

    let order = stack.order(&user, &stack.unique("key")).await;
    assert_eq!(
        order.aws_requests(),
        3,
        "one batch read, one transaction, one send"
    );
    let location = order.header("location").to_owned();
    let card = order.expect(201);
    assert_eq!(
        (&card["state"], &card["data"]),
        (&json!("processing"), &data)
    );
    assert_eq!(
        (&card["abortable"], &card["email"]),
        (&json!(true), &json!("pending"))
    );
    let card_id = card["cardId"].as_str().unwrap();
    assert_eq!(location, format!("/cards/{card_id}"));
    assert_eq!(stack.card(card_id).await, card);
    let waiting = stack
        .call("approver", Method::GET, "/cards?state=processing&limit=100")
        .await;
    assert!(
        waiting.expect(200)["items"]
            .as_array()
            .unwrap()
            .contains(&card)
    );

    stack.drain().await;
    let card = stack.card(card_id).await;
    assert_eq!(
        (&card["state"], &card["abortable"]),
        (&json!("ordered"), &json!(false))
    );
    let bureau = stack.at_bureau(card_id).await.unwrap();
    assert_eq!(
        (&bureau["data"], &bureau["producerOrderId"]),
        (&data, &card["producerOrderId"])
    );

    let card = stack.until_email(card_id, "sent").await;
    let events: Vec<_> = card["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["event"])
        .collect();
    assert_eq!(
        events,
        [&json!("order"), &json!("accept"), &json!("email_sent")]
    );
    let mail = stack.mail_to(&format!("{user}@mail.example.com")).await;
    assert_eq!(mail.len(), 1, "{mail:?}");
    assert!(mail[0].to_string().contains("Your card has been ordered"));

    stack.abort(card_id).await.expect_problem(409, "card-state");
    let profile = stack
        .call("operator", Method::GET, &format!("/users/{user}"))
        .await
        .expect(200);
    assert_eq!(profile["cards"], json!([card]));
    let reason = "https://cardwright.example/problems/open-order-exists";
    assert_eq!(profile["commands"][0]["reason"], reason);
}

#[tokio::test]
async fn an_aborted_card_is_never_sent() {
    let stack = Stack::ready().await;
    let card_id = stack
        .ordered(&stack.new_user("Abel", json!({})).await)
        .await;
    let abort = stack.abort(&card_id).await;
    assert_eq!(abort.aws_requests(), 1);
    let aborted = abort.expect(200);
    assert_eq!(aborted["state"], "aborted");
    assert_eq!(stack.abort(&card_id).await.expect(200), aborted);
    stack.drain().await;
    assert_eq!(stack.at_bureau(&card_id).await, None);
    assert_eq!(stack.card(&card_id).await, aborted);
}

#[tokio::test]
async fn one_key_is_one_card_and_one_user_has_one_open_order() {
    let stack = Stack::ready().await;
    let user = stack.new_user("Tove", json!({})).await;
    let key = stack.unique("key");
    let orders = (0..8).map(|_| stack.order(&user, &key));
    let replies = futures_util::future::join_all(orders).await;
    let cards: Vec<_> = replies
        .into_iter()
        .map(|reply| reply.expect(201)["cardId"].clone())
        .collect();
    assert!(cards.iter().all(|card| *card == cards[0]), "{cards:?}");

    let other = stack.new_user("Tage", json!({})).await;
    let keys: Vec<_> = (0..8).map(|_| stack.unique("key")).collect();
    let orders = keys.iter().map(|key| stack.order(&other, key));
    let replies = futures_util::future::join_all(orders).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1);
    for lost in replies.into_iter().filter(|reply| reply.status != 201) {
        lost.expect_problem(409, "open-order-exists");
    }
    stack.drain().await;
}
