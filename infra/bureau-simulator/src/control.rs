//! The control endpoints under `/_sim`, without a token: what tests and developers see and steer.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::events::{self, Receiver, ReceiverSettings};
use crate::faults::Fault;
use crate::problem::{Problem, StrictJson};
use crate::protocol::Progress;
use crate::state::SubmittedOrder;
use crate::{Bureau, now};

pub(crate) fn routes() -> Router<Arc<Bureau>> {
    Router::new()
        .route(
            "/_sim/health",
            get(async || Json(json!({ "status": "ok" }))),
        )
        .route("/_sim/orders", get(list_orders).delete(forget_orders))
        .route("/_sim/orders/{producerOrderId}/state", post(move_order))
        .route(
            "/_sim/faults",
            get(list_faults).post(set_fault).delete(clear_faults),
        )
        .route("/_sim/events", get(list_events).put(set_receiver))
}

async fn list_orders(State(bureau): State<Arc<Bureau>>) -> Json<Value> {
    let state = bureau.state();
    Json(json!({
        "orders": state.orders(),
        "keys": state.seen_keys(),
        "requests": state.requests,
    }))
}

async fn forget_orders(State(bureau): State<Arc<Bureau>>) -> StatusCode {
    bureau.state().forget();
    StatusCode::NO_CONTENT
}

async fn move_order(
    State(bureau): State<Arc<Bureau>>,
    Path(producer_order_id): Path<String>,
    StrictJson(progress): StrictJson<Progress>,
) -> Result<Json<SubmittedOrder>, Problem> {
    let moved = bureau
        .state()
        .set_progress(&producer_order_id, progress, now());
    let (order, deliveries) =
        moved.ok_or_else(|| Problem::not_found("There is no order with this id."))?;
    tokio::spawn(events::send(bureau, deliveries));
    Ok(Json(order))
}

async fn list_faults(State(bureau): State<Arc<Bureau>>) -> Json<Value> {
    Json(json!({ "faults": bureau.state().faults.active() }))
}

async fn set_fault(
    State(bureau): State<Arc<Bureau>>,
    StrictJson(fault): StrictJson<Fault>,
) -> Result<impl IntoResponse, Problem> {
    let active = bureau.state().faults.set(fault)?;
    Ok((StatusCode::CREATED, Json(active)))
}

async fn clear_faults(State(bureau): State<Arc<Bureau>>) -> StatusCode {
    bureau.state().faults.clear();
    StatusCode::NO_CONTENT
}

async fn list_events(State(bureau): State<Arc<Bureau>>) -> Json<Value> {
    let state = bureau.state();
    Json(json!({
        "url": state.events.url(),
        "deliveries": state.events.deliveries(),
    }))
}

async fn set_receiver(
    State(bureau): State<Arc<Bureau>>,
    StrictJson(settings): StrictJson<Option<ReceiverSettings>>,
) -> Result<StatusCode, Problem> {
    let receiver = settings.as_ref().map(Receiver::parse).transpose()?;
    bureau.state().events.set_receiver(receiver);
    Ok(StatusCode::NO_CONTENT)
}
