//! One invocation, from the gateway's event to the response, with the line that the log gets of it.

use std::convert::Infallible;
use std::env::{self, VarError};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use cardwright_app::error::PortError;
use cardwright_app::ports::{Clock, SigningKeys};
use lambda_http::LambdaEvent;
use tokio::time::timeout;
use tracing::Instrument;
use tracing::field::Empty;

use crate::call::Call;
use crate::caller::ClaimNames;
use crate::event::{Event, Response};
use crate::limits::ROUTE_TIME;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::webhook::{Delivery, verified};

/// A setting that can't be used. The function does not start with it.
#[derive(thiserror::Error)]
#[error("the setting {0} is not valid: expected the name of a claim")]
pub struct InvalidClaimName(&'static str);

/// A `main` that returns the error shows its debug output, so that has to be the clear line.
impl fmt::Debug for InvalidClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What every route of a function shares.
#[derive(Debug)]
pub struct Edge {
    claim_names: ClaimNames,
    /// How many requests to AWS the process has made.
    requests_made: fn() -> u64,
    has_answered: AtomicBool,
}

impl Edge {
    /// Reads the names of the claims from `GROUPS_CLAIM` and `USER_NAME_CLAIM`; without them they
    /// are those of a Cognito access token.
    ///
    /// # Errors
    /// A name is empty or no text.
    pub fn from_env(requests_made: fn() -> u64) -> Result<Self, InvalidClaimName> {
        let claim_names = ClaimNames {
            groups: claim_name("GROUPS_CLAIM", env::var("GROUPS_CLAIM"), "cognito:groups")?,
            user_name: claim_name("USER_NAME_CLAIM", env::var("USER_NAME_CLAIM"), "username")?,
        };
        let has_answered = AtomicBool::new(false);
        Ok(Self {
            claim_names,
            requests_made,
            has_answered,
        })
    }

    /// Answers one request of a caller by `route`. Whatever happens there, the caller gets a documented
    /// answer.
    ///
    /// # Errors
    /// Never: a fault is an answer too.
    pub async fn answer<Route, Answering>(
        &self,
        invocation: LambdaEvent<Event>,
        route: Route,
    ) -> Result<Response, Infallible>
    where
        Route: FnOnce(Call) -> Answering,
        Answering: Future<Output = Result<Reply, Problem>>,
    {
        let answering = async |event: Event, request_id| {
            let caller = self.claim_names.caller(event.claims())?;
            route(Call::new(caller, request_id, event)).await
        };
        self.answer_by(invocation, answering).await
    }

    /// The same for a request that its sender has signed.
    ///
    /// # Errors
    /// Never: a fault is an answer too.
    pub async fn answer_signed<Route, Answering>(
        &self,
        invocation: LambdaEvent<Event>,
        keys: &impl SigningKeys,
        clock: &impl Clock,
        route: Route,
    ) -> Result<Response, Infallible>
    where
        Route: FnOnce(Delivery) -> Answering,
        Answering: Future<Output = Result<Reply, Problem>>,
    {
        let answering = async |event, _| route(verified(event, keys, clock).await?).await;
        self.answer_by(invocation, answering).await
    }

    async fn answer_by(
        &self,
        invocation: LambdaEvent<Event>,
        answering: impl AsyncFnOnce(Event, String) -> Result<Reply, Problem>,
    ) -> Result<Response, Infallible> {
        let LambdaEvent {
            payload: event,
            context,
        } = invocation;
        // The gateway's id stands in its own log too, and the caller sees it as `apigw-requestid`.
        let gateways = event.request_context.request_id.clone().unwrap_or_default();
        let ids = [gateways, context.request_id].into_iter();
        let request_id = ids.into_iter().find(|id| !id.is_empty());
        let request_id = request_id.unwrap_or_else(|| "unknown".to_owned());
        let cold_start = !self.has_answered.swap(true, Ordering::Relaxed);
        let span = tracing::info_span!(
            "invocation",
            request.id = request_id,
            cold_start,
            card.id = Empty,
            order.id = Empty
        );
        let answering = async {
            let started = now();
            let requests_before = (self.requests_made)();
            let http_route = event.route_key.clone();
            let result = in_time(boxed(answering(event, request_id.clone()))).await;
            let aws_requests = (self.requests_made)().saturating_sub(requests_before);
            log(&result, &http_route, aws_requests, started);
            respond(result, &request_id, aws_requests)
        };
        Ok(answering.instrument(span).await)
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A route on AWS nests so many futures that the compiler gives up on their size; one box hides
/// them.
fn boxed<'a, T>(future: impl Future<Output = T> + 'a) -> Boxed<'a, T> {
    Box::pin(future)
}

/// What a route did not finish in time may have happened or not, as with any call that is not answered.
async fn in_time(answering: Boxed<'_, Result<Reply, Problem>>) -> Result<Reply, Problem> {
    let late = PortError::new("edge.route", "the time was used up");
    let answered = timeout(ROUTE_TIME, answering).await;
    answered.unwrap_or(Err(Problem::Unavailable(late)))
}

fn claim_name(
    setting: &'static str,
    value: Result<String, VarError>,
    default: &str,
) -> Result<String, InvalidClaimName> {
    match value {
        Err(VarError::NotPresent) => Ok(default.to_owned()),
        Ok(name) if !name.is_empty() => Ok(name),
        Ok(_) | Err(VarError::NotUnicode(_)) => Err(InvalidClaimName(setting)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it measures for the log; nothing is decided by it"
)]
fn now() -> Instant {
    Instant::now()
}

fn respond(result: Result<Reply, Problem>, request_id: &str, aws_requests: u64) -> Response {
    let (status_code, content_type, header, body) = match result {
        Ok(reply) => (reply.status, "application/json", reply.header, reply.body),
        Err(problem) => {
            let body = problem.body(request_id).to_string();
            (
                problem.status(),
                "application/problem+json",
                problem.header(),
                body,
            )
        }
    };
    let common = [
        ("content-type", content_type.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("aws-requests", aws_requests.to_string()),
    ];
    let headers = common.into_iter().chain(header).collect();
    Response {
        status_code,
        headers,
        body,
        is_base64_encoded: false,
    }
}

fn log(result: &Result<Reply, Problem>, http_route: &str, aws_requests: u64, started: Instant) {
    let problem = result.as_ref().err();
    let fault = problem.and_then(Problem::fault);
    if let Some(error) = fault {
        tracing::error!(error, "the request was not answered as it should have been");
    }
    let status = result
        .as_ref()
        .map_or_else(Problem::status, |reply| reply.status);
    let outcome = match problem {
        None => "ok",
        Some(_) if fault.is_none() => "refused",
        Some(_) => "failed",
    };
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        http.route = http_route,
        http.status = status,
        problem.type = problem.map(Problem::slug),
        outcome,
        duration_ms,
        aws.requests = aws_requests,
        "answered"
    );
}

#[cfg(test)]
mod tests;
