//! One card with its timeline, and the lists of cards that somebody still waits for.

use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::CardId;
use cardwright_domain::refusal::Refusal;

use crate::error::Error;
use crate::page::{Page, cursor, position};
use crate::ports::{ListCards, ReadCard};

/// # Errors
/// There is no such card, or the store does not answer.
pub async fn view_card(store: &impl ReadCard, card_id: CardId) -> Result<Card, Error> {
    Ok(store.card(card_id).await?.ok_or(Refusal::CardNotFound)?)
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
    fn a_card_that_there_is_can_be_viewed() {
        let card = sample::card(StateKind::Ordered, "a");
        let memory = Memory::with([card.clone()]);
        assert_eq!(answer(view_card(&memory, card.card_id)).unwrap(), card);
        let other = sample::card(StateKind::Ordered, "b").card_id;
        assert!(matches!(
            answer(view_card(&memory, other)),
            Err(Error::Refused(Refusal::CardNotFound))
        ));
    }
}
