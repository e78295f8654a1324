//! One JSON object per line on standard output, as `docs/logging.md` says.
//!
//! Fields of the spans around an event stand on its line. An error becomes `error`, the texts of
//! itself and all its sources; if an AWS call is among them, also `error.code` and
//! `aws.request.id`. Events with the target `metric` (`crates/app/src/count.rs`) become CloudWatch
//! metrics.
//!
//! Other crates are heard from WARN upwards and without the fields of their spans, whatever the
//! level: at their finer levels the SDK and the HTTP client write requests and answers, which hold
//! personal data.

mod fields;
mod metric;

use std::fmt;
use std::io::Write;
use std::panic::PanicHookInfo;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry, Scope};

use self::fields::Fields;
use crate::config::{ConfigError, Environment};
use crate::system::timestamp;

/// Where the Lambda runtime says again what a handler answered as its error, or with what it
/// panicked. Both are logged already, by the handler and by [`say_where`], without what should not
/// be there.
const SAID_AGAIN: &str = "lambda_runtime::layers::panic";

/// Sends everything that is logged to standard output, from now on. A second call changes nothing.
pub(crate) fn install(
    function: &'static str,
    environment: &Environment,
) -> Result<(), ConfigError> {
    let level = environment
        .optional("LOG_LEVEL")
        .unwrap_or_else(|| "info".to_owned());
    let expected = "off, error, warn, info, debug or trace";
    let level = level.parse().map_err(|_| ConfigError::Invalid {
        name: "LOG_LEVEL",
        expected,
    })?;
    let stage = environment.required("STAGE")?;
    let lines = Lines {
        function,
        stage,
        level,
        now: timestamp,
        write: Box::new(to_stdout),
    };
    if tracing::subscriber::set_global_default(Registry::default().with(lines)).is_ok() {
        std::panic::set_hook(Box::new(say_where));
    }
    Ok(())
}

fn to_stdout(line: &str) {
    // There is nobody to tell if the log itself can't be written.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

/// Says where it panicked, but not why: the text of a panic may quote the value it stumbled over.
fn say_where(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(String::new, ToString::to_string);
    tracing::error!("panicked at {place}");
}

/// Writes each event as a line.
struct Lines {
    function: &'static str,
    stage: String,
    level: LevelFilter,
    now: fn() -> Timestamp,
    write: Box<dyn Fn(&str) + Send + Sync>,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'a str,
    message: Value,
    function: &'a str,
    stage: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl Lines {
    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let finest = match metadata.target() {
            metric::TARGET => return true,
            SAID_AGAIN => return false,
            _ if is_ours(metadata) => Level::TRACE,
            _ => Level::WARN,
        };
        *metadata.level() <= finest && *metadata.level() <= self.level
    }

    fn line(&self, level: Level, mut fields: Map<String, Value>) -> String {
        let line = Line {
            timestamp: format!("{:.3}", (self.now)()),
            level: level.as_str(),
            message: fields.remove("message").unwrap_or_default(),
            function: self.function,
            stage: &self.stage,
            fields,
        };
        // Text, numbers and truth values can always be written as JSON.
        serde_json::to_string(&line).unwrap_or_default() + "\n"
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("cardwright_")
}

impl<S> Layer<S> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id).filter(|span| is_ours(span.metadata())) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, record: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            record.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        let spans = context
            .event_scope(event)
            .into_iter()
            .flat_map(Scope::from_root);
        for span in spans {
            if let Some(around) = span.extensions().get::<Fields>() {
                fields.extend(around);
            }
        }
        event.record(&mut fields);
        let line = if event.metadata().target() == metric::TARGET {
            metric::line(self.function, &self.stage, (self.now)(), fields.map())
        } else {
            self.line(*event.metadata().level(), fields.into_map())
        };
        (self.write)(&line);
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines")
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
