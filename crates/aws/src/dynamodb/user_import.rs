//! Writes users, the entries by which they are found, and the item that says who signs in by their UPN.
//!
//! Promises: a user and their entries change together, so that a search never shows a user as they
//! never were, and nobody is found by a former name. No two users sign in by one UPN: whoever comes
//! second is left as they are and reported. Each user is one part of one transaction, on the
//! condition that their version is the one that was read, and that their UPN is nobody else's; several
//! users share a transaction while there is room.
//!
//! | it dies | what is left |
//! | --- | --- |
//! | between two transactions | the rest is missing; a repeat writes that and nothing else |
//! | in a transaction | nothing of it, or all of it |
//!
//! A transaction costs twice the write units of a batch write. That buys an import without repair.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use cardwright_app::error::PortError;
use cardwright_domain::ids::UserId;
use cardwright_domain::search::{self, Entry};
use cardwright_domain::user::User;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::item::{Item, from_item, text, text_of, to_item, to_value, unwritable};
use super::transaction::{Transacted, condition_failed};
use super::{Tables, keys};
use crate::limits::{IMPORT_TRIES, IMPORTS_IN_FLIGHT, TABLE_BATCH_KEYS, TABLE_TRANSACTION_ACTIONS};

const OPERATION: &str = "dynamodb.TransactWriteItems";

/// What an import did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Imported {
    pub written: usize,
    /// Users who were there already, just as they are.
    pub unchanged: usize,
    /// Users who were left as they are, because somebody else signs in by their UPN.
    pub upn_taken: Vec<UserId>,
}

/// A user as they are stored.
struct Stored {
    user: User,
    /// The key of the UPN that is theirs; empty if there is none.
    sign_in: String,
}

/// One transaction: the users that it changes, and how.
#[derive(Default)]
struct Change {
    users: Vec<User>,
    actions: Vec<TransactWriteItem>,
    /// The keys of the UPNs that it gives or takes. A transaction touches no item twice.
    sign_ins: HashSet<String>,
}

impl Tables {
    /// Makes the users what they are here; their versions are counted on from the stored ones. Of
    /// several users with one id the last one counts. A user whose UPN is somebody else's stays as
    /// they are; if that one gets another UPN by the same import, it may take a second import.
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
            upn_taken: done.into_iter().flat_map(|chunk| chunk.upn_taken).collect(),
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
            imported.upn_taken.clear();
            for user in mem::take(&mut left) {
                match self.change(user, &stored)? {
                    Some(change) => changes.push(change),
                    None => imported.unchanged += 1,
                }
            }
            for Change { users, actions, .. } in packed(changes, room) {
                match self.transact(actions, None).await? {
                    Transacted::Done => imported.written += users.len(),
                    Transacted::Refused(reasons) => {
                        // The user stands first, and only their UPN has a condition beside theirs.
                        let is_changed = reasons.first().is_some_and(condition_failed);
                        if let ([user], false) = (users.as_slice(), is_changed) {
                            imported.upn_taken.push(user.user_id.clone());
                        }
                        left.extend(users);
                    }
                }
            }
            if left.is_empty() {
                return Ok(imported);
            }
        }
        // Whoever else was in the way has had time to get out of it.
        if left.len() == imported.upn_taken.len() {
            return Ok(imported);
        }
        Err(PortError::new(
            OPERATION,
            "the users changed under every try",
        ))
    }

    async fn stored_users(&self, users: &[User]) -> Result<HashMap<UserId, Stored>, PortError> {
        let keys = users
            .iter()
            .map(|user| keys::user_key(&user.user_id))
            .collect();
        let found = self.batch_get([(&self.users, keys)], None).await?;
        let users = found.into_values().flatten().map(|item| {
            let sign_in = text_of(&item, keys::SIGN_IN).to_owned();
            let user: User = from_item(item)?;
            Ok((user.user_id.clone(), Stored { user, sign_in }))
        });
        users.collect()
    }

    /// All that has to be written for one user; nothing if they are stored like this already.
    fn change(
        &self,
        user: User,
        stored: &HashMap<UserId, Stored>,
    ) -> Result<Option<Change>, PortError> {
        let before = stored.get(&user.user_id);
        let seen = before.map(|before| before.user.version);
        let version = seen.unwrap_or(0);
        let sign_in = user.sign_in().map(|key| key.to_string());
        let sign_in = sign_in.unwrap_or_default();
        let former_sign_in = before.map_or("", |before| before.sign_in.as_str());
        let unchanged = User {
            version,
            ..user.clone()
        };
        if before.is_some_and(|before| before.user == unchanged) && sign_in == former_sign_in {
            return Ok(None);
        }
        let user = User {
            version: version + 1,
            ..user
        };
        let entries = search::entries(&user);
        let former = before.map(|before| search::entries(&before.user));
        let former = former.unwrap_or_default();
        let mut actions = vec![self.put_user(&user, seen, &sign_in)?];
        for entry in &entries {
            actions.push(self.put_entry(&user, entry)?);
        }
        let gone = |former: &&Entry| !entries.iter().any(|entry| entry.text == former.text);
        for entry in former.iter().filter(gone) {
            actions.push(self.delete_entry(&user.user_id, entry)?);
        }
        let mut sign_ins = HashSet::new();
        if sign_in != former_sign_in {
            if !sign_in.is_empty() {
                actions.push(self.put_sign_in(&user.user_id, &sign_in)?);
            }
            if !former_sign_in.is_empty() {
                actions.push(self.delete(keys::sign_in_key_of(former_sign_in))?);
            }
            let both = [sign_in.as_str(), former_sign_in].into_iter();
            sign_ins.extend(both.filter(|key| !key.is_empty()).map(str::to_owned));
        }
        Ok(Some(Change {
            users: vec![user],
            actions,
            sign_ins,
        }))
    }

    /// Puts the user if they are still as they were seen.
    fn put_user(
        &self,
        user: &User,
        seen: Option<u64>,
        sign_in: &str,
    ) -> Result<TransactWriteItem, PortError> {
        let mut item = keys::user_key(&user.user_id);
        item.extend(to_item(user)?);
        if !sign_in.is_empty() {
            item.insert(keys::SIGN_IN.to_owned(), text(sign_in));
        }
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

    /// Says who signs in by a UPN, if nobody else does.
    fn put_sign_in(&self, user_id: &UserId, sign_in: &str) -> Result<TransactWriteItem, PortError> {
        let mut item = keys::sign_in_key_of(sign_in);
        item.insert(keys::USER_ID.to_owned(), text(user_id.as_str()));
        let put = Put::builder()
            .table_name(&self.users)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR user_id = :user")
            .expression_attribute_values(":user", text(user_id.as_str()));
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
        self.delete(keys::entry_key(entry, user_id))
    }

    fn delete(&self, key: Item) -> Result<TransactWriteItem, PortError> {
        let delete = Delete::builder().table_name(&self.users).set_key(Some(key));
        let delete = delete.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// Joins changes into transactions of at most `room` actions, and of which no two are about one UPN. A
/// change stays whole, however large.
fn packed(changes: Vec<Change>, room: usize) -> Vec<Change> {
    let mut transactions: Vec<Change> = Vec::new();
    for change in changes {
        match transactions.last_mut() {
            Some(last)
                if last.actions.len() + change.actions.len() <= room
                    && last.sign_ins.is_disjoint(&change.sign_ins) =>
            {
                last.users.extend(change.users);
                last.actions.extend(change.actions);
                last.sign_ins.extend(change.sign_ins);
            }
            _ => transactions.push(change),
        }
    }
    transactions
}
