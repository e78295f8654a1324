//! Who a caller is in the directory, and whom they may ask about. Holders may do for themselves what
//! the option `selfService` lets them; for everything else a caller needs a role.
//!
//! Promises: nobody gets by self-service at what is another user's. A caller is a holder only by the
//! one user whose UPN is the name in their token. What is not theirs is for them as if it were not
//! there: users are told apart before anything is read of them, cards by the same read as those that
//! there are not, and a write has the holder in its condition.

use cardwright_domain::card::Card;
use cardwright_domain::ids::{Actor, UserId};
use cardwright_domain::refusal::Refusal;

use crate::error::Error;
use crate::ports::{CallerContext, ReadCallerContext};

/// Whom a caller may ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Everybody,
    /// The user that the caller is.
    Own(UserId),
}

impl Reach {
    /// # Errors
    /// The caller may not know whether there is such a user.
    pub fn user(&self, user_id: &UserId) -> Result<(), Refusal> {
        match self {
            Self::Own(own) if own != user_id => Err(Refusal::UserNotFound),
            Self::Own(_) | Self::Everybody => Ok(()),
        }
    }

    /// # Errors
    /// The caller may not know whether there is such a card.
    pub fn card(&self, card: Card) -> Result<Card, Refusal> {
        match self {
            Self::Own(own) if !card.is_held_by(own) => Err(Refusal::CardNotFound),
            Self::Own(_) | Self::Everybody => Ok(card),
        }
    }

    /// The user that the caller is, if they may ask about nobody else.
    #[must_use]
    pub fn own(&self) -> Option<&UserId> {
        match self {
            Self::Own(own) => Some(own),
            Self::Everybody => None,
        }
    }
}

/// What a caller without a role may ask about; `None` if that is nothing, because self-service is off
/// or they are no user.
///
/// # Errors
/// The store does not answer.
pub async fn own_reach(
    store: &impl ReadCallerContext,
    caller: &Actor,
) -> Result<Option<Reach>, Error> {
    let CallerContext { user_id, options } = store.caller_context(caller.sign_in()).await?;
    Ok(user_id.filter(|_| options.self_service).map(Reach::Own))
}

/// A caller, as the directory and the options have them.
#[derive(Debug, PartialEq, Eq)]
pub struct Me {
    pub user_id: Option<UserId>,
    pub self_service: bool,
}

/// # Errors
/// The store does not answer.
pub async fn view_me(store: &impl ReadCallerContext, caller: &Actor) -> Result<Me, Error> {
    let CallerContext { user_id, options } = store.caller_context(caller.sign_in()).await?;
    Ok(Me {
        user_id,
        self_service: options.self_service,
    })
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::{StateKind, sample};

    use super::*;
    use crate::memory::{Memory, answer};

    fn user_id(id: &str) -> UserId {
        UserId::parse(id).unwrap()
    }

    fn caller(name: &str) -> Actor {
        Actor::parse(name).unwrap()
    }

    /// `u1` has a UPN of her own; `u2` has none.
    fn directory(self_service: bool) -> Memory {
        let memory = Memory::with([]);
        memory.things().users[1].upn = None;
        memory.things().options.self_service = self_service;
        memory
    }

    #[test]
    fn a_holder_reaches_themself_while_self_service_is_on() {
        for (self_service, name, reach) in [
            (true, "ada@example.com", Some(Reach::Own(user_id("u1")))),
            (true, "ADA@EXAMPLE.COM", Some(Reach::Own(user_id("u1")))),
            (true, "bea@example.com", None),
            (false, "ada@example.com", None),
        ] {
            let reached = answer(own_reach(&directory(self_service), &caller(name)));
            assert_eq!(reached.unwrap(), reach, "{name} {self_service}");
        }
    }

    #[test]
    fn callers_are_told_who_they_are_whether_or_not_it_helps_them() {
        for self_service in [true, false] {
            for (name, user_id) in [
                ("ada@example.com", Some(user_id("u1"))),
                ("bea@example.com", None),
            ] {
                let me = answer(view_me(&directory(self_service), &caller(name)));
                let expected = Me {
                    user_id,
                    self_service,
                };
                assert_eq!(me.unwrap(), expected);
            }
        }
    }

    #[test]
    fn what_is_another_users_is_not_there() {
        let (own, everybody) = (Reach::Own(user_id("u1")), Reach::Everybody);
        let other = Reach::Own(user_id("u2"));
        let card = sample::card(StateKind::Ordered, "k");
        let of_the_stock = Card {
            holder: None,
            ..card.clone()
        };
        for (reach, mine) in [(&own, true), (&everybody, true), (&other, false)] {
            let user = mine.then_some(()).ok_or(Refusal::UserNotFound);
            assert_eq!(reach.user(&user_id("u1")), user, "{reach:?}");
            let shown = mine.then(|| card.clone()).ok_or(Refusal::CardNotFound);
            assert_eq!(reach.card(card.clone()), shown, "{reach:?}");
        }
        assert_eq!(
            everybody.card(of_the_stock.clone()),
            Ok(of_the_stock.clone())
        );
        assert_eq!(own.card(of_the_stock), Err(Refusal::CardNotFound));
        assert_eq!(own.own(), Some(&user_id("u1")));
        assert_eq!(everybody.own(), None);
    }
}
