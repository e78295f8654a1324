//! Every limit of the HTTP edge. Those of values are in the domain, those of pages in the app.

use std::time::Duration;

/// How long a route may take. Shorter than the functions' time limit (10 s in the template), so that
/// a caller gets an answer of ours and not the gateway's when every service behind us is slow.
pub(crate) const ROUTE_TIME: Duration = Duration::from_secs(9);

/// Bytes in a body, at most.
pub(crate) const MAX_BODY_BYTES: usize = 16_384;

/// How far the timestamp of a signed request may be from now, in seconds. Longer than clocks differ and
/// networks delay; an older request may be somebody's who has listened.
pub(crate) const WEBHOOK_TOLERANCE_SECONDS: u64 = 300;

/// Seconds after which to try again after a 503. A throttled table or a lost connection is well in
/// a second or two.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 2;
