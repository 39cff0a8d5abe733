//! What goes wrong, as Mailgun's clients are told: `{"message": "..."}`.

use crate::problem::Problem;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A problem in the form that Mailgun has for it.
#[derive(Debug)]
pub(crate) struct Refusal(Problem);

/// Whether those who ask for a path expect problems in this form.
pub(crate) fn is_wanted(path: &str) -> bool {
    path.starts_with("/v1/") || path.starts_with("/v3/")
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Refusal(problem)
    }
}

impl From<tenancy::Error> for Refusal {
    fn from(error: tenancy::Error) -> Self {
        Refusal(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let message = match (status, self.0.hint) {
            // Its words, which programs look for.
            (StatusCode::UNAUTHORIZED, _) => "Invalid private key".to_owned(),
            (_, Some(hint)) => format!("{}: {hint}", self.0.detail),
            (_, None) => self.0.detail.into_string(),
        };
        let mut response = (status, Json(json!({ "message": message }))).into_response();
        if let Some(seconds) = self.0.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
