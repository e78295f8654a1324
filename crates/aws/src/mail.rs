//! Email by SES (the `SendEmail` call of its first API).

mod refusal;

use std::fmt;
use std::time::Duration;

use aws_sdk_ses::Client;
use aws_sdk_ses::error::BuildError;
use aws_sdk_ses::error::ProvideErrorMetadata;
use aws_sdk_ses::operation::send_email::SendEmailError;
use aws_sdk_ses::types::{Body, Content, Destination, Message as SesMessage};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use cardwright_app::error::PortError;
use cardwright_app::ports::{MailAnswer, Result, SendMail};
use cardwright_domain::email::Message;
use cardwright_domain::user::EmailAddress;

use self::refusal::is_for_good;
use crate::call::port_error;
use crate::config::ConfigError;
use crate::limits::{MAIL_PAUSE, MAIL_TRIES};
use crate::system::below;

const OPERATION: &str = "ses.SendEmail";
const UTF_8: &str = "UTF-8";

/// Sends as one sender.
#[derive(Clone)]
pub struct Mail {
    client: Client,
    sender: String,
    pause: Duration,
}

impl Mail {
    /// The client must not try anything again by itself: SES has no key for idempotency, so a
    /// repeat after a lost answer sends a second email, and nobody would count it.
    ///
    /// # Errors
    /// The sender is no plain ASCII address. It is checked here so that what SES says about an
    /// address is about the holder's.
    pub fn new(client: Client, sender: String) -> std::result::Result<Self, ConfigError> {
        if EmailAddress::parse(&sender).is_err() || !sender.is_ascii() {
            let expected = "an email address such as cards@example.com";
            return Err(ConfigError::Invalid {
                name: "EMAIL_SENDER",
                expected,
            });
        }
        Ok(Self {
            client,
            sender,
            pause: MAIL_PAUSE,
        })
    }

    async fn send_once(
        &self,
        to: &EmailAddress,
        message: SesMessage,
    ) -> std::result::Result<String, SdkError<SendEmailError, HttpResponse>> {
        let destination = Destination::builder().to_addresses(to.as_str()).build();
        let send = self
            .client
            .send_email()
            .source(&self.sender)
            .destination(destination);
        Ok(send.message(message).send().await?.message_id)
    }
}

impl SendMail for Mail {
    async fn send_mail(&self, to: &EmailAddress, message: &Message) -> Result<MailAnswer> {
        let message = content(message).map_err(|error| PortError::new(OPERATION, error))?;
        let mut tries = 1;
        loop {
            let error = match self.send_once(to, message.clone()).await {
                Ok(message_id) => return Ok(MailAnswer::Accepted { message_id }),
                Err(error) => error,
            };
            if is_for_good(error.code(), error.message(), &self.sender) {
                let code = error.code().unwrap_or_default();
                let reason = format!("the mail service refused it: {code}");
                return Ok(MailAnswer::Rejected { reason });
            }
            if !is_unsent(&error) {
                return Err(port_error(OPERATION, error));
            }
            if error.code() != Some("Throttling") || tries == MAIL_TRIES {
                let code = error.code().unwrap_or("no connection");
                return Ok(MailAnswer::Deferred {
                    reason: code.to_owned(),
                });
            }
            tries += 1;
            tokio::time::sleep(below(self.pause)).await;
        }
    }
}

/// Whether SES surely took nothing: it said so (4xx), or no connection was made. Whatever else may have
/// sent the email.
fn is_unsent(error: &SdkError<SendEmailError, HttpResponse>) -> bool {
    match error {
        SdkError::ConstructionFailure(_) => true,
        SdkError::DispatchFailure(_) => no_connection(error),
        SdkError::ServiceError(refused) => refused.raw().status().is_client_error(),
        _ => false,
    }
}

fn no_connection(error: &(dyn std::error::Error + 'static)) -> bool {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain
        .filter_map(|error| error.downcast_ref::<hyper_util::client::legacy::Error>())
        .any(hyper_util::client::legacy::Error::is_connect)
}

fn content(message: &Message) -> std::result::Result<SesMessage, BuildError> {
    let utf_8 = |text: &str| Content::builder().data(text).charset(UTF_8).build();
    let body = Body::builder()
        .text(utf_8(&message.text)?)
        .html(utf_8(&message.html)?)
        .build();
    Ok(SesMessage::builder()
        .subject(utf_8(&message.subject)?)
        .body(body)
        .build())
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
