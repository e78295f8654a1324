//! `cargo xtask users generate`: sample users as JSON Lines, always the same for a seed.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::people::People;
use crate::error::{Context, Error};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many users. The first ones are people that examples count on, such as Anna Lindqvist.
    #[arg(long, value_name = "N")]
    count: usize,
    /// Decides everything that looks random; fewer users of a seed are the first ones of more.
    #[arg(long, value_name = "S")]
    seed: u64,
    /// Where to write them; `-` is the standard output.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Error> {
    if args.out.as_os_str() == "-" {
        write(std::io::stdout().lock(), args.count, args.seed)?;
    } else {
        write_file(&args.out, args.count, args.seed)?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn write_file(file: &Path, count: usize, seed: u64) -> Result<(), Error> {
    write(
        File::create(file).doing(format!("write {}", file.display()))?,
        count,
        seed,
    )
}

fn write(out: impl Write, count: usize, seed: u64) -> Result<(), Error> {
    let mut out = BufWriter::new(out);
    for user in People::of_seed(seed).take(count) {
        serde_json::to_writer(&mut out, &user).doing("write a user")?;
        out.write_all(b"\n").doing("write a user")?;
    }
    out.flush().doing("write the users")
}
