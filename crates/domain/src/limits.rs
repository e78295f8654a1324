//! Every limit of the values, each with its reason.

use jiff::SignedDuration;

/// Characters in a user id, a production type's id or a producer's order id, at most.
pub const MAX_ID_CHARS: usize = 64;

/// Characters in a caller's name, at most.
pub const MAX_ACTOR_CHARS: usize = 256;

/// Characters in an Idempotency-Key, at most.
pub const MAX_IDEMPOTENCY_KEY_CHARS: usize = 255;

/// Characters in the id of a producer's event, at most.
pub const MAX_EVENT_ID_CHARS: usize = 128;

/// Characters in a name, user principal name, number or department, at most.
pub const MAX_ATTRIBUTE_CHARS: usize = 256;

/// Characters in an email address, at most (RFC 5321, section 4.5.3.1.3).
pub const MAX_EMAIL_CHARS: usize = 254;

/// Bytes before the `@` of an email address, at most (RFC 5321, section 4.5.3.1.1).
pub(crate) const MAX_EMAIL_LOCAL_BYTES: usize = 64;

/// How often an email is tried to which the mail service gives no clear answer. Each try may have
/// sent it, so this is also how many a holder gets at most.
pub const MAX_EMAIL_TRIES: u32 = 5;

/// How long an email waits after the lease of each try that got no clear answer, in ascending order.
/// Together they outlast one silence of the mail service of seven hours.
pub const EMAIL_WAITS: [SignedDuration; MAX_EMAIL_TRIES as usize - 1] = [
    SignedDuration::ZERO,
    SignedDuration::ZERO,
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(6),
];

/// Characters that a query needs, after folding.
pub const MIN_QUERY_CHARS: usize = 2;

/// Characters in a query, at most.
pub const MAX_QUERY_CHARS: usize = 100;

/// Characters at the start of a key that choose the bucket.
pub(crate) const BUCKET_CHARS: usize = MIN_QUERY_CHARS;

/// Words of a name that may come first or second in a query; a longer name is found by its first
/// ones.
pub(crate) const MAX_LEADING_WORDS: usize = 5;

/// Characters of an entry's text, at most. DynamoDB allows a sort key of 1,024 bytes.
pub(crate) const MAX_KEY_CHARS: usize = 200;

/// Characters in the name of a production type, at most.
pub const MAX_NAME_CHARS: usize = 100;

/// Production types, at most.
pub const MAX_PRODUCTION_TYPES: usize = 20;

/// Minutes in which no drain takes a card, at most: a week.
pub const MAX_HOLD_MINUTES: u32 = 7 * 24 * 60;

/// Days in which an activated card is valid where the production type says nothing: five years.
pub const DEFAULT_VALIDITY_DAYS: u32 = 5 * 365;

/// Days in which an activated card is valid, at most: ten years.
pub const MAX_VALIDITY_DAYS: u32 = 10 * 365;

/// Characters in the text of a card field, at most. With [`MAX_FIELDS`] of them a card stays far below
/// the 400 KB of an item.
pub const MAX_FIELD_CHARS: usize = 500;

/// Characters that describe a set of characters, at most.
pub const MAX_CHARACTER_SET_CHARS: usize = 200;

/// Texts that a rule lists for a field, at most.
pub const MAX_VALUES: usize = 100;

/// Fields on a card, at most.
pub const MAX_FIELDS: usize = 50;

/// Characters in a template, at most.
pub const MAX_TEMPLATE_CHARS: usize = 500;

/// Characters in the name of a card field, at most.
pub const MAX_FIELD_NAME_CHARS: usize = 40;

/// Characters in a comment or a reason that people give, at most.
pub const MAX_REASON_CHARS: usize = 500;
