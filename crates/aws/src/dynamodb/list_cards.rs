//! Lists of cards. An index names the cards, one batch read brings them. The index lags behind the
//! table by a moment, so a card that has left the state since is dropped, and a page may have fewer
//! cards than asked for and still a place where to go on.

use cardwright_app::ports::{CardsInState, ListCards, Result};
use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::UserId;
use futures_util::future::try_join_all;

use super::item::{Item, text, text_of};
use super::{Tables, card_item, failed, keys};
use crate::limits::{MAX_PLACE_CHARS, STATE_SHARDS};

impl ListCards for Tables {
    async fn cards_of_holder(&self, user_id: &UserId, limit: usize) -> Result<Vec<Card>> {
        let query = self
            .index(keys::BY_HOLDER, limit)
            .key_condition_expression("holder_id = :holder")
            .expression_attribute_values(":holder", text(user_id.as_str()))
            .scan_index_forward(false);
        let answer = query.send().await.map_err(failed("dynamodb.Query"))?;
        self.cards(&answer.items.unwrap_or_default()).await
    }

    async fn cards_in_state(
        &self,
        state: StateKind,
        position: Option<&str>,
        limit: usize,
    ) -> Result<CardsInState> {
        let after = place_after(position);
        // One entry more than the page tells whether there is a next one.
        let shards = (0..STATE_SHARDS).map(|shard| {
            let shard = keys::state_shard(state, shard);
            self.state_entries(shard, after.clone(), limit + 1)
        });
        let mut entries = try_join_all(shards).await?.concat();
        let place = |entry: &Item| text_of(entry, keys::STATE_SORT).to_owned();
        entries.sort_by_key(place);
        let more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| more).map(place);
        let mut cards = self.cards(&entries).await?;
        cards.retain(|card| card.state.kind() == state);
        Ok(CardsInState { cards, next })
    }
}

/// Before every place in `by_state`.
const BEGINNING: &str = " ";

/// Any text is a place in the order, so a position that somebody made up only starts elsewhere.
fn place_after(position: Option<&str>) -> String {
    let position = position.filter(|position| !position.is_empty());
    let chars = position.unwrap_or(BEGINNING).chars();
    chars.take(MAX_PLACE_CHARS).collect()
}

impl Tables {
    async fn state_entries(&self, shard: String, after: String, limit: usize) -> Result<Vec<Item>> {
        let query = self
            .index(keys::BY_STATE, limit)
            .key_condition_expression("state_shard = :shard AND state_sort > :after")
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":after", text(after));
        let answer = query.send().await.map_err(failed("dynamodb.Query"))?;
        Ok(answer.items.unwrap_or_default())
    }

    /// The whole cards of index entries, in their order.
    pub(super) async fn cards(&self, entries: &[Item]) -> Result<Vec<Card>> {
        let pks: Vec<_> = entries
            .iter()
            .map(|entry| text_of(entry, keys::PK).to_owned())
            .collect();
        let items = self.card_items(&pks).await?;
        Ok(items.into_iter().filter_map(card_item::readable).collect())
    }
}
