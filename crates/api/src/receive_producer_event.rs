//! `receive-producer-event`: takes what the producer tells by itself about an order.

use cardwright_app::ports::{ChangeCard, Clock, Quarantine, RememberEvents};
use cardwright_app::receive_producer_event::{Outcome, ProducerEvent, receive_producer_event};
use cardwright_domain::order_status::OrderStatus;
use serde::Serialize;

use crate::problem::Problem;
use crate::reply::Reply;
use crate::webhook::Delivery;

#[derive(Serialize)]
struct OutcomeView {
    outcome: &'static str,
}

/// `read` tells what a body says, if that is agreed with the producer.
///
/// # Errors
/// Every problem that `infra/api.yaml` lists for `receiveProducerEvent`.
pub async fn route(
    delivery: Delivery,
    store: &(impl RememberEvents + ChangeCard),
    quarantine: &impl Quarantine,
    clock: &impl Clock,
    read: fn(&[u8]) -> Option<OrderStatus>,
) -> Result<Reply, Problem> {
    if delivery.route() != "POST /producer/events" {
        return Err(Problem::RouteNotFound);
    }
    let status = read(&delivery.body);
    if let Some(status) = &status {
        let order_id = tracing::field::display(status.order_id);
        tracing::Span::current().record("order.id", order_id);
    }
    let event = ProducerEvent {
        id: delivery.id,
        body: &delivery.body,
        status,
    };
    let received = receive_producer_event(store, quarantine, clock, &event).await;
    let outcome = match received.map_err(Problem::Unavailable)? {
        Outcome::Taken => "taken",
        Outcome::Duplicate => "duplicate",
        Outcome::Kept => "kept",
    };
    Reply::ok(&OutcomeView { outcome })
}
