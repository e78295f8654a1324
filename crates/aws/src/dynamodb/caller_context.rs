//! What is known of a caller: who signs in by their name, and what the options let them do.

use cardwright_app::ports::{CallerContext, ReadCallerContext, Result};
use cardwright_domain::ids::UserId;
use cardwright_domain::sign_in::SignIn;

use super::item::{Item, unreadable};
use super::user_import::users_of;
use super::{Tables, keys, options};

impl ReadCallerContext for Tables {
    async fn caller_context(&self, sign_in: SignIn) -> Result<CallerContext> {
        let requests = [
            (&self.users, vec![keys::sign_in_key(sign_in)]),
            (&self.cards, vec![keys::card_key(keys::OPTIONS)]),
        ];
        let mut found = self.batch_get(requests, None).await?;
        let user = found.remove(&self.users).unwrap_or_default().pop();
        let stored_options = found.remove(&self.cards).unwrap_or_default().pop();
        Ok(CallerContext {
            user_id: user.map(|item| only_user(&item)).transpose()?.flatten(),
            options: options::from_item(stored_options)?,
        })
    }
}

/// `None` if several users have the UPN, or nobody has it any more.
fn only_user(item: &Item) -> Result<Option<UserId>> {
    match users_of(item) {
        [only] => UserId::parse(only).map(Some).map_err(unreadable),
        _ => Ok(None),
    }
}
