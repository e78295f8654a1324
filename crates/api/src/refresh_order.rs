//! `refresh-order`: asks the producer how far it is with an order.

use cardwright_app::ports::{ChangeCard, Clock, FollowOrder, ReadCard};
use cardwright_app::refresh_order::refresh_order;

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::card::CardView;

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `refreshOrder`.
pub async fn route(
    call: Call,
    store: &(impl ReadCard + ChangeCard),
    producer: &impl FollowOrder,
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    if call.route() != "POST /cards/{cardId}/refresh" {
        return Err(Problem::RouteNotFound);
    }
    call.caller.require(&[Role::Operator])?;
    let card_id = call.card_id()?;
    let card = refresh_order(store, producer, clock, &call.caller.actor, card_id).await?;
    Reply::versioned(card.version, &CardView::from(&card))
}
