//! `cargo xtask chaos`: real processes die while real orders are on their way, and nothing is lost.
//!
//! On a local stack of its own, clients order and abort over HTTP and give up answers, drains run
//! all the time, and the functions reach AWS only through a proxy that loses answers, throttles,
//! delays and cuts. The bureau has faults as well. Meanwhile the functions' processes are killed
//! and stopped, most of them in the middle of a request. Then the faults end, the system settles by
//! itself in real time, and what is in the table, at the bureau, in the mailbox and in the queues
//! is held against what the clients were told.
//!
//! The seed decides who is hit when and by what. What the hit process was doing at that moment is
//! up to the machine, so a run can't be repeated to the letter; a finding prints all that is known
//! of it.

mod audit;
mod clients;
mod collect;
mod disturbances;
mod evidence;
mod functions;
mod proxy;
mod report;
mod settle;
mod site;
mod striker;
mod strikes;
mod ticks;
mod weather;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cardwright_app::ports::Clock;
use cardwright_aws::System;
use cardwright_domain::time::Time;
use tokio::task::JoinSet;

use self::clients::{Client, Seen};
use self::proxy::Fired;
use self::report::Report;
use self::site::Site;
use self::striker::{Hit, Striker};
use crate::error::{Context, Error};
use crate::workspace::{StackFolder, Workspace};
use crate::{down, up};

/// Clients that order and abort at once. More of them only wait for each other: the local AWS does
/// one thing at a time.
const CLIENTS: u64 = 8;

/// Drains at once. On AWS a second one starts when the first takes longer than the schedule's
/// period.
const DRAINS: usize = 2;

/// How often the run says how far it is.
const PROGRESS: Duration = Duration::from_secs(30);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many function processes are killed.
    #[arg(long, default_value_t = 1_000)]
    kills: usize,
    /// Decides who is hit when, which faults there are, and what the clients do.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let folder = workspace.local_chaos();
    println!("Building, and starting the production template on this machine ...");
    let stack = up::start(&workspace, &folder, up::NO_DRAIN_SCHEDULE).await?;
    let judged = tokio::select! {
        judged = Site::prepare(&workspace, &folder, stack, args.kills) => match judged {
            Ok(site) => chaos(&args, &folder, Arc::new(site)).await,
            Err(error) => Err(error),
        },
        stopped = up::stop_signal() => {
            stopped.and(Err(Error::Refused("stopped before the end".into())))
        }
    };
    let stopped = down::stop(&folder).await;
    let holds = judged?;
    stopped?;
    Ok(if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether everything held.
async fn chaos(args: &Args, folder: &StackFolder, site: Arc<Site>) -> Result<bool, Error> {
    let started = System.now();
    let mut striker = Striker::new(folder, &site.stack, args.seed)?;
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = Client::new(Arc::clone(&site), args.seed, number);
        clients.spawn(client.order_and_abort(Arc::clone(&over)));
    }
    let mut ticks = JoinSet::new();
    for _ in 0..DRAINS {
        ticks.spawn(ticks::drain(Arc::clone(&site), Arc::clone(&over)));
    }
    ticks.spawn(ticks::change_options(Arc::clone(&site), Arc::clone(&over)));
    let weather = weather::change(Arc::clone(&site), args.seed, Arc::clone(&over));
    let weather = tokio::spawn(weather);
    let (kills, end) = (args.kills, Arc::clone(&over));
    let (striking, told) = (striker.counter(), Arc::clone(&over));
    let progress = tokio::spawn(async move {
        while !told.load(Ordering::Relaxed) {
            tokio::time::sleep(PROGRESS).await;
            let seconds = System.now().since(started).as_secs();
            let killed = striking.load(Ordering::Relaxed);
            println!("  {seconds:>4} s  {killed:>5} killed");
        }
    });

    // Signals must not wait until the one thread of the async tasks has time.
    let struck = tokio::task::spawn_blocking(move || {
        let struck = striker.strike(kills);
        end.store(true, Ordering::Relaxed);
        struck
    });
    let hits = struck.await.doing("strike the processes")??;
    progress.abort();
    let fired = weather.await.doing("wait for the end of the faults")??;
    let mut seen = Seen::default();
    while let Some(client) = clients.join_next().await {
        seen.add(client.doing("wait for a client")?);
    }
    while let Some(tick) = ticks.join_next().await {
        tick.doing("wait for a drain")?;
    }
    judge(args, folder, &site, started, (hits, fired, seen)).await
}

async fn judge(
    args: &Args,
    folder: &StackFolder,
    site: &Site,
    started: Time,
    (hits, fired, seen): (Vec<Hit>, Vec<Fired>, Seen),
) -> Result<bool, Error> {
    println!("The faults are over; waiting until the system has settled by itself ...");
    let settled = settle::settle(site).await?;
    let disturbances = disturbances::of_emails(folder, &hits, &fired)?;
    let evidence = collect::evidence(site, &seen, disturbances).await?;
    let judgement = audit::judge(&evidence);
    let report = Report {
        seed: args.seed,
        seconds: System.now().since(started).as_secs(),
        in_request: functions::deaths_in_a_request(folder)?,
        settled,
        hits: &hits,
        fired: &fired,
        seen: &seen,
        evidence: &evidence,
        judgement: &judgement,
    };
    report.print();
    Ok(judgement.findings.is_empty())
}
