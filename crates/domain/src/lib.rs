//! The values and rules of Cardwright: who may hold a card, how a card lives, what is frozen at order time.
//!
//! Architecture invariant: nothing here does I/O, reads a clock, makes a random number or awaits.
//! Values go in and values come out; the time is a parameter.

pub mod card;
pub mod email;
pub mod ids;
pub mod limits;
pub mod mapping;
pub mod options;
pub mod order_status;
#[cfg(test)]
mod parsers;
pub mod production_type;
pub mod refusal;
pub mod search;
pub mod sign_in;
pub mod time;
pub mod user;
