//! The project's own tool: `cargo xtask <command>`. A module per command; `main` only dispatches.

mod binaries;
mod chaos;
mod demo;
mod deploy;
mod down;
mod emulator;
mod error;
mod fuzz;
mod invoke;
mod lint;
mod mutants;
mod package;
mod process;
mod stack;
mod test;
mod token;
mod tools;
mod up;
mod users;
mod verify;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Cardwright's own tool",
    version
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play the product's main story on a local stack of its own, step by step.
    Demo,
    /// Build everything and start the production template on this machine.
    Up(up::Args),
    /// Stop what `up` started.
    Down,
    /// Print an access token for the local stack.
    Token(token::Args),
    /// Invoke a function of the local stack with an event.
    Invoke(invoke::Args),
    /// Sample users, and the import of users into the directory.
    #[command(subcommand)]
    Users(users::Command),
    /// Run all tests, with a local stack of their own.
    Test(test::Args),
    /// Send the API requests that nobody would make, on a local stack of its own.
    Fuzz(fuzz::Args),
    /// Kill the functions' processes while orders are on their way, and audit what came of it.
    Chaos(chaos::Args),
    /// Break the code, one small piece at a time, and see whether a test notices.
    Mutants(mutants::Args),
    /// Measure every promise, R1 to R17, and print a line for each.
    Verify(verify::Args),
    /// Check formatting, lints, dependencies, template and API documents.
    Lint,
    /// Build the functions for AWS: one zip per function.
    Package,
}

fn main() -> ExitCode {
    let command = Cli::parse().command;
    match start(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", error::chain(&error));
            ExitCode::FAILURE
        }
    }
}

fn start(command: Command) -> Result<ExitCode, Error> {
    use error::Context;

    // reqwest is built without a TLS provider of its own; this one is the functions' too.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        return Err(Error::Refused(
            "another TLS provider is installed already".into(),
        ));
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .doing("start the async runtime")?
        .block_on(dispatch(command))
}

async fn dispatch(command: Command) -> Result<ExitCode, Error> {
    match command {
        Command::Demo => demo::run().await,
        Command::Up(args) => up::run(args).await,
        Command::Down => down::run().await,
        Command::Token(args) => token::run(args).await,
        Command::Invoke(args) => invoke::run(args).await,
        Command::Users(command) => users::run(command).await,
        Command::Test(args) => test::run(args).await,
        Command::Fuzz(args) => fuzz::run(args).await,
        Command::Chaos(args) => chaos::run(args).await,
        Command::Mutants(args) => mutants::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Lint => lint::run(),
        Command::Package => package::run(),
    }
}
