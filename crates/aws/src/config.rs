//! Settings from the environment. They are read once, at init; a bad one stops the function there
//! with a line that names it.

use std::fmt;
use std::sync::Arc;

/// A setting that is missing or not valid. Its value is not repeated: it may be a secret.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("the setting {name} is missing: set it in the function's environment")]
    Missing { name: &'static str },
    #[error("the setting {name} is not valid: expected {expected}")]
    Invalid {
        name: &'static str,
        expected: &'static str,
    },
}

/// A `main` that returns the error shows its debug output, so that has to be the clear line.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that must not be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the one who has to send it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where settings come from.
#[derive(Clone)]
pub(crate) struct Environment(Arc<Variable>);

impl Environment {
    pub(crate) fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    pub(crate) fn new(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(variable))
    }

    /// An empty setting counts as absent: a template can't leave a variable out, and some runtimes
    /// set `AWS_SESSION_TOKEN` to nothing.
    pub(crate) fn optional(&self, name: &'static str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing { name })
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_empty_setting_is_named() {
        let environment = Environment::new(|name| (name == "EMPTY").then(String::new));
        for name in ["EMPTY", "ABSENT"] {
            let error = environment.required(name).unwrap_err();
            let expected =
                format!("the setting {name} is missing: set it in the function's environment");
            assert_eq!(
                [format!("{error}"), format!("{error:?}")],
                [expected.clone(), expected]
            );
        }
    }

    #[test]
    fn a_secret_stays_out_of_debug_output() {
        let secret = Secret::new("hunter2".into());
        assert_eq!(
            format!("{secret:?} {}", secret.reveal()),
            "Secret(redacted) hunter2"
        );
    }
}
