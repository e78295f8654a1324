//! One card with its timeline, and the lists of cards that somebody still waits for.

use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::CardId;
use cardwright_domain::refusal::Refusal;

use crate::error::Error;
use crate::page::{Page, cursor, position};
use crate::ports::{ListCards, ReadCard};
use crate::self_service::Reach;

/// # Errors
/// There is no such card within the caller's reach, or the store does not answer.
pub async fn view_card(
    store: &impl ReadCard,
    reach: &Reach,
    card_id: CardId,
) -> Result<Card, Error> {
    let card = store.card(card_id).await?.ok_or(Refusal::CardNotFound)?;
    Ok(reach.card(card)?)
}

/// The cards in one state, the longest unchanged first.
///
/// # Errors
/// The cursor is of another list, or the store does not answer.
pub async fn list_cards(
    store: &impl ListCards,
    state: StateKind,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<Card>, Error> {
    let list = format!("cards {}", state.as_str());
    let after = after.map(|after| position(&list, after)).transpose()?;
    let found = store.cards_in_state(state, after.as_deref(), limit).await?;
    Ok(Page {
        items: found.cards,
        next: found.next.map(|next| cursor(&list, &next)),
    })
}

#[cfg(test)]
mod tests {
    use cardwright_domain::card::sample;
    use cardwright_domain::ids::UserId;

    use super::*;
    use crate::memory::{Memory, answer};

    #[test]
    fn a_list_of_cards_goes_on_in_its_own_state_only() {
        let (failed, produced) = (StateKind::Failed, StateKind::Produced);
        let memory = Memory::with([sample::card(failed, "a"), sample::card(produced, "b")]);
        memory.things().next = Some("place".into());
        let list = |state, after: Option<&str>| answer(list_cards(&memory, state, after, 10));
        let page = list(failed, None).unwrap();
        assert_eq!(page.items, [sample::card(failed, "a")]);
        let next = page.next.unwrap();
        list(failed, Some(&next)).unwrap();
        assert_eq!(memory.things().listed, Some((Some("place".to_owned()), 10)));
        let other = list(produced, Some(&next)).unwrap_err();
        assert!(matches!(other, Error::Refused(Refusal::CursorInvalid)));
    }

    #[test]
    fn a_card_that_there_is_can_be_viewed_by_whom_it_concerns() {
        let card = sample::card(StateKind::Ordered, "a");
        let memory = Memory::with([card.clone()]);
        let other = sample::card(StateKind::Ordered, "b").card_id;
        let own = |id: &str| Reach::Own(UserId::parse(id).unwrap());
        for (reach, card_id, found) in [
            (Reach::Everybody, card.card_id, true),
            (own("u1"), card.card_id, true),
            (own("u2"), card.card_id, false),
            (Reach::Everybody, other, false),
            (own("u1"), other, false),
        ] {
            match answer(view_card(&memory, &reach, card_id)) {
                Ok(shown) => assert!(found && shown == card, "{reach:?}"),
                Err(error) => {
                    let not_found = matches!(error, Error::Refused(Refusal::CardNotFound));
                    assert!(!found && not_found, "{reach:?}: {error:?}");
                }
            }
        }
    }
}
