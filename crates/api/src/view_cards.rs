//! `view-cards`: one card with its timeline, and the cards in one state. A holder sees their own cards.

use cardwright_app::ports::{ListCards, ReadCallerContext, ReadCard};
use cardwright_app::view_cards::{list_cards, view_card};

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::PageView;
use crate::representations::card::CardView;

const MAY_VIEW: &[Role] = &[Role::Operator, Role::Approver];

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `listCards` and `getCard`.
pub async fn route(
    call: Call,
    store: &(impl ReadCallerContext + ReadCard + ListCards),
) -> Result<Reply, Problem> {
    match call.route() {
        "GET /cards" => list(call, store).await,
        "GET /cards/{cardId}" => one(call, store).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn list(call: Call, store: &impl ListCards) -> Result<Reply, Problem> {
    call.caller.require(MAY_VIEW)?;
    let mut parameters = call.parameters();
    let state = parameters.state();
    let limit = parameters.limit();
    let cursor = parameters.cursor();
    parameters.check()?;
    let page = list_cards(store, state, cursor.as_deref(), limit).await?;
    Reply::ok(&PageView::<CardView<'_>>::from(&page))
}

async fn one(call: Call, store: &(impl ReadCallerContext + ReadCard)) -> Result<Reply, Problem> {
    let reach = call.caller.reach(MAY_VIEW, store).await?;
    let card = view_card(store, &reach, call.card_id()?).await?;
    let shown = CardView::for_caller(&card, &reach, &call.caller.actor);
    Reply::versioned(card.version, &shown)
}
