//! Questions that are kept under a name.

use crate::Api;
use crate::asker::Asker;
use crate::input::{Body, Path};
use crate::problem::{Problem, Result};
use crate::v1::customers::Made;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tenancy::{NewSearch, SearchId};
use utoipa::ToSchema;

/// A question to keep.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SearchDetails {
    name: String,
    /// As it was typed.
    question: String,
    /// Whether the others of the same customer see it.
    #[serde(default)]
    is_shared: bool,
}

/// A question that is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kept {
    id: i64,
    /// Login of whoever keeps it.
    owner: String,
    name: String,
    question: String,
    is_shared: bool,
}

fn details(body: SearchDetails) -> NewSearch {
    NewSearch {
        name: body.name,
        question: body.question,
        is_shared: body.is_shared,
    }
}

/// Own searches and those that are shared
#[utoipa::path(get, path = "/searches", tag = "questions", responses(
    (status = 200, body = Vec<Kept>), (status = "4XX", body = Problem)))]
pub(crate) async fn searches(State(api): State<Api>, asker: Asker) -> Result<Json<Vec<Kept>>> {
    let document = |it: tenancy::SavedSearch| Kept {
        id: it.id.0,
        owner: it.owner_login,
        name: it.name,
        question: it.question,
        is_shared: it.is_shared,
    };
    let searches = api.tenancy.searches(&asker.0).await?;
    Ok(Json(searches.into_iter().map(document).collect()))
}

/// Keep a search
#[utoipa::path(post, path = "/searches", tag = "questions", request_body = SearchDetails, responses(
    (status = 201, body = Made), (status = "4XX", body = Problem)))]
pub(crate) async fn add_search(
    State(api): State<Api>,
    asker: Asker,
    Body(body): Body<SearchDetails>,
) -> Result<(StatusCode, Json<Made>)> {
    let id = api.tenancy.add_search(&asker.0, &details(body)).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// Change a search that one keeps
#[utoipa::path(put, path = "/searches/{id}", tag = "questions", params(("id" = i64, Path)),
    request_body = SearchDetails, responses((status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn set_search(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
    Body(body): Body<SearchDetails>,
) -> Result<StatusCode> {
    let search = details(body);
    api.tenancy
        .set_search(&asker.0, SearchId(id), &search)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keep a search no longer
#[utoipa::path(delete, path = "/searches/{id}", tag = "questions", params(("id" = i64, Path)), responses(
    (status = 204), (status = "4XX", body = Problem)))]
pub(crate) async fn remove_search(
    State(api): State<Api>,
    asker: Asker,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    api.tenancy.remove_search(&asker.0, SearchId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
