//! `repeat-order`: orders a failed card again.

use cardwright_app::ports::{
    ActiveHolders, ChangeCard, Clock, Producer, ReadCard, ReadOrderContext, RemindOfEmails,
    RemindOfOrders, RepeatOrder, Tokens,
};
use cardwright_app::repeat_order::{RepeatRequest, repeat_order};
use cardwright_app::settle_orders::Worker;
use cardwright_domain::ids::Actor;
use serde::Deserialize;

use crate::body::Comment;
use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::card::CardView;

/// The body of a repeat.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct RepeatBody {
    /// Freeze the card data anew from the user as they are now.
    refresh_data: bool,
    comment: Comment,
}

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `repeatOrder`.
pub async fn route<Store, Queues, Bureau, Chance>(
    call: Call,
    store: &Store,
    queues: &Queues,
    producer: &Bureau,
    chance: &Chance,
) -> Result<Reply, Problem>
where
    Store: ReadOrderContext + ReadCard + RepeatOrder + ChangeCard + ActiveHolders,
    Queues: RemindOfOrders + RemindOfEmails,
    Bureau: Producer,
    Chance: Clock + Tokens,
{
    if call.route() != "POST /cards/{cardId}/repeat" {
        return Err(Problem::RouteNotFound);
    }
    call.caller.require(&[Role::Operator])?;
    let seen = call.seen()?;
    let body: RepeatBody = call.optional_body()?;
    let worker = Worker {
        store,
        queues,
        producer,
        chance,
        by: Actor::system("repeat-order"),
    };
    let request = RepeatRequest {
        by: call.caller.actor,
        seen,
        refresh: body.refresh_data,
        comment: body.comment.0,
    };
    let card = repeat_order(&worker, &request).await?;
    Reply::versioned(card.version, &CardView::from(&card))
}
