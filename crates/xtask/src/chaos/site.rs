//! The running stack as the clients, the drains and the audit see it. They speak to the local AWS
//! directly: what they see is not disturbed.

use std::time::Duration;

use cardwright_domain::time::Time;
use jiff::Timestamp;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::proxy::Proxy;
use crate::emulator::Emulator;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::token::{Role, access_token};
use crate::users;
use crate::workspace::{StackFolder, Workspace};

/// Longer than any function may run.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);

/// Users for each kill: more than the clients can order for in that time.
const USERS_PER_KILL: usize = 3;

/// How often it is tried to enable the use case.
const ENABLE_TRIES: usize = 20;
const ENABLE_PAUSE: Duration = Duration::from_millis(500);

/// Every so many users one is refused by the bureau.
const REFUSED: usize = 25;

#[derive(Debug)]
pub(super) struct Site {
    pub(super) stack: Stack,
    pub(super) emulator: Emulator,
    pub(super) proxy: Proxy,
    pub(super) http: Client,
    operator: String,
    approver: String,
    administrator: String,
    pub(super) users: usize,
}

/// What the API answered. The body is null if it was no JSON.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) etag: String,
    pub(super) body: Value,
}

impl Site {
    pub(super) async fn prepare(
        workspace: &Workspace,
        folder: &StackFolder,
        stack: Stack,
        kills: usize,
    ) -> Result<Self, Error> {
        let http = Client::builder().timeout(ANSWER_TIMEOUT).no_proxy().build();
        let http = http.doing("set up the HTTP client")?;
        let password = folder.password_file();
        let users = 100 + kills * USERS_PER_KILL;
        let site = Self {
            emulator: Emulator::at(&stack.aws_endpoint)?,
            operator: access_token(&stack, &password, Role::Operator, None).await?,
            approver: access_token(&stack, &password, Role::Approver, None).await?,
            administrator: access_token(&stack, &password, Role::Administrator, None).await?,
            proxy: Proxy::start(workspace, folder, &stack, http.clone()).await?,
            http,
            users,
            stack,
        };
        let file = folder.state().join("users.jsonl");
        let lines: String = (0..users)
            .map(|index| user(index).to_string() + "\n")
            .collect();
        std::fs::write(&file, lines).doing(format!("write {}", file.display()))?;
        let imported = users::import::import_file(&file, &site.stack, &folder.state()).await?;
        println!("{imported} users are in the directory.");
        for index in (0..users).step_by(REFUSED) {
            let fault = json!({ "kind": "reject", "match": { "upn": user(index)["upn"] } });
            site.bureau_fault(&fault).await?;
        }
        site.enable().await?;
        Ok(site)
    }

    /// The proxy takes its time over the first request of each service, so the first try may fail.
    async fn enable(&self) -> Result<(), Error> {
        for _ in 0..ENABLE_TRIES {
            let mut options = self.administrator(Method::GET, None).await?;
            if options.status == 200 {
                options.body["useCases"]["orderCard"]["enabled"] = json!(true);
                if self
                    .administrator(Method::PUT, Some(&options))
                    .await?
                    .status
                    == 200
                {
                    return Ok(());
                }
            }
            tokio::time::sleep(ENABLE_PAUSE).await;
        }
        Err(Error::Refused("the use case was not enabled".into()))
    }

    /// Reads the options, or replaces them.
    pub(super) async fn administrator(
        &self,
        method: Method,
        options: Option<&Answer>,
    ) -> Result<Answer, Error> {
        let url = format!("{}/options", self.stack.api_url);
        let mut request = self
            .http
            .request(method, url)
            .bearer_auth(&self.administrator);
        if let Some(options) = options {
            request = request
                .header("if-match", &options.etag)
                .json(&options.body);
        }
        answer(request).await
    }

    pub(super) async fn order(&self, user_id: &str, key: &str) -> Result<Answer, Error> {
        let url = format!("{}/users/{user_id}/cards", self.stack.api_url);
        let request = self.http.post(url).bearer_auth(&self.operator);
        answer(request.header("idempotency-key", key).json(&json!({}))).await
    }

    pub(super) async fn abort(&self, card_id: &str) -> Result<Answer, Error> {
        let url = format!("{}/cards/{card_id}/abort", self.stack.api_url);
        answer(self.http.post(url).bearer_auth(&self.operator)).await
    }

    /// Approves or rejects the card as it was seen.
    pub(super) async fn decide(
        &self,
        card_id: &str,
        seen: &Answer,
        approves: bool,
    ) -> Result<Answer, Error> {
        let (verb, body) = if approves {
            ("approve", json!({}))
        } else {
            ("reject", json!({ "reason": "chaos" }))
        };
        let url = format!("{}/cards/{card_id}/{verb}", self.stack.api_url);
        let request = self.http.post(url).bearer_auth(&self.approver);
        answer(request.header("if-match", &seen.etag).json(&body)).await
    }

    /// Approves up to a hundred of the orders that wait for it; says how many there were.
    pub(super) async fn approve_waiting(&self) -> Result<usize, Error> {
        let waiting = self.get("/cards?state=requested&limit=100").await?;
        let cards = waiting.body["items"].as_array().into_iter().flatten();
        let seen: Vec<_> = cards
            .map(|card| json!({ "cardId": card["cardId"], "version": card["version"] }))
            .collect();
        if !seen.is_empty() {
            let url = format!("{}/card-decisions", self.stack.api_url);
            let request = self.http.post(url).bearer_auth(&self.approver);
            answer(request.json(&json!({ "decision": "approve", "cards": seen }))).await?;
        }
        Ok(seen.len())
    }

    pub(super) async fn get(&self, path: &str) -> Result<Answer, Error> {
        let url = format!("{}{path}", self.stack.api_url);
        answer(self.http.get(url).bearer_auth(&self.operator)).await
    }

    /// The directory says that the user is not active any more.
    pub(super) async fn deactivate(&self, user_id: &str) -> Result<(), Error> {
        let change = json!({
            "TableName": self.stack.users_table,
            "Key": { "pk": { "S": format!("user#{user_id}") }, "sk": { "S": "user" } },
            "UpdateExpression": "SET #state = :inactive ADD version :one",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeNames": { "#state": "state" },
            "ExpressionAttributeValues": { ":inactive": { "S": "inactive" }, ":one": { "N": "1" } },
        });
        self.emulator
            .call("DynamoDB_20120810.UpdateItem", &change)
            .await?;
        Ok(())
    }

    /// See `infra/bureau-simulator/README.md` for the faults there are.
    pub(super) async fn bureau_fault(&self, fault: &Value) -> Result<(), Error> {
        let setting = "set a fault of the bureau";
        let url = format!("{}/_sim/faults", self.stack.bureau_url);
        let answer = self.http.post(url).json(fault).send().await;
        answer.doing(setting)?.error_for_status().doing(setting)?;
        Ok(())
    }

    pub(super) async fn clear_bureau_faults(&self) -> Result<(), Error> {
        let clearing = "clear the faults of the bureau";
        let url = format!("{}/_sim/faults", self.stack.bureau_url);
        let answer = self.http.delete(url).send().await.doing(clearing)?;
        answer.error_for_status().doing(clearing)?;
        Ok(())
    }
}

pub(super) fn user_id(index: usize) -> String {
    format!("chaos-{index:05}")
}

fn user(index: usize) -> Value {
    let id = user_id(index);
    json!({
        "userId": id, "commonName": format!("Chaos Number {index}"),
        "upn": format!("{id}@example.com"), "email": format!("{id}@mail.example.com"),
    })
}

/// Seconds since 1970, as Python programs say the time.
#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of this age fit"
)]
pub(super) fn time(seconds: f64) -> Time {
    let timestamp = Timestamp::from_millisecond((seconds * 1_000.0) as i64);
    Time::new(timestamp.unwrap_or(Timestamp::MAX))
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, Error> {
    let asking = "ask the API";
    let answer = request.send().await.doing(asking)?;
    let etag = answer
        .headers()
        .get("etag")
        .and_then(|etag| etag.to_str().ok());
    Ok(Answer {
        status: answer.status().as_u16(),
        etag: etag.unwrap_or_default().to_owned(),
        body: answer.json().await.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_a_time() {
        assert_eq!(
            time(1_795_360_483.25).to_string(),
            "2026-11-22T15:14:43.250Z"
        );
    }
}
