//! The store on DynamoDB: two tables, and every right to act as a conditional write.
//!
//! | table | key | item |
//! | --- | --- | --- |
//! | cards | `card#<card id>` | a card, with the attributes that its indexes need |
//! | cards | `open#<user id>` | the open-order pointer: the id of the user's newest card |
//! | cards | `options` | the options as one JSON document, with their version |
//! | users | `user#<user id>`, `user` | a user |
//! | users | `find#<bucket>`, `<folded text><tab><user id>` | one way to find a user, with all their attributes |
//!
//! | index of cards | key | holds |
//! | --- | --- | --- |
//! | `by_holder` | `holder_id`, `created_at` | all cards |
//! | `by_state` | `state_shard`, `state_sort` | cards in a listed state, by the time at which they came into it |
//! | `due` | `due_shard`, `due_at` | cards that the sweep has to look at |
//!
//! The indexes project keys only, because every projected attribute makes more writes into index writes.
//! Whoever reads an index then reads the whole cards, strongly consistent, and drops those that are no
//! longer what the index said.

mod batch_get;
mod card_item;
mod change_card;
mod due_cards;
mod item;
mod keys;
mod list_cards;
mod options;
mod order_context;
mod place_order;
mod retry;
mod search_users;
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

/// Keys in one BatchGetItem, at most (DynamoDB).
pub const MAX_BATCH_KEYS: usize = 100;

/// Actions in one TransactWriteItems, at most (DynamoDB).
pub const MAX_TRANSACTION_ACTIONS: usize = 100;

/// Bytes in a sort key, at most (DynamoDB).
pub const MAX_SORT_KEY_BYTES: usize = 1_024;

/// How often one batch read asks again for keys that DynamoDB left unprocessed.
pub const BATCH_TRIES: u32 = 6;

/// How often a write is tried that meets a transaction of somebody else on the same item.
pub const CONFLICT_TRIES: u32 = 8;

/// The longest pause before the first retry. It doubles with each try; the real pause is random below it.
pub const FIRST_PAUSE_MS: u64 = 20;

/// The longest pause before any retry.
pub const LONGEST_PAUSE_MS: u64 = 640;

/// Batch reads that one call has in flight, at most.
pub const BATCHES_IN_FLIGHT: usize = 4;

/// Shards of each state in `by_state`: a list asks each of them. A partition of an index takes 1,000
/// writes a second. The number may grow, but never shrink: cards stay in the shard they were put in.
pub const STATE_SHARDS: u8 = 4;

/// Shards of `due`. Twice those of `by_state`, because an order moves twice as often in it.
pub const DUE_SHARDS: u8 = 8;

/// Search entries read beyond the page, for those that do not belong into the answer.
pub const SEARCH_OVERSHOOT: usize = 4;

/// Entries that many users have in the range of an identifier: their UPN and their email address.
pub const IDENTIFIERS_EACH: usize = 2;

/// Requests for one page of users, at most. A page that is not full by then says where to go on.
pub const SEARCH_ROUNDS: usize = 4;

/// Transactions of a user import in flight, at most.
pub const IMPORTS_IN_FLIGHT: usize = 4;

/// How often an import tries a user who is changed by somebody else at the same time.
pub const IMPORT_TRIES: usize = 5;

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
