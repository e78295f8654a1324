use reqwest::Method;
use serde_json::{Value, json};

use super::decide::decide;
use super::stack::{Reply, Stack, token_of};

/// A user of the directory who has signed in and has no role.
struct Holder<'a> {
    stack: &'a Stack,
    user_id: String,
    token: String,
}

impl<'a> Holder<'a> {
    async fn new(stack: &'a Stack, name: &str) -> Self {
        let user_id = stack.new_user(name, json!({})).await;
        let token = token_of(&user_id);
        Self {
            stack,
            user_id,
            token,
        }
    }

    async fn get(&self, path: &str) -> Reply {
        let token = Some(self.token.as_str());
        self.stack
            .send_with(token, Method::GET, path, &[], None)
            .await
    }

    async fn order_for(&self, user_id: &str, key: &str) -> Reply {
        let (token, path) = (Some(self.token.as_str()), format!("/users/{user_id}/cards"));
        let headers = [("idempotency-key", key)];
        let body = Some("{}".to_owned());
        self.stack
            .send_with(token, Method::POST, &path, &headers, body)
            .await
    }

    async fn abort(&self, card_id: &str) -> Reply {
        let (token, path) = (Some(self.token.as_str()), format!("/cards/{card_id}/abort"));
        self.stack
            .send_with(token, Method::POST, &path, &[], None)
            .await
    }
}

async fn helpful(more: Value) -> Stack {
    let stack = Stack::ready().await;
    let mut options = json!({"selfService": true});
    for (name, value) in more.as_object().unwrap() {
        options[name] = value.clone();
    }
    stack.set_options(&options).await;
    stack
}

#[tokio::test]
async fn a_holder_orders_a_card_for_themself_and_follows_it() {
    let stack = helpful(json!({})).await;
    let holder = Holder::new(&stack, "Hedda").await;
    let me = holder.get("/me").await;
    assert_eq!(me.aws_requests(), 1);
    let name = format!("{}@example.com", holder.user_id);
    let expected =
        json!({"userName": name, "roles": [], "userId": holder.user_id, "selfService": true});
    assert_eq!(me.expect(200), expected);

    let profile = holder.get(&format!("/users/{}", holder.user_id)).await;
    assert_eq!(profile.expect(200)["commands"][0]["available"], true);
    let draft = holder
        .get(&format!("/users/{}/card-draft", holder.user_id))
        .await;
    assert_eq!(draft.expect(200)["blockers"], json!([]));
    let key = stack.unique("key");
    let placed = holder.order_for(&holder.user_id, &key).await;
    assert_eq!(
        placed.aws_requests(),
        4,
        "who, what stands against it, write, remind"
    );
    let placed = placed.expect(201);
    assert_eq!(
        (&placed["state"], &placed["requestedBy"]),
        (&json!("processing"), &json!(name))
    );
    let again = holder.order_for(&holder.user_id, &key).await;
    assert_eq!(again.expect(201), placed);
    let card_id = placed["cardId"].as_str().unwrap();

    stack.drain().await;
    stack.until_email(card_id, "sent").await;
    let seen = holder.get(&format!("/cards/{card_id}")).await;
    assert_eq!(seen.aws_requests(), 2);
    let seen = seen.expect(200);
    assert_eq!(seen["state"], "ordered");
    let events = seen["timeline"].as_array().unwrap().iter();
    let lines: Value = events
        .map(|line| json!([line["event"], line["by"]]))
        .collect();
    let expected = json!([
        ["order", name],
        ["accept", "system:drain-orders"],
        ["email_sent", "system:send-card-ordered-email"],
    ]);
    assert_eq!(lines, expected);
    holder
        .abort(card_id)
        .await
        .expect_problem(409, "card-state");
}

#[tokio::test]
async fn a_holder_aborts_what_an_operator_ordered_for_them() {
    let stack = helpful(json!({})).await;
    let holder = Holder::new(&stack, "Halla").await;
    let card_id = stack.ordered(&holder.user_id).await;
    let seen = holder.get(&format!("/cards/{card_id}")).await.expect(200);
    assert_eq!(
        (&seen["requestedBy"], &seen["timeline"][0]["by"]),
        (&Value::Null, &Value::Null)
    );
    let aborted = holder.abort(&card_id).await;
    assert_eq!(aborted.aws_requests(), 2);
    assert_eq!(aborted.expect(200)["state"], "aborted");
    assert_eq!(holder.abort(&card_id).await.expect(200)["state"], "aborted");
    stack.drain().await;
    assert_eq!(stack.at_bureau(&card_id).await, None);
    let for_staff = stack.card(&card_id).await;
    let name = format!("{}@example.com", holder.user_id);
    assert_eq!(for_staff["timeline"][1]["by"], name);
}

#[tokio::test]
async fn nothing_of_others_exists_for_a_holder() {
    let stack = helpful(json!({})).await;
    let holder = Holder::new(&stack, "Hild").await;
    let other = stack.new_user("Hulda", json!({})).await;
    let card_id = stack.ordered(&other).await;
    let nowhere = "6f1c1b4e-0000-4000-8000-000000000000";
    let nobody = stack.unique("nobody");
    let same = |one: Value, other: Value| {
        let told = |mut problem: Value| {
            problem["instance"] = Value::Null;
            problem
        };
        assert_eq!(told(one), told(other));
    };
    for path in ["/users/ID", "/users/ID/card-draft"] {
        let of = async |id: &str| {
            let reply = holder.get(&path.replace("ID", id)).await;
            assert_eq!(reply.aws_requests(), 1);
            reply.expect_problem(404, "user-not-found")
        };
        same(of(&other).await, of(&nobody).await);
    }
    let key = stack.unique("key");
    let refused = holder.order_for(&other, &key).await;
    let refused = refused.expect_problem(404, "user-not-found");
    let unknown = holder.order_for(&nobody, &key).await;
    same(refused, unknown.expect_problem(404, "user-not-found"));
    let get = async |id: &str| {
        let reply = holder.get(&format!("/cards/{id}")).await;
        assert_eq!(reply.aws_requests(), 2);
        reply.expect_problem(404, "card-not-found")
    };
    same(get(&card_id).await, get(nowhere).await);
    let abort = async |id: &str| {
        let reply = holder.abort(id).await;
        assert_eq!(reply.aws_requests(), 2);
        reply.expect_problem(404, "card-not-found")
    };
    same(abort(&card_id).await, abort(nowhere).await);
    assert_eq!(stack.card(&card_id).await["state"], "processing");
    for path in ["/users?q=anna", "/cards?state=processing", "/options"] {
        holder.get(path).await.expect_problem(403, "role-required");
    }
    stack.drain().await;
}

#[tokio::test]
async fn without_self_service_a_holder_is_a_caller_without_a_role() {
    let stack = Stack::ready().await;
    let holder = Holder::new(&stack, "Helge").await;
    let card_id = stack.ordered(&holder.user_id).await;
    let me = holder.get("/me").await.expect(200);
    assert_eq!(
        (&me["selfService"], &me["userId"]),
        (&json!(false), &json!(holder.user_id))
    );
    let own = format!("/users/{}", holder.user_id);
    for path in [
        &own,
        &format!("{own}/card-draft"),
        &format!("/cards/{card_id}"),
    ] {
        holder.get(path).await.expect_problem(403, "role-required");
    }
    let key = stack.unique("key");
    let refused = holder.order_for(&holder.user_id, &key).await;
    refused.expect_problem(403, "role-required");
    let refused = holder.abort(&card_id).await;
    refused.expect_problem(403, "role-required");
    stack.drain().await;
}

#[tokio::test]
async fn what_a_holder_asked_for_is_approved_and_theirs_to_take_back() {
    let stack = helpful(json!({"approval": {"single": true}})).await;
    let holder = Holder::new(&stack, "Hauk").await;
    let card = holder
        .order_for(&holder.user_id, &stack.unique("key"))
        .await;
    let card = card.expect(201);
    assert_eq!(card["state"], "requested");
    let reason = json!({"reason": "has a card already"});
    let rejected = decide(&stack, "approver", "reject", &card, reason).await;
    rejected.expect(200);
    let path = format!("/cards/{}", card["cardId"].as_str().unwrap());
    let seen = holder.get(&path).await.expect(200);
    assert_eq!(
        (&seen["timeline"][1]["by"], &seen["timeline"][1]["reason"]),
        (&Value::Null, &json!("has a card already"))
    );
    let second = holder
        .order_for(&holder.user_id, &stack.unique("key"))
        .await;
    let second = second.expect(201);
    let taken_back = holder.abort(second["cardId"].as_str().unwrap()).await;
    assert_eq!(taken_back.expect(200)["state"], "aborted");
    // What an operator asked for waits for the operator or the approver.
    let by_operator = stack.ordered(&holder.user_id).await;
    let refused = holder.abort(&by_operator).await;
    refused.expect_problem(403, "requester-only");
    stack.abort(&by_operator).await.expect(200);
}
