//! Cards of which a time has passed, the longest passed first: a query for each shard of a sparse index,
//! and a batch read for each hundred cards.

use cardwright_app::ports::Result;
use cardwright_domain::card::Card;
use cardwright_domain::time::Time;
use futures_util::future::try_join_all;

use super::item::{Item, text, text_of};
use super::keys::TimeIndex;
use super::{Tables, failed};

impl Tables {
    pub(super) async fn cards_by_time(
        &self,
        index: &TimeIndex,
        now: Time,
        limit: usize,
    ) -> Result<Vec<Card>> {
        let shards = index.shards();
        let entries = shards.map(|shard| self.passed_entries(index, shard, now, limit));
        let mut entries = try_join_all(entries).await?.concat();
        entries.sort_by_key(|entry| text_of(entry, index.at).to_owned());
        entries.truncate(limit);
        let mut cards = self.cards(&entries).await?;
        // The index lags: another worker may just have moved the card's time, or taken it away.
        cards.retain(|card| (index.time)(card).is_some_and(|time| time <= now));
        Ok(cards)
    }

    async fn passed_entries(
        &self,
        index: &TimeIndex,
        shard: String,
        now: Time,
        limit: usize,
    ) -> Result<Vec<Item>> {
        let query = self
            .index(index.name, limit)
            .key_condition_expression("#shard = :shard AND #at <= :now")
            .expression_attribute_names("#shard", index.shard)
            .expression_attribute_names("#at", index.at)
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":now", text(now.to_string()));
        let answer = query.send().await.map_err(failed("dynamodb.Query"))?;
        Ok(answer.items.unwrap_or_default())
    }
}
