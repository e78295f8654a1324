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
