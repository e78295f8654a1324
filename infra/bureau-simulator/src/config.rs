//! The two settings of the program, read from the environment.

use std::env::{self, VarError};
use std::fmt;

const PORT: &str = "BUREAU_PORT";
const TOKEN: &str = "BUREAU_TOKEN";

pub struct Config {
    /// `BUREAU_PORT`, the port on 127.0.0.1; 0, the default, takes any free one.
    pub port: u16,
    /// `BUREAU_TOKEN`, the bearer token that callers of the producer API must show.
    pub token: String,
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Config")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    #[error("{PORT} must be a port number from 0 to 65535")]
    Port,
    #[error("{TOKEN} must be set to visible ASCII characters without spaces")]
    Token,
}

impl Config {
    /// # Errors
    /// The first setting that is missing or malformed.
    pub fn from_env() -> Result<Self, ConfigError> {
        let port = match env::var(PORT) {
            Ok(port) => Some(port),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(_)) => return Err(ConfigError::Port),
        };
        Self::parse(port.as_deref(), env::var(TOKEN).ok())
    }

    fn parse(port: Option<&str>, token: Option<String>) -> Result<Self, ConfigError> {
        let port = port.unwrap_or("0").parse().map_err(|_| ConfigError::Port)?;
        let token = token
            .filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()))
            .ok_or(ConfigError::Token)?;
        Ok(Self { port, token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_parsed_once_and_a_bad_one_is_named() {
        let parse = |port, token: &str| Config::parse(port, Some(token.to_owned()));
        assert_eq!(parse(None, "secret").unwrap().port, 0);
        assert_eq!(parse(Some("8099"), "secret").unwrap().port, 8099);
        assert_eq!(
            parse(Some("99999"), "secret").unwrap_err(),
            ConfigError::Port
        );
        assert_eq!(parse(None, "").unwrap_err(), ConfigError::Token);
        assert_eq!(parse(None, "two words").unwrap_err(), ConfigError::Token);
        assert_eq!(Config::parse(None, None).unwrap_err(), ConfigError::Token);
    }

    #[test]
    fn the_token_is_never_printed() {
        let config = Config::parse(None, Some("secret".to_owned())).unwrap();
        assert!(!format!("{config:?}").contains("secret"));
    }
}
