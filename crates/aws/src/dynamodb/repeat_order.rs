//! A failed card ordered again as one transaction (`order_transaction`): the card is changed as
//! `change_card` changes it, if it is still as it was seen.
//!
//! If the process dies before it reads the answer, the card tells: its timeline names who ordered
//! it again.

use aws_sdk_dynamodb::types::{self, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use cardwright_app::ports::{RepeatOrder, Repeated, Repetition, Result, Tokens};

use super::item::unwritable;
use super::order_transaction::{OpenOrder, Written};
use super::{Tables, change_card, keys};
use crate::system::System;

impl RepeatOrder for Tables {
    async fn repeat_order(&self, repetition: &Repetition) -> Result<Repeated> {
        let order = OpenOrder {
            user_id: &repetition.user_id,
            user_version: repetition.user_version,
            order_id: repetition.order_id,
            guard: repetition.guard,
        };
        let card = self.update_card(repetition)?;
        // One for all retries of this transaction, and another one for every other try: DynamoDB
        // replays a known token, and refuses it if the content differs. It need not be derived from
        // the repeat, because a second try under another token meets another version of the card.
        let token = System.claim_token().0.to_string();
        let written = self.write_order(order, card, token).await?;
        Ok(match written {
            Written::Done => Repeated::Done,
            Written::CardStands(card) => Repeated::Conflict(card),
            Written::ContextChanged => Repeated::ContextChanged,
        })
    }
}

impl Tables {
    fn update_card(&self, repetition: &Repetition) -> Result<TransactWriteItem> {
        let card_id = repetition.order_id.card_id;
        let update = change_card::update(card_id, &repetition.event, repetition.now)?;
        let update = types::Update::builder()
            .table_name(&self.cards)
            .set_key(Some(keys::card_key(keys::card(card_id))))
            .update_expression(update.update_expression())
            .condition_expression(update.condition_expression())
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let update = update.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
