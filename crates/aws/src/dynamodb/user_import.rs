//! Writes users and the entries by which they are found.
//!
//! Promise: a user and their entries change together, so that a search never shows a user as they
//! never were, and nobody is found by a former name. Each user is one part of one transaction, on
//! the condition that their version is the one that was read; several users share a transaction
//! while there is room.
//!
//! | it dies | what is left |
//! | --- | --- |
//! | between two transactions | the rest is missing; a repeat writes that and nothing else |
//! | in a transaction | nothing of it, or all of it |
//!
//! A transaction costs twice the write units of a batch write. That buys an import without repair.

use std::collections::{BTreeMap, HashMap};
use std::mem;

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use cardwright_app::error::PortError;
use cardwright_domain::ids::UserId;
use cardwright_domain::search::{self, Entry};
use cardwright_domain::user::User;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::item::{Item, from_item, to_item, to_value, unwritable};
use super::transaction::Transacted;
use super::{Tables, keys};
use crate::limits::{IMPORT_TRIES, IMPORTS_IN_FLIGHT, TABLE_BATCH_KEYS, TABLE_TRANSACTION_ACTIONS};

const OPERATION: &str = "dynamodb.TransactWriteItems";

/// What an import did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    pub written: usize,
    /// Users who were there already, just as they are.
    pub unchanged: usize,
}

/// One transaction: the users that it changes, and how.
#[derive(Default)]
struct Change {
    users: Vec<User>,
    actions: Vec<TransactWriteItem>,
}

impl Tables {
    /// Makes the users what they are here; their versions are counted on from the stored ones. Of
    /// several users with one id the last one counts.
    ///
    /// # Errors
    /// DynamoDB did not answer, or others changed the same users in every try. Some users may be
    /// written.
    pub async fn import_users(&self, users: &[User]) -> Result<Imported, PortError> {
        let different: BTreeMap<_, _> = users.iter().map(|user| (&user.user_id, user)).collect();
        let different: Vec<_> = different.into_values().cloned().collect();
        let chunks: Vec<_> = different
            .chunks(TABLE_BATCH_KEYS)
            .map(|chunk| self.import_chunk(chunk.to_vec()))
            .collect();
        let done: Vec<Imported> = stream::iter(chunks)
            .buffer_unordered(IMPORTS_IN_FLIGHT)
            .try_collect()
            .await?;
        Ok(Imported {
            written: done.iter().map(|chunk| chunk.written).sum(),
            unchanged: done.iter().map(|chunk| chunk.unchanged).sum(),
        })
    }

    async fn import_chunk(&self, mut left: Vec<User>) -> Result<Imported, PortError> {
        let mut imported = Imported::default();
        // One changed user refuses a whole transaction, so whoever is left gets one for themselves.
        for room in [TABLE_TRANSACTION_ACTIONS]
            .into_iter()
            .chain([0; IMPORT_TRIES - 1])
        {
            let stored = self.stored_users(&left).await?;
            let mut changes = Vec::new();
            for user in mem::take(&mut left) {
                match self.change(user, &stored)? {
                    Some(change) => changes.push(change),
                    None => imported.unchanged += 1,
                }
            }
            for Change { users, actions } in packed(changes, room) {
                match self.transact(actions, None).await? {
                    Transacted::Done => imported.written += users.len(),
                    Transacted::Refused(_) => left.extend(users),
                }
            }
            if left.is_empty() {
                return Ok(imported);
            }
        }
        Err(PortError::new(
            OPERATION,
            "the users changed under every try",
        ))
    }

    async fn stored_users(&self, users: &[User]) -> Result<HashMap<UserId, User>, PortError> {
        let keys = users
            .iter()
            .map(|user| keys::user_key(&user.user_id))
            .collect();
        let found = self.batch_get([(&self.users, keys)], None).await?;
        let users = found.into_values().flatten().map(|item| {
            let user: User = from_item(item)?;
            Ok((user.user_id.clone(), user))
        });
        users.collect()
    }

    /// All that has to be written for one user; nothing if they are stored like this already.
    fn change(
        &self,
        user: User,
        stored: &HashMap<UserId, User>,
    ) -> Result<Option<Change>, PortError> {
        let before = stored.get(&user.user_id);
        let seen = before.map(|before| before.version);
        let version = seen.unwrap_or(0);
        if before
            == Some(&User {
                version,
                ..user.clone()
            })
        {
            return Ok(None);
        }
        let user = User {
            version: version + 1,
            ..user
        };
        let entries = search::entries(&user);
        let former = before.map(search::entries).unwrap_or_default();
        let mut actions = vec![self.put_user(&user, seen)?];
        for entry in &entries {
            actions.push(self.put_entry(&user, entry)?);
        }
        let gone = |former: &&Entry| !entries.iter().any(|entry| entry.text == former.text);
        for entry in former.iter().filter(gone) {
            actions.push(self.delete_entry(&user.user_id, entry)?);
        }
        let users = vec![user];
        Ok(Some(Change { users, actions }))
    }

    /// Puts the user if they are still as they were seen.
    fn put_user(&self, user: &User, seen: Option<u64>) -> Result<TransactWriteItem, PortError> {
        let mut item = keys::user_key(&user.user_id);
        item.extend(to_item(user)?);
        let put = Put::builder().table_name(&self.users).set_item(Some(item));
        let put = match seen {
            None => put.condition_expression("attribute_not_exists(pk)"),
            Some(seen) => put
                .condition_expression("#version = :seen")
                .expression_attribute_names("#version", "version")
                .expression_attribute_values(":seen", to_value(&seen)?),
        };
        let put = put.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn put_entry(&self, user: &User, entry: &Entry) -> Result<TransactWriteItem, PortError> {
        let mut item: Item = keys::entry_key(entry, &user.user_id);
        item.extend(to_item(user)?);
        item.insert(
            keys::SHARED_CHARS.to_owned(),
            to_value(&entry.shared_chars)?,
        );
        let put = Put::builder().table_name(&self.users).set_item(Some(item));
        let put = put.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn delete_entry(
        &self,
        user_id: &UserId,
        entry: &Entry,
    ) -> Result<TransactWriteItem, PortError> {
        let key = keys::entry_key(entry, user_id);
        let delete = Delete::builder().table_name(&self.users).set_key(Some(key));
        let delete = delete.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// Joins changes into transactions of at most `room` actions. A change stays whole, however large.
fn packed(changes: Vec<Change>, room: usize) -> Vec<Change> {
    let mut transactions: Vec<Change> = Vec::new();
    for change in changes {
        match transactions.last_mut() {
            Some(last) if last.actions.len() + change.actions.len() <= room => {
                last.users.extend(change.users);
                last.actions.extend(change.actions);
            }
            _ => transactions.push(change),
        }
    }
    transactions
}
