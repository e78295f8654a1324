//! The simulator over real HTTP; each of its answers is held against `infra/producer-api.yaml`.

#![expect(
    clippy::unwrap_used,
    reason = "in the tests' own helpers a failed step is a failed test"
)]

mod contract;
mod customer;
mod events;
mod faults;
mod harness;
mod limits;
mod orders;
mod program;
