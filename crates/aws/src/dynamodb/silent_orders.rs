//! Orders at the producer of which nothing was heard for long: the beginnings of two lists in `by_state`.

use cardwright_app::ports::{Result, SilentOrders};
use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::time::Time;
use futures_util::future::try_join_all;

use super::item::{Item, text, text_of};
use super::{Tables, failed, keys};
use crate::limits::STATE_SHARDS;

impl SilentOrders for Tables {
    async fn silent_orders(&self, since: Time, limit: usize) -> Result<Vec<Card>> {
        let lists = [StateKind::Ordered, StateKind::InProduction].into_iter();
        let shards = lists
            .flat_map(|state| (0..STATE_SHARDS).map(move |shard| keys::state_shard(state, shard)));
        let entries = shards.map(|shard| self.silent_entries(shard, since, limit));
        let mut entries = try_join_all(entries).await?.concat();
        entries.sort_by_key(|entry| text_of(entry, keys::STATE_SORT).to_owned());
        entries.truncate(limit);
        let mut cards = self.cards(&entries).await?;
        // The index lags behind the table by a moment.
        cards.retain(|card| card.in_producers_hands().is_some());
        Ok(cards)
    }
}

impl Tables {
    async fn silent_entries(&self, shard: String, since: Time, limit: usize) -> Result<Vec<Item>> {
        let query = self
            .index(keys::BY_STATE, limit)
            .key_condition_expression("state_shard = :shard AND state_sort <= :since")
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":since", text(since.to_string()));
        let answer = query.send().await.map_err(failed("dynamodb.Query"))?;
        Ok(answer.items.unwrap_or_default())
    }
}
