//! Counts the requests to AWS and to the producer, each try by itself: what a call costs is shown with
//! its answer.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

static MADE: AtomicU64 = AtomicU64::new(0);
static MADE_TO_PRODUCER: AtomicU64 = AtomicU64::new(0);

/// How many requests to AWS this process has made.
#[must_use]
pub fn made() -> u64 {
    MADE.load(Ordering::Relaxed)
}

/// How many requests to the producer this process has made.
#[must_use]
pub fn made_to_producer() -> u64 {
    MADE_TO_PRODUCER.load(Ordering::Relaxed)
}

#[cfg(feature = "producer")]
pub(crate) fn count_to_producer() {
    MADE_TO_PRODUCER.fetch_add(1, Ordering::Relaxed);
}

/// Sits in every client of AWS.
#[derive(Debug)]
pub(crate) struct CountRequests;

impl Intercept for CountRequests {
    fn name(&self) -> &'static str {
        "CountRequests"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        MADE.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
