//! A card as an item: its fields, its key, and the attributes that put it into the indexes.

use cardwright_app::error::PortError;
use cardwright_domain::card::Card;

use super::item::{self, Item, text};
use super::keys;

/// The item of a card that has come into its state with its last change.
pub(super) fn to_item(card: &Card) -> Result<Item, PortError> {
    let mut item = item::to_item(card)?;
    let mut set = |name: &str, value| drop(item.insert(name.to_owned(), value));
    set(keys::PK, text(keys::card(card.card_id)));
    if let Some(holder) = &card.holder {
        set(keys::HOLDER_ID, text(holder.user_id.as_str()));
    }
    let place = keys::in_state(card.state.kind(), card.updated_at, card.card_id);
    for (name, value) in place.into_iter().flatten() {
        set(name, value);
    }
    for index in [keys::DUE, keys::DEADLINES] {
        let place = (index.time)(card).map(|at| index.place(at, card.card_id));
        for (name, value) in place.into_iter().flatten() {
            set(name, value);
        }
    }
    Ok(item)
}

pub(super) fn from_item(item: Item) -> Result<Card, PortError> {
    item::from_item(item)
}

/// For lists and sweeps: a card that can't be read is an error for a person, and nobody else waits
/// for it.
pub(super) fn readable(item: Item) -> Option<Card> {
    let key = item::text_of(&item, keys::PK).to_owned();
    match from_item(item) {
        Ok(card) => Some(card),
        Err(error) => {
            tracing::error!(
                item.key = key,
                error = &error as &dyn std::error::Error,
                "an item of the cards table is no card; it was passed over"
            );
            None
        }
    }
}
