//! The keys with which the producer signs its events: read when they are first needed, and again when none
//! fits, because then they may have been changed. Anybody can send what no key fits, so not for each.

use std::fmt;

use crate::config::Secret;
use aws_sdk_secretsmanager::Client;
use cardwright_app::error::PortError;
use cardwright_app::ports::{Result, SigningKey, SigningKeys};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::secret;
use crate::limits::{SIGNING_KEY_BYTES, WEBHOOK_KEYS_AGE};

pub struct WebhookKeys {
    secrets: Client,
    secret_id: String,
    /// Whoever finds them missing reads them while the others wait.
    known: Mutex<Option<(Vec<SigningKey>, Instant)>>,
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
    async fn signing_keys(&self, did_not_fit: bool) -> Result<Vec<SigningKey>> {
        let mut known = self.known.lock().await;
        if let Some((keys, read)) = known.as_ref()
            && (read.elapsed() < WEBHOOK_KEYS_AGE || !did_not_fit && !keys.is_empty())
        {
            return some(keys);
        }
        match (
            secret::read(&self.secrets, &self.secret_id).await,
            known.as_mut(),
        ) {
            (Ok(secret), _) => some(&known.insert((keys(&secret), Instant::now())).0),
            // They were good before, and who can't be read is not asked for each forged event either.
            (Err(error), Some((keys, read))) if !keys.is_empty() => {
                let error = &error as &(dyn std::error::Error + 'static);
                tracing::warn!(error, "the producer's keys were not read again");
                *read = Instant::now();
                some(keys)
            }
            (Err(error), _) => Err(error),
        }
    }
}

fn some(keys: &[SigningKey]) -> Result<Vec<SigningKey>> {
    let error = "the secret of the producer's keys holds no key";
    let error = PortError::new("secretsmanager.GetSecretValue", error);
    (!keys.is_empty()).then(|| keys.to_vec()).ok_or(error)
}

/// The keys, with white space between them. Said once for each read: nobody else will see a slip in one of
/// two keys.
fn keys(secret: &Secret) -> Vec<SigningKey> {
    let words = secret.reveal().split_whitespace();
    let read = words.filter_map(|word| {
        let key = key(word);
        if key.is_none() {
            tracing::error!("a word in the secret of the producer's keys is no key");
        }
        key
    });
    read.collect()
}

/// `whsec_` and the key in base64. A short key could be guessed.
fn key(word: &str) -> Option<SigningKey> {
    let key = aws_smithy_types::base64::decode(word.strip_prefix("whsec_")?).ok()?;
    let fits = SIGNING_KEY_BYTES.contains(&key.len());
    fits.then(|| SigningKey::new(key))
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
