//! The protocol: every use case on the real tables, with whatever can go wrong around them.

mod abort;
mod bureau;
mod decide;
mod drain;
mod email;
mod order;
mod repeat;
pub(crate) mod world;
