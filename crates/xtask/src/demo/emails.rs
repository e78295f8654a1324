//! The email function at work: what it sent, by the mailbox, and what it cost, by its log.

use serde_json::{Value, json};

use super::mailbox::{self, Mail};
use crate::emulator::Emulator;
use crate::error::Error;
use crate::stack::Stack;

#[derive(Debug)]
pub(super) struct Emails {
    pub(super) mails: Vec<Mail>,
    /// By its own account in the log, which is complete when this is the number of mails.
    sent: u64,
    /// Requests to AWS of each invocation.
    pub(super) costs: Vec<u64>,
}

impl Emails {
    pub(super) async fn so_far(
        http: &reqwest::Client,
        emulator: &Emulator,
        stack: &Stack,
    ) -> Result<Self, Error> {
        let function = stack.function("send-card-ordered-email")?;
        let request = json!({ "logGroupName": format!("/aws/lambda/{function}") });
        let answer = emulator
            .call("Logs_20140328.FilterLogEvents", &request)
            .await?;
        let events = answer["events"].as_array().into_iter().flatten();
        let lines = events.filter_map(|event| event["message"].as_str());
        let lines: Vec<Value> = lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let sent = lines.iter().filter_map(|line| line["EmailsSent"].as_u64());
        let costs = lines
            .iter()
            .filter_map(|line| line["aws.requests"].as_u64());
        Ok(Self {
            mails: mailbox::mails(http, &stack.mailbox).await?,
            sent: sent.sum(),
            costs: costs.collect(),
        })
    }

    /// Whether everybody has their mail, and the log tells of it.
    pub(super) fn reached(&self, addresses: &[&str]) -> bool {
        let reached = |address: &&str| self.mails.iter().any(|mail| mail.is_to(address));
        addresses.iter().all(reached) && self.sent >= self.mails.len() as u64
    }
}
