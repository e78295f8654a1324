//! `cargo run --release -p cardwright-sim -- <command>`: proves the protocol, and holds the code against the proof.

mod model;
mod world;

fn main() {}
