//! `cargo xtask users`: sample users, and the import of users into the directory.

mod blocks;
mod csv_records;
pub(crate) mod generate;
mod identity;
pub(crate) mod import;
mod json_lines;
mod names;
#[cfg(test)]
mod parsers;
mod people;
mod progress;
mod records;
mod source;
mod target;
pub(crate) mod well_known;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write sample users with names of many languages, as JSON Lines.
    Generate(generate::Args),
    /// Write users into the directory, from CSV with a header or from JSON Lines, in UTF-8.
    ///
    /// Columns and members are userId, state, commonName, givenName, familyName, upn, email,
    /// employeeNumber and department; only commonName is required. The name's end says the format
    /// (.csv, .jsonl, .ndjson), and else the first byte does: `{` begins JSON Lines.
    ///
    /// A record without userId gets one that is made of the first of employeeNumber, upn and email
    /// that it has. So an import that is repeated, whole or in part, changes the same people and
    /// doubles nobody. A record with none of them is known by its line in this very file.
    ///
    /// A record that is refused is reported by its line on the standard error, and the others go
    /// on. The exit code is 1 then. A user who gets a UPN that somebody else has as well is stored and
    /// reported by their id. An import that was broken off goes on where it stopped when it is run again.
    Import(import::Args),
}

pub(crate) async fn run(command: Command) -> Result<ExitCode, Error> {
    match command {
        Command::Generate(args) => generate::run(&args),
        Command::Import(args) => import::run(args).await,
    }
}
