//! Which command measures which promise, in the two sizes.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Context, Error};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Size {
    /// Half an hour on two cores.
    Short,
    /// As long as it takes.
    Long,
}

/// One command, and the promises that it prints a row for.
#[derive(Debug)]
pub(super) struct Measurement {
    pub(super) name: &'static str,
    pub(super) rows: Vec<String>,
    pub(super) program: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) env: Vec<(&'static str, String)>,
    /// The command as a person would type it.
    pub(super) shown: String,
}

/// What needs no stack, and what starts one. Whether the emulator is fit to judge comes first.
///
/// # Errors
/// This program's own file was not found.
pub(super) fn all(size: Size) -> Result<(Vec<Measurement>, Vec<Measurement>), Error> {
    let long = size == Size::Long;
    let schedules = if long { "20000000" } else { "1000000" };
    let mutants: &[&str] = if long {
        &["mutants", "--adapters"]
    } else {
        &["mutants", "--recorded"]
    };
    let kills = if long { "5000" } else { "1000" };
    let (rounds, races) = if long {
        ("100000", "10000")
    } else {
        ("10000", "1000")
    };
    let alone = vec![
        tests("emulator", &["R17"], "test(/^adapters::emulator/)", rounds),
        simulator("model", &["R1", "R8"], &["model"]),
        simulator("awaits", &["R3", "R4", "R10"], &["awaits"]),
        simulator("answers", &["R11"], &["answers"]),
        simulator(
            "schedules",
            &["R2", "R5", "R6", "R9", "R13", "R14"],
            &["schedules", "--seed", "1", "--count", schedules],
        ),
        tests("races", &["R7"], "test(/^races::orders::of_fifty/)", races),
        own("mutants", &["R15"], mutants)?,
    ];
    let stack = vec![
        own("fuzz", &["R16"], &["fuzz"])?,
        own(
            "chaos",
            &["R12"],
            &["chaos", "--seed", "1", "--kills", kills],
        )?,
    ];
    Ok((alone, stack))
}

/// The model and the world in memory. They need speed, and build in a minute.
fn simulator(name: &'static str, rows: &[&str], args: &[&str]) -> Measurement {
    let before = ["run", "--release", "--quiet", "-p", "cardwright-sim", "--"];
    let args: Vec<_> = before.iter().chain(args).copied().collect();
    measurement(name, rows, "cargo".into(), &args)
}

/// Another command of this program.
fn own(name: &'static str, rows: &[&str], args: &[&str]) -> Result<Measurement, Error> {
    let program = std::env::current_exe().doing("find this program")?;
    let shown = format!("cargo xtask {}", args.join(" "));
    Ok(Measurement {
        shown,
        ..measurement(name, rows, program, args)
    })
}

/// Tests on the embedded DynamoDB, with more rounds than in each run of all tests.
fn tests(name: &'static str, rows: &[&str], filter: &str, rounds: &str) -> Measurement {
    let args = [
        "nextest",
        "run",
        "--workspace",
        "--no-capture",
        "-E",
        filter,
    ];
    Measurement {
        env: vec![("CARDWRIGHT_ROUNDS", rounds.to_owned())],
        shown: format!(
            "CARDWRIGHT_ROUNDS={rounds} cargo nextest run --profile verify --workspace -E '{filter}'"
        ),
        ..measurement(name, rows, "cargo".into(), &args)
    }
}

fn measurement(name: &'static str, rows: &[&str], program: PathBuf, args: &[&str]) -> Measurement {
    Measurement {
        name,
        rows: rows.iter().map(|row| (*row).to_owned()).collect(),
        shown: format!("{} {}", program.display(), args.join(" ")),
        program,
        args: args.iter().map(OsString::from).collect(),
        env: Vec::new(),
    }
}
