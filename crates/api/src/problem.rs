//! What goes wrong, as clients are told: problem details (RFC 9457).

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use desk::{QUESTION_MAX, Unanswered};
use serde::Serialize;
use utoipa::ToSchema;

/// The type of such documents.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// Why there is no answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The same for each status; nothing more can be told by a program.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// HTTP status.
    pub(crate) status: u16,
    /// What is wrong with this request.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) detail: Box<str>,
    /// What may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<Box<str>>,
    /// Which bytes of the question it is about: from and until.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<[u32; 2]>,
    /// What is wanted beside: `code`, that of the second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    wants: Option<&'static str>,
    /// Seconds after which it may go well.
    #[serde(skip)]
    pub(crate) retry_after: Option<u32>,
}

/// What was asked for, or why not.
pub(crate) type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<Box<str>>) -> Self {
        Problem {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("problem"),
            status: status.as_u16(),
            detail: detail.into(),
            hint: None,
            at: None,
            wants: None,
            retry_after: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<Box<str>>) -> Self {
        Problem {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub(crate) fn wants(self, what: &'static str) -> Self {
        Problem {
            wants: Some(what),
            ..self
        }
    }

    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        Problem {
            retry_after: Some(u32::try_from(seconds).unwrap_or(u32::MAX)),
            ..self
        }
    }

    /// A parameter is wrong.
    pub(crate) fn wrong(detail: impl Into<Box<str>>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Nobody is known to ask.
    pub(crate) fn unknown() -> Self {
        Problem::new(StatusCode::UNAUTHORIZED, "who asks is not known")
            .hint("send `Authorization: Bearer KEY`, or log in")
    }

    /// Who asks may not.
    pub(crate) fn forbidden(right: &str) -> Self {
        Problem::new(
            StatusCode::FORBIDDEN,
            format!("this needs the right `{right}`"),
        )
    }

    /// There is no such thing, or none that the asker may know of.
    pub(crate) fn absent(what: &str) -> Self {
        Problem::new(StatusCode::NOT_FOUND, format!("there is no such {what}"))
    }

    /// It is not the asker's fault; what it is, is for the log.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %chain(error), "a request failed");
        Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "see the log of the daemon",
        )
    }
}

/// An error and what it came from, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let told: Vec<_> = causes.map(ToString::to_string).collect();
    told.join(": ")
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.title, self.detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static(PROBLEM);
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"waybill\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<search::Error> for Problem {
    fn from(error: search::Error) -> Self {
        Problem {
            // Questions are short.
            at: Some([error.span.start as u32, error.span.end as u32]),
            hint: error.hint.map(Into::into),
            ..Problem::wrong(format!("`q`: {}", error.problem))
        }
    }
}

impl From<query::Error> for Problem {
    fn from(error: query::Error) -> Self {
        match error {
            query::Error::TooLong(limit) => Problem::too_long(limit.as_secs()),
            other => Problem::internal(&other),
        }
    }
}

impl From<Unanswered> for Problem {
    fn from(error: Unanswered) -> Self {
        match error {
            Unanswered::Busy => {
                let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string());
                problem.retry_after(5)
            }
            Unanswered::TooLong => Problem::too_long(QUESTION_MAX.as_secs()),
            Unanswered::Panicked(panic) => Problem::internal(&panic),
        }
    }
}

impl Problem {
    /// A question took longer than it may, in seconds.
    pub(crate) fn too_long(seconds: u64) -> Self {
        let detail = format!("the question took longer than {seconds} s");
        Problem::new(StatusCode::GATEWAY_TIMEOUT, detail).hint("ask for less time, or for less")
    }
}
