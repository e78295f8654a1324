//! An order as one transaction: all of it is written, or nothing.
//!
//! | action | condition |
//! | --- | --- |
//! | the user | is active and at the version that was seen |
//! | put the card | there is none under this id |
//! | put the open-order pointer | it is as it was seen; none if the user may have several orders |
//!
//! If the process dies before it reads the answer, the card tells: the same key leads to the same
//! id.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use cardwright_app::ports::{OpenOrderGuard, PlaceOrder, Placed, Placement, Result};
use cardwright_domain::ids::CardId;
use cardwright_domain::user::UserState;
use uuid::Uuid;

use super::item::{Item, text, text_of, to_value, unreadable, unwritable};
use super::transaction::{Transacted, condition_failed};
use super::{Tables, card_item, keys};

const CARD_ID: &str = "card_id";

impl PlaceOrder for Tables {
    async fn place_order(&self, placement: &Placement) -> Result<Placed> {
        let actions = vec![
            self.user_unchanged(placement)?,
            self.put_card(placement)?,
            self.put_pointer(placement)?,
        ];
        let Transacted::Refused(reasons) = self.transact(actions, Some(token(placement))).await?
        else {
            return Ok(Placed::Done);
        };
        // The card decides: an order that was taken before stays taken, whatever the user has
        // become.
        match reasons.get(1).filter(|card| condition_failed(card)) {
            None => Ok(Placed::ContextChanged),
            Some(card) => {
                let item = card.item().cloned().unwrap_or_default();
                Ok(Placed::CardExists(Box::new(card_item::from_item(item)?)))
            }
        }
    }
}

impl Tables {
    fn user_unchanged(&self, placement: &Placement) -> Result<TransactWriteItem> {
        let check = ConditionCheck::builder()
            .table_name(&self.users)
            .set_key(Some(keys::user_key(&placement.user_id)))
            .condition_expression("#state = :active AND #version = :seen")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":active", to_value(&UserState::Active)?)
            .expression_attribute_values(":seen", to_value(&placement.user_version)?);
        let check = check.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

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

    fn put_pointer(&self, placement: &Placement) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.cards)
            .set_item(Some(pointer(placement)));
        let put = match placement.guard {
            OpenOrderGuard::Always => put,
            OpenOrderGuard::OnlyIf { seen: None } => {
                put.condition_expression("attribute_not_exists(pk)")
            }
            OpenOrderGuard::OnlyIf { seen: Some(seen) } => put
                .condition_expression("card_id = :seen")
                .expression_attribute_values(":seen", to_value(&seen)?),
        };
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(unwritable)?)
            .build())
    }
}

fn pointer(placement: &Placement) -> Item {
    let pk = keys::open_order(&placement.user_id);
    let card_id = text(placement.card.card_id.to_string());
    HashMap::from([
        (keys::PK.to_owned(), text(pk)),
        (CARD_ID.to_owned(), card_id),
    ])
}

/// The card that the pointer names.
pub(super) fn pointed_at(pointer: &Item) -> Result<CardId> {
    text_of(pointer, CARD_ID).parse().map_err(unreadable)
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
