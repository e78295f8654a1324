//! `cargo xtask verify`: one line for each promise R1 to R17, with the figure and the command that
//! measured it.
//!
//! A measurement is a command that prints lines of the form `row R7 | ok | <figure> | <target>`, or
//! `short` in the place of `ok`. What it prints besides is kept under `target/verify`. What
//! needs a local stack runs beside what needs none: it mostly waits.

mod measurements;

use std::collections::BTreeMap;
use std::fs::File;
use std::process::{Command, ExitCode};
use std::thread;

use self::measurements::{Measurement, Size};
use crate::error::{Context, Error};
use crate::workspace::Workspace;

/// The promises: R1 to this.
const PROMISES: u32 = 17;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Larger numbers, and all mutants: a day.
    #[arg(long)]
    long: bool,
    /// Measure these promises only, such as R7.
    #[arg(long, value_name = "ROW")]
    only: Vec<String>,
}

/// What was printed for one promise.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    holds: bool,
    figure: String,
    target: String,
    command: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let size = if args.long { Size::Long } else { Size::Short };
    let wanted = |measurement: &Measurement| {
        args.only.is_empty() || measurement.rows.iter().any(|row| args.only.contains(row))
    };
    let (mut alone, mut on_stack) = measurements::all(size)?;
    alone.retain(wanted);
    on_stack.retain(wanted);

    let promised = |row: &&String| (1..=PROMISES).any(|number| **row == format!("R{number}"));
    if let Some(unknown) = args.only.iter().find(|row| !promised(row)) {
        return Err(Error::Refused(format!(
            "{unknown} is none of R1 to R{PROMISES}"
        )));
    }
    let folder = workspace.target.join("verify");
    std::fs::create_dir_all(&folder).doing(format!("make {}", folder.display()))?;
    let mut rows = thread::scope(|scope| {
        let beside = scope.spawn(|| measure(&workspace, &on_stack));
        let mut rows = measure(&workspace, &alone);
        // A lane that panicked has no rows, and what is missing below is short.
        rows.extend(beside.join().unwrap_or_default());
        rows
    });

    let mut holds = true;
    let asked: Vec<_> = alone
        .iter()
        .chain(&on_stack)
        .flat_map(|m| &m.rows)
        .collect();
    for number in 1..=PROMISES {
        let name = format!("R{number}");
        if !args.only.is_empty() && !asked.contains(&&name) {
            continue;
        }
        let row = rows.remove(&name).unwrap_or_else(Row::missing);
        let verdict = if row.holds { "ok" } else { "short" };
        println!(
            "{name} {verdict} {} [{}] `{}`",
            row.figure, row.target, row.command
        );
        holds &= row.holds;
    }
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs one measurement after the other; gives the rows that they printed.
fn measure(workspace: &Workspace, measurements: &[Measurement]) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    for measurement in measurements {
        eprintln!("--- {} ({})", measurement.name, measurement.rows.join(", "));
        match output(workspace, measurement) {
            Ok((printed, succeeded)) => {
                let mut printed_rows = BTreeMap::new();
                add(&mut printed_rows, &printed, &measurement.shown);
                rows.extend(held(printed_rows, succeeded));
            }
            Err(error) => eprintln!("{}: {}", measurement.name, crate::error::chain(&error)),
        }
    }
    rows
}

/// All that the command printed, and whether it succeeded.
fn output(workspace: &Workspace, measurement: &Measurement) -> Result<(String, bool), Error> {
    let file = workspace
        .target
        .join("verify")
        .join(format!("{}.log", measurement.name));
    let doing = || format!("write {}", file.display());
    let log = File::create(&file).doing(doing())?;
    let errors = log.try_clone().doing(doing())?;
    let status = Command::new(&measurement.program)
        .args(&measurement.args)
        .envs(measurement.env.iter().cloned())
        .current_dir(&workspace.root)
        .stdout(log)
        .stderr(errors)
        .status()
        .doing(format!("start {}", measurement.name))?;
    if !status.success() {
        eprintln!(
            "{} ended with {status}; see {}",
            measurement.name,
            file.display()
        );
    }
    let printed = std::fs::read(&file).doing(format!("read {}", file.display()))?;
    Ok((
        String::from_utf8_lossy(&printed).into_owned(),
        status.success(),
    ))
}

/// A command that fails although each of its rows is good has found something that no row is about.
fn held(mut rows: BTreeMap<String, Row>, succeeded: bool) -> BTreeMap<String, Row> {
    if !succeeded && rows.values().all(|row| row.holds) {
        for row in rows.values_mut() {
            row.holds = false;
            row.figure.push_str(" (but the command failed)");
        }
    }
    rows
}

/// A promise that several measurements attack holds if all of them say so.
fn add(rows: &mut BTreeMap<String, Row>, printed: &str, command: &str) {
    for (name, row) in printed.lines().filter_map(|line| parse(line, command)) {
        match rows.remove(&name) {
            None => drop(rows.insert(name, row)),
            Some(before) => drop(rows.insert(name, before.and(row))),
        }
    }
}

/// Test runners indent what tests print.
fn parse(line: &str, command: &str) -> Option<(String, Row)> {
    let mut parts = line.trim().strip_prefix("row ")?.split('|').map(str::trim);
    let name = parts.next()?.to_owned();
    let holds = match parts.next()? {
        "ok" => true,
        "short" => false,
        _ => return None,
    };
    let mut text = || parts.next().map(str::to_owned);
    let (figure, target) = (text()?, text()?);
    let command = command.to_owned();
    Some((
        name,
        Row {
            holds,
            figure,
            target,
            command,
        },
    ))
}

impl Row {
    fn missing() -> Self {
        Self {
            holds: false,
            figure: "nothing was measured; see target/verify".into(),
            target: "a figure".into(),
            command: "cargo xtask verify".into(),
        }
    }

    fn and(self, other: Self) -> Self {
        let both = |mine: String, others: &str| {
            if mine.contains(others) {
                mine
            } else {
                format!("{mine}; {others}")
            }
        };
        Self {
            holds: self.holds && other.holds,
            figure: both(self.figure, &other.figure),
            target: both(self.target, &other.target),
            command: both(self.command, &other.command),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(printed: &str) -> BTreeMap<String, Row> {
        let mut rows = BTreeMap::new();
        add(&mut rows, printed, "c");
        rows
    }

    #[test]
    fn a_row_is_read_from_whatever_surrounds_it() {
        let rows =
            read("noise\n    row R7 | ok | 1 winner in 1,000 rounds | exactly 1\nrow R8 | no\n");
        let expected = Row {
            holds: true,
            figure: "1 winner in 1,000 rounds".into(),
            target: "exactly 1".into(),
            command: "c".into(),
        };
        assert_eq!(rows, BTreeMap::from([("R7".to_owned(), expected)]));
    }

    #[test]
    fn a_command_that_fails_makes_its_good_rows_short() {
        let rows = || read("row R2 | ok | 0 | 0\nrow R5 | ok | 0 | 0");
        assert!(held(rows(), true).values().all(|row| row.holds));
        assert!(held(rows(), false).values().all(|row| !row.holds));
    }

    #[test]
    fn a_promise_holds_only_if_every_measurement_says_so() {
        let rows = read("row R3 | ok | 0 | 0\nrow R3 | short | 2 | 0\nrow R3 | ok | 0 | 0");
        assert!(!rows["R3"].holds);
        assert_eq!(rows["R3"].figure, "0; 2");
    }
}
