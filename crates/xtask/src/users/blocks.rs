//! Reads ahead: records become users, in blocks that are stored one after the other.

use std::collections::HashSet;
use std::io::Read;
use std::thread;

use cardwright_domain::ids::UserId;
use cardwright_domain::user::User;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::identity::user_id;
use super::records::{Record, records};
use super::source::Format;
use crate::error::Error;

/// Blocks that wait to be stored, at most.
const BLOCKS_AHEAD: usize = 2;

/// Records that follow each other. No user is in a block twice, so its users may be stored in any
/// order, and still the later record of a user counts.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// Read from the file, with those that were refused.
    pub(super) records: usize,
    pub(super) users: Vec<User>,
    /// A line for each record that is no user, without its values.
    pub(super) refusals: Vec<String>,
    ids: HashSet<UserId>,
}

/// What is read, and how.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) format: Format,
    /// Which import it is, for people whose record says nothing of who they are.
    pub(super) import: String,
    /// Records at the start that are done.
    pub(super) skip: usize,
    /// Records in a block, at most.
    pub(super) block_records: usize,
}

/// Starts to read in a thread of its own: waiting for a file or a pipe then stops nothing else.
pub(super) fn read(text: Box<dyn Read + Send>, reading: Reading) -> Receiver<Result<Block, Error>> {
    let (sender, receiver) = channel(BLOCKS_AHEAD);
    thread::spawn(move || {
        if let Err(error) = send_blocks(text, &reading, &sender) {
            // Without a receiver nobody waits for the reason either.
            drop(sender.blocking_send(Err(error)));
        }
    });
    receiver
}

fn send_blocks(
    text: Box<dyn Read + Send>,
    reading: &Reading,
    sender: &Sender<Result<Block, Error>>,
) -> Result<(), Error> {
    let mut block = Block::default();
    let mut failed = None;
    for record in records(reading.format, text)?.skip(reading.skip) {
        let user = match record.and_then(|record| check(record, &reading.import)) {
            Ok(user) => user,
            Err(error) => {
                failed = Some(error);
                break;
            }
        };
        let twice = user
            .as_ref()
            .is_ok_and(|user| block.ids.contains(&user.user_id));
        if (twice || block.records == reading.block_records)
            && sender
                .blocking_send(Ok(std::mem::take(&mut block)))
                .is_err()
        {
            return Ok(());
        }
        block.add(user);
    }
    // What was read before something could not be read counts.
    if block.records > 0 && sender.blocking_send(Ok(block)).is_err() {
        return Ok(());
    }
    failed.map_or(Ok(()), Err)
}

/// The user, or the line that says why the record is none.
fn check(record: Record, import: &str) -> Result<Result<User, String>, Error> {
    let Record { line, fields } = record;
    let user = match fields {
        Ok(fields) => {
            let made = user_id(&fields, import, line)?;
            User::parse(fields, &made)
        }
        Err(errors) => Err(errors),
    };
    Ok(user.map_err(|errors| {
        let faults = errors.iter().map(|e| format!("{} {}", e.pointer, e.detail));
        let faults: Vec<_> = faults.map(|fault| fault.trim_start().to_owned()).collect();
        format!("line {line}: {}", faults.join("; "))
    }))
}

impl Block {
    fn add(&mut self, user: Result<User, String>) {
        self.records += 1;
        match user {
            Ok(user) => {
                self.ids.insert(user.user_id.clone());
                self.users.push(user);
            }
            Err(refusal) => self.refusals.push(refusal),
        }
    }
}
