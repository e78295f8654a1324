//! `manage-options`: the options, read and replaced as one document, and the history of their changes.

use cardwright_app::manage_options::{read_options, replace_options};
use cardwright_app::options_history::list_options_history;
use cardwright_app::ports::{Clock, ReadOptions, ReadOptionsHistory, StoreOptions};
use cardwright_domain::options::Options;

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::PageView;
use crate::representations::past_change::PastChangeView;

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `getOptions`, `putOptions` and `listOptionsHistory`.
pub async fn route(
    call: Call,
    store: &(impl ReadOptions + ReadOptionsHistory + StoreOptions),
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    match call.route() {
        "GET /options" => read(call, store).await,
        "PUT /options" => replace(call, store, clock).await,
        "GET /options/history" => history(call, store).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn read(call: Call, store: &impl ReadOptions) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Administrator])?;
    let options = read_options(store).await?;
    Reply::versioned(options.version, &options)
}

async fn replace(
    call: Call,
    store: &(impl ReadOptions + StoreOptions),
    clock: &impl Clock,
) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Administrator])?;
    let seen = call.if_match()?;
    let options: Options = call.body()?;
    let options = replace_options(store, clock, options, seen, call.caller.actor).await?;
    Reply::versioned(options.version, &options)
}

async fn history(
    call: Call,
    store: &(impl ReadOptions + ReadOptionsHistory),
) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Administrator])?;
    let mut parameters = call.parameters();
    let limit = parameters.limit();
    let cursor = parameters.cursor();
    parameters.check()?;
    let page = list_options_history(store, cursor.as_deref(), limit).await?;
    Reply::ok(&PageView::<PastChangeView<'_>>::from(&page))
}
