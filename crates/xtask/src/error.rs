//! One error for every command: what was being done, and what went wrong underneath.

use std::error::Error as StdError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A step failed. Its cause is the source, and is not repeated in the text.
    #[error("cannot {doing}")]
    Failed {
        doing: String,
        source: Box<dyn StdError + Send + Sync>,
    },
    /// AWS, or the emulator in its place, answered a call with an error of its own.
    #[error("{action}: {code}: {message}")]
    Aws {
        action: String,
        code: String,
        message: String,
    },
    /// A whole sentence for the person at the terminal.
    #[error("{0}")]
    Refused(String),
}

/// Says what was being done when a call failed.
pub(crate) trait Context<T> {
    fn doing(self, doing: impl Into<String>) -> Result<T, Error>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> Context<T> for Result<T, E> {
    fn doing(self, doing: impl Into<String>) -> Result<T, Error> {
        self.map_err(|source| Error::Failed {
            doing: doing.into(),
            source: source.into(),
        })
    }
}

/// The error and its causes in one line.
pub(crate) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
