//! The system's clock and source of chance: the only place that asks for either.

use cardwright_app::ports::{Clock, Tokens};
use cardwright_domain::ids::ClaimToken;
use cardwright_domain::time::Time;
use jiff::Timestamp;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Time {
        Time::new(timestamp())
    }
}

impl Tokens for System {
    /// 122 random bits from the operating system: no two workers ever hold the same token.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the chance that others get injected"
    )]
    fn claim_token(&self) -> ClaimToken {
        ClaimToken(Uuid::new_v4())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that others get injected"
)]
pub(crate) fn timestamp() -> Timestamp {
    Timestamp::now()
}
