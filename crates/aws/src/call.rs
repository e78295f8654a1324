//! What is kept of a failed call: enough to find the cause, and nothing that a service says in
//! words. A failed condition carries the old item, and SES repeats the address.

use std::error::Error;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;
use cardwright_app::error::PortError;

/// Why an AWS call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Nothing was sent; no credentials, for example.
    #[error("the request could not be made")]
    NotSent(#[source] BoxError),
    /// It may have been done or not.
    #[error("no answer in time")]
    TimedOut,
    /// It may have been done or not.
    #[error("no answer")]
    NoAnswer(#[source] BoxError),
    /// It may have been done or not.
    #[error("the answer (HTTP {status}) could not be read")]
    Unreadable { status: u16 },
    /// The service says that it did not do it.
    #[error("{code} (HTTP {status})")]
    Refused {
        code: String,
        status: u16,
        /// For a support case.
        request_id: Option<String>,
    },
}

impl CallError {
    /// The service's own word for it.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::NotSent(_) | Self::TimedOut | Self::NoAnswer(_) | Self::Unreadable { .. } => None,
        }
    }

    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Refused { request_id, .. } => request_id.as_deref(),
            Self::NotSent(_) | Self::TimedOut | Self::NoAnswer(_) | Self::Unreadable { .. } => None,
        }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for CallError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let request_id = error.request_id().map(str::to_owned);
        match error {
            SdkError::TimeoutError(_) => Self::TimedOut,
            SdkError::ResponseError(context) => Self::Unreadable {
                status: context.raw().status().as_u16(),
            },
            SdkError::ServiceError(context) => Self::Refused {
                code: context.err().code().unwrap_or("unknown").to_owned(),
                status: context.raw().status().as_u16(),
                request_id,
            },
            SdkError::ConstructionFailure(_) => Self::NotSent(source(error)),
            // Dispatch failures, and what later releases of the SDK may add.
            _ => Self::NoAnswer(source(error)),
        }
    }
}

fn source<E>(error: SdkError<E, HttpResponse>) -> BoxError
where
    E: Error + Send + Sync + 'static,
{
    error
        .into_source()
        .unwrap_or_else(|error| error.to_string().into())
}

/// Names the operation, such as `sqs.SendMessage`, and keeps of the error what may be logged.
pub fn port_error<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    PortError::new(operation, CallError::from(error))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn kept(error: SdkError<GetItemError, HttpResponse>) -> String {
        let error = CallError::from(error);
        assert_eq!((error.code(), error.request_id()), (None, None));
        error.to_string()
    }

    #[test]
    fn what_became_of_a_call_is_told_from_what_went_wrong() {
        let raw = HttpResponse::new(503.try_into().unwrap(), SdkBody::from("<html>"));
        for (error, text) in [
            (
                SdkError::construction_failure("no key"),
                "the request could not be made",
            ),
            (SdkError::timeout_error("slow"), "no answer in time"),
            (
                SdkError::response_error("no JSON", raw),
                "the answer (HTTP 503) could not be read",
            ),
        ] {
            assert_eq!(kept(error), text);
        }
    }
}
