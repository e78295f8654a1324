//! The options: one JSON document, replaced as a whole. Two administrators cannot overwrite each
//! other, because a version is stored only over the one before it.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use cardwright_app::ports::{ReadOptions, Result, StoreOptions, Tokens};
use cardwright_domain::options::Options;

use super::item::{Item, text, text_of, to_value, unreadable, unwritable};
use super::{Tables, failed, keys};
use crate::call::port_error;
use crate::system::System;

const OPERATION: &str = "dynamodb.PutItem";
const BODY: &str = "body";
const VERSION: &str = "version";
const WRITE_TOKEN: &str = "write_token";

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

impl StoreOptions for Tables {
    async fn store_options(&self, options: &Options) -> Result<bool> {
        let item = to_item(options)?;
        let call = self
            .client
            .put_item()
            .table_name(&self.cards)
            .set_item(Some(item.clone()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let call = match options.version.saturating_sub(1) {
            0 => call.condition_expression("attribute_not_exists(pk)"),
            before => call
                .condition_expression("#version = :before")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":before", to_value(&before)?),
        };
        let Err(error) = call.send().await else {
            return Ok(true);
        };
        match error.as_service_error() {
            // What stands against it may be this very write, made again because its answer was lost.
            // The token tells it from another caller's write of the same document.
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                Ok(refused.item.as_ref() == Some(&item))
            }
            _ => Err(port_error(OPERATION, error)),
        }
    }
}

fn to_item(options: &Options) -> Result<Item> {
    let body = serde_json::to_string(options).map_err(unwritable)?;
    Ok(HashMap::from([
        (keys::PK.to_owned(), text(keys::OPTIONS)),
        (VERSION.to_owned(), to_value(&options.version)?),
        (BODY.to_owned(), text(body)),
        (WRITE_TOKEN.to_owned(), to_value(&System.claim_token())?),
    ]))
}

/// The defaults, until an administrator has stored something.
pub(super) fn from_item(item: Option<Item>) -> Result<Options> {
    let parsed = item.map(|item| serde_json::from_str(text_of(&item, BODY)));
    let options = parsed.transpose().map_err(unreadable)?;
    Ok(options.unwrap_or_default())
}
