//! The events of the producer that were handled: an item for each, until it expires.

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::{EventContext, RememberEvents, Result};
use cardwright_domain::ids::{CardId, EventId};
use cardwright_domain::time::Time;

use super::item::text_of;
use super::{Tables, card_item, failed, keys};

impl RememberEvents for Tables {
    async fn event_context(&self, id: &EventId, card_id: Option<CardId>) -> Result<EventContext> {
        let event = keys::event(id);
        let pks = [Some(event.clone()), card_id.map(keys::card)];
        let card_keys = pks.into_iter().flatten().map(keys::card_key).collect();
        let mut found = self.batch_get([(&self.cards, card_keys)], None).await?;
        let items = found.remove(&self.cards).unwrap_or_default();
        let (events, mut cards): (Vec<_>, Vec<_>) = items
            .into_iter()
            .partition(|item| text_of(item, keys::PK) == event);
        Ok(EventContext {
            // DynamoDB deletes an expired item in its own time; that it is known still does no harm.
            is_known: !events.is_empty(),
            card: cards.pop().map(card_item::from_item).transpose()?,
        })
    }

    async fn remember_event(&self, id: &EventId, until: Time) -> Result<()> {
        let mut item = keys::card_key(keys::event(id));
        let until = AttributeValue::N(until.unix_seconds().to_string());
        item.insert(keys::EXPIRES_AT.to_owned(), until);
        let put = self
            .client
            .put_item()
            .table_name(&self.cards)
            .set_item(Some(item));
        put.send().await.map_err(failed("dynamodb.PutItem"))?;
        Ok(())
    }
}
