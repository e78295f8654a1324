//! `search-users`: quick search, and the profile of one user.

use cardwright_app::ports::{ListCards, ReadCard, ReadOrderContext, SearchUsers};
use cardwright_app::search_users::{search_users, view_user};

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::PageView;
use crate::representations::user::{ProfileView, UserView};

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `searchUsers` and `getUser`.
pub async fn route(
    call: Call,
    store: &(impl SearchUsers + ReadOrderContext + ReadCard + ListCards),
) -> Result<Reply, Problem> {
    match call.route() {
        "GET /users" => search(call, store).await,
        "GET /users/{userId}" => profile(call, store).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn search(call: Call, store: &impl SearchUsers) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Operator])?;
    let mut parameters = call.parameters();
    let text = parameters.search_text();
    let limit = parameters.limit();
    let cursor = parameters.cursor();
    parameters.check()?;
    let page = search_users(store, &text, cursor.as_deref(), limit).await?;
    Reply::ok(&PageView::<UserView<'_>>::from(&page))
}

async fn profile(
    call: Call,
    store: &(impl ReadOrderContext + ReadCard + ListCards),
) -> Result<Reply, Problem> {
    call.caller.require(&[Role::Operator])?;
    let user_id = call.user_id()?;
    let profile = view_user(store, &user_id).await?;
    Reply::ok(&ProfileView::from(&profile))
}
