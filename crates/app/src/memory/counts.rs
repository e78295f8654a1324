//! What is counted: the events that `crates/aws` turns into metrics.

use std::future::Future;
use std::sync::{Arc, Mutex};

use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use super::answer;

/// What a use case answers, and what it counted meanwhile.
#[track_caller]
pub(crate) fn counted<T>(use_case: impl Future<Output = T>) -> (T, Vec<(String, u64)>) {
    let counts = Counts::default();
    let subscriber = Registry::default().with(counts.clone());
    let answer = tracing::subscriber::with_default(subscriber, || answer(use_case));
    let mut counts = counts.0.lock().unwrap().clone();
    counts.sort();
    (answer, counts)
}

/// Holds that exactly these were counted, sorted by name.
#[track_caller]
pub(crate) fn check_counts(counts: &[(String, u64)], expected: &[(&str, u64)]) {
    let counts: Vec<_> = counts.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    assert_eq!(counts, expected);
}

#[derive(Debug, Default, Clone)]
struct Counts(Arc<Mutex<Vec<(String, u64)>>>);

impl<S: tracing::Subscriber> Layer<S> for Counts {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "metric" {
            let mut count = Count::default();
            event.record(&mut count);
            self.0.lock().unwrap().push((count.0, count.1));
        }
    }
}

#[derive(Default)]
struct Count(String, u64);

impl tracing::field::Visit for Count {
    fn record_str(&mut self, _: &tracing::field::Field, name: &str) {
        name.clone_into(&mut self.0);
    }

    fn record_u64(&mut self, _: &tracing::field::Field, value: u64) {
        self.1 = value;
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
}
