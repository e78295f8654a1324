//! All tests that need more than one crate, as one binary: `cargo nextest run -p cardwright-tests`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod adapters;
mod architecture;
mod authorization;
mod contract;
mod documents;
mod e2e;
mod events;
mod fuzz;
mod parsers;
mod protocol;
mod races;
mod support;
