//! `order-card`: what an order would freeze, and the order itself. A holder orders for themself.

use cardwright_app::card_draft::draft_card;
use cardwright_app::order_card::{OrderRequest, order_card};
use cardwright_app::ports::{
    ChangeCard, Clock, PlaceOrder, Producer, ReadCallerContext, ReadCard, ReadOrderContext,
    RemindOfEmails, RemindOfOrders, Tokens,
};
use cardwright_domain::ids::ProductionTypeId;
use serde::Deserialize;
use tracing::Span;
use tracing::field::display;

use crate::body::Comment;
use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::card::CardView;
use crate::representations::draft::DraftView;

/// The body of an order.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct OrderBody {
    production_type: Option<ProductionTypeId>,
    comment: Comment,
}

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `draftCard` and `orderCard`.
pub async fn route(
    call: Call,
    store: &(impl ReadCallerContext + ReadOrderContext + ReadCard + PlaceOrder + ChangeCard),
    queues: &(impl RemindOfOrders + RemindOfEmails),
    producer: &impl Producer,
    chance: &(impl Clock + Tokens),
) -> Result<Reply, Problem> {
    match call.route() {
        "GET /users/{userId}/card-draft" => draft(call, store).await,
        "POST /users/{userId}/cards" => order(call, store, queues, producer, chance).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn draft(
    call: Call,
    store: &(impl ReadCallerContext + ReadOrderContext + ReadCard),
) -> Result<Reply, Problem> {
    let reach = call.caller.reach(&[Role::Operator], store).await?;
    let user_id = call.user_id_within(&reach)?;
    let mut parameters = call.parameters();
    let production_type = parameters.production_type();
    parameters.check()?;
    let chosen = production_type.as_ref().map(ProductionTypeId::as_str);
    let draft = draft_card(store, &user_id, chosen).await?;
    Reply::ok(&DraftView::from(&draft))
}

async fn order(
    call: Call,
    store: &(impl ReadCallerContext + ReadOrderContext + ReadCard + PlaceOrder + ChangeCard),
    queues: &(impl RemindOfOrders + RemindOfEmails),
    producer: &impl Producer,
    chance: &(impl Clock + Tokens),
) -> Result<Reply, Problem> {
    let reach = call.caller.reach(&[Role::Operator], store).await?;
    let user_id = call.user_id_within(&reach)?;
    let key = call.idempotency_key()?;
    let body: OrderBody = call.body()?;
    let by = call.caller.actor;
    let request = OrderRequest {
        caller: by.clone(),
        for_self: reach.own().is_some(),
        key,
        user_id,
        production_type: body.production_type.map(|id| id.as_str().to_owned()),
        comment: body.comment.0,
    };
    let card = order_card(store, queues, producer, chance, request).await?;
    Span::current().record("card.id", display(card.card_id));
    Span::current().record("order.id", display(card.order_id()));
    Reply::created(card.card_id, &CardView::for_caller(&card, &reach, &by))
}
