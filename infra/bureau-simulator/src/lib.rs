//! A small card bureau on HTTP, for development and tests.
//!
//! It speaks `infra/producer-api.yaml` and, without a token, the control endpoints under `/_sim`
//! that this folder's `README.md` describes: they show what the bureau has seen, set faults, move
//! orders and say where events go. Everything lives in memory behind one mutex, and nothing is
//! random, so the same calls give the same answers, after a restart as well.

mod auth;
mod config;
mod control;
mod events;
mod faults;
#[cfg(test)]
mod parsers;
mod problem;
mod producer;
mod protocol;
mod state;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use jiff::Timestamp;
use tokio::net::TcpListener;

pub use config::{Config, ConfigError};
pub use events::{sign, signing_key};
use problem::Problem;
use state::State;

/// Serves a bureau with no orders and no faults on `listener`, to callers that bear `token`.
///
/// Runs until the future is dropped; there is nothing to finish, for the state is in memory. Events
/// that are on their way then are tried as long as the runtime lives.
///
/// # Errors
/// Whatever keeps the server from accepting connections, or from sending events, at all.
pub async fn serve(listener: TcpListener, token: String) -> io::Result<()> {
    let bureau = Arc::new(Bureau {
        token,
        http: events::client()?,
        state: Mutex::default(),
    });
    axum::serve(listener, router(bureau)).await
}

fn router(bureau: Arc<Bureau>) -> Router {
    producer::routes(Arc::clone(&bureau))
        .merge(control::routes())
        .fallback(async || Problem::not_found("There is no such path."))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(protocol::MAX_BODY_BYTES))
        .with_state(bureau)
}

struct Bureau {
    token: String,
    http: reqwest::Client,
    state: Mutex<State>,
}

impl Bureau {
    /// No caller holds the guard over an await, and a panic elsewhere leaves a state that is still
    /// whole, so a poisoned lock is used as it is.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the bureau is another company with its own clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
