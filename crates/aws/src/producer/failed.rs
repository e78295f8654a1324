//! Why a call to the producer brought no answer. The producer's own words are not kept.

use std::time::Duration;

use cardwright_app::error::PortError;

use crate::limits::PRODUCER_ANSWER_BYTES;

#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("the circuit is open")]
    CircuitOpen,
    #[error("the producer's token could not be read")]
    Token(#[source] PortError),
    #[error("the secret holds no text that can be sent as a bearer token")]
    TokenUnusable,
    #[error("the HTTPS client can't be built")]
    NoClient,
    #[error("no answer")]
    NoAnswer(#[source] reqwest::Error),
    #[error("the time for the producer is used up")]
    OutOfTime,
    /// 429 and 503.
    #[error("the producer is busy (HTTP {status})")]
    Busy {
        status: u16,
        retry_after: Option<Duration>,
    },
    #[error("the producer failed (HTTP {status})")]
    Broken { status: u16 },
    #[error("the producer refuses the token (HTTP 401)")]
    Unauthorized,
    /// 400, 413 and 422: nothing of the request was decided.
    #[error("the producer refuses the request (HTTP {status})")]
    Refused { status: u16 },
    /// 404 to a question about an order.
    #[error("the producer knows no such order (HTTP 404)")]
    NotFound,
    #[error("the producer answers with a status that is not agreed (HTTP {status})")]
    Unexpected { status: u16 },
    #[error("the answer has more than {PRODUCER_ANSWER_BYTES} bytes")]
    TooLong,
    #[error("the answer can't be read ({0})")]
    Unreadable(String),
}

impl Failed {
    /// Where in the answer reading failed, without the text that stood there.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        Self::Unreadable(format!("line {}, column {}", error.line(), error.column()))
    }

    /// Whether the same request may bring an answer a little later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::NoAnswer(_)
            | Self::Busy { .. }
            | Self::Broken { .. }
            | Self::TooLong
            | Self::Unreadable(_) => true,
            Self::CircuitOpen
            | Self::Token(_)
            | Self::TokenUnusable
            | Self::NoClient
            | Self::OutOfTime
            | Self::Unauthorized
            | Self::Refused { .. }
            | Self::NotFound
            | Self::Unexpected { .. } => false,
        }
    }

    /// Whether it stays so until somebody changes something.
    pub(super) fn needs_a_person(&self) -> bool {
        match self {
            Self::Token(_)
            | Self::TokenUnusable
            | Self::NoClient
            | Self::Unauthorized
            | Self::Refused { .. }
            | Self::Unexpected { .. }
            | Self::TooLong
            | Self::Unreadable(_) => true,
            Self::CircuitOpen
            | Self::NoAnswer(_)
            | Self::NotFound
            | Self::OutOfTime
            | Self::Busy { .. }
            | Self::Broken { .. } => false,
        }
    }

    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Busy { status, .. }
            | Self::Broken { status }
            | Self::Refused { status }
            | Self::Unexpected { status } => Some(*status),
            Self::Unauthorized => Some(401),
            Self::NotFound => Some(404),
            _ => None,
        }
    }

    /// How long the producer wants to be left alone.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
