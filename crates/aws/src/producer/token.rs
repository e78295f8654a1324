//! The producer's bearer token: read when it is first needed, and again when the producer refuses
//! it, because then it was changed.

use std::fmt;

use crate::config::Secret;
use aws_sdk_secretsmanager::Client;
use reqwest::header::HeaderValue;
use tokio::sync::Mutex;

use super::failed::Failed;
use super::secret;

pub(super) struct Token {
    secrets: Client,
    secret_id: String,
    /// The `Authorization` header. Whoever finds it missing reads it while the others wait.
    known: Mutex<Option<HeaderValue>>,
}

impl Token {
    pub(super) fn new(secrets: Client, secret_id: String) -> Self {
        Self {
            secrets,
            secret_id,
            known: Mutex::new(None),
        }
    }

    /// The `Authorization` header, but not the one that was refused.
    pub(super) async fn header(
        &self,
        refused: Option<&HeaderValue>,
    ) -> Result<HeaderValue, Failed> {
        let mut known = self.known.lock().await;
        match known.as_ref().filter(|header| Some(*header) != refused) {
            Some(header) => Ok(header.clone()),
            None => Ok(known.insert(self.read().await?).clone()),
        }
    }

    async fn read(&self) -> Result<HeaderValue, Failed> {
        let token = secret::read(&self.secrets, &self.secret_id).await;
        bearer(&token.map_err(Failed::Token)?).ok_or(Failed::TokenUnusable)
    }
}

/// White space around the token came with the tool that stored it.
pub(super) fn bearer(token: &Secret) -> Option<HeaderValue> {
    let token = token.reveal().trim();
    let visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let text = visible.then(|| format!("Bearer {token}"))?;
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("secret_id", &self.secret_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_token_can_be_sent() {
        let bearer = |text: &str| bearer(&Secret::new(text.to_owned()));
        assert_eq!(bearer("t0k.en\n").unwrap(), "Bearer t0k.en");
        for bad in ["", " \n", "two words", "a\nb", "tökén"] {
            assert_eq!(bearer(bad), None, "{bad:?}");
        }
        assert!(!format!("{:?}", bearer("t0k.en")).contains("t0k"));
    }
}
