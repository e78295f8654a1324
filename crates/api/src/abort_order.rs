//! `abort-order`: takes back an order that no worker has claimed. A holder takes back their own.

use cardwright_app::abort_order::abort_order;
use cardwright_app::ports::{ChangeCard, Clock, ReadCallerContext};

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::card::CardView;

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `abortOrder`.
pub async fn route(
    call: Call,
    store: &(impl ReadCallerContext + ChangeCard),
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    match call.route() {
        "POST /cards/{cardId}/abort" => abort(call, store, clock).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn abort(
    call: Call,
    store: &(impl ReadCallerContext + ChangeCard),
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    let reach = call.caller.reach(&[Role::Operator], store).await?;
    let card_id = call.card_id()?;
    let comment = call.comment()?;
    let by = call.caller.actor;
    let card = abort_order(store, clock, &reach, card_id, by.clone(), comment).await?;
    Reply::ok(&CardView::for_caller(&card, &reach, &by))
}
