//! `cargo xtask up`: the production template on this machine, and a bureau beside it.
//!
//! It builds the binaries, starts the local AWS and the bureau simulator on free ports of
//! 127.0.0.1, deploys, and writes `stack.json`. Whatever fails on the way, nothing stays running.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use crate::deploy::{Deployment, deploy};
use crate::error::{Context, Error};
use crate::process::Processes;
use crate::stack::Stack;
use crate::tools::Tools;
use crate::workspace::{StackFolder, Workspace};
use crate::{binaries, down, emulator};

/// How often the drain runs when people use the stack.
const DRAIN_SCHEDULE: &str = "rate(1 minute)";
/// How often it runs by itself while tests call it: never, as good as.
pub(crate) const NO_DRAIN_SCHEDULE: &str = "rate(1 day)";

const START_TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave the stack running in the background, until `cargo xtask down`.
    #[arg(long)]
    detach: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let folder = workspace.local();
    let stack = start(&workspace, &folder, DRAIN_SCHEDULE).await?;
    print_summary(&stack, &folder);
    if args.detach {
        Processes::read(&folder)?.detach(&folder)?;
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nCtrl-C stops it.");
    stop_signal().await?;
    down::stop(&folder).await?;
    Ok(ExitCode::SUCCESS)
}

/// Starts a stack that belongs to this process: whoever starts it stops it with [`down::stop`].
pub(crate) async fn start(
    workspace: &Workspace,
    folder: &StackFolder,
    drain_schedule: &str,
) -> Result<Stack, Error> {
    if Processes::read(folder)?.in_use() {
        return Err(Error::Refused(format!(
            "a local stack is running already: {} says where; `cargo xtask down` stops it",
            folder.stack_file().display()
        )));
    }
    binaries::build_for_development(workspace)?;
    let tools = Tools::installed(workspace)?;
    // What a killed command left behind.
    down::stop(folder).await?;

    let launched = tokio::select! {
        launched = launch(workspace, folder, &tools, drain_schedule) => launched,
        stopped = stop_signal() => {
            stopped.and(Err(Error::Refused("stopped while starting".into())))
        }
    };
    if launched.is_err() {
        down::stop(folder).await?;
    }
    launched
}

async fn launch(
    workspace: &Workspace,
    folder: &StackFolder,
    tools: &Tools,
    drain_schedule: &str,
) -> Result<Stack, Error> {
    std::fs::create_dir_all(folder.state()).doing("make the stack's folder")?;
    write_private(&folder.password_file(), &random_text()?)?;
    let bureau_token = random_text()?;
    let webhook_key = format!("whsec_{}", random_digits()?);
    let (aws_port, bureau_port) = free_ports()?;
    let aws_endpoint = format!("http://127.0.0.1:{aws_port}");
    let bureau_url = format!("http://127.0.0.1:{bureau_port}");

    let mut processes = Processes::owned(folder)?;
    let mut emulator = emulator::start(&mut processes, folder, tools, aws_port)?;
    let mut bureau = Command::new(workspace.binaries.join("bureau-simulator"));
    bureau
        .env_clear()
        .env("BUREAU_PORT", bureau_port.to_string())
        .env("BUREAU_TOKEN", &bureau_token);
    let mut bureau = processes.start(folder, "bureau-simulator", &mut bureau)?;
    answers(
        &mut emulator,
        &format!("{aws_endpoint}/_ministack/health"),
        folder,
        "ministack",
    )
    .await?;
    answers(
        &mut bureau,
        &format!("{bureau_url}/_sim/health"),
        folder,
        "bureau-simulator",
    )
    .await?;

    let deployment = Deployment {
        aws_endpoint: &aws_endpoint,
        bureau_url: &bureau_url,
        bureau_token: &bureau_token,
        webhook_key: &webhook_key,
        drain_schedule,
    };
    let stack = deploy(workspace, &deployment).await?;
    send_events(&stack, &webhook_key).await?;
    stack.write(&folder.stack_file())?;
    Ok(stack)
}

/// The bureau tells the stack by itself how far an order is.
async fn send_events(stack: &Stack, key: &str) -> Result<(), Error> {
    let telling = "tell the bureau where its events go";
    let url = format!("{}/producer/events", stack.api_url);
    let asked = reqwest::Client::builder()
        .no_proxy()
        .build()
        .doing(telling)?
        .put(format!("{}/_sim/events", stack.bureau_url))
        .json(&json!({ "url": url, "key": key }))
        .send()
        .await
        .doing(telling)?;
    asked.error_for_status().doing(telling)?;
    Ok(())
}

/// Waits until a started process answers HTTP, or has ended.
pub(crate) async fn answers(
    child: &mut Child,
    url: &str,
    folder: &StackFolder,
    name: &str,
) -> Result<(), Error> {
    let log = folder.log_file(name);
    let polling = async {
        while reqwest::get(url).await.is_err() {
            if let Some(status) = child.try_wait().doing(format!("watch {name}"))? {
                let log = log.display();
                return Err(Error::Refused(format!(
                    "{name} ended ({status}): see {log}"
                )));
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Ok(())
    };
    tokio::time::timeout(START_TIMEOUT, polling)
        .await
        .doing(format!("see {name} start (its log is {})", log.display()))?
}

/// Two ports that were free a moment ago. Both listeners are open at once, so they differ.
fn free_ports() -> Result<(u16, u16), Error> {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing("find a free port");
    let (one, other) = (free()?, free()?);
    let port = |listener: &TcpListener| Ok(listener.local_addr().doing("read a port")?.port());
    Ok((port(&one)?, port(&other)?))
}

/// 128 random bits, with what a password policy asks for.
fn random_text() -> Result<String, Error> {
    Ok(format!("Local-{}", random_digits()?))
}

/// 128 random bits as 32 hexadecimal digits, which are 24 bytes to whoever reads them as base64.
fn random_digits() -> Result<String, Error> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .doing("read random bytes")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

fn write_private(file: &Path, text: &str) -> Result<(), Error> {
    use std::io::Write;

    std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .doing(format!("write {}", file.display()))
}

/// Ends when someone asks this process to stop.
pub(crate) async fn stop_signal() -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).doing("listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).doing("listen for signals")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn print_summary(stack: &Stack, folder: &StackFolder) {
    println!("Cardwright runs on this machine.");
    println!("  API      {}", stack.api_url);
    println!(
        "  AWS      {} (region {}, any key)",
        stack.aws_endpoint, stack.region
    );
    println!("  mailbox  {}", stack.mailbox);
    println!("  bureau   {}/_sim/orders", stack.bureau_url);
    println!("  all      {}", folder.stack_file().display());
    println!("Try next:");
    println!("  TOKEN=$(cargo xtask token --role administrator)");
    println!(
        "  curl -H \"authorization: Bearer $TOKEN\" {}/options",
        stack.api_url
    );
    println!("  cargo xtask invoke drain-orders");
    println!("  cargo xtask down");
}
