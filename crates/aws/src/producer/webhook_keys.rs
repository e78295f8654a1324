//! The keys with which the producer signs its events: read when they are first needed, and again when none
//! fits, because then they may have been changed. Anybody can send what no key fits, so not for each.

use std::fmt;

use aws_sdk_secretsmanager::Client;
use cardwright_app::ports::{Result, SigningKeys};
use cardwright_app::secret::Secret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::secret;
use crate::limits::WEBHOOK_KEYS_AGE;

pub struct WebhookKeys {
    secrets: Client,
    secret_id: String,
    /// Whoever finds them missing reads them while the others wait.
    known: Mutex<Option<(Secret, Instant)>>,
}

impl WebhookKeys {
    pub(crate) fn new(secrets: Client, secret_id: String) -> Self {
        Self {
            secrets,
            secret_id,
            known: Mutex::new(None),
        }
    }
}

impl SigningKeys for WebhookKeys {
    async fn signing_keys(&self, did_not_fit: bool) -> Result<Secret> {
        let mut known = self.known.lock().await;
        let fresh = |read: &Instant| !did_not_fit || read.elapsed() < WEBHOOK_KEYS_AGE;
        if let Some((keys, _)) = known.as_ref().filter(|(_, read)| fresh(read)) {
            return Ok(keys.clone());
        }
        let keys = secret::read(&self.secrets, &self.secret_id).await?;
        *known = Some((keys.clone(), Instant::now()));
        Ok(keys)
    }
}

impl fmt::Debug for WebhookKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookKeys")
            .field("secret_id", &self.secret_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
