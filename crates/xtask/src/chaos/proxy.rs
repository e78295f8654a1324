//! The fault proxy (microburst) between the functions and the local AWS.
//!
//! Only the functions go through it. The local AWS sets `AWS_ENDPOINT_URL` for every function and
//! lets nobody overrule it, but an endpoint of one service counts before it, and that one is ours
//! to set.

use std::net::{Ipv4Addr, TcpListener};

use cardwright_domain::time::Time;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::process::Command;

use super::site::time;
use crate::error::{Context, Error};
use crate::process::Processes;
use crate::stack::Stack;
use crate::tools::Tools;
use crate::up;
use crate::workspace::{StackFolder, Workspace};

/// The settings by which a function is led to the proxy, one for each service.
const ENDPOINTS: [&str; 4] = [
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SQS",
    "AWS_ENDPOINT_URL_SES",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
];

/// The proxy remembers so many faults; they are read much more often than that.
const MEMORY: usize = 2_000;

#[derive(Debug)]
pub(super) struct Proxy {
    http: Client,
    url: String,
}

/// A fault that the proxy has made.
#[derive(Debug, Clone)]
pub(super) struct Fired {
    pub(super) at: Time,
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) action: String,
    rule_id: u64,
    pub(super) of_emails: bool,
}

impl Proxy {
    /// Starts the proxy and leads every function through it.
    pub(super) async fn start(
        workspace: &Workspace,
        folder: &StackFolder,
        stack: &Stack,
        http: Client,
    ) -> Result<Self, Error> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .doing("find a free port")?
            .port();
        let mut command = Command::new(Tools::installed(workspace)?.path("microburst"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--upstream", &stack.aws_endpoint, "--no-resign"]);
        let mut child = Processes::read(folder)?.start(folder, "microburst", &mut command)?;
        let url = format!("http://127.0.0.1:{port}");
        let health = format!("{url}/_microburst/health");
        up::answers(&mut child, &health, folder, "microburst").await?;
        let proxy = Self { http, url };
        for function in stack.functions.values() {
            proxy.lead(&stack.aws_endpoint, function).await?;
        }
        Ok(proxy)
    }

    async fn lead(&self, aws_endpoint: &str, function: &str) -> Result<(), Error> {
        let leading = || format!("lead {function} through the proxy");
        let url = format!("{aws_endpoint}/2015-03-31/functions/{function}/configuration");
        let answer = self.http.get(&url).send().await.doing(leading())?;
        let answer = answer.error_for_status().doing(leading())?;
        let mut environment: Value = answer.json().await.doing(leading())?;
        let variables = &mut environment["Environment"]["Variables"];
        for endpoint in ENDPOINTS {
            variables[endpoint] = json!(self.url);
        }
        let change = json!({ "Environment": { "Variables": variables } });
        let answer = self.http.put(&url).json(&change).send().await;
        let answer = answer.doing(leading())?;
        answer.error_for_status().doing(leading())?;
        Ok(())
    }

    /// Replaces the faults. Answers the ids of those that concern the writes of emails.
    pub(super) async fn set(&self, rules: &[(Value, bool)]) -> Result<Vec<u64>, Error> {
        let setting = "set the faults of the proxy";
        let url = format!("{}/_microburst/rules", self.url);
        let body: Vec<_> = rules.iter().map(|(rule, _)| rule).collect();
        let answer = self.http.post(url).json(&body).send().await;
        let answer = answer.doing(setting)?.error_for_status().doing(setting)?;
        let set: Vec<Map<String, Value>> = answer.json().await.doing(setting)?;
        let ids = set
            .iter()
            .zip(rules)
            .filter(|(_, (_, of_emails))| *of_emails);
        Ok(ids
            .filter_map(|(rule, _)| rule.get("id")?.as_u64())
            .collect())
    }

    /// The faults after this one.
    pub(super) async fn fired(&self, after: Option<&Fired>) -> Result<Vec<Fired>, Error> {
        #[derive(Deserialize)]
        struct Event {
            ts: f64,
            rule_id: u64,
            service: Option<String>,
            operation: Option<String>,
            action: String,
        }
        let asking = "ask the proxy for its faults";
        let url = format!("{}/_microburst/fired?limit={MEMORY}", self.url);
        let answer = self.http.get(url).send().await.doing(asking)?;
        let events: Vec<Event> = answer.json().await.doing(asking)?;
        let fired = events.into_iter().map(|event| Fired {
            at: time(event.ts),
            rule_id: event.rule_id,
            service: event.service.unwrap_or_default(),
            operation: event.operation.unwrap_or_default(),
            action: event.action,
            of_emails: false,
        });
        // A rule that was replaced never fires again, so ids and times only grow.
        let fired = fired.filter(|fired| after.is_none_or(|after| fired.at > after.at));
        Ok(fired.collect())
    }
}

impl Fired {
    #[cfg(test)]
    pub(super) fn sample(at: Time, operation: &str, action: &str) -> Self {
        Self {
            at,
            service: "dynamodb".into(),
            operation: operation.into(),
            action: action.into(),
            rule_id: 1,
            of_emails: true,
        }
    }

    /// Notes whether it hit a write about an email, which only the mail function makes.
    pub(super) fn known(self, of_emails: &[u64]) -> Self {
        let of_emails = self.service == "ses" || of_emails.contains(&self.rule_id);
        Self { of_emails, ..self }
    }
}
