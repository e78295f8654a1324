//! Keys of the items and of the indexes. No other file knows how one is written.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_domain::card::{Card, StateKind};
use cardwright_domain::ids::{CardId, EventId, UserId};
use cardwright_domain::search::Entry;
use cardwright_domain::sign_in::SignIn;
use cardwright_domain::time::Time;

use super::item::{Item, text};
use crate::limits::{DEADLINE_SHARDS, DUE_SHARDS, STATE_SHARDS};

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const OPTIONS: &str = "options";

pub(super) const BY_HOLDER: &str = "by_holder";
pub(super) const HOLDER_ID: &str = "holder_id";

pub(super) const BY_STATE: &str = "by_state";
pub(super) const STATE_SHARD: &str = "state_shard";
pub(super) const STATE_SORT: &str = "state_sort";

/// When the sweep has to look at a card.
pub(super) const DUE: TimeIndex = TimeIndex {
    name: "due",
    shard: "due_shard",
    at: "due_at",
    time: |card| card.due_at,
    shards: DUE_SHARDS,
};

/// When time ends the state of a card.
pub(super) const DEADLINES: TimeIndex = TimeIndex {
    name: "deadlines",
    shard: "deadline_shard",
    at: "deadline_at",
    time: |card| card.deadline_at,
    shards: DEADLINE_SHARDS,
};

/// When DynamoDB may delete the item, in seconds since 1970.
pub(super) const EXPIRES_AT: &str = "expires_at";

pub(super) const USER_ID: &str = "user_id";
/// The users who have one UPN.
pub(super) const USER_IDS: &str = "user_ids";
pub(super) const STATE: &str = "state";
pub(super) const SHARED_CHARS: &str = "shared_chars";

/// The sort key of a user's own item.
const USER: &str = "user";

/// What a user's own item says about what they sign in by, and the sort key of the item that leads there.
pub(super) const SIGN_IN: &str = "sign_in";

/// Ends the text of a search entry. Folded text has no control characters, so no query reaches past
/// it.
const END_OF_TEXT: char = '\t';

pub(super) fn card(card_id: CardId) -> String {
    format!("card#{card_id}")
}

pub(super) fn open_order(user_id: &UserId) -> String {
    format!("open#{user_id}")
}

pub(super) fn event(id: &EventId) -> String {
    format!("event#{}", id.as_str())
}

/// The record of the change that made this version of the options.
pub(super) fn options_record(version: u64) -> String {
    format!("{OPTIONS}#{version}")
}

/// The key of an item in the cards table.
pub(super) fn card_key(pk: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(pk))])
}

pub(super) fn user_key(user_id: &UserId) -> Item {
    user_table_key(format!("user#{user_id}"), USER)
}

/// The key of the item that says who signs in by this name.
pub(super) fn sign_in_key(sign_in: SignIn) -> Item {
    sign_in_key_of(&sign_in.to_string())
}

pub(super) fn sign_in_key_of(sign_in: &str) -> Item {
    user_table_key(self::sign_in(sign_in), SIGN_IN)
}

pub(super) fn sign_in(sign_in: &str) -> String {
    format!("{SIGN_IN}#{sign_in}")
}

/// The key of one way to find a user.
pub(super) fn entry_key(entry: &Entry, user_id: &UserId) -> Item {
    let sk = format!("{}{END_OF_TEXT}{user_id}", entry.text);
    user_table_key(bucket(&entry.bucket), sk)
}

pub(super) fn bucket(bucket: &str) -> String {
    format!("find#{bucket}")
}

pub(super) fn user_table_key(pk: String, sk: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(pk)), (SK.to_owned(), text(sk))])
}

/// The folded text in the sort key of a search entry.
pub(super) fn text_of_entry(sk: &str) -> &str {
    sk.split_once(END_OF_TEXT).map_or(sk, |(text, _)| text)
}

pub(super) fn state_shard(state: StateKind, shard: u8) -> String {
    format!("{}#{shard}", state.as_str())
}

/// Sorts the cards of a state by when they came into it, or were heard of last; the id makes it unique
/// across shards.
pub(super) fn state_sort(since: Time, card_id: CardId) -> String {
    format!("{since}#{card_id}")
}

/// Where a card stands in `by_state` if it comes into this state now; nowhere if the state is not
/// listed.
pub(super) fn in_state(
    state: StateKind,
    since: Time,
    card_id: CardId,
) -> Option<[(&'static str, AttributeValue); 2]> {
    let shard = state_shard(state, shard_of(card_id, STATE_SHARDS));
    let place = [
        (STATE_SHARD, text(shard)),
        (STATE_SORT, text(state_sort(since, card_id))),
    ];
    state.is_listed().then_some(place)
}

/// A sparse index of cards by a time: only cards that have the time are in it.
#[derive(Debug)]
pub(super) struct TimeIndex {
    pub(super) name: &'static str,
    pub(super) shard: &'static str,
    /// The time itself, which is a field of the card.
    pub(super) at: &'static str,
    pub(super) time: fn(&Card) -> Option<Time>,
    shards: u8,
}

impl TimeIndex {
    /// Where a card stands in the index.
    pub(super) fn place(&self, at: Time, card_id: CardId) -> [(&'static str, AttributeValue); 2] {
        let shard = shard_of(card_id, self.shards).to_string();
        [(self.shard, text(shard)), (self.at, text(at.to_string()))]
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = String> {
        (0..self.shards).map(|shard| shard.to_string())
    }
}

/// Card ids are hashes, so any of their bytes spreads them evenly.
fn shard_of(card_id: CardId, shards: u8) -> u8 {
    card_id.as_uuid().as_bytes()[15] % shards
}
