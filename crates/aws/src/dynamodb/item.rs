//! Values to DynamoDB items and back.

use std::collections::HashMap;
use std::error::Error;

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::error::PortError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::aws_sdk_dynamodb_1 as dynamo;

pub(super) type Item = HashMap<String, AttributeValue>;

/// The value's fields as attributes; what is absent takes no space.
pub(super) fn to_item(value: &impl Serialize) -> Result<Item, PortError> {
    let mut item = dynamo::to_item(value).map_err(unwritable)?;
    item.retain(|_, value| !value.is_null());
    Ok(item)
}

pub(super) fn to_value(value: &impl Serialize) -> Result<AttributeValue, PortError> {
    dynamo::to_attribute_value(value).map_err(unwritable)
}

/// Attributes that the value does not know, such as keys, are passed over.
pub(super) fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, PortError> {
    dynamo::from_item(item).map_err(unreadable)
}

/// The error may repeat what stands in the item, so it is not kept.
pub(super) fn unreadable<E>(_: E) -> PortError {
    PortError::new(
        "dynamodb.read_item",
        "the item does not have the form that was written",
    )
}

pub(super) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// The attribute's text; empty if it has none.
pub(super) fn text_of<'a>(item: &'a Item, name: &str) -> &'a str {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.map_or("", String::as_str)
}

pub(super) fn unwritable<E: Error + Send + Sync + 'static>(error: E) -> PortError {
    PortError::new("dynamodb.write_item", error)
}
