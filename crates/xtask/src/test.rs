//! `cargo xtask test`: all tests, against a local stack that is started for them and stopped after.

use std::path::Path;
use std::process::{ExitCode, ExitStatus, Stdio};

use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Context, Error};
use crate::stack::STACK_VARIABLE;
use crate::workspace::{StackFolder, Workspace};
use crate::{down, up};

/// The environment variable by which the tests find this program, for its tokens.
const XTASK_VARIABLE: &str = "CARDWRIGHT_XTASK";

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Passed on to the test runner, such as a filter.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    runner_args: Vec<String>,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    // Asked now: once the build has replaced the file, the system says that it was deleted.
    let tool = std::env::current_exe().doing("find this program")?;
    let folder = workspace.local_test();
    up::start(&workspace, &folder, up::NO_DRAIN_SCHEDULE).await?;
    let tested = run_tests(&workspace, &folder, &tool, &args.runner_args).await;
    down::stop(&folder).await?;
    let status = tested?;
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(ExitCode::from(code))
}

async fn run_tests(
    workspace: &Workspace,
    folder: &StackFolder,
    tool: &Path,
    runner_args: &[String],
) -> Result<ExitStatus, Error> {
    // Before the runner starts: from here on a signal must not end this process.
    let mut terminate = signal(SignalKind::terminate()).doing("listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).doing("listen for signals")?;
    let mut command = Command::from(test_runner(workspace)?);
    command
        .args(runner_args)
        .env(STACK_VARIABLE, folder.stack_file())
        .env(XTASK_VARIABLE, tool);
    // No test may reach an account that the caller happens to be signed in to.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
    }
    let mut runner = command.spawn().doing("start the test runner")?;
    loop {
        tokio::select! {
            status = runner.wait() => return status.doing("wait for the test runner"),
            // The terminal sends an interrupt to the runner too, which then ends its tests.
            _ = interrupt.recv() => {}
            _ = terminate.recv() => end(&mut runner)?,
        }
    }
}

fn end(runner: &mut Child) -> Result<(), Error> {
    runner.start_kill().doing("end the test runner")
}

fn test_runner(workspace: &Workspace) -> Result<std::process::Command, Error> {
    let mut probe = workspace.cargo();
    probe
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut runner = workspace.cargo();
    if probe.status().doing("look for cargo-nextest")?.success() {
        runner.args(["nextest", "run", "--workspace"]);
    } else {
        eprintln!("cargo-nextest is not installed: `cargo test` runs the tests, one by one.");
        runner.args(["test", "--workspace", "--", "--test-threads=1"]);
    }
    Ok(runner)
}
