//! The producer API: `infra/producer-api.yaml`, behind the bearer token.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;

use crate::auth::require_token;
use crate::problem::{Problem, StrictJson};
use crate::protocol::{Answer, OrderStatus, Submission, SubmissionAnswer, check_key};
use crate::state::Outcome;
use crate::{Bureau, now};

pub(crate) fn routes(bureau: Arc<Bureau>) -> Router<Arc<Bureau>> {
    Router::new()
        .route("/orders", post(submit_orders))
        .route("/orders/by-key/{key}", get(look_up_key))
        .route("/orders/by-key/{key}/cancel", post(cancel_key))
        .route("/orders/{producerOrderId}", get(get_order))
        .route_layer(middleware::from_fn_with_state(bureau, require_token))
}

async fn submit_orders(
    State(bureau): State<Arc<Bureau>>,
    body: Result<StrictJson<Submission>, Problem>,
) -> Result<Response, Problem> {
    bureau.state().requests += 1;
    let StrictJson(submission) = body?;
    submission.check()?;
    let outcome = bureau.state().submit(submission.orders, now());
    let (answers, delay, dropped) = match outcome {
        Outcome::Unavailable => return Err(Problem::unavailable()),
        Outcome::Answered {
            answers,
            delay,
            dropped,
        } => (answers, delay, dropped),
    };
    // Everything is decided already: a client that hangs up while it waits has still ordered.
    tokio::time::sleep(delay).await;
    if dropped {
        return Ok(connection_closed_without_answer());
    }
    Ok(Json(SubmissionAnswer { answers }).into_response())
}

async fn look_up_key(
    State(bureau): State<Arc<Bureau>>,
    Path(key): Path<String>,
) -> Result<Json<Answer>, Problem> {
    check_key(&key)?;
    let answer = bureau.state().look_up(&key);
    answer
        .map(Json)
        .ok_or_else(|| Problem::not_found("Nothing is decided under this key."))
}

async fn cancel_key(
    State(bureau): State<Arc<Bureau>>,
    Path(key): Path<String>,
) -> Result<Json<Answer>, Problem> {
    check_key(&key)?;
    Ok(Json(bureau.state().cancel(key)))
}

async fn get_order(
    State(bureau): State<Arc<Bureau>>,
    Path(producer_order_id): Path<String>,
) -> Result<Json<OrderStatus>, Problem> {
    let status = bureau.state().status(&producer_order_id).cloned();
    status
        .map(Json)
        .ok_or_else(|| Problem::not_found("There is no order with this id."))
}

/// A response whose body fails at once. The server then closes the connection before it has
/// written anything, the response's head included; `tests/bureau/faults.rs` watches the bytes.
fn connection_closed_without_answer() -> Response {
    let failed: Result<&str, _> = Err(io::Error::other("a fault drops the answer"));
    Body::from_stream(stream::iter([failed])).into_response()
}
