//! The transaction that makes a card its user's open order: a new card, or a failed one again. All
//! of it is written, or nothing.
//!
//! | action | condition |
//! | --- | --- |
//! | the user | is active and at the version that was seen |
//! | the card | the caller's |
//! | put the open-order pointer | it is as it was seen; none if the user may have several orders |

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{CancellationReason, ConditionCheck, Put, TransactWriteItem};
use cardwright_app::ports::{OpenOrderGuard, Result};
use cardwright_domain::card::Card;
use cardwright_domain::ids::{OrderId, UserId};
use cardwright_domain::user::UserState;

use super::item::{Item, text, text_of, to_value, unreadable, unwritable};
use super::transaction::{Transacted, condition_failed};
use super::{Tables, card_item, keys};

const ORDER_ID: &str = "order_id";

/// Where the card stands among the actions.
const CARD: usize = 1;

/// What the transaction is about, apart from what it does to the card.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenOrder<'a> {
    pub(super) user_id: &'a UserId,
    pub(super) user_version: u64,
    pub(super) order_id: OrderId,
    pub(super) guard: OpenOrderGuard,
}

#[derive(Debug)]
pub(super) enum Written {
    Done,
    /// The card's condition did not hold; this is the card as it was.
    CardStands(Box<Card>),
    /// Another condition did not hold, or that of a card that is not there.
    ContextChanged,
}

impl Tables {
    /// `card` is the action on the card. It must ask for the old item if its condition fails.
    pub(super) async fn write_order(
        &self,
        order: OpenOrder<'_>,
        card: TransactWriteItem,
        token: String,
    ) -> Result<Written> {
        let actions = vec![self.user_unchanged(order)?, card, self.put_pointer(order)?];
        let Transacted::Refused(reasons) = self.transact(actions, Some(token)).await? else {
            return Ok(Written::Done);
        };
        // The card decides: an order that was taken before stays taken, whatever the user has
        // become.
        let card = reasons.get(CARD).filter(|card| condition_failed(card));
        match card.and_then(CancellationReason::item) {
            None => Ok(Written::ContextChanged),
            Some(item) => {
                let card = card_item::from_item(item.clone())?;
                Ok(Written::CardStands(Box::new(card)))
            }
        }
    }

    fn user_unchanged(&self, order: OpenOrder<'_>) -> Result<TransactWriteItem> {
        let check = ConditionCheck::builder()
            .table_name(&self.users)
            .set_key(Some(keys::user_key(order.user_id)))
            .condition_expression("#state = :active AND #version = :seen")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":active", to_value(&UserState::Active)?)
            .expression_attribute_values(":seen", to_value(&order.user_version)?);
        let check = check.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    fn put_pointer(&self, order: OpenOrder<'_>) -> Result<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.cards)
            .set_item(Some(pointer(order)));
        let put = match order.guard {
            OpenOrderGuard::Always => put,
            OpenOrderGuard::OnlyIf { seen: None } => {
                put.condition_expression("attribute_not_exists(pk)")
            }
            OpenOrderGuard::OnlyIf { seen: Some(seen) } => put
                .condition_expression("order_id = :seen")
                .expression_attribute_values(":seen", to_value(&seen)?),
        };
        Ok(TransactWriteItem::builder()
            .put(put.build().map_err(unwritable)?)
            .build())
    }
}

fn pointer(order: OpenOrder<'_>) -> Item {
    let pk = keys::open_order(order.user_id);
    let order_id = text(order.order_id.to_string());
    HashMap::from([
        (keys::PK.to_owned(), text(pk)),
        (ORDER_ID.to_owned(), order_id),
    ])
}

/// The order that the pointer names. Another attempt is another order, so that a card that is ordered
/// again is seen by whoever has looked before.
pub(super) fn pointed_at(pointer: &Item) -> Result<OrderId> {
    text_of(pointer, ORDER_ID).parse().map_err(unreadable)
}
