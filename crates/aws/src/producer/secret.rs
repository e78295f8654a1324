//! What Secrets Manager keeps for us.

use crate::config::Secret;
use aws_sdk_secretsmanager::Client;
use cardwright_app::error::PortError;

use crate::call::port_error;

/// The text of a secret, as it is now.
pub(super) async fn read(secrets: &Client, secret_id: &str) -> Result<Secret, PortError> {
    let get = secrets.get_secret_value().secret_id(secret_id).send().await;
    let secret = get.map_err(|error| port_error("secretsmanager.GetSecretValue", error))?;
    Ok(Secret::new(secret.secret_string.unwrap_or_default()))
}
