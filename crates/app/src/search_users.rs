//! Quick search, and the profile of one user with the commands that are available now.

use cardwright_domain::card::Card;
use cardwright_domain::ids::UserId;
use cardwright_domain::refusal::Refusal;
use cardwright_domain::search::Query;
use cardwright_domain::user::User;

use crate::card_draft::blockers;
use crate::error::Error;
use crate::limits::MAX_CARDS_OF_HOLDER;
use crate::page::{Page, cursor, position};
use crate::ports::{ListCards, ReadCard, ReadOrderContext, SearchUsers};

/// # Errors
/// The search text or the cursor does not fit, or the store does not answer.
pub async fn search_users(
    store: &impl SearchUsers,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<User>, Error> {
    let query = Query::parse(text).map_err(|_| Refusal::SearchTextInvalid {
        detail: "Give 2 to 100 characters.",
    })?;
    let list = format!("users {}", query.text());
    let after = after.map(|after| position(&list, after)).transpose()?;
    let found = store.search_users(&query, after.as_deref(), limit).await?;
    Ok(Page {
        items: found.users,
        next: found.next.map(|next| cursor(&list, &next)),
    })
}

/// A user, their cards, and why no card can be ordered for them now, if so.
#[derive(Debug)]
pub struct Profile {
    pub user: User,
    /// Newest first, at most [`MAX_CARDS_OF_HOLDER`].
    pub cards: Vec<Card>,
    pub order_blocked: Option<Refusal>,
}

/// # Errors
/// There is no such user, or the store does not answer.
pub async fn view_user(
    store: &(impl ReadOrderContext + ReadCard + ListCards),
    user_id: &UserId,
) -> Result<Profile, Error> {
    let context = store.order_context(user_id, None).await?;
    let order_blocked = blockers(store, &context, None).await?.into_iter().next();
    let user = context.user.ok_or(Refusal::UserNotFound)?;
    let cards = store.cards_of_holder(user_id, MAX_CARDS_OF_HOLDER).await?;
    Ok(Profile {
        user,
        cards,
        order_blocked,
    })
}
