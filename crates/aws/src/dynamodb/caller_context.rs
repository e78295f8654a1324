//! What is known of a caller: who signs in by their name, and what the options let them do.

use cardwright_app::ports::{CallerContext, ReadCallerContext, Result};
use cardwright_domain::ids::UserId;
use cardwright_domain::sign_in::SignIn;

use super::item::{Item, text_of, unreadable};
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
            user_id: user.map(|item| user_id(&item)).transpose()?,
            options: options::from_item(stored_options)?,
        })
    }
}

fn user_id(item: &Item) -> Result<UserId> {
    UserId::parse(text_of(item, keys::USER_ID)).map_err(unreadable)
}
