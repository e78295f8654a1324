//! The production template with the real binaries, by real HTTP. `cargo xtask test` starts the stack.
//!
//! The options are one document for the whole stack, so these tests run one after the other
//! (`.config/nextest.toml`), and each begins by setting the options that it needs.

mod capacity;
mod delivery;
mod privacy;
mod refusals;
mod stack;
mod story;
