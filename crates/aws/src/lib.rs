//! The ports of `crates/app` on AWS, and what every function needs around them: clients,
//! configuration, clock, logs and metrics, and the events that start the functions behind the API.
//!
//! | module | what | cargo feature |
//! | --- | --- | --- |
//! | [`dynamodb`] | the store: users, cards, options | |
//! | `queues` | reminders and garbage on SQS | `sqs` |
//! | `mail` | email by SES | `ses` |
//! | `producer` | the card producer by HTTPS, its token from Secrets Manager | `producer` |
//! | `triggers` | what the schedules and the mail queue start | `schedule`, or `ses` and `sqs` |
//! | [`config`] | settings from the environment, read once at init | |
//! | [`telemetry`] | JSON log lines, and counters as CloudWatch metrics | |
//! | [`requests`] | counts the requests to AWS and to the producer | |
//! | [`system`] | the clock and random tokens | |
//!
//! A function calls [`start`] once and takes from the [`Aws`] it gets what it works with.
//!
//! Architecture invariants:
//! - One adapter method is one call with its timeouts and its whole error map. What happens between
//!   calls is decided in `crates/app`.
//! - Every SDK client is built in `clients.rs`, and only `system.rs` asks the system for time or
//!   tokens. Every limit has a name: in `limits.rs`, those of the tables in [`dynamodb`].
//! - What a service says in words stays out of our errors, because it may repeat an address or an
//!   item: `call.rs` keeps its code, status and request id.
//! - Each service but DynamoDB is a cargo feature, so that a function links only what its role may
//!   call. What schedules start is one more, for it brings the runtime.

mod call;
mod clients;
pub mod config;
pub mod dynamodb;
pub mod limits;
#[cfg(test)]
mod local;
#[cfg(feature = "ses")]
pub mod mail;
#[cfg(feature = "producer")]
pub mod producer;
#[cfg(feature = "sqs")]
pub mod queues;
pub mod requests;
pub mod system;
pub mod telemetry;
#[cfg(any(all(feature = "ses", feature = "sqs"), feature = "schedule"))]
pub mod triggers;

pub use self::call::{CallError, port_error};
pub use self::clients::{Aws, Endpoint};
pub use self::config::ConfigError;
#[cfg(feature = "ses")]
pub use self::mail::Mail;
#[cfg(feature = "producer")]
pub use self::producer::Bureau;
#[cfg(feature = "sqs")]
pub use self::queues::{Queue, Queues};
pub use self::system::System;

use self::config::Environment;

/// Starts the logs and reads where and as whom AWS is called. `function` is its folder's name.
///
/// # Errors
/// A setting is missing or not valid.
pub fn start(function: &'static str) -> Result<Aws, ConfigError> {
    let environment = Environment::of_process();
    telemetry::install(function, &environment)?;
    Aws::from_environment(environment)
}
