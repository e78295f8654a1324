//! `manage-card`: activates, deactivates, reactivates and locks cards that were made.

use cardwright_app::apply::Seen;
use cardwright_app::manage_card::{Command, lock_card, manage_card};
use cardwright_app::ports::{ChangeCard, Clock, ReadCard};
use cardwright_domain::card::Card;

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::card::CardView;

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `activateCard`, `deactivateCard`, `reactivateCard` and
/// `lockCard`.
pub async fn route(
    call: Call,
    store: &(impl ChangeCard + ReadCard),
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    let (seen, command) = match call.route() {
        "POST /cards/{cardId}/activate" => {
            let seen = seen(&call)?;
            let comment = call.comment()?;
            (seen, Command::Activate { comment })
        }
        "POST /cards/{cardId}/deactivate" => {
            let seen = seen(&call)?;
            let reason = call.reason()?;
            (seen, Command::Deactivate { reason })
        }
        "POST /cards/{cardId}/reactivate" => {
            let seen = seen(&call)?;
            let comment = call.comment()?;
            (seen, Command::Reactivate { comment })
        }
        "POST /cards/{cardId}/lock" => return lock(&call, store, clock).await,
        _ => return Err(Problem::RouteNotFound),
    };
    let card = manage_card(store, clock, &call.caller.actor, &command, seen).await?;
    shown(&card)
}

fn seen(call: &Call) -> Result<Seen, Problem> {
    call.caller.require(&[Role::Operator])?;
    call.seen()
}

/// A lost card has to be locked at once, so nobody has to have seen it, and `If-Match` is not looked at.
async fn lock(call: &Call, store: &impl ChangeCard, clock: &impl Clock) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Operator])?;
    let card_id = call.card_id()?;
    let reason = call.reason()?;
    let card = lock_card(store, clock, &call.caller.actor, reason, card_id).await?;
    shown(&card)
}

fn shown(card: &Card) -> Result<Reply, Problem> {
    Reply::versioned(card.version, &CardView::from(card))
}
