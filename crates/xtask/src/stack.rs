//! `stack.json`: all that a client, a test or a person needs to know about a local stack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error};
use crate::workspace::Workspace;

/// The environment variable that names another stack file than the developer's.
pub(crate) const STACK_VARIABLE: &str = "CARDWRIGHT_STACK";

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Stack {
    /// The HTTP API, without a slash at the end. Any plain HTTP client can use it.
    pub(crate) api_url: String,
    pub(crate) aws_endpoint: String,
    pub(crate) region: String,
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) users_table: String,
    pub(crate) cards_table: String,
    pub(crate) order_queue_url: String,
    pub(crate) order_dlq_url: String,
    pub(crate) quarantine_queue_url: String,
    pub(crate) mail_queue_url: String,
    pub(crate) mail_dlq_url: String,
    /// Where sent mail can be read.
    pub(crate) mailbox: String,
    pub(crate) bureau_url: String,
    /// The functions' names in the workspace, and the names they are deployed under.
    pub(crate) functions: BTreeMap<String, String>,
    pub(crate) issuer: String,
    pub(crate) client_id: String,
}

impl Stack {
    /// The stack that the environment names, or else the one that `up` started.
    pub(crate) fn load(workspace: &Workspace) -> Result<Self, Error> {
        Self::read(&Self::file(workspace))
    }

    /// Where [`Stack::load`] looks.
    pub(crate) fn file(workspace: &Workspace) -> PathBuf {
        match std::env::var_os(STACK_VARIABLE) {
            Some(file) => PathBuf::from(file),
            None => workspace.local().stack_file(),
        }
    }

    fn read(file: &Path) -> Result<Self, Error> {
        let text = std::fs::read(file).doing(format!(
            "read {} (start a local stack with `cargo xtask up --detach`)",
            file.display()
        ))?;
        serde_json::from_slice(&text).doing(format!("understand {}", file.display()))
    }

    pub(crate) fn write(&self, file: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).doing("write the stack as JSON")?;
        std::fs::write(file, text).doing(format!("write {}", file.display()))
    }

    /// The name that a function is deployed under.
    pub(crate) fn function(&self, name: &str) -> Result<&str, Error> {
        self.functions.get(name).map(String::as_str).ok_or_else(|| {
            let known: Vec<_> = self.functions.keys().map(String::as_str).collect();
            Error::Refused(format!(
                "no function {name}; there are {}",
                known.join(", ")
            ))
        })
    }

    /// The Cognito pool's id: the last part of its issuer's address.
    pub(crate) fn user_pool_id(&self) -> &str {
        self.issuer.rsplit('/').next().unwrap_or_default()
    }
}
