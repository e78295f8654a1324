//! Writes users, the entries by which they are found, and the item that says who signs in by their UPN.
//!
//! Promises: a user and their entries change together, so that a search never shows a user as they
//! never were, and nobody is found by a former name. Each user is one part of one transaction, on the
//! condition that their version is the one that was read; several users share a transaction while there
//! is room. A UPN that several users have lets none of them sign in: they are stored and reported.
//!
//! | it dies | what is left |
//! | --- | --- |
//! | between two transactions | the rest is missing; a repeat writes that and nothing else |
//! | in a transaction | nothing of it, or all of it |
//!
//! A transaction costs twice the write units of a batch write. That buys an import without repair.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::mem;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use cardwright_app::error::PortError;
use cardwright_domain::ids::UserId;
use cardwright_domain::search::{self, Entry};
use cardwright_domain::user::User;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::item::{Item, from_item, text, text_of, to_item, to_value, unwritable};
use super::transaction::Transacted;
use super::{Tables, keys};
use crate::limits::{IMPORT_TRIES, IMPORTS_IN_FLIGHT, TABLE_BATCH_KEYS, TABLE_TRANSACTION_ACTIONS};

const OPERATION: &str = "dynamodb.TransactWriteItems";

/// What an import did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Imported {
    pub written: usize,
    /// Users who were there already, just as they are.
    pub unchanged: usize,
    /// Users who got a UPN that somebody else has as well, so that neither signs in by it.
    pub upn_shared: Vec<UserId>,
}

/// A user as they are stored.
struct Stored {
    user: User,
    /// The key of the UPN that they sign in by; empty if there is none.
    sign_in: String,
}

/// One transaction: the users that it changes, and how.
#[derive(Default)]
struct Change {
    users: Vec<User>,
    actions: Vec<TransactWriteItem>,
    /// The keys of the UPNs that it gives, and to whom.
    given: Vec<(UserId, String)>,
    /// The keys of the UPNs that it gives or takes. A transaction touches no item twice.
    sign_ins: HashSet<String>,
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
            upn_shared: done
                .into_iter()
                .flat_map(|chunk| chunk.upn_shared)
                .collect(),
        })
    }

    async fn import_chunk(&self, mut left: Vec<User>) -> Result<Imported, PortError> {
        let mut imported = Imported::default();
        let mut given = Vec::new();
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
            for change in packed(changes, room) {
                match self.transact(change.actions, None).await? {
                    Transacted::Done => {
                        imported.written += change.users.len();
                        given.extend(change.given);
                    }
                    Transacted::Refused(_) => left.extend(change.users),
                }
            }
            if left.is_empty() {
                imported.upn_shared = self.shared(given).await?;
                return Ok(imported);
            }
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

    /// Those whose UPN is somebody else's as well by now.
    async fn shared(&self, given: Vec<(UserId, String)>) -> Result<Vec<UserId>, PortError> {
        let keys: HashSet<_> = given.iter().map(|(_, key)| key.as_str()).collect();
        let keys: Vec<_> = keys.into_iter().map(keys::sign_in_key_of).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.batch_get([(&self.users, keys)], None).await?;
        let shared: HashSet<_> = found
            .into_values()
            .flatten()
            .filter(|item| users_of(item).len() > 1)
            .map(|item| text_of(&item, keys::PK).to_owned())
            .collect();
        let is_shared = |key: &str| shared.contains(&keys::sign_in(key));
        let given = given.into_iter().filter(|(_, key)| is_shared(key));
        Ok(given.map(|(user_id, _)| user_id).collect())
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
        let (mut given, mut sign_ins) = (Vec::new(), HashSet::new());
        if sign_in != former_sign_in {
            if !sign_in.is_empty() {
                actions.push(self.change_sign_in("ADD", &sign_in, &user.user_id)?);
                given.push((user.user_id.clone(), sign_in.clone()));
            }
            if !former_sign_in.is_empty() {
                actions.push(self.change_sign_in("DELETE", former_sign_in, &user.user_id)?);
            }
            let both = [sign_in.as_str(), former_sign_in].into_iter();
            sign_ins.extend(both.filter(|key| !key.is_empty()).map(str::to_owned));
        }
        Ok(Some(Change {
            users: vec![user],
            actions,
            given,
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

    /// Gives the user a UPN (`ADD`) or takes it from them (`DELETE`), whoever else has it.
    fn change_sign_in(
        &self,
        change: &str,
        sign_in: &str,
        user_id: &UserId,
    ) -> Result<TransactWriteItem, PortError> {
        let user = AttributeValue::Ss(vec![user_id.to_string()]);
        let update = Update::builder()
            .table_name(&self.users)
            .set_key(Some(keys::sign_in_key_of(sign_in)))
            .update_expression(format!("{change} {} :user", keys::USER_IDS))
            .expression_attribute_values(":user", user);
        let update = update.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().update(update).build())
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

/// Who has the UPN of this item.
pub(super) fn users_of(item: &Item) -> &[String] {
    let users = item.get(keys::USER_IDS).and_then(|ids| ids.as_ss().ok());
    users.map_or(&[], Vec::as_slice)
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
                last.given.extend(change.given);
                last.sign_ins.extend(change.sign_ins);
            }
            _ => transactions.push(change),
        }
    }
    transactions
}
