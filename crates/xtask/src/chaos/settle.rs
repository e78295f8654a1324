//! After the faults: ticks, until nothing is left to do. Leases, graces and hidden messages run out in real
//! time, and whatever still waits for approval is approved; only the hours that an email waits after its third try are cut short in the table.

use std::time::Duration;

use cardwright_app::limits::{CLAIM_LEASE, ORDER_GRACE};
use cardwright_app::ports::Clock;
use cardwright_aws::System;
use jiff::SignedDuration;
use serde_json::json;

use super::collect;
use super::site::Site;
use super::ticks::tick;
use crate::error::Error;

/// How long less and less must be left, at most: whatever waits has a grace and a lease to run, and
/// the tick after it its own time limit. A backlog takes as long as the machine needs for it.
const LONGEST: SignedDuration =
    SignedDuration::from_secs(ORDER_GRACE.as_secs() + CLAIM_LEASE.as_secs() + 60);

/// How often nothing must be left: a message may be on its way when the queues are counted.
const QUIET_LOOKS: u32 = 3;
const BETWEEN_TICKS: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Settled {
    pub(super) seconds: i64,
    pub(super) ticks: u32,
    /// Waits of hours between two tries of an email.
    pub(super) cut_short: u64,
    /// False if time ran out; the audit then finds what was left.
    pub(super) in_time: bool,
}

pub(super) async fn settle(site: &Site) -> Result<Settled, Error> {
    let started = System.now();
    let (mut ticks, mut quiet, mut cut_short) = (0, 0, 0);
    let (mut least, mut last_progress) = (u64::MAX, started);
    loop {
        if !tick(site).await? {
            println!("  a tick failed although there are no faults any more");
        }
        ticks += 1;
        let waiting = site.approve_waiting().await? as u64;
        cut_short += end_long_waits(site).await?;
        let due = collect::due_cards(site).await?;
        let queues = collect::queues(site).await?;
        let messages: u64 = queues.iter().map(|(_, count)| count).sum();
        let left = due + messages + waiting;
        quiet = if left == 0 { quiet + 1 } else { 0 };
        let now = System.now();
        let passed = now.since(started);
        if left < least {
            (least, last_progress) = (left, now);
        }
        if ticks % 15 == 1 {
            let seconds = passed.as_secs();
            println!("  {seconds:>4} s  {due:>5} cards due some time, {messages} messages");
        }
        let in_time = now.since(last_progress) <= LONGEST;
        if quiet == QUIET_LOOKS || !in_time {
            return Ok(Settled {
                seconds: passed.as_secs(),
                ticks,
                cut_short,
                in_time,
            });
        }
        tokio::time::sleep(BETWEEN_TICKS).await;
    }
}

/// Emails that wait for longer than [`LONGEST`] become due, as if that time had passed.
async fn end_long_waits(site: &Site) -> Result<u64, Error> {
    let now = System.now();
    let waiting = json!({
        "TableName": site.stack.cards_table, "ConsistentRead": true,
        "FilterExpression": "email.#state = :sending AND due_at > :later",
        "ExpressionAttributeNames": { "#state": "state" },
        "ExpressionAttributeValues": {
            ":sending": { "S": "sending" }, ":later": { "S": now.plus(LONGEST) },
        },
    });
    let cards = collect::scan(site, waiting).await?;
    let long_ago = now.plus(SignedDuration::from_hours(-24));
    for card in &cards {
        let update = json!({
            "TableName": site.stack.cards_table, "Key": { "pk": card["pk"] },
            "UpdateExpression": "SET due_at = :now, email.lease_until = :long_ago",
            "ConditionExpression": "email.#token = :token",
            "ExpressionAttributeNames": { "#token": "token" },
            "ExpressionAttributeValues": {
                ":now": { "S": now }, ":long_ago": { "S": long_ago },
                ":token": card["email"]["M"]["token"],
            },
        });
        site.emulator
            .call("DynamoDB_20120810.UpdateItem", &update)
            .await?;
    }
    Ok(cards.len() as u64)
}
