//! `cargo xtask down`: ends exactly what `up` started, and forgets it. Safe to repeat.

use std::io::ErrorKind;
use std::process::ExitCode;

use crate::error::{Context, Error};
use crate::process::Processes;
use crate::workspace::{StackFolder, Workspace};

pub(crate) async fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let folder = workspace.local();
    if Processes::read(&folder)?.is_empty() {
        println!("No local stack is running.");
    }
    stop(&folder).await?;
    // These commands stop their own stacks, unless they were killed.
    let others = [
        workspace.local_test(),
        workspace.local_demo(),
        workspace.local_fuzz(),
        workspace.local_chaos(),
    ];
    for left_behind in others {
        if !Processes::read(&left_behind)?.in_use() {
            stop(&left_behind).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends a stack's processes and removes what it kept, except the logs.
pub(crate) async fn stop(folder: &StackFolder) -> Result<(), Error> {
    Processes::read(folder)?.end().await?;
    for file in [
        folder.stack_file(),
        folder.password_file(),
        folder.processes_file(),
    ] {
        absent_or(std::fs::remove_file(&file)).doing(format!("remove {}", file.display()))?;
    }
    let state = folder.state();
    absent_or(std::fs::remove_dir_all(&state)).doing(format!("remove {}", state.display()))
}

fn absent_or(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
