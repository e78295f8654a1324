//! `cargo xtask mutants`: breaks the code, one small piece at a time, and sees whether a test notices.
//!
//! The domain and the use cases are held by their own tests, which build in seconds. For the adapters and
//! the HTTP edge a crate's own tests judge first, and what they miss goes to the tests that link the AWS
//! SDK. The local stack is no judge of mutants, because it runs binaries of another build.
//!
//! This takes hours, so `docs/mutants.json` records what was seen, and for which sources: `verify` believes
//! the record as long as these have not changed.

mod record;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use self::record::{Outcome, Record, Sources};
use crate::error::{Context, Error};
use crate::tools;
use crate::workspace::Workspace;

const CARGO_MUTANTS_VERSION: &str = "27.1.0";

/// Where cargo-mutants writes, below its output folder.
const LAST: &str = "mutants.out";

/// How long the tests of one mutant may take before they count as running on for ever.
const TEST_TIMEOUT_SECONDS: &str = "300";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Try the adapters and the HTTP edge as well: hours.
    #[arg(long)]
    adapters: bool,
    /// Try only what was missed or not reached before, and what lies in files that have changed since.
    /// Believes that no test was taken away.
    #[arg(long)]
    iterate: bool,
    /// Try none: show the record, if it is of these sources.
    #[arg(long, conflicts_with_all = ["adapters", "iterate"])]
    recorded: bool,
}

const DOMAIN: Attempt = Attempt {
    name: "domain",
    sources: &["crates/domain/src"],
    judges: &[Judge {
        tests: "cardwright-domain",
        filter: "all()",
        leaves: &[],
    }],
};

const APP: Attempt = Attempt {
    name: "app",
    sources: &["crates/app/src"],
    judges: &[Judge {
        tests: "cardwright-app",
        filter: "all()",
        leaves: &[],
    }],
};

const API: Attempt = Attempt {
    name: "api",
    sources: &["crates/api/src", "tests/tests", "infra", "events"],
    judges: &[
        Judge {
            tests: "cardwright-api",
            filter: "all()",
            leaves: &[],
        },
        Judge {
            tests: "cardwright-tests",
            filter: "test(/^(authorization|contract|events|fuzz|parsers)::/)",
            leaves: &[],
        },
    ],
};

const AWS: Attempt = Attempt {
    name: "aws",
    sources: &["crates/aws/src", "tests/tests"],
    judges: &[
        Judge {
            tests: "cardwright-aws",
            filter: "all()",
            leaves: &["crates/aws/src/dynamodb/**"],
        },
        Judge {
            tests: "cardwright-tests",
            filter: "test(/^(adapters|protocol)::/) - test(/::(emulator|search_cost)::/)",
            leaves: &[],
        },
    ],
};

pub(crate) fn run(args: &Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let mut record = Record::read(&workspace)?;
    if !args.recorded {
        let tool = tools::cargo_tool(&workspace, "cargo-mutants", CARGO_MUTANTS_VERSION)?;
        let attempts: &[&Attempt] = if args.adapters {
            &[&DOMAIN, &APP, &API, &AWS]
        } else {
            &[&DOMAIN, &APP]
        };
        for attempt in attempts {
            let sources = record::committed(&workspace, attempt)?.ok_or_else(|| {
                let folders = attempt.sources.join(" or ");
                Error::Refused(format!(
                    "commit what changed in {folders}: the record names it"
                ))
            })?;
            let outcome = attempt.run(&workspace, &tool, &sources, args.iterate)?;
            if record::committed(&workspace, attempt)?.as_ref() != Some(&sources) {
                let name = attempt.name;
                let text = format!("the sources of {name} changed while its mutants were tried");
                return Err(Error::Refused(text));
            }
            record.put(&workspace, attempt, sources, outcome)?;
        }
    }
    let row = record.row(&workspace, [&DOMAIN, &APP], [&API, &AWS])?;
    println!("row R15 | {row}");
    Ok(if row.holds() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A crate to break, and who has to notice.
#[derive(Debug)]
struct Attempt {
    name: &'static str,
    /// What the outcome depends on: the code that is broken, and the tests.
    sources: &'static [&'static str],
    judges: &'static [Judge],
}

/// Tests that are shown the mutants that the judges before them have missed.
#[derive(Debug)]
struct Judge {
    tests: &'static str,
    filter: &'static str,
    /// Files that these tests know nothing of.
    leaves: &'static [&'static str],
}

impl Judge {
    /// Tests that fail anyway would notice every mutant.
    fn holds_unbroken(&self, workspace: &Workspace) -> Result<(), Error> {
        // The copy that is broken has the same names and older files: what was built of its last mutant would
        // pass for fresh.
        let mut clean = Command::new("cargo");
        clean
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", build_folder(workspace))
            .args(["clean", "--quiet", "--workspace"]);
        tools::run(&mut clean)?;
        let mut command = Command::new("cargo");
        command
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", build_folder(workspace))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .args(["nextest", "run", "--all-features", "--package", self.tests])
            .args(["-E", self.filter]);
        tools::run(&mut command)
    }
}

impl Attempt {
    fn run(
        &self,
        workspace: &Workspace,
        tool: &Path,
        sources: &Sources,
        iterate: bool,
    ) -> Result<Outcome, Error> {
        let folder = workspace.target.join("verify/mutants").join(self.name);
        let mut caught = List::new(&folder, "caught.txt");
        let mut unviable = List::new(&folder, "unviable.txt");
        if iterate {
            let changed = record::changed(workspace, &folder, sources)?;
            caught.read_except(&changed)?;
            unviable.read_except(&changed)?;
        } else if folder.exists() {
            std::fs::remove_dir_all(&folder).doing(format!("remove {}", folder.display()))?;
        }
        let last = folder.join(LAST);
        std::fs::create_dir_all(&last).doing(format!("make {}", last.display()))?;
        // The lists are of these sources before it is noted that they are.
        caught.write()?;
        unviable.write()?;
        record::note(&folder, sources)?;
        for judge in self.judges {
            judge.holds_unbroken(workspace)?;
            // What cargo-mutants passes over; it would read these other lists as well.
            let settled = caught.text() + &unviable.text();
            write(&last.join("previously_caught.txt"), &settled)?;
            self.show(workspace, tool, judge, &folder)?;
            caught.extend(lines(&caught.last)?);
            unviable.extend(lines(&unviable.last)?);
            caught.write()?;
            unviable.write()?;
        }
        Ok(Outcome {
            caught: caught.mutants.len(),
            missed: lines(&last.join("missed.txt"))?.len(),
            // A test that runs on for ever has noticed as well.
            timeout: lines(&last.join("timeout.txt"))?.len(),
            unviable: unviable.mutants.len(),
        })
    }

    fn show(
        &self,
        workspace: &Workspace,
        tool: &Path,
        judge: &Judge,
        folder: &Path,
    ) -> Result<(), Error> {
        let mut command = Command::new(tool);
        command
            .current_dir(&workspace.root)
            .env("CARGO_TARGET_DIR", build_folder(workspace))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // Mutants that an earlier judge noticed, or that do not build, are not tried again.
            .args(["mutants", "--iterate", "--no-shuffle", "--test-tool"])
            // Its own guess of a time limit is made from the tests of the broken package alone.
            .args(["nextest", "--timeout", TEST_TIMEOUT_SECONDS])
            // It would show the unbroken code to the broken package's own tests alone.
            .args(["--baseline", "skip"])
            .args(["--colors", "never", "--output"])
            .arg(folder)
            .args(["--package", &format!("cardwright-{}", self.name)])
            // Alone, a crate would be built without what other crates ask of it.
            .arg("--all-features")
            .args(["--test-package", judge.tests]);
        for files in judge.leaves {
            command.args(["--exclude", files]);
        }
        // The first test that notices is enough.
        command.args(["--", "--fail-fast", "-E", judge.filter]);
        let status = command.status().doing("start cargo-mutants")?;
        // 2 and 3 say that some were missed or ran on for ever; the files say which.
        if matches!(status.code(), Some(0 | 2 | 3)) {
            return Ok(());
        }
        let name = self.name;
        Err(Error::Refused(format!("cargo-mutants on {name}: {status}")))
    }
}

/// Outside the copy that is broken, so that the dependencies are built once.
fn build_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("verify/mutants/build")
}

/// Mutants of all runs; cargo-mutants lists those of the last one.
#[derive(Debug)]
struct List {
    file: PathBuf,
    /// The same of the last run, as cargo-mutants keeps it.
    last: PathBuf,
    mutants: BTreeSet<String>,
}

impl List {
    fn new(folder: &Path, name: &str) -> Self {
        Self {
            file: folder.join(name),
            last: folder.join(LAST).join(name),
            mutants: BTreeSet::new(),
        }
    }

    /// The mutants of former runs, except those in files that have changed.
    fn read_except(&mut self, changed: &BTreeSet<String>) -> Result<(), Error> {
        let unchanged = |mutant: &String| {
            let file = mutant.split_once(':').map(|(file, _)| file);
            file.is_some_and(|file| !changed.contains(file))
        };
        let mut former = lines(&self.file)?;
        // What a run that was broken off has come to is in the tool's own lists alone.
        former.extend(lines(&self.last)?);
        self.extend(former.into_iter().filter(unchanged));
        Ok(())
    }

    fn extend(&mut self, mutants: impl IntoIterator<Item = String>) {
        self.mutants.extend(mutants);
    }

    fn text(&self) -> String {
        self.mutants
            .iter()
            .map(|line| format!("{line}\n"))
            .collect()
    }

    /// The tool's own list begins anew.
    fn write(&self) -> Result<(), Error> {
        write(&self.file, &self.text())?;
        write(&self.last, "")
    }
}

fn write(file: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(file, text).doing(format!("write {}", file.display()))
}

fn lines(file: &Path) -> Result<BTreeSet<String>, Error> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error).doing(format!("read {}", file.display())),
    }
}
