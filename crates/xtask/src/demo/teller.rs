//! Does the steps of the story: sends, checks, prints, counts.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use super::bureau::Bureau;
use super::emails::Emails;
use super::expect::{Expected, check, require, text};
use super::mailbox::Mail;
use super::printer::{Printer, Row};
use super::request::{Answer, Request};
use super::tally::Tally;
use crate::emulator::Emulator;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::token::{Role, access_token};
use crate::workspace::StackFolder;

/// How long one answer may take. Longer than any function may run.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);

/// How long something may take that nobody here does: the mail queue starting its function.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// What EventBridge Scheduler sends to the drain.
const SCHEDULED: &[u8] = include_bytes!("../../../../events/drain-orders/scheduled.json");

#[derive(Debug)]
pub(super) struct Teller<'a> {
    pub(super) stack: &'a Stack,
    pub(super) emulator: Emulator,
    pub(super) bureau: Bureau,
    http: Client,
    tokens: Vec<(Role, String)>,
    printer: Printer,
    tally: Tally,
    /// Invocations of the email function whose cost has been told.
    emails_told: usize,
}

impl<'a> Teller<'a> {
    pub(super) async fn new(stack: &'a Stack, folder: &StackFolder) -> Result<Self, Error> {
        let http = Client::builder().timeout(ANSWER_TIMEOUT).no_proxy().build();
        let http = http.doing("set up the HTTP client")?;
        let mut tokens = Vec::new();
        for role in [Role::Administrator, Role::Operator] {
            let token = access_token(stack, &folder.password_file(), role, None).await?;
            tokens.push((role, token));
        }
        Ok(Self {
            stack,
            emulator: Emulator::at(&stack.aws_endpoint)?,
            bureau: Bureau::new(http.clone(), &stack.bureau_url),
            http,
            tokens,
            printer: Printer::new(),
            tally: Tally::default(),
            emails_told: 0,
        })
    }

    pub(super) fn chapter(&self, title: &str) {
        self.printer.chapter(title);
    }

    /// Something to read below the last step.
    pub(super) fn show(&self, text: &str) {
        self.printer.show(text);
    }

    pub(super) fn finish(&self) {
        self.printer.costs(&self.tally);
    }

    /// One request to the API, and what it must bring.
    pub(super) async fn api(
        &mut self,
        what: &str,
        request: Request,
        status: u16,
        expected: Expected<'_>,
    ) -> Result<Answer, Error> {
        let answer = self.send(&request).await?;
        self.told(what, &request, &answer);
        check_answer(&answer, status, expected)?;
        Ok(answer)
    }

    /// Asks again until the answer is as expected. Only the last one is told and counted.
    pub(super) async fn api_until(
        &mut self,
        what: &str,
        request: Request,
        expected: Expected<'_>,
    ) -> Result<Answer, Error> {
        let asking = async {
            loop {
                let answer = self.send(&request).await?;
                if answer.status != 200 || check(&answer.body, expected).is_ok() {
                    return Ok::<_, Error>(answer);
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        let answer = tokio::time::timeout(PATIENCE, asking).await;
        let answer = answer.doing(format!("see in time: {what}"))??;
        self.told(what, &request, &answer);
        check_answer(&answer, 200, expected)?;
        Ok(answer)
    }

    async fn send(&self, request: &Request) -> Result<Answer, Error> {
        let token = self.tokens.iter().find(|(role, _)| *role == request.by);
        let token = token.map_or("", |(_, token)| token);
        request.send(&self.http, &self.stack.api_url, token).await
    }

    fn told(&mut self, what: &str, request: &Request, answer: &Answer) {
        self.printer.step(&Row {
            who: request.by.name(),
            what,
            status: Some(answer.status),
            state: card_state(&answer.body),
            aws_requests: answer.aws_requests,
        });
        let requests = answer.aws_requests.unwrap_or_default();
        self.tally.add(request.operation(), requests);
    }

    /// One tick of the drain, as the schedule would start it.
    pub(super) async fn drain(&mut self, what: &str, expected: Expected<'_>) -> Result<(), Error> {
        let function = "drain-orders";
        let deployed = self.stack.function(function)?;
        let invocation = self.emulator.invoke(deployed, SCHEDULED.to_vec()).await?;
        let report: Value = serde_json::from_str(&invocation.answer).unwrap_or_default();
        let aws_requests = report["awsRequests"].as_u64();
        self.does("drain", what, aws_requests);
        self.tally
            .add(function.into(), aws_requests.unwrap_or_default());
        require(!invocation.failed, || invocation.answer.clone())?;
        check(&report, expected)
    }

    /// Waits for mails, which the mail queue brings about by itself; answers all that were sent.
    pub(super) async fn mails_to(
        &mut self,
        addresses: &[&str],
        what: &str,
    ) -> Result<Vec<Mail>, Error> {
        let looking = async {
            loop {
                let emails = Emails::so_far(&self.http, &self.emulator, self.stack).await?;
                if emails.reached(addresses) {
                    return Ok::<_, Error>(emails);
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        let emails = tokio::time::timeout(PATIENCE, looking).await;
        let emails = emails.doing(format!("see in time: {what}"))??;
        let costs = emails.costs.get(self.emails_told..).unwrap_or_default();
        self.emails_told = emails.costs.len();
        for cost in costs {
            self.tally.add("send-card-ordered-email".into(), *cost);
        }
        self.does("mail queue", what, Some(costs.iter().sum()));
        Ok(emails.mails)
    }

    /// A step that is no request to the API.
    pub(super) fn does(&mut self, who: &str, what: &str, aws_requests: Option<u64>) {
        self.printer.step(&Row {
            who,
            what,
            aws_requests,
            ..Row::default()
        });
    }
}

/// The state of the card that the answer is, or that stood against what was asked.
fn card_state(body: &Value) -> &str {
    let is_user = body.get("commonName").is_some();
    if is_user { "" } else { text(body, "/state") }
}

fn check_answer(answer: &Answer, status: u16, expected: Expected<'_>) -> Result<(), Error> {
    require(answer.status == status, || {
        format!("HTTP {} and not {status}: {}", answer.status, answer.body)
    })?;
    check(&answer.body, expected)
}
