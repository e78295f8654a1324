//! A client of the running stack: the API as its callers see it, and what a test needs to look behind it.

use std::collections::HashMap;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::contract::check_answer;
use cardwright_aws::dynamodb::Tables;
use cardwright_aws::{Aws, Endpoint};
use cardwright_domain::ids::UserId;
use cardwright_domain::user::User;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// How often something that happens by itself is looked for before a test gives up; each look is a request.
pub(super) const LOOKS: usize = 20_000;

static COUNTER: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Stack {
    pub(crate) settings: Value,
    pub(crate) http: reqwest::Client,
    tokens: HashMap<&'static str, String>,
}

/// An answer of the API. Its body has been held against the contract.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn aws_requests(&self) -> u64 {
        self.header("aws-requests").parse().unwrap()
    }

    /// Asserts the status and gives the body.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// Asserts status and problem type.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, slug: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(
            body["type"],
            format!("https://cardwright.example/problems/{slug}"),
            "{body}"
        );
        body
    }
}

impl Stack {
    /// The running stack with the use case on, queue delivery, and a bureau without faults that waits
    /// to be asked.
    pub(crate) async fn ready() -> Self {
        let stack = Self::connect();
        stack.set_options(&json!({})).await;
        stack.bureau(Method::DELETE, "/_sim/faults", None).await;
        let nobody = Some(Value::Null);
        stack.bureau(Method::PUT, "/_sim/events", nobody).await;
        stack
    }

    fn connect() -> Self {
        // Only fails if another test of the process was first, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let file = std::env::var("CARDWRIGHT_STACK")
            .expect("no stack: run the tests by `cargo xtask test`, or name a stack.json");
        let settings = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let tokens = ["operator", "approver", "administrator", "user"]
            .map(|role| (role, token(role)))
            .into();
        Self {
            settings,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            tokens,
        }
    }

    /// The access token of a role.
    pub(crate) fn token(&self, role: &str) -> &str {
        &self.tokens[role]
    }

    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings[name].as_str().unwrap()
    }

    /// A text that no other test uses: they run in processes of their own, or share the counter.
    pub(crate) fn unique(&self, name: &str) -> String {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        format!("{name}-{:x}-{number}", std::process::id())
    }

    pub(crate) fn aws(&self) -> Aws {
        Aws::at(Endpoint {
            url: self.setting("awsEndpoint").to_owned(),
            region: self.setting("region").to_owned(),
            access_key_id: self.setting("accessKeyId").to_owned(),
            secret_access_key: self.setting("secretAccessKey").to_owned(),
        })
    }

    pub(crate) fn tables(&self) -> Tables {
        let (users, cards) = (self.setting("usersTable"), self.setting("cardsTable"));
        Tables::new(self.aws().dynamodb(), users, cards)
    }

    /// Imports an active user with a unique id, name and address. `more` overrides fields.
    pub(crate) async fn new_user(&self, name: &str, more: Value) -> String {
        let id = self.unique(name);
        let mut fields = json!({
            "userId": id, "commonName": format!("{name} Lovelace"), "givenName": name,
            "familyName": "Lovelace", "upn": format!("{id}@example.com"),
            "email": format!("{id}@mail.example.com"),
        });
        for (field, value) in more.as_object().unwrap() {
            fields[field] = value.clone();
        }
        let fields = serde_json::from_value(fields).unwrap();
        let user = User::parse(fields, &UserId::parse(&id).unwrap()).unwrap();
        let imported = self.tables().import_users(&[user]).await.unwrap();
        assert_eq!(imported.upn_shared, []);
        id
    }

    pub(crate) async fn call(&self, role: &str, method: Method, path: &str) -> Reply {
        self.send(role, method, path, &[], None).await
    }

    /// Calls the API as somebody with this role, and holds the answer against the contract.
    pub(crate) async fn send(
        &self,
        role: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        let token = self.tokens.get(role).map(String::as_str);
        self.send_with(token, method, path, headers, body).await
    }

    /// The same with a token of one's own.
    pub(super) async fn send_with(
        &self,
        token: Option<&str>,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Reply {
        let url = format!("{}{path}", self.setting("apiUrl"));
        let mut request = self.http.request(method.clone(), url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        check_answer(&method, path, status, &headers, &body);
        Reply {
            status,
            headers,
            body,
        }
    }

    pub(crate) async fn order(&self, user: &str, key: &str) -> Reply {
        let path = format!("/users/{user}/cards");
        let headers = [("idempotency-key", key)];
        self.send("operator", Method::POST, &path, &headers, Some("{}".into()))
            .await
    }

    /// Orders a card and gives its id.
    pub(crate) async fn ordered(&self, user: &str) -> String {
        let card = self.order(user, &self.unique("key")).await.expect(201);
        card["cardId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn card(&self, card_id: &str) -> Value {
        self.call("operator", Method::GET, &format!("/cards/{card_id}"))
            .await
            .expect(200)
    }

    pub(crate) async fn abort(&self, card_id: &str) -> Reply {
        self.call("operator", Method::POST, &format!("/cards/{card_id}/abort"))
            .await
    }

    /// Replaces the options: the use case is on, and `more` is as given.
    pub(crate) async fn set_options(&self, more: &Value) {
        let mut options = json!({"useCases": {"orderCard": {"enabled": true}}});
        for (name, value) in more.as_object().unwrap() {
            options[name] = value.clone();
        }
        let tag = self.call("administrator", Method::GET, "/options").await;
        let headers = [("if-match", tag.header("etag"))];
        let body = Some(options.to_string());
        let put = self.send("administrator", Method::PUT, "/options", &headers, body);
        put.await.expect(200);
    }

    /// One tick of the drain; its report.
    pub(crate) async fn drain(&self) -> Value {
        self.tick("drain-orders").await
    }

    /// One tick of a function that a schedule starts; its report.
    pub(crate) async fn tick(&self, function: &str) -> Value {
        let report = self
            .invoke(function, &json!({"source": "cardwright.schedule"}))
            .await;
        assert!(
            report["awsRequests"].is_number(),
            "the tick failed: {report}"
        );
        report
    }

    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Value {
        let name = self.settings["functions"][function].as_str().unwrap();
        let endpoint = self.setting("awsEndpoint");
        let url = format!("{endpoint}/2015-03-31/functions/{name}/invocations");
        let response = self.http.post(url).json(event).send().await.unwrap();
        response.json().await.unwrap()
    }

    pub(crate) async fn bureau(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = format!("{}{path}", self.setting("bureauUrl"));
        let mut request = self.http.request(method, url);
        if let Some(body) = &body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        let text = response.text().await.unwrap();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.bureau(Method::POST, "/_sim/faults", Some(fault)).await;
    }

    /// What the bureau has for a card, if anything.
    pub(crate) async fn at_bureau(&self, card_id: &str) -> Option<Value> {
        let all = self.bureau(Method::GET, "/_sim/orders", None).await;
        let orders = all["orders"].as_array().unwrap();
        let ours = |order: &&Value| order["key"].as_str().unwrap().starts_with(card_id);
        orders.iter().find(ours).cloned()
    }

    /// Lets a card's lease and due time pass, as if the clock had moved.
    pub(crate) async fn make_due(&self, card_id: &str) {
        let key = json!({"pk": {"S": format!("card#{card_id}")}});
        let past = json!({"S": "2026-01-01T00:00:00.000Z"});
        self.dynamodb(
            "UpdateItem",
            &json!({
                "TableName": self.setting("cardsTable"), "Key": key,
                "UpdateExpression": "SET detail.claim.lease_until = :past, due_at = :past",
                "ExpressionAttributeValues": {":past": past},
            }),
        )
        .await;
    }

    pub(crate) async fn dynamodb(&self, operation: &str, body: &Value) -> Value {
        self.aws_json(&format!("DynamoDB_20120810.{operation}"), body)
            .await
    }

    pub(crate) async fn sqs(&self, operation: &str, body: &Value) -> Value {
        self.aws_json(&format!("AmazonSQS.{operation}"), body).await
    }

    pub(crate) async fn aws_json(&self, target: &str, body: &Value) -> Value {
        let service = match target.split('.').next() {
            Some("DynamoDB_20120810") => "dynamodb",
            Some("Logs_20140328") => "logs",
            Some("secretsmanager") => "secretsmanager",
            _ => "sqs",
        };
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20261122/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.setting("accessKeyId"),
            self.setting("region"),
        );
        let response = self
            .http
            .post(self.setting("awsEndpoint"))
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", authorization)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{target}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Mail to an address, as the mail service took it.
    pub(crate) async fn mail_to(&self, address: &str) -> Vec<Value> {
        let response = self.http.get(self.setting("mailbox")).send().await.unwrap();
        let all: Value = response.json().await.unwrap();
        let accounts = all["messages"].as_object().unwrap().values();
        let messages = accounts.flat_map(|list| list.as_array().unwrap());
        messages
            .filter(|message| message.to_string().contains(address))
            .cloned()
            .collect()
    }

    /// Looks until the card's email is in this state.
    pub(crate) async fn until_email(&self, card_id: &str, state: &str) -> Value {
        for _ in 0..LOOKS {
            let card = self.card(card_id).await;
            if card["email"] == state {
                return card;
            }
        }
        panic!("the email of {card_id} never was {state}");
    }
}

fn token(role: &str) -> String {
    sign_in(&["--role", role])
}

/// The access token of a user of the directory, who has no role.
pub(super) fn token_of(user_id: &str) -> String {
    sign_in(&["--role", "user", "--user", user_id])
}

fn sign_in(who: &[&str]) -> String {
    let tool = std::env::var("CARDWRIGHT_XTASK").expect("`cargo xtask test` names itself");
    let output = Command::new(tool).arg("token").args(who).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
