//! The one place where SDK clients are built. `aws-config` is not used: a Lambda function has its
//! region and credentials in the environment, and the chain that looks for them elsewhere costs
//! size and time.

use std::fmt;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::config::{ConfigError, Environment};
use crate::dynamodb::Tables;
use crate::limits::{AWS_ATTEMPT, AWS_CONNECT, AWS_OPERATION, AWS_TRIES};
#[cfg(feature = "ses")]
use crate::mail::Mail;
#[cfg(feature = "producer")]
use crate::producer::{Bureau, WebhookKeys};
#[cfg(feature = "sqs")]
use crate::queues::{Queue, Queues};
use crate::requests::CountRequests;

/// A client of one service: its own endpoint if there is one, the rest shared, every request
/// counted.
macro_rules! client {
    ($sdk:ident, $shared:expr, $endpoint:expr) => {{
        let mut config = $sdk::config::Builder::from($shared).interceptor(CountRequests);
        config.set_endpoint_url($endpoint);
        $sdk::Client::from_conf(config.build())
    }};
}

/// Where and as whom AWS is called: what tests and tools say themselves.
#[derive(Clone)]
pub struct Endpoint {
    /// `http` works as well as `https`.
    pub url: String,
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// Gives out clients and adapters. All of them share one pool of connections.
#[derive(Debug, Clone)]
pub struct Aws {
    shared: SdkConfig,
    pub(crate) environment: Environment,
}

impl Aws {
    /// AWS as the environment says. For tools; a function calls [`crate::start`].
    ///
    /// # Errors
    /// A setting is missing.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_environment(Environment::of_process())
    }

    /// AWS at this endpoint, for every service.
    #[must_use]
    pub fn at(endpoint: Endpoint) -> Self {
        let credentials =
            Credentials::from_keys(endpoint.access_key_id, endpoint.secret_access_key, None);
        let credentials = SharedCredentialsProvider::new(credentials);
        let shared = shared(endpoint.region, credentials)
            .endpoint_url(endpoint.url)
            .build();
        // The endpoint is for every service, so no setting of the process may overrule it for one.
        let environment = Environment::new(|name| {
            let overrules = name.starts_with("AWS_");
            (!overrules).then(|| std::env::var(name).ok()).flatten()
        });
        Self {
            shared,
            environment,
        }
    }

    pub(crate) fn from_environment(environment: Environment) -> Result<Self, ConfigError> {
        let region = environment.required("AWS_REGION")?;
        // Asked for now as well, so that a function without credentials stops at init.
        environment.required("AWS_ACCESS_KEY_ID")?;
        environment.required("AWS_SECRET_ACCESS_KEY")?;
        let credentials = SharedCredentialsProvider::new(FromEnvironment(environment.clone()));
        let mut shared = shared(region, credentials);
        shared.set_endpoint_url(environment.optional("AWS_ENDPOINT_URL"));
        Ok(Self {
            shared: shared.build(),
            environment,
        })
    }

    /// The client of the tables, for tests and tools that make or look at tables themselves.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        client!(
            aws_sdk_dynamodb,
            &self.shared,
            self.endpoint("AWS_ENDPOINT_URL_DYNAMODB")
        )
    }

    /// The store, in `USERS_TABLE` and `CARDS_TABLE`.
    ///
    /// # Errors
    /// A table's name is not set.
    pub fn tables(&self) -> Result<Tables, ConfigError> {
        let users = self.environment.required("USERS_TABLE")?;
        let cards = self.environment.required("CARDS_TABLE")?;
        Ok(Tables::new(self.dynamodb(), users, cards))
    }

    /// The named queues, each from its setting.
    ///
    /// # Errors
    /// A queue's URL is not set.
    #[cfg(feature = "sqs")]
    pub fn queues(&self, queues: &[Queue]) -> Result<Queues, ConfigError> {
        let url = |queue: &Queue| Ok((*queue, self.environment.required(queue.setting())?));
        let urls: Vec<_> = queues.iter().map(url).collect::<Result<_, _>>()?;
        Ok(Queues::new(self.sqs(), urls))
    }

    /// The client of the queues, for tests and tools.
    #[cfg(feature = "sqs")]
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        client!(
            aws_sdk_sqs,
            &self.shared,
            self.endpoint("AWS_ENDPOINT_URL_SQS")
        )
    }

    /// Email, sent as `EMAIL_SENDER`.
    ///
    /// # Errors
    /// The sender is not set or no address.
    #[cfg(feature = "ses")]
    pub fn mail(&self) -> Result<Mail, ConfigError> {
        Mail::new(self.ses(), self.environment.required("EMAIL_SENDER")?)
    }

    /// The client of the mail service. It tries nothing again by itself: see [`Mail::new`].
    #[cfg(feature = "ses")]
    #[must_use]
    pub fn ses(&self) -> aws_sdk_ses::Client {
        let once = self
            .shared
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .build();
        client!(aws_sdk_ses, &once, self.endpoint("AWS_ENDPOINT_URL_SES"))
    }

    /// The producer at `PRODUCER_URL`, with the token in the secret `PRODUCER_SECRET_ID`. For a use
    /// case in which a person waits: [`Bureau::direct`].
    ///
    /// # Errors
    /// A setting is missing or not valid.
    #[cfg(feature = "producer")]
    pub fn bureau(&self) -> Result<Bureau, ConfigError> {
        let url = self.environment.required("PRODUCER_URL")?;
        let secret_id = self.environment.required("PRODUCER_SECRET_ID")?;
        Bureau::new(self.secrets(), &url, secret_id)
    }

    /// The keys of the producer's events, in the secret `PRODUCER_WEBHOOK_SECRET_ID`.
    ///
    /// # Errors
    /// The setting is missing.
    #[cfg(feature = "producer")]
    pub fn webhook_keys(&self) -> Result<WebhookKeys, ConfigError> {
        let secret_id = self.environment.required("PRODUCER_WEBHOOK_SECRET_ID")?;
        Ok(WebhookKeys::new(self.secrets(), secret_id))
    }

    #[cfg(feature = "producer")]
    pub(crate) fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        let endpoint = self.endpoint("AWS_ENDPOINT_URL_SECRETS_MANAGER");
        client!(aws_sdk_secretsmanager, &self.shared, endpoint)
    }

    /// A service's own endpoint counts before the one for all.
    fn endpoint(&self, name: &'static str) -> Option<String> {
        let own = self.environment.optional(name);
        own.or_else(|| self.shared.endpoint_url().map(str::to_owned))
    }
}

fn shared(
    region: String,
    credentials: SharedCredentialsProvider,
) -> aws_types::sdk_config::Builder {
    // TLS by ring: aws-lc would add megabytes to each function and needs a C compiler to build.
    let https = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    // The SDK has no limit for an attempt or an operation by itself.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(AWS_CONNECT)
        .operation_attempt_timeout(AWS_ATTEMPT)
        .operation_timeout(AWS_OPERATION)
        .build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(https)
        .region(Region::new(region))
        .credentials_provider(credentials)
        .retry_config(RetryConfig::standard().with_max_attempts(AWS_TRIES))
        .timeout_config(timeouts)
}

/// Reads the credentials anew each time the SDK asks for them.
#[derive(Debug)]
struct FromEnvironment(Environment);

impl FromEnvironment {
    fn read(&self) -> Result<Credentials, CredentialsError> {
        let required = |name| self.0.required(name).map_err(CredentialsError::not_loaded);
        let (key, secret) = (
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
        );
        let token = self.0.optional("AWS_SESSION_TOKEN");
        Ok(Credentials::new(key, secret, token, None, "environment"))
    }
}

impl ProvideCredentials for FromEnvironment {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(self.read())
    }
}

#[cfg(test)]
mod tests;
