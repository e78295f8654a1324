//! The options: one JSON document, replaced as a whole, and a record of each change. Two administrators
//! cannot overwrite each other, because a version is stored only over the one before it.
//!
//! | action | condition |
//! | --- | --- |
//! | put the options | the stored version is the one before |
//! | put the record | there is none of this version |
//!
//! Both are written, or nothing. If the process dies before it reads the answer, the history tells.

use std::ops::RangeInclusive;

use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem};
use cardwright_app::error::PortError;
use cardwright_app::ports::{
    OptionsChange, ReadOptions, ReadOptionsHistory, RecordedChange, Result, StoreOptions, Tokens,
};
use cardwright_domain::ids::Actor;
use cardwright_domain::options::Options;
use cardwright_domain::time::Time;
use serde::{Deserialize, Serialize};

use super::item::{self, Item, text, text_of, to_value, unreadable, unwritable};
use super::transaction::Transacted;
use super::{Tables, failed, keys};
use crate::system::System;

const BODY: &str = "body";
const VERSION: &str = "version";

/// Where the options stand among the actions.
const OPTIONS: usize = 0;

/// The code of an action that nothing stood against.
const NONE: &str = "None";

/// The record of a change, as it is stored. Nothing but the history reads it.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u64,
    at: Time,
    by: Actor,
    /// The document as text, word for word as that of the options.
    body: String,
}

impl ReadOptions for Tables {
    async fn options(&self) -> Result<Options> {
        let call = self
            .client
            .get_item()
            .table_name(&self.cards)
            .set_key(Some(keys::card_key(keys::OPTIONS)))
            .consistent_read(true);
        let answer = call.send().await.map_err(failed("dynamodb.GetItem"))?;
        from_item(answer.item)
    }
}

impl ReadOptionsHistory for Tables {
    async fn options_history(&self, versions: RangeInclusive<u64>) -> Result<Vec<RecordedChange>> {
        let pks: Vec<_> = versions.rev().map(keys::options_record).collect();
        let items = self.card_items(&pks).await?;
        items.into_iter().map(from_record).collect()
    }
}

impl StoreOptions for Tables {
    async fn store_options(&self, change: &OptionsChange) -> Result<bool> {
        let body = serde_json::to_string(&change.options).map_err(unwritable)?;
        let options = self.put_options(change.options.version, &body)?;
        let actions = vec![options, self.put_record(change, body)?];
        // One for all retries of this transaction, and no other's: a retry whose first answer was lost
        // is told that it is done, and another caller's write of the same document that it is not.
        let token = System.claim_token().0.to_string();
        let Transacted::Refused(reasons) = self.transact(actions, Some(token)).await? else {
            return Ok(true);
        };
        if reasons.get(OPTIONS).and_then(CancellationReason::code) == Some(NONE) {
            // The options were put back by hand. Nobody who reads them again would get any further.
            let error = "there is a record of this version already";
            return Err(PortError::new("dynamodb.TransactWriteItems", error));
        }
        Ok(false)
    }
}

impl Tables {
    fn put_options(&self, version: u64, body: &str) -> Result<TransactWriteItem> {
        let mut item = keys::card_key(keys::OPTIONS);
        item.insert(VERSION.to_owned(), to_value(&version)?);
        item.insert(BODY.to_owned(), text(body));
        let put = Put::builder().table_name(&self.cards).set_item(Some(item));
        let put = match version.saturating_sub(1) {
            0 => put.condition_expression("attribute_not_exists(pk)"),
            before => put
                .condition_expression("#version = :before")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":before", to_value(&before)?),
        };
        action(put)
    }

    fn put_record(&self, change: &OptionsChange, body: String) -> Result<TransactWriteItem> {
        let record = Record {
            version: change.options.version,
            at: change.at,
            by: change.by.clone(),
            body,
        };
        let mut item = item::to_item(&record)?;
        item.extend(keys::card_key(keys::options_record(record.version)));
        let put = Put::builder()
            .table_name(&self.cards)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)");
        action(put)
    }
}

fn action(put: PutBuilder) -> Result<TransactWriteItem> {
    let put = put.build().map_err(unwritable)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// The defaults, until an administrator has stored something.
pub(super) fn from_item(item: Option<Item>) -> Result<Options> {
    let parsed = item.map(|item| serde_json::from_str(text_of(&item, BODY)));
    let options = parsed.transpose().map_err(unreadable)?;
    Ok(options.unwrap_or_default())
}

pub(super) fn from_record(item: Item) -> Result<RecordedChange> {
    let record: Record = item::from_item(item)?;
    Ok(RecordedChange {
        version: record.version,
        at: record.at,
        by: record.by,
        document: serde_json::from_str(&record.body).map_err(unreadable)?,
    })
}
