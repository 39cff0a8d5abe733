//! Parameters and bodies of requests, with problem details where they are wrong.

use crate::problem::Problem;
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// What stands behind the `?`.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        let Query(params) =
            read.map_err(|error: QueryRejection| Problem::wrong(error.body_text()))?;
        Ok(Params(params))
    }
}

/// What stands for `{...}` in the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let axum::extract::Path(it) =
            read.map_err(|error: PathRejection| Problem::wrong(error.body_text()))?;
        Ok(Path(it))
    }
}

/// A JSON document.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Json::<T>::from_request(request, state).await;
        let Json(body) =
            read.map_err(|error: JsonRejection| Problem::new(error.status(), error.body_text()))?;
        Ok(Body(body))
    }
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
#[derive(Default)]
pub(crate) struct ListParams {
    /// Only names that hold this.
    text: String,
    /// Only names behind this one: the last of the page before.
    after: String,
    /// At the most; 0 for as many as a page may have.
    limit: u32,
}

impl ListParams {
    pub(crate) fn page(self) -> tenancy::Page {
        tenancy::Page {
            text: self.text,
            after: self.after,
            limit: self.limit,
        }
    }
}

/// The page of a list, for the handlers of lists.
pub(crate) type List = Params<ListParams>;
