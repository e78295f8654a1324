//! Everything that an order depends on in one strongly consistent request, and single cards.

use std::collections::HashMap;

use cardwright_app::ports::{OrderContext, ReadCard, ReadOrderContext, Result};
use cardwright_domain::card::Card;
use cardwright_domain::ids::{CardId, UserId};

use super::item::{from_item, text_of};
use super::{Tables, card_item, failed, keys, options, order_transaction};

impl ReadOrderContext for Tables {
    async fn order_context(
        &self,
        user_id: &UserId,
        card_id: Option<CardId>,
    ) -> Result<OrderContext> {
        let open_order = keys::open_order(user_id);
        let card = card_id.map(keys::card);
        let pks = [keys::OPTIONS, &open_order]
            .into_iter()
            .chain(card.as_deref());
        let card_keys = pks.map(keys::card_key).collect();
        let requests = [
            (&self.users, vec![keys::user_key(user_id)]),
            (&self.cards, card_keys),
        ];
        let mut found = self.batch_get(requests, None).await?;
        let user = found.remove(&self.users).unwrap_or_default().pop();
        let cards = found.remove(&self.cards).unwrap_or_default();
        let by_key = cards
            .into_iter()
            .map(|item| (text_of(&item, keys::PK).to_owned(), item));
        let mut cards: HashMap<_, _> = by_key.collect();
        Ok(OrderContext {
            user: user.map(from_item).transpose()?,
            options: options::from_item(cards.remove(keys::OPTIONS))?,
            card: card
                .and_then(|pk| cards.remove(&pk))
                .map(card_item::from_item)
                .transpose()?,
            open_order: cards
                .get(&open_order)
                .map(order_transaction::pointed_at)
                .transpose()?,
        })
    }
}

impl ReadCard for Tables {
    async fn card(&self, card_id: CardId) -> Result<Option<Card>> {
        let call = self
            .client
            .get_item()
            .table_name(&self.cards)
            .set_key(Some(keys::card_key(keys::card(card_id))))
            .consistent_read(true);
        let answer = call.send().await.map_err(failed("dynamodb.GetItem"))?;
        answer.item.map(card_item::from_item).transpose()
    }
}
