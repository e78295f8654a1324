//! `bureau-simulator`: wires the library to the environment, a port and the stop signals.

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use bureau_simulator::{Config, serve};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    run().await.map_or_else(
        |error| {
            eprintln!("bureau-simulator: {error}");
            ExitCode::FAILURE
        },
        |()| ExitCode::SUCCESS,
    )
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::from_env()?;
    // The handlers are set before the line is printed, so that whoever reads it may stop us.
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
    announce(&listener)?;
    tokio::select! {
        served = serve(listener, config.token) => served?,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

fn announce(listener: &TcpListener) -> io::Result<()> {
    println!("listening on http://{}", listener.local_addr()?);
    Ok(())
}
