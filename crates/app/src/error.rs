//! What a use case answers instead of a result.

use cardwright_domain::refusal::Refusal;

/// A service behind a port did not answer as expected. Whether it did what it was asked is not known.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed")]
pub struct PortError {
    /// The service and the call, such as `dynamodb.TransactWriteItems`.
    pub operation: &'static str,
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl PortError {
    pub fn new(
        operation: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            operation,
            source: source.into(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no. The caller is told why.
    #[error("refused")]
    Refused(Refusal),
    /// Something remote failed. The caller may try again with the same key.
    #[error("a service did not answer")]
    Unavailable(#[from] PortError),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
