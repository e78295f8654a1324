//! Every limit of the adapters, with its unit last. What concerns a use case is limited in
//! `crates/app`.

use std::ops::RangeInclusive;
use std::time::Duration;

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

// ---- calls to AWS: below the shortest time limit of a function (10 s, infra/template.yaml) ----

/// How long connecting to an AWS service may take.
pub const AWS_CONNECT: Duration = seconds(1);

/// How long one try of a call may take. A receive that waits [`RECEIVE_WAIT_SECONDS`] fits.
pub const AWS_ATTEMPT: Duration = seconds(3);

/// How long a call with all its tries may take.
pub const AWS_OPERATION: Duration = seconds(8);

/// How often a call is tried, the first one counted.
pub const AWS_TRIES: u32 = 3;

// ---- queues ----

/// How long a receive from an empty queue waits for a message.
pub const RECEIVE_WAIT_SECONDS: i32 = 1;

/// Entries in one batch request, at most (SQS).
pub const ENTRIES_PER_BATCH: usize = 10;

/// Batch requests of one call that are in flight, at most.
pub const BATCHES_IN_FLIGHT: usize = 4;

/// How often the entries of a batch are tried, the first time counted.
pub const BATCH_TRIES: u32 = 2;

// ---- email ----

/// How often an email is tried while SES says that it comes too fast, the first time counted.
pub const MAIL_TRIES: u32 = 3;

/// The longest pause before such a repeat; the real one is random below it. SES counts by the
/// second.
pub const MAIL_PAUSE: Duration = seconds(1);

// ---- the producer: the budgets are below `WAVE_TIME` and below the order function's time limit
// ----

/// How long connecting to the producer may take.
pub const PRODUCER_CONNECT: Duration = seconds(2);

/// How long one request to the producer may take.
pub const PRODUCER_ATTEMPT: Duration = seconds(6);

/// How long a drain asks the producer for one wave of orders, with all repeats.
pub const PRODUCER_BUDGET: Duration = seconds(12);

/// How long the producer is asked while a person waits for the order's answer.
pub const PRODUCER_BUDGET_DIRECT: Duration = seconds(5);

/// The longest pause before the first repeat. It doubles with each; the real pause is random below
/// it.
pub const PRODUCER_FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause before any repeat, if the producer names none.
pub const PRODUCER_LONGEST_PAUSE: Duration = seconds(2);

/// The longest pause that the producer can ask for by `Retry-After`.
pub const PRODUCER_RETRY_AFTER: Duration = seconds(300);

/// How long a connection to the producer is kept for the next request.
pub const PRODUCER_IDLE: Duration = seconds(20);

/// How many requests in a row have to fail before the producer is left alone.
pub const PRODUCER_FAILURES: u32 = 3;

/// For how long it is left alone then.
pub const PRODUCER_OPEN: Duration = seconds(30);

/// Bytes in a key that the producer signs its events with (Standard Webhooks).
pub const SIGNING_KEY_BYTES: RangeInclusive<usize> = 24..=64;

/// How old the keys of the producer's events have to be before they are read again because none fits.
pub const WEBHOOK_KEYS_AGE: Duration = seconds(60);

/// Bytes in an answer, at most: a hundred entries with the longest reasons need a tenth of it.
pub const PRODUCER_ANSWER_BYTES: usize = 1_048_576;

/// Characters that are kept of a carrier's name and of a tracking number.
pub const PRODUCER_SHIPMENT_CHARS: usize = 100;

/// Characters of a rejection's reason that are kept.
pub const PRODUCER_REASON_CHARS: usize = 500;

// ---- triggers ----

/// How long before Lambda's own time limit a tick counts its time as over.
pub const TICK_MARGIN: Duration = seconds(2);

/// How long before Lambda's time limit (30 s) the mail function begins no further email. A claim, a
/// send and a record with repeats fit.
pub const MAIL_MARGIN: Duration = seconds(12);

/// Emails that one mail function sends at once.
pub const MAILS_IN_FLIGHT: usize = 2;

// ---- the tables ----

/// Keys in one BatchGetItem, at most (DynamoDB).
pub const TABLE_BATCH_KEYS: usize = 100;

/// Actions in one TransactWriteItems, at most (DynamoDB).
pub const TABLE_TRANSACTION_ACTIONS: usize = 100;

/// Bytes in a sort key, at most (DynamoDB).
pub const TABLE_SORT_KEY_BYTES: usize = 1_024;

/// How often one batch read asks again for keys that DynamoDB left unprocessed.
pub const TABLE_BATCH_TRIES: u32 = 6;

/// How often a write is tried that meets a transaction of somebody else on the same item.
pub const TABLE_CONFLICT_TRIES: u32 = 8;

/// The longest pause before the first retry. It doubles with each try; the real pause is random
/// below it.
pub const TABLE_FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The longest pause before any retry.
pub const TABLE_LONGEST_PAUSE: Duration = Duration::from_millis(640);

/// Batch reads that one call has in flight, at most.
pub const TABLE_BATCHES_IN_FLIGHT: usize = 4;

/// Shards of each state in `by_state`: a list asks each of them. A partition of an index takes
/// 1,000 writes a second. The number may grow, but never shrink: cards stay in the shard they were
/// put in.
pub const STATE_SHARDS: u8 = 4;

/// Shards of `due`. Twice those of `by_state`, because an order moves twice as often in it.
pub const DUE_SHARDS: u8 = 8;

/// Shards of `deadlines`, where a card comes and goes once or twice in years. Each is asked in every tick.
pub const DEADLINE_SHARDS: u8 = 2;

/// Search entries read beyond the page, for those that do not belong into the answer.
pub const SEARCH_OVERSHOOT: usize = 4;

/// Entries that many users have in the range of an identifier: their UPN and their email address.
pub const IDENTIFIERS_EACH: usize = 2;

/// Requests for one page of users, at most. A page that is not full by then says where to go on.
pub const SEARCH_ROUNDS: usize = 4;

/// Transactions of a user import in flight, at most.
pub const IMPORTS_IN_FLIGHT: usize = 4;

/// How often an import tries a user who is changed by somebody else at the same time.
pub const IMPORT_TRIES: usize = 5;

/// Characters of a position in a list of cards: more than any place there has, and fewer than a key
/// may have.
pub const MAX_PLACE_CHARS: usize = 128;
