//! Every limit of the HTTP edge. Those of values are in the domain, those of pages in the app.

/// Bytes in a body, at most.
pub(crate) const MAX_BODY_BYTES: usize = 16_384;

/// Seconds after which to try again after a 503. A throttled table or a lost connection is well in
/// a second or two.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 2;
