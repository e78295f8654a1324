//! `cargo run --release -p cardwright-sim -- <command>`: proves the protocol, and holds the code against the proof.

mod commands;
mod model;
mod transition;
mod world;

use std::process::ExitCode;

use clap::Parser;

use self::commands::{replay, schedules};

#[derive(Debug, Parser)]
enum Command {
    /// Runs the use cases on a million seeded schedules with faults.
    Schedules(schedules::Args),
    /// Prints the timeline of one schedule.
    Replay(replay::Args),
}

fn main() -> ExitCode {
    let ok = match Command::parse() {
        Command::Schedules(args) => schedules::run(&args),
        Command::Replay(args) => replay::run(&args),
    };
    if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
