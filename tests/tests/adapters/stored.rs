//! A card as it has to be stored, and as it is.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_domain::card::Card;
use cardwright_domain::time::Time;

use crate::support::dynamo::Database;

/// Everything of the card, which its own debug output does not show.
pub(super) fn full(card: &Card) -> serde_json::Value {
    serde_json::to_value(card).unwrap()
}

/// Where the indexes have to show a card that came into its state at this time.
pub(super) fn index_attributes(card: &Card, since: Time) -> BTreeMap<&'static str, String> {
    let state = card.state.kind();
    let mut attributes = BTreeMap::from([("created_at", card.created_at.to_string())]);
    if let Some(holder) = &card.holder {
        attributes.insert("holder_id", holder.user_id.to_string());
    }
    if state.is_listed() {
        attributes.insert("state_shard", state.as_str().to_owned());
        attributes.insert("state_sort", format!("{since}#{}", card.card_id));
    }
    if let Some(due) = card.due_at {
        attributes.insert("due_at", due.to_string());
    }
    if let Some(deadline) = card.deadline_at {
        attributes.insert("deadline_at", deadline.to_string());
    }
    attributes
}

/// The index attributes as they are stored; of a shard's name the part before its number.
pub(super) async fn stored_index_attributes(
    db: &Database,
    card: &Card,
) -> BTreeMap<&'static str, String> {
    let item = db.card_item(&format!("card#{}", card.card_id)).await;
    for (at, shard) in [("due_at", "due_shard"), ("deadline_at", "deadline_shard")] {
        assert_eq!(item.contains_key(at), item.contains_key(shard), "{at}");
    }
    let text = |value: &AttributeValue| value.as_s().unwrap().clone();
    let names = [
        "holder_id",
        "created_at",
        "state_shard",
        "state_sort",
        "due_at",
        "deadline_at",
    ];
    let stored = names
        .into_iter()
        .filter_map(|name| Some((name, text(item.get(name)?))));
    let mut stored: BTreeMap<_, _> = stored.collect();
    if let Some(shard) = stored.get_mut("state_shard") {
        shard.truncate(shard.rfind('#').unwrap());
    }
    stored
}
