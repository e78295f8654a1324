//! An order as one transaction (`order_transaction`): the card is put, if there is none under its id.
//!
//! If the process dies before it reads the answer, the card tells: the same key leads to the same
//! id.

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use cardwright_app::ports::{PlaceOrder, Placed, Placement, Result};
use uuid::Uuid;

use super::item::unwritable;
use super::order_transaction::{OpenOrder, Written};
use super::{Tables, card_item};

impl PlaceOrder for Tables {
    async fn place_order(&self, placement: &Placement) -> Result<Placed> {
        let order = OpenOrder {
            user_id: &placement.user_id,
            user_version: placement.user_version,
            order_id: placement.card.order_id(),
            guard: placement.guard,
        };
        let card = self.put_card(placement)?;
        let written = self.write_order(order, card, token(placement)).await?;
        Ok(match written {
            Written::Done => Placed::Done,
            Written::CardStands(card) => Placed::CardExists(card),
            Written::ContextChanged => Placed::ContextChanged,
        })
    }
}

impl Tables {
    fn put_card(&self, placement: &Placement) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.cards)
            .set_item(Some(card_item::to_item(&placement.card)?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(unwritable)?)
            .build())
    }
}

/// The same for every retry of this very transaction, and another one for another try to place the
/// card: DynamoDB replays a known token, and refuses it if the content differs.
fn token(placement: &Placement) -> String {
    let card = &placement.card;
    let variant = format!(
        "{} {} {} {:?} {} {:?}",
        card.created_at,
        card.request_digest,
        card.options_version,
        card.claim(),
        placement.user_version,
        placement.guard,
    );
    Uuid::new_v5(card.card_id.as_uuid(), variant.as_bytes()).to_string()
}
