//! What goes wrong, as Loki tells it: a line of text.

use crate::problem::Problem;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// A problem in the form that Loki has for it.
#[derive(Debug)]
pub(crate) struct Plain(Problem);

/// Whether those who ask for a path expect problems in this form.
pub(crate) fn is_wanted(path: &str) -> bool {
    path.starts_with("/loki/")
}

impl From<Problem> for Plain {
    fn from(problem: Problem) -> Self {
        Plain(problem)
    }
}

impl IntoResponse for Plain {
    fn into_response(self) -> Response {
        let Problem { detail, hint, .. } = &self.0;
        let told = match hint {
            Some(hint) => format!("{detail} ({hint})\n"),
            None => format!("{detail}\n"),
        };
        let mut response = self.0.into_response();
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        let (head, _) = response.into_parts();
        Response::from_parts(head, told.into())
    }
}

/// A status that is Loki's for what is not there.
pub(super) async fn absent() -> Plain {
    let problem = Problem::new(StatusCode::NOT_FOUND, "this part of Loki is not here");
    problem.hint("see docs/loki.md").into()
}
