//! One run of schemathesis, and what its report says.

use std::path::Path;
use std::process::Stdio;

use serde::Deserialize;
use tokio::process::Command;

use super::callers::Run;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::tools::Tools;
use crate::workspace::{StackFolder, Workspace};

/// What was tried, and what of it was not as the contract says.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Outcome {
    pub(super) cases: u64,
    pub(super) failures: u64,
}

#[derive(Deserialize)]
struct Report {
    complete: bool,
    test_cases: TestCases,
    errors: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct TestCases {
    generated: u64,
    unique_failures: u64,
    errored: u64,
}

pub(super) async fn run(
    workspace: &Workspace,
    tools: &Tools,
    stack: &Stack,
    folder: &StackFolder,
    run: &Run,
    seed: u64,
) -> Result<Outcome, Error> {
    println!("--- {}", run.name);
    let report = folder.state().join("schemathesis.json");
    let local = workspace.root.join("infra/local");
    let mut command = Command::new(tools.path("schemathesis"));
    command
        // Its memory of earlier runs goes away with the stack.
        .current_dir(folder.state())
        .env("NO_PROXY", "127.0.0.1")
        .arg("--config-file")
        .arg(local.join("fuzz.toml"))
        .arg("run")
        .arg(workspace.root.join("infra/api.yaml"))
        .args(["--url", &stack.api_url])
        .args(["--phases", run.phases])
        .args(["--max-examples", &run.cases.to_string()])
        .args(["--seed", &seed.to_string()])
        .args(["--checks", "all", "--continue-on-failure"])
        // API Gateway answers 404 to a method that has no route; no template can make it say 405.
        .args(["--exclude-checks", "unsupported_method"])
        // Time says nothing through the emulator.
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--report", "json", "--report-json-path"])
        .arg(&report)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for tag in run.tags {
        command.args(["--include-tag", tag]);
    }
    if let Some(token) = &run.token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let status = command.status().await.doing("start schemathesis")?;
    let outcome = read(&report)?;
    // Failures are told by the report; anything else that ends it badly is an error.
    if !status.success() && outcome.failures == 0 {
        return Err(Error::Refused(format!("schemathesis ended with {status}")));
    }
    Ok(outcome)
}

fn read(file: &Path) -> Result<Outcome, Error> {
    let text = std::fs::read(file).doing("read the report of schemathesis")?;
    std::fs::remove_file(file).doing("remove the report of schemathesis")?;
    let report: Report = serde_json::from_slice(&text).doing("understand the report")?;
    if !report.complete {
        return Err(Error::Refused(
            "schemathesis did not come to its end".into(),
        ));
    }
    let cases = report.test_cases;
    Ok(Outcome {
        cases: cases.generated,
        failures: cases.unique_failures + cases.errored + report.errors.len() as u64,
    })
}
