//! `cargo run --release -p cardwright-sim -- <command>`: proves the protocol, and holds the code against the proof.

mod commands;
mod harness;
mod model;
mod transition;
mod world;

use std::process::ExitCode;

use clap::Parser;

use self::commands::{answers, awaits, model as model_command, replay, schedules};

#[derive(Debug, Parser)]
enum Command {
    /// Explores the model of the protocol, and every broken variant of it.
    Model(model_command::Args),
    /// Runs the use cases on a million seeded schedules with faults.
    Schedules(schedules::Args),
    /// Lets every use case die at every await, and aborts orders at every await.
    Awaits(awaits::Args),
    /// Plays every fault at every call of every use case.
    Answers(answers::Args),
    /// Prints the timeline of one schedule.
    Replay(replay::Args),
}

fn main() -> ExitCode {
    let ok = match Command::parse() {
        Command::Model(args) => model_command::run(&args),
        Command::Schedules(args) => schedules::run(&args),
        Command::Awaits(args) => awaits::run(&args),
        Command::Answers(args) => answers::run(&args),
        Command::Replay(args) => replay::run(&args),
    };
    if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
