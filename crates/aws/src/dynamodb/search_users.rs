//! Quick search: a query reads one range of one bucket, so it costs what the page costs. Entries of
//! a user who is found already, and those without the query's further words, are read and passed
//! over.
//!
//! A position is the sort key of the last entry that was considered. Any other text is a place in
//! the order too, so a position that somebody made up only starts elsewhere in the same list.

use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::{FoundUsers, Result, SearchUsers};
use cardwright_domain::search::Query;
use cardwright_domain::user::User;

use super::item::{Item, from_item, text, text_of};
use super::{Tables, failed, keys};
use crate::limits::{IDENTIFIERS_EACH, SEARCH_OVERSHOOT, SEARCH_ROUNDS, TABLE_SORT_KEY_BYTES};

impl SearchUsers for Tables {
    async fn search_users(
        &self,
        query: &Query,
        position: Option<&str>,
        limit: usize,
    ) -> Result<FoundUsers> {
        let mut users = Vec::with_capacity(limit);
        let Some(mut after) = start(query, position) else {
            return Ok(FoundUsers { users, next: None });
        };
        for round in 0..SEARCH_ROUNDS {
            let count = entries_for(query, limit - users.len(), round);
            let (entries, more) = self.entries(query, after.as_deref(), count).await?;
            for entry in entries {
                let place = text_of(&entry, keys::SK).to_owned();
                if let Some(user) = wanted(query, &place, entry)? {
                    if users.len() == limit {
                        return Ok(FoundUsers { users, next: after });
                    }
                    users.push(user);
                }
                after = Some(place);
            }
            if !more {
                return Ok(FoundUsers { users, next: None });
            }
            if users.len() == limit {
                break;
            }
        }
        Ok(FoundUsers { users, next: after })
    }
}

impl Tables {
    async fn entries(
        &self,
        query: &Query,
        after: Option<&str>,
        count: usize,
    ) -> Result<(Vec<Item>, bool)> {
        let pk = keys::bucket(&query.bucket);
        let after = after.map(|after| keys::user_table_key(pk.clone(), after));
        let call = self
            .client
            .query()
            .table_name(&self.users)
            .key_condition_expression("pk = :bucket AND begins_with(sk, :prefix)")
            .expression_attribute_values(":bucket", text(pk))
            .expression_attribute_values(":prefix", AttributeValue::S(query.prefix.clone()))
            .set_exclusive_start_key(after)
            .limit(i32::try_from(count).unwrap_or(i32::MAX));
        let answer = call.send().await.map_err(failed("dynamodb.Query"))?;
        let more = answer.last_evaluated_key.is_some();
        Ok((answer.items.unwrap_or_default(), more))
    }
}

/// Where to start to read, if there is anything to read at all. DynamoDB wants it inside the range.
fn start(query: &Query, position: Option<&str>) -> Option<Option<String>> {
    if query.prefix.len() > TABLE_SORT_KEY_BYTES {
        return None;
    }
    match position {
        Some(place) if place.starts_with(&query.prefix) => {
            (place.len() <= TABLE_SORT_KEY_BYTES).then(|| Some(place.to_owned()))
        }
        Some(place) if place > query.prefix.as_str() => None,
        Some(_) | None => Some(None),
    }
}

/// How many entries probably fill the rest of a page. If they do not, the range has many that do
/// not belong into the answer, and each further round reads twice as far.
fn entries_for(query: &Query, users: usize, round: usize) -> usize {
    let each = if query.is_identifier() {
        IDENTIFIERS_EACH
    } else {
        1
    };
    (users * each + SEARCH_OVERSHOOT) << round
}

/// The user of an entry, if it belongs into the answer.
fn wanted(query: &Query, place: &str, entry: Item) -> Result<Option<User>> {
    let shared_chars = entry
        .get(keys::SHARED_CHARS)
        .and_then(|value| value.as_n().ok());
    let shared_chars = shared_chars
        .and_then(|number| number.parse().ok())
        .unwrap_or(0);
    let matches = query.matches(keys::text_of_entry(place), shared_chars);
    matches.then(|| from_item(entry)).transpose()
}
