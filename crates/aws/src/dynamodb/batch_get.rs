//! Batch reads: many items in one request, and the rest of a partial answer asked for again.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use cardwright_app::error::PortError;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::item::{Item, text_of, unwritable};
use super::retry::pause;
use super::{Tables, failed, keys};
use crate::limits::{TABLE_BATCH_KEYS, TABLE_BATCH_TRIES, TABLE_BATCHES_IN_FLIGHT};

const OPERATION: &str = "dynamodb.BatchGetItem";

impl Tables {
    /// One strongly consistent BatchGetItem of at most [`TABLE_BATCH_KEYS`] different keys.
    pub(super) async fn batch_get(
        &self,
        requests: impl IntoIterator<Item = (&String, Vec<Item>)>,
        attributes: Option<Attributes>,
    ) -> Result<HashMap<String, Vec<Item>>, PortError> {
        let attributes = attributes.unwrap_or_default();
        let mut left = HashMap::new();
        for (table, keys) in requests {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .set_projection_expression(attributes.expression.clone())
                .set_expression_attribute_names(attributes.names.clone());
            left.insert(table.clone(), request.build().map_err(unwritable)?);
        }
        let mut found: HashMap<String, Vec<Item>> = HashMap::new();
        for retry in 0..TABLE_BATCH_TRIES {
            let call = self.client.batch_get_item().set_request_items(Some(left));
            let answer = call.send().await.map_err(failed(OPERATION))?;
            for (table, items) in answer.responses.unwrap_or_default() {
                found.entry(table).or_default().extend(items);
            }
            left = answer.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(found);
            }
            pause(retry).await;
        }
        let error = "DynamoDB left keys unprocessed, try after try";
        Err(PortError::new(OPERATION, error))
    }

    /// Items of the cards table by their `pk`, in the order of the keys; what is not there is left
    /// out. No key may be there twice.
    pub(super) async fn card_items(&self, pks: &[String]) -> Result<Vec<Item>, PortError> {
        let batches: Vec<_> = pks
            .chunks(TABLE_BATCH_KEYS)
            .map(|chunk| {
                let keys = chunk.iter().map(keys::card_key).collect();
                self.batch_get([(&self.cards, keys)], None)
            })
            .collect();
        let answers: Vec<_> = stream::iter(batches)
            .buffer_unordered(TABLE_BATCHES_IN_FLIGHT)
            .try_collect()
            .await?;
        let items = answers.into_iter().flat_map(HashMap::into_values).flatten();
        let by_key = |item: Item| (text_of(&item, keys::PK).to_owned(), item);
        let mut items: HashMap<_, _> = items.map(by_key).collect();
        Ok(pks.iter().filter_map(|pk| items.remove(pk)).collect())
    }
}

/// The only attributes that a read returns.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes {
    expression: Option<String>,
    names: Option<HashMap<String, String>>,
}

impl Attributes {
    pub(super) fn only(names: &[&str]) -> Self {
        let alias = |name: &&str| format!("#{name}");
        let aliases: Vec<_> = names.iter().map(alias).collect();
        let named = names.iter().map(|name| (alias(name), (*name).to_owned()));
        Self {
            expression: Some(aliases.join(", ")),
            names: Some(named.collect()),
        }
    }
}
