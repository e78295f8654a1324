//! The production template with the real binaries, by real HTTP. `cargo xtask test` starts the stack.
//!
//! The options are one document for the whole stack, so these tests run one after the other
//! (`.config/nextest.toml`), and each begins by setting the options that it needs.

mod after_production;
mod bulk;
mod capacity;
mod decide;
mod delivery;
mod emulator;
mod floods;
mod options;
mod privacy;
mod producer_events;
mod races;
mod refresh;
mod refusals;
mod repeat;
mod runbooks;
mod self_service;
mod stack;
mod story;
mod sync;
