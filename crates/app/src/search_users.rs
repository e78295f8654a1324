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

#[cfg(test)]
mod tests {
    use cardwright_domain::card::{StateKind, sample};

    use super::*;
    use crate::memory::{Memory, answer};

    #[test]
    fn a_page_goes_on_where_the_one_before_ended_and_in_its_search_only() {
        let memory = Memory::with([]);
        memory.things().next = Some("ada#u1".into());
        let search = |text: &str, after: Option<&str>| {
            let page = answer(search_users(&memory, text, after, 25));
            page.map_err(|error| format!("{error:?}"))
        };
        let page = search("Ada", None).unwrap();
        assert_eq!(page.items.len(), 2);
        assert_eq!(memory.things().listed, Some((None, 25)));
        let next = page.next.unwrap();
        search("ada ", Some(&next)).unwrap();
        let position = Some("ada#u1".to_owned());
        assert_eq!(memory.things().listed, Some((position, 25)));
        let other = search("adam", Some(&next)).unwrap_err();
        assert_eq!(other, "Refused(CursorInvalid)");
        assert!(search("a", None).unwrap_err().contains("2 to 100"));
    }

    #[test]
    fn a_profile_says_why_no_card_can_be_ordered() {
        let card = sample::card(StateKind::Ordered, "k");
        let memory = Memory::with([card.clone()]);
        memory.things().open_order = Some(card.order_id());
        let profile = |user_id: &str| answer(view_user(&memory, &UserId::parse(user_id).unwrap()));
        let (state, card_id) = (StateKind::Ordered, card.card_id);
        let ada = profile("u1").unwrap();
        assert_eq!(ada.cards, [card]);
        let open = Refusal::OpenOrderExists { card_id, state };
        assert_eq!(ada.order_blocked, Some(open));
        assert_eq!(
            profile("u2").unwrap().order_blocked,
            Some(Refusal::UserInactive)
        );
        assert!(matches!(
            profile("u9"),
            Err(Error::Refused(Refusal::UserNotFound))
        ));
        memory.things().open_order = None;
        assert_eq!(profile("u1").unwrap().order_blocked, None);
    }
}
