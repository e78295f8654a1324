//! `search-users`: quick search, the profile of one user, and who the caller is.

use cardwright_app::ports::{
    ListCards, ReadCallerContext, ReadCard, ReadOrderContext, SearchUsers,
};
use cardwright_app::search_users::{search_users, view_user};
use cardwright_app::self_service::view_me;

use crate::call::Call;
use crate::caller::Role;
use crate::problem::Problem;
use crate::reply::Reply;
use crate::representations::PageView;
use crate::representations::me::MeView;
use crate::representations::user::{ProfileView, UserView};

/// # Errors
/// Every refusal that `infra/api.yaml` lists for `getMe`, `searchUsers` and `getUser`.
pub async fn route(
    call: Call,
    store: &(impl SearchUsers + ReadCallerContext + ReadOrderContext + ReadCard + ListCards),
) -> Result<Reply, Problem> {
    match call.route() {
        "GET /me" => me(call, store).await,
        "GET /users" => search(call, store).await,
        "GET /users/{userId}" => profile(call, store).await,
        _ => Err(Problem::RouteNotFound),
    }
}

async fn me(call: Call, store: &impl ReadCallerContext) -> Result<Reply, Problem> {
    let me = view_me(store, &call.caller.actor).await?;
    Reply::ok(&MeView::new(&call.caller, &me))
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
    store: &(impl ReadCallerContext + ReadOrderContext + ReadCard + ListCards),
) -> Result<Reply, Problem> {
    let reach = call.caller.reach(&[Role::Operator], store).await?;
    let user_id = call.user_id_within(&reach)?;
    let profile = view_user(store, &user_id).await?;
    Reply::ok(&ProfileView::new(&profile, &reach, &call.caller.actor))
}
