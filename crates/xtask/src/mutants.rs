//! `cargo xtask mutants`: breaks the code, one small piece at a time, and sees whether a test notices.
//!
//! Domain and app are held by their own tests and those of the simulator, which build in seconds. The
//! adapters and the HTTP edge need the AWS SDK and all tests but those of the local stack: hours.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde::Deserialize;

use crate::error::{Context, Error};
use crate::tools;
use crate::workspace::Workspace;

const CARGO_MUTANTS_VERSION: &str = "27.1.0";

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
    fn tried(&self) -> u32 {
        self.missed + self.caught + self.timeout
    }

    /// A test that runs on for ever has noticed as well.
    fn noticed(&self) -> u32 {
        self.caught + self.timeout
    }

    fn caught_enough(&self) -> bool {
        self.noticed() * 100 >= self.tried() * ADAPTERS_CAUGHT_PERCENT
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let tool = tools::cargo_tool(&workspace, "cargo-mutants", CARGO_MUTANTS_VERSION)?;
    let shard = args.shard.as_deref();
    let inner = ["cardwright-domain", "cardwright-app"];
    let by = ["cardwright-domain", "cardwright-app", "cardwright-sim"];
    let rules = attempt(&workspace, &tool, "rules", &inner, &by, shard)?;
    let mut holds = rules.missed == 0;
    let part = shard.map_or_else(String::new, |part| format!(" (part {part})"));
    let mut figure = format!(
        "{} missed of {}{part} in domain and app",
        rules.missed,
        rules.tried()
    );
    if args.adapters {
        let outer = ["cardwright-aws", "cardwright-api"];
        let by = ["cardwright-aws", "cardwright-api", "cardwright-tests"];
        let adapters = attempt(&workspace, &tool, "adapters", &outer, &by, shard)?;
        holds &= adapters.caught_enough();
        let (noticed, tried) = (adapters.noticed(), adapters.tried());
        figure = format!("{figure}; {noticed} of {tried} caught in aws and api");
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

fn attempt(
    workspace: &Workspace,
    tool: &Path,
    name: &str,
    packages: &[&str],
    tests: &[&str],
    shard: Option<&str>,
) -> Result<Outcomes, Error> {
    let folder = workspace.target.join("mutants").join(name);
    std::fs::create_dir_all(&folder).doing(format!("make {}", folder.display()))?;
    let mut command = Command::new(tool);
    command
        .current_dir(&workspace.root)
        .args([
            "mutants",
            "--no-shuffle",
            "--test-tool",
            "nextest",
            "--colors",
            "never",
        ])
        .arg("--output")
        .arg(&folder);
    for package in packages {
        command.args(["--package", package]);
    }
    command.arg("--test-package").arg(tests.join(","));
    if let Some(shard) = shard {
        command.args(["--shard", shard]);
    }
    // The local stack is no judge of mutants: it runs binaries of another build.
    command.args(["--", "-E", "not test(/^e2e::/)"]);
    // Its exit code says whether all were caught; the file says how many.
    command.status().doing("start cargo-mutants")?;
    let file: PathBuf = folder.join("mutants.out/outcomes.json");
    let text = std::fs::read(&file).doing(format!("read {}", file.display()))?;
    serde_json::from_slice(&text).doing(format!("read {}", file.display()))
}
