//! One call with all its tries: token, time limits, circuit and pauses.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response};
use tokio::time::{Instant, sleep, timeout_at};

use super::circuit::Circuit;
use super::failed::Failed;
use super::token::Token;
use super::{Settings, http};
use crate::config::ConfigError;
use crate::limits::{PRODUCER_ANSWER_BYTES, PRODUCER_RETRY_AFTER};
use crate::requests;
use crate::system::below;

/// What is asked, by its path below the base URL.
pub(super) enum Request {
    Get(String),
    /// With a body, if there is one, in JSON.
    Post(String, Option<Vec<u8>>),
}

#[derive(Debug)]
pub(super) struct Wire {
    /// Built for the first request: the system's certificates take a while to load, and a function
    /// that queues its orders never asks the producer.
    http: OnceLock<Option<Client>>,
    base_url: String,
    token: Token,
    settings: Settings,
    circuit: Mutex<Circuit>,
}

impl Wire {
    pub(super) fn new(
        settings: Settings,
        secrets: aws_sdk_secretsmanager::Client,
        url: &str,
        secret_id: String,
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            http: OnceLock::new(),
            base_url: http::base_url(url)?,
            token: Token::new(secrets, secret_id),
            settings,
            circuit: Mutex::new(Circuit::closed()),
        })
    }

    pub(super) fn is_available(&self) -> bool {
        self.circuit().admits(Instant::now())
    }

    pub(super) fn count_failure(&self) {
        self.circuit().failed(Instant::now());
    }

    /// Asks and reads the answer; tries again what may pass, as long as the deadline allows.
    pub(super) async fn call<T>(
        &self,
        request: Request,
        deadline: Instant,
        read: impl Fn(&[u8]) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        let mut retry = 0;
        loop {
            let error = match self.try_once(&request, deadline, &read).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let pause = self
                .pause(retry)
                .max(error.retry_after().unwrap_or_default());
            let next = Instant::now() + pause;
            if !error.may_pass() || next >= deadline || !self.circuit().admits(next) {
                return Err(error);
            }
            sleep(pause).await;
            retry += 1;
        }
    }

    /// One try, for who asks again later anyway.
    pub(super) async fn try_once<T>(
        &self,
        request: &Request,
        deadline: Instant,
        read: impl Fn(&[u8]) -> Result<T, Failed>,
    ) -> Result<T, Failed> {
        if !self.circuit().enter(Instant::now()) {
            return Err(Failed::CircuitOpen);
        }
        let answer = timeout_at(deadline, self.exchange(request)).await;
        let result = answer
            .unwrap_or(Err(Failed::OutOfTime))
            .and_then(|bytes| read(&bytes));
        self.record(result.as_ref().err());
        result
    }

    fn record(&self, error: Option<&Failed>) {
        let (mut circuit, now) = (self.circuit(), Instant::now());
        match error {
            None | Some(Failed::NotFound) => circuit.answered(),
            Some(Failed::Refused { .. }) => circuit.refused(),
            Some(error) => {
                circuit.failed(now);
                if let Some(pause) = error.retry_after() {
                    circuit.hold(now, pause);
                }
            }
        }
    }

    async fn exchange(&self, request: &Request) -> Result<Vec<u8>, Failed> {
        let token = self.token.header(None).await?;
        let answer = self.send(request, &token).await;
        let Err(Failed::Unauthorized) = answer else {
            return answer;
        };
        let fresh = self.token.header(Some(&token)).await?;
        if fresh == token {
            answer
        } else {
            self.send(request, &fresh).await
        }
    }

    /// One request, and what its status means.
    async fn send(&self, request: &Request, token: &HeaderValue) -> Result<Vec<u8>, Failed> {
        requests::count_to_producer();
        let http = self.http.get_or_init(|| http::client(&self.settings));
        let http = http.as_ref().ok_or(Failed::NoClient)?;
        let url = |path: &str| format!("{}{path}", self.base_url);
        let asked = match request {
            Request::Get(path) => http.get(url(path)),
            Request::Post(path, None) => http.post(url(path)),
            Request::Post(path, Some(body)) => http
                .post(url(path))
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone()),
        };
        let asked = asked.timeout(self.settings.attempt);
        let response = asked
            .header(AUTHORIZATION, token)
            .send()
            .await
            .map_err(no_answer)?;
        match response.status().as_u16() {
            200 => bytes(response).await,
            401 => Err(Failed::Unauthorized),
            404 if matches!(request, Request::Get(_)) => Err(Failed::NotFound),
            status @ (400 | 413 | 422) => Err(Failed::Refused { status }),
            status @ (429 | 503) => Err(Failed::Busy {
                status,
                retry_after: retry_after(response.headers()),
            }),
            status @ 500..=599 => Err(Failed::Broken { status }),
            status => Err(Failed::Unexpected { status }),
        }
    }

    /// A random pause whose longest possible length doubles with every retry.
    fn pause(&self, retry: u32) -> Duration {
        let doubled = self
            .settings
            .first_pause
            .saturating_mul(2_u32.saturating_pow(retry));
        below(doubled.min(self.settings.longest_pause))
    }

    /// What is done under the lock can't panic, and nobody holds it over an await.
    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The URL may be left out of the log: it has the order's key, which the caller logs by its own
/// name.
fn no_answer(error: reqwest::Error) -> Failed {
    Failed::NoAnswer(error.without_url())
}

/// Whole seconds (RFC 9110, section 10.2.3); a date counts as no wish. Not longer than a limit of
/// ours.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = text.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(PRODUCER_RETRY_AFTER))
}

/// The body, unless it is longer than an answer may be.
async fn bytes(mut response: Response) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(no_answer)? {
        if bytes.len() + chunk.len() > PRODUCER_ANSWER_BYTES {
            return Err(Failed::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
