//! `cargo xtask fuzz`: requests that nobody would make, to the running API and to its edge (R16).
//!
//! Two ways, because each sees what the other can't. *schemathesis* makes requests from
//! `infra/api.yaml` and sends them by HTTP to a local stack of its own, with real tokens; a request
//! takes the emulator some 55 ms, so these are thousands. The *property test* of the edge
//! (`tests/tests/fuzz`) takes the gateway and the tables away and makes as many as one likes.

mod callers;
mod schemathesis;

use std::process::ExitCode;

use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::tools::Tools;
use crate::workspace::{StackFolder, Workspace};
use crate::{down, up, users};

/// Users to find, to order for, and to run into.
const SAMPLE_USERS: usize = 200;

/// Cases that the scorecard asks for. Fewer of them, however good, leave the row short.
const WANTED_CASES: u64 = 100_000;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Requests to the edge, at least.
    #[arg(long, default_value_t = WANTED_CASES)]
    cases: u64,
    /// Which requests are made. The same seed makes the same ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let tools = Tools::for_fuzzing(&workspace)?;
    let folder = workspace.local_fuzz();
    let stack = up::start(&workspace, &folder, up::NO_DRAIN_SCHEDULE).await?;
    let by_http = tokio::select! {
        by_http = through_http(&workspace, &tools, &stack, &folder, args.seed) => by_http,
        stopped = up::stop_signal() => {
            stopped.and(Err(Error::Refused("stopped before the end".into())))
        }
    };
    down::stop(&folder).await?;
    let by_http = by_http?;
    let edge_holds = through_edge(&workspace, &args)? && through_parsers(&workspace)?;

    let enough = by_http.cases + args.cases >= WANTED_CASES;
    let ok = enough && edge_holds && by_http.failures == 0;
    println!(
        "row R16 | {} | {} cases through HTTP + {} through the edge (seed {}), {} | \
         0 undocumented answers, 0 5xx in 10^5",
        if ok { "ok" } else { "short" },
        by_http.cases,
        args.cases,
        args.seed,
        match (by_http.failures, edge_holds) {
            (0, true) => "0 undocumented answers, 0 5xx".to_owned(),
            (failures, true) => format!("{failures} kinds of failure by HTTP"),
            (failures, false) => format!("{failures} kinds of failure by HTTP, the edge failed"),
        },
    );
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn through_http(
    workspace: &Workspace,
    tools: &Tools,
    stack: &Stack,
    folder: &StackFolder,
    seed: u64,
) -> Result<schemathesis::Outcome, Error> {
    let sample = folder.state().join("sample-users.jsonl");
    users::generate::write_file(&sample, SAMPLE_USERS, 1)?;
    let imported = users::import::import_file(&sample, stack, &folder.state()).await;
    imported.doing("import the sample users")?;
    let callers = callers::sign_in(stack, folder).await?;
    callers::enable_ordering(stack, &callers).await?;

    let mut whole = schemathesis::Outcome::default();
    for run in callers::runs(&callers) {
        let outcome = schemathesis::run(workspace, tools, stack, folder, &run, seed).await?;
        println!(
            "fuzz: {}: {} cases, {} kinds of failure",
            run.name, outcome.cases, outcome.failures
        );
        whole.cases += outcome.cases;
        whole.failures += outcome.failures;
    }
    Ok(whole)
}

/// The property test of the edge. That it makes as many requests as told is its own promise.
fn through_edge(workspace: &Workspace, args: &Args) -> Result<bool, Error> {
    let status = workspace
        .cargo()
        .args(["test", "--workspace", "--test", "main", "--"])
        .args(["fuzz::", "--nocapture"])
        .env("CARDWRIGHT_CASES", args.cases.to_string())
        .env("CARDWRIGHT_SEED", args.seed.to_string())
        .status()
        .doing("start the tests of the edge")?;
    Ok(status.success())
}

/// The properties of every parser, in whichever crate it is.
fn through_parsers(workspace: &Workspace) -> Result<bool, Error> {
    let status = workspace
        .cargo()
        .args(["test", "--workspace", "--", "parsers::"])
        .status()
        .doing("start the tests of the parsers")?;
    Ok(status.success())
}
