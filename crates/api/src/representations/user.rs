//! A user, and their profile: cards, and the answer to "What do you want to do?".

use cardwright_app::search_users::Profile;
use cardwright_app::self_service::Reach;
use cardwright_domain::ids::Actor;
use cardwright_domain::refusal::problem_type;
use cardwright_domain::user::{User, UserState};
use serde::Serialize;

use super::card::CardView;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserView<'a> {
    user_id: &'a str,
    state: UserState,
    common_name: &'a str,
    given_name: Option<&'a str>,
    family_name: Option<&'a str>,
    upn: Option<&'a str>,
    email: Option<&'a str>,
    employee_number: Option<&'a str>,
    department: Option<&'a str>,
}

impl<'a> From<&'a User> for UserView<'a> {
    fn from(user: &'a User) -> Self {
        Self {
            user_id: user.user_id.as_str(),
            state: user.state,
            common_name: &user.common_name,
            given_name: user.given_name.as_deref(),
            family_name: user.family_name.as_deref(),
            upn: user.upn.as_deref(),
            email: user.email.as_ref().map(|email| email.as_str()),
            employee_number: user.employee_number.as_deref(),
            department: user.department.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(crate) struct ProfileView<'a> {
    #[serde(flatten)]
    user: UserView<'a>,
    cards: Vec<CardView<'a>>,
    commands: [CommandView; 1],
}

#[derive(Serialize)]
struct CommandView {
    command: &'static str,
    process: &'static str,
    available: bool,
    reason: Option<String>,
}

impl<'a> ProfileView<'a> {
    pub(crate) fn new(profile: &'a Profile, reach: &Reach, caller: &Actor) -> Self {
        let shown = |card| CardView::for_caller(card, reach, caller);
        let order_card = CommandView {
            command: "order-card",
            process: "CardsAddonExtProdProcOrder",
            available: profile.order_blocked.is_none(),
            reason: profile
                .order_blocked
                .as_ref()
                .map(|refusal| problem_type(refusal.slug())),
        };
        Self {
            user: UserView::from(&profile.user),
            cards: profile.cards.iter().map(shown).collect(),
            commands: [order_card],
        }
    }
}
