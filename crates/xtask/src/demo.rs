//! `cargo xtask demo`: the main story of the product on this machine, told step by step.
//!
//! It starts a stack of its own, imports sample users, and then does what administrators, operators
//! and the drain do: with real tokens, real HTTP and the real functions. Each step checks what it
//! got, and the first that does not hold ends the demo. The stack is stopped in every case.

mod bureau;
mod emails;
mod expect;
mod mailbox;
mod printer;
mod queues;
mod request;
mod story;
mod tally;
mod teller;

use std::process::ExitCode;

use self::teller::Teller;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::{StackFolder, Workspace};
use crate::{down, up, users};

/// Sample users in the directory: enough for a search to have something to leave out.
const SAMPLE_USERS: usize = 200;

pub(crate) async fn run() -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let folder = workspace.local_demo();
    println!("Building, and starting the production template on this machine ...");
    let stack = up::start(&workspace, &folder, up::NO_DRAIN_SCHEDULE).await?;
    let told = tokio::select! {
        told = tell(&stack, &folder) => told,
        stopped = up::stop_signal() => {
            stopped.and(Err(Error::Refused("stopped before the end".into())))
        }
    };
    let stopped = down::stop(&folder).await;
    told?;
    stopped?;
    println!("Every step held. The local stack is stopped.");
    Ok(ExitCode::SUCCESS)
}

async fn tell(stack: &Stack, folder: &StackFolder) -> Result<(), Error> {
    let sample = folder.state().join("sample-users.jsonl");
    users::generate::write_file(&sample, SAMPLE_USERS, 1)?;
    let imported = users::import::import_file(&sample, stack, &folder.state()).await;
    let imported = imported.doing("import the sample users")?;
    println!("{imported} sample users are in the directory.");
    println!("HTTP is the status of an answer, AWS the number of requests to AWS behind it.");
    let mut teller = Teller::new(stack, folder).await?;
    story::tell(&mut teller).await?;
    teller.finish();
    Ok(())
}
