//! `manage-options`: the options, read and replaced as one document.

use cardwright_app::manage_options::{read_options, replace_options};
use cardwright_app::ports::{ReadOptions, StoreOptions};
use cardwright_domain::options::Options;

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `getOptions` and `putOptions`.
pub async fn route(
    call: Call,
    store: &(impl ReadOptions + StoreOptions),
) -> Result<Reply, Problem> {
    match call.route() {
        "GET /options" => read(call, store).await,
        "PUT /options" => replace(call, store).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn read(call: Call, store: &impl ReadOptions) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Administrator])?;
    let options = read_options(store).await?;
    Reply::versioned(options.version, &options)
}

async fn replace(call: Call, store: &(impl ReadOptions + StoreOptions)) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Administrator])?;
    let seen = call.if_match()?;
    let options: Options = call.body()?;
    let options = replace_options(store, options, seen).await?;
    Reply::versioned(options.version, &options)
}
