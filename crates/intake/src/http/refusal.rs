//! Why a request is not taken, and what the client should do.

use super::events::WrongEvent;
use crate::error::Error;
use crate::limits::HTTP_RETRY_SECS;
use axum::http::header::{CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// Why a request is not taken; nothing of it is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("a token is needed: send one that is known as `Authorization: Bearer TOKEN`")]
    Unauthorized,
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Event(#[from] WrongEvent),
    #[error("the body is too large: at most {0} bytes are taken at once")]
    TooLarge(usize),
    #[error("{0}")]
    Unsupported(String),
    #[error("the body did not come in time")]
    Slow,
    #[error("there is no room for more lines now: send them again later")]
    Busy,
    #[error("lines cannot be stored now: send them again later")]
    Broken,
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Refusal::Unauthorized => StatusCode::UNAUTHORIZED,
            Refusal::Invalid(_) | Refusal::Event(_) => StatusCode::BAD_REQUEST,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
            Refusal::Busy => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Broken => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Gives an answer the status, and the fields that go with it.
    pub(super) fn mark(&self, mut response: Response) -> Response {
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        match self {
            Refusal::Unauthorized => {
                let schemes = "Bearer, Basic realm=\"lines\", ApiKey";
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(schemes));
            }
            Refusal::Busy | Refusal::Broken => {
                headers.insert(RETRY_AFTER, HeaderValue::from(HTTP_RETRY_SECS));
            }
            Refusal::Slow => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Refusal::Invalid(_)
            | Refusal::Event(_)
            | Refusal::TooLarge(_)
            | Refusal::Unsupported(_) => {}
        }
        response
    }
}

/// Errs if a piece of a body is larger than it may be.
pub(super) fn bounded(bytes: usize, bytes_max: usize) -> Result<(), Refusal> {
    if bytes > bytes_max {
        let why =
            format!("a part of the body has {bytes} bytes where at most {bytes_max} are taken");
        return Err(Refusal::Invalid(why));
    }
    Ok(())
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => Refusal::Busy,
            Error::Journal(_) => Refusal::Broken,
        }
    }
}
