//! A caller, as the token, the directory and the options have them.

use cardwright_app::self_service::Me;
use cardwright_domain::ids::UserId;
use serde::Serialize;

use crate::caller::Caller;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MeView<'a> {
    user_name: &'a str,
    roles: Vec<&'static str>,
    user_id: Option<&'a UserId>,
    /// Whether the option is on; it helps nobody who is no user.
    self_service: bool,
}

impl<'a> MeView<'a> {
    pub(crate) fn new(caller: &'a Caller, me: &'a Me) -> Self {
        let roles = caller.roles().iter();
        Self {
            user_name: caller.actor.as_str(),
            roles: roles.map(|role| role.as_str()).collect(),
            user_id: me.user_id.as_ref(),
            self_service: me.self_service,
        }
    }
}
