//! The sweep's list: cards whose due time has passed, from the sparse index `due`.

use cardwright_app::ports::{DueCards, Result};
use cardwright_domain::card::Card;
use cardwright_domain::time::Time;
use futures_util::future::try_join_all;

use super::item::{Item, text, text_of};
use super::{Tables, failed, keys};
use crate::limits::DUE_SHARDS;

impl DueCards for Tables {
    async fn due_cards(&self, now: Time, limit: usize) -> Result<Vec<Card>> {
        let shards = (0..DUE_SHARDS).map(|shard| self.due_entries(shard, now, limit));
        let mut entries = try_join_all(shards).await?.concat();
        entries.sort_by_key(|entry| text_of(entry, keys::DUE_AT).to_owned());
        entries.truncate(limit);
        let mut cards = self.cards(&entries).await?;
        // The index lags: a card that another worker has just taken care of is due later or never.
        cards.retain(|card| card.due_at.is_some_and(|due| due <= now));
        Ok(cards)
    }
}

impl Tables {
    async fn due_entries(&self, shard: u8, now: Time, limit: usize) -> Result<Vec<Item>> {
        let query = self
            .index(keys::DUE, limit)
            .key_condition_expression("due_shard = :shard AND due_at <= :now")
            .expression_attribute_values(":shard", text(keys::due_shard(shard)))
            .expression_attribute_values(":now", text(now.to_string()));
        let answer = query.send().await.map_err(failed("dynamodb.Query"))?;
        Ok(answer.items.unwrap_or_default())
    }
}
