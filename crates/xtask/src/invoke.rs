//! `cargo xtask invoke`: one function of the local stack, one event, its answer.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::emulator::Emulator;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A function's name, such as `drain-orders`.
    function: String,
    /// The event. What a schedule starts gets its schedule's event when none is given.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let stack = Stack::load(&workspace)?;
    let deployed = stack.function(&args.function)?;
    let file = match (args.event, args.function.as_str()) {
        (Some(file), _) => file,
        (None, function @ ("drain-orders" | "sync-orders" | "keep-deadlines")) => workspace
            .root
            .join(format!("events/{function}/scheduled.json")),
        (None, function) => {
            return Err(Error::Refused(format!(
                "give an --event of events/{function}"
            )));
        }
    };
    let event = std::fs::read(&file).doing(format!("read {}", file.display()))?;
    let invocation = Emulator::at(&stack.aws_endpoint)?
        .invoke(deployed, event)
        .await?;
    println!("{}", invocation.answer);
    Ok(if invocation.failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
