//! `cargo xtask mutants`: breaks the code, one small piece at a time, and sees whether a test notices.
//!
//! The domain and the use cases are held by their own tests, which build in seconds. The adapters and the
//! HTTP edge need the AWS SDK and the tests that stand on it: hours. The local stack is no judge of
//! mutants, because it runs binaries of another build.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::Deserialize;

use crate::error::{Context, Error};
use crate::tools;
use crate::workspace::Workspace;

const CARGO_MUTANTS_VERSION: &str = "27.1.0";

/// How long the tests of one mutant may take before they count as running on for ever.
const TEST_TIMEOUT_SECONDS: &str = "600";

/// Mutants of the adapters that tests must notice, in percent.
const ADAPTERS_CAUGHT_PERCENT: u32 = 95;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Try a part only, such as 0/8: the first of eight.
    #[arg(long, value_name = "PART")]
    shard: Option<String>,
    /// Try the adapters and the HTTP edge as well.
    #[arg(long)]
    adapters: bool,
}

/// What cargo-mutants writes at its end. A mutant that does not build counts nowhere.
#[derive(Debug, Deserialize)]
struct Outcomes {
    missed: u32,
    caught: u32,
    timeout: u32,
}

impl Outcomes {
    fn and(&self, other: &Self) -> Self {
        Self {
            missed: self.missed + other.missed,
            caught: self.caught + other.caught,
            timeout: self.timeout + other.timeout,
        }
    }

    fn tried(&self) -> u32 {
        self.missed + self.caught + self.timeout
    }

    /// A test that runs on for ever has noticed as well.
    fn noticed(&self) -> u32 {
        self.caught + self.timeout
    }

    fn caught_enough(&self) -> bool {
        self.tried() > 0 && self.noticed() * 100 >= self.tried() * ADAPTERS_CAUGHT_PERCENT
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let tool = tools::cargo_tool(&workspace, "cargo-mutants", CARGO_MUTANTS_VERSION)?;
    let shard = args.shard.as_deref();
    let part = shard.map_or_else(String::new, |part| format!(" (part {part})"));
    let domain = Attempt {
        name: "domain",
        packages: &["cardwright-domain"],
        tests: &["cardwright-domain"],
        filter: "all()",
    };
    let app = Attempt {
        name: "app",
        packages: &["cardwright-app"],
        tests: &["cardwright-app"],
        filter: "all()",
    };
    let aws = Attempt {
        name: "aws",
        packages: &["cardwright-aws"],
        tests: &["cardwright-aws", "cardwright-tests"],
        filter: "package(cardwright-aws) | test(/^(adapters|protocol)::/) - test(/::(emulator|search_cost)::/)",
    };
    let api = Attempt {
        name: "api",
        packages: &["cardwright-api"],
        tests: &["cardwright-api", "cardwright-tests"],
        filter: "not test(/^(e2e|adapters|protocol|races)::/)",
    };
    let domain = domain.run(&workspace, &tool, shard)?;
    let app = app.run(&workspace, &tool, shard)?;
    let missed = domain.missed + app.missed;
    let tried = domain.tried() + app.tried();
    // A part shows what it shows, and not the whole.
    let mut holds = missed == 0 && tried > 0 && shard.is_none() && args.adapters;
    let mut figure = format!("{missed} missed of {tried}{part} in domain and app");
    if args.adapters {
        let adapters = api
            .run(&workspace, &tool, shard)?
            .and(&aws.run(&workspace, &tool, shard)?);
        holds &= adapters.caught_enough();
        let (noticed, tried) = (adapters.noticed(), adapters.tried());
        figure = format!("{figure}; {noticed} of {tried}{part} caught in aws and api");
    }
    let verdict = if holds { "ok" } else { "short" };
    let target = format!("0 missed; aws and api >= {ADAPTERS_CAUGHT_PERCENT}% caught");
    println!("row R15 | {verdict} | {figure} | {target}");
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Crates to break, and the tests that have to notice.
struct Attempt {
    name: &'static str,
    packages: &'static [&'static str],
    tests: &'static [&'static str],
    filter: &'static str,
}

impl Attempt {
    fn run(
        &self,
        workspace: &Workspace,
        tool: &Path,
        shard: Option<&str>,
    ) -> Result<Outcomes, Error> {
        let mutants = workspace.target.join("verify/mutants");
        let folder = mutants.join(self.name);
        std::fs::create_dir_all(&folder).doing(format!("make {}", folder.display()))?;
        let mut command = Command::new(tool);
        command
            .current_dir(&workspace.root)
            // Outside the copy that is broken, so that the dependencies are built once.
            .env("CARGO_TARGET_DIR", mutants.join("build"))
            .args(["mutants", "--no-shuffle", "--test-tool", "nextest"])
            // Its own guess is made from the tests of the broken package alone.
            .args(["--timeout", TEST_TIMEOUT_SECONDS])
            .args(["--colors", "never", "--output"])
            .arg(&folder);
        for package in self.packages {
            command.args(["--package", package]);
        }
        command.arg("--test-package").arg(self.tests.join(","));
        if let Some(shard) = shard {
            command.args(["--sharding", "round-robin", "--shard", shard]);
        }
        command.args(["--", "-E", self.filter]);
        let status = command.status().doing("start cargo-mutants")?;
        // 2 and 3 say that some were missed or ran on for ever; the file says how many.
        if !matches!(status.code(), Some(0 | 2 | 3)) {
            let name = self.name;
            return Err(Error::Refused(format!("cargo-mutants on {name}: {status}")));
        }
        let file: PathBuf = folder.join("mutants.out/outcomes.json");
        let text = std::fs::read(&file).doing(format!("read {}", file.display()))?;
        serde_json::from_slice(&text).doing(format!("read {}", file.display()))
    }
}
