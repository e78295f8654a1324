//! Every limit of the use cases. What concerns a wire is limited beside its adapter.

use jiff::SignedDuration;

/// Entries on a page of users or cards, if the caller does not say.
pub const DEFAULT_PAGE: usize = 25;

/// Entries on a page, at most.
pub const MAX_PAGE: usize = 100;

/// Characters in a cursor, at most.
pub const MAX_CURSOR_CHARS: usize = 2_048;

/// Cards shown with a user's profile, at most, newest first.
pub const MAX_CARDS_OF_HOLDER: usize = 50;

/// How often an order is tried again when user or open order changed between look and write.
pub const ORDER_TRIES: u32 = 5;

/// Cards that one request decides about, at most.
pub const MAX_DECISIONS: usize = 100;

/// Writes in which a card catches up with what the producer says: accepted, then where it is now, and then
/// nothing more to write. As often again if the card changes in between.
pub const STATUS_STEPS: u32 = 6;

/// For so long an order at the producer may be silent before it is asked about.
pub const SILENCE: SignedDuration = SignedDuration::from_hours(24);

/// Orders that one tick asks the producer about, at most.
pub const SYNC_ORDERS: usize = 1_000;

/// Orders that the producer is asked about at once.
pub const SYNC_WAVE: usize = 8;

/// A sync starts no wave with less time left than this. It covers the question with its retries, and the
/// writes.
pub const SYNC_WAVE_TIME: SignedDuration = SignedDuration::from_secs(20);

/// How long an event of the producer is remembered, so that it does nothing if it comes again. Later it
/// does nothing either, because no card moves backwards.
pub const EVENT_MEMORY: SignedDuration = SignedDuration::from_hours(72);

/// How often a change is tried again when the card changed between a refusal and the look at why.
pub const CHANGE_TRIES: u32 = 3;

/// How long a queued order may wait for its message before the sweep takes it itself.
pub const ORDER_GRACE: SignedDuration = SignedDuration::from_secs(180);

/// How long a worker may hold a card. Longer than the drain's own time limit (55 s in the template),
/// so that nobody takes over from a worker that is alive.
pub const CLAIM_LEASE: SignedDuration = SignedDuration::from_secs(90);

/// How long an email may wait for its message before the sweep sends another one.
pub const EMAIL_GRACE: SignedDuration = SignedDuration::from_secs(180);

/// How long a worker may take to send one email. Longer than the function's time limit (30 s), so that
/// nobody sends beside a worker that is alive.
pub const EMAIL_LEASE: SignedDuration = SignedDuration::from_secs(60);

/// Due cards that one tick looks at, at most.
pub const SWEEP_CARDS: usize = 1_000;

/// Cards whose deadline is over that are listed at once, at most.
pub const DEADLINES_AT_ONCE: usize = 500;

/// With less time left than this no further deadlines are listed. It covers the list and the writes.
pub const DEADLINES_TIME: SignedDuration = SignedDuration::from_secs(20);

/// Orders in one request to the producer, at most (infra/producer-api.yaml).
pub const ORDERS_PER_REQUEST: usize = 100;

/// Waves of orders that are on their way at once, and so requests to the producer in flight.
pub const LANES: usize = 4;

/// Messages that one receive call returns, at most (SQS).
pub const MESSAGES_PER_RECEIVE: usize = 10;

/// Writes to the card table that one lane has in flight, at most.
pub const WRITES_IN_FLIGHT: usize = 25;

/// Cards of inactive holders that one lane ends at once. Each may need a request to the producer.
pub const STOPS_IN_FLIGHT: usize = 8;

/// A drain starts no wave with less time left than this. It covers claim, ask with retries, and mark.
pub const WAVE_TIME: SignedDuration = SignedDuration::from_secs(25);
