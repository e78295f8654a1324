use reqwest::Method;
use serde_json::{Value, json};

use super::stack::Stack;

#[tokio::test]
async fn every_refused_order_names_its_problem_and_writes_nothing() {
    let stack = Stack::ready().await;
    let active = stack.new_user("Rut", json!({})).await;
    let inactive = stack.new_user("Rolf", json!({"state": "inactive"})).await;
    let nameless = stack.new_user("Rosa", json!({"upn": null})).await;
    let long_key = "k".repeat(256);
    let big = json!({"comment": "x".repeat(20_000)}).to_string();
    let good_key = stack.unique("key");
    let key = good_key.as_str();
    for (user, key, body, status, slug) in [
        (active.as_str(), "", "{}", 400, "idempotency-key-missing"),
        (&active, "a b", "{}", 400, "idempotency-key-malformed"),
        (&active, &long_key, "{}", 400, "idempotency-key-malformed"),
        (&active, key, "{", 400, "body-malformed"),
        (&active, key, r#"{"colour":"red"}"#, 422, "body-invalid"),
        (&active, key, r#"{"comment":7}"#, 422, "body-invalid"),
        (&active, key, &big, 413, "body-too-large"),
        (
            &active,
            key,
            r#"{"productionType":"gold"}"#,
            422,
            "production-type-unknown",
        ),
        ("no-such-user", key, "{}", 404, "user-not-found"),
        ("no%20such", key, "{}", 404, "user-not-found"),
        (&inactive, key, "{}", 409, "user-inactive"),
        (&nameless, key, "{}", 422, "user-attribute-missing"),
    ] {
        let headers = [("idempotency-key", key)];
        let headers = if key.is_empty() {
            &[][..]
        } else {
            &headers[..]
        };
        let path = format!("/users/{user}/cards");
        let reply = stack
            .send("operator", Method::POST, &path, headers, Some(body.into()))
            .await;
        reply.expect_problem(status, slug);
    }
    for user in [&active, &inactive, &nameless] {
        let profile = stack
            .call("operator", Method::GET, &format!("/users/{user}"))
            .await;
        assert_eq!(profile.expect(200)["cards"], json!([]));
    }
    stack
        .set_options(&json!({"useCases": {"orderCard": {"enabled": false}}}))
        .await;
    stack
        .order(&active, key)
        .await
        .expect_problem(403, "use-case-disabled");
    stack.set_options(&json!({})).await;
    stack.order(&active, key).await.expect(201);
    let other_body = Some(r#"{"comment":"again"}"#.to_owned());
    let path = format!("/users/{active}/cards");
    let headers = [("idempotency-key", key)];
    let reused = stack
        .send("operator", Method::POST, &path, &headers, other_body)
        .await;
    reused.expect_problem(422, "idempotency-key-reused");
    let second = stack.order(&active, &stack.unique("key")).await;
    assert_eq!(
        second.expect_problem(409, "open-order-exists")["state"],
        "processing"
    );
    stack.drain().await;
}

#[tokio::test]
async fn every_bad_parameter_names_its_problem() {
    let stack = Stack::ready().await;
    for (path, status, slug) in [
        ("/users", 400, "parameter-invalid"),
        ("/users?q=a", 400, "parameter-invalid"),
        ("/users?q=anna&limit=0", 400, "parameter-invalid"),
        ("/users?q=anna&limit=101", 400, "parameter-invalid"),
        ("/users?q=anna&limit=ten", 400, "parameter-invalid"),
        ("/users?q=anna&cursor=nonsense", 400, "cursor-invalid"),
        ("/users/no-such-user", 404, "user-not-found"),
        ("/users/no-such-user/card-draft", 404, "user-not-found"),
        ("/cards", 400, "parameter-invalid"),
        ("/cards?state=aborted", 400, "parameter-invalid"),
        ("/cards?state=processing&cursor=%21", 400, "cursor-invalid"),
        ("/cards/not-a-uuid", 404, "card-not-found"),
        (
            "/cards/6f1c1b4e-0000-4000-8000-000000000000",
            404,
            "card-not-found",
        ),
    ] {
        stack
            .call("operator", Method::GET, path)
            .await
            .expect_problem(status, slug);
    }
    let nowhere = "6f1c1b4e-0000-4000-8000-000000000000";
    stack
        .abort(nowhere)
        .await
        .expect_problem(404, "card-not-found");
}

#[tokio::test]
async fn options_are_guarded_by_their_version_and_their_rules() {
    let stack = Stack::ready().await;
    let before = stack.call("administrator", Method::GET, "/options").await;
    let tag = before.header("etag").to_owned();
    let before = before.expect(200);
    let approval = json!({"approval": {"batch": true}}).to_string();
    let unknown = json!({"colour": "red"}).to_string();
    for (tag, body, status, slug) in [
        ("", "{}", 428, "precondition-required"),
        ("\"0\"", "{}", 412, "precondition-failed"),
        ("*", "{}", 412, "precondition-failed"),
        (tag.as_str(), "[", 400, "body-malformed"),
        (&tag, &unknown, 422, "body-invalid"),
        (&tag, &approval, 422, "options-invalid"),
    ] {
        let headers = [("if-match", tag)];
        let headers = if tag.is_empty() {
            &[][..]
        } else {
            &headers[..]
        };
        let body = Some(body.to_owned());
        let put = stack
            .send("administrator", Method::PUT, "/options", headers, body)
            .await;
        put.expect_problem(status, slug);
    }
    let after = stack
        .call("administrator", Method::GET, "/options")
        .await
        .expect(200);
    assert_eq!(after, before);
    // What was read can be sent back as it is.
    let headers = [("if-match", tag.as_str())];
    let same = Some(before.to_string());
    let put = stack
        .send("administrator", Method::PUT, "/options", &headers, same)
        .await;
    let version = put.expect(200)["version"].as_u64();
    assert_eq!(
        version,
        before["version"].as_u64().map(|version| version + 1)
    );
    // The same again comes too late, even though it would change nothing.
    let same = Some(before.to_string());
    let put = stack
        .send("administrator", Method::PUT, "/options", &headers, same)
        .await;
    put.expect_problem(412, "precondition-failed");
}

#[tokio::test]
async fn who_is_not_signed_in_or_lacks_the_role_gets_nothing() {
    let stack = Stack::ready().await;
    for (method, path) in [
        (Method::GET, "/users?q=anna"),
        (Method::GET, "/users/anna"),
        (Method::GET, "/users/anna/card-draft"),
        (Method::POST, "/users/anna/cards"),
        (Method::GET, "/cards?state=processing"),
        (Method::GET, "/cards/6f1c1b4e-0000-4000-8000-000000000000"),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/abort",
        ),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/repeat",
        ),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/refresh",
        ),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/activate",
        ),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/deactivate",
        ),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/reactivate",
        ),
        (
            Method::POST,
            "/cards/6f1c1b4e-0000-4000-8000-000000000000/lock",
        ),
        (Method::GET, "/options"),
        (Method::PUT, "/options"),
        (Method::GET, "/options/history"),
    ] {
        let nobody = stack.call("", method.clone(), path).await;
        assert_eq!(nobody.expect(401), json!({"message": "Unauthorized"}));
        let user = stack.call("user", method.clone(), path).await;
        user.expect_problem(403, "role-required");
        let wrong = if path.starts_with("/options") {
            "operator"
        } else {
            "administrator"
        };
        let wrong = stack.call(wrong, method, path).await;
        wrong.expect_problem(403, "role-required");
    }
    let nobody = stack.call("", Method::GET, "/me").await;
    assert_eq!(nobody.expect(401), json!({"message": "Unauthorized"}));
    let user = stack.call("user", Method::GET, "/me").await.expect(200);
    assert_eq!(
        (&user["roles"], &user["userId"]),
        (&json!([]), &Value::Null)
    );
    let forged = stack
        .http
        .get(format!("{}/options", stack.setting("apiUrl")))
        .bearer_auth("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.")
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status().as_u16(), 401);
    let _: Value = forged.json().await.unwrap();
}
