//! The store on DynamoDB: two tables, and every right to act as a conditional write.
//!
//! | table | key | item |
//! | --- | --- | --- |
//! | cards | `card#<card id>` | a card, with the attributes that its indexes need |
//! | cards | `open#<user id>` | the open-order pointer: the id of the user's newest order |
//! | cards | `event#<webhook id>` | an event of the producer that was handled; expires |
//! | cards | `options` | the options as one JSON document, with their version |
//! | cards | `options#<version>` | the record of the change that made this version: when, who, and the document |
//! | users | `user#<user id>`, `user` | a user |
//! | users | `sign_in#<key of the UPN>`, `sign_in` | the ids of the users who have this UPN; one alone signs in by it |
//! | users | `find#<bucket>`, `<text><tab><user id>` | one way to find a user |
//!
//! | index of cards | key | holds |
//! | --- | --- | --- |
//! | `by_holder` | `holder_id`, `created_at` | cards that somebody holds |
//! | `by_state` | `state_shard`, `state_sort` | cards in a listed state, those first of which nothing was heard for longest |
//! | `due` | `due_shard`, `due_at` | cards that the sweep has to look at |
//! | `deadlines` | `deadline_shard`, `deadline_at` | cards whose state is ended by time |
//!
//! A way to find a user carries all their attributes, so that a page of a search is one request.
//!
//! The indexes project keys only, because every projected attribute makes more writes into index
//! writes. Whoever reads an index then reads the whole cards, strongly consistent, and drops those
//! that are no longer what the index said.

mod batch_get;
mod caller_context;
mod card_item;
mod cards_by_time;
mod change_card;
mod due_cards;
mod item;
mod keys;
mod list_cards;
mod options;
mod order_context;
mod order_transaction;
#[cfg(test)]
mod parsers;
mod passed_deadlines;
mod place_order;
mod producer_events;
mod repeat_order;
mod retry;
mod search_users;
mod silent_orders;
mod transaction;
mod update;
mod user_import;
mod users;

use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use cardwright_app::error::PortError;

pub use self::user_import::Imported;
use crate::call::port_error;

/// The two tables, as every port of `cardwright_app` that DynamoDB stands behind.
#[derive(Debug, Clone)]
pub struct Tables {
    client: Client,
    users: String,
    cards: String,
}

impl Tables {
    #[must_use]
    pub fn new(
        client: Client,
        users_table: impl Into<String>,
        cards_table: impl Into<String>,
    ) -> Self {
        Self {
            client,
            users: users_table.into(),
            cards: cards_table.into(),
        }
    }
}

impl Tables {
    /// A query of an index of the cards table.
    fn index(&self, index: &str, limit: usize) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.cards)
            .index_name(index)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
    }
}

/// Names the call that failed.
fn failed<E>(operation: &'static str) -> impl Fn(SdkError<E>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    move |error| port_error(operation, error)
}
