//! How the daemon does, and for how long mail is kept.

use crate::Api;
use crate::asker::Asker;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use tenancy::Right;
use utoipa::ToSchema;

/// Who sends lines, how many, and what is wrong with them
#[utoipa::path(get, path = "/sources", tag = "operation", responses(
    (status = 200, body = Vec<Object>), (status = "4XX", body = Problem)))]
pub(crate) async fn sources(State(api): State<Api>, asker: Asker) -> Result<Json<Value>> {
    asker.needs(Right::ReadSources)?;
    Ok(Json(api.daemon.sources()))
}

/// How the daemon does: what waits, how much room there is
#[utoipa::path(get, path = "/status", tag = "operation", responses(
    (status = 200, body = Object), (status = "4XX", body = Problem)))]
pub(crate) async fn status(State(api): State<Api>, asker: Asker) -> Result<Json<Value>> {
    asker.needs(Right::ReadSources)?;
    Ok(Json(api.daemon.status()))
}

/// A retention class.
#[derive(Serialize, ToSchema)]
pub(crate) struct Class {
    name: String,
    /// For which mail in it is kept; absent is for ever.
    days: Option<u32>,
}

/// Retention classes: which a customer may have
#[utoipa::path(get, path = "/retention", tag = "operation", responses(
    (status = 200, body = Vec<Class>), (status = "4XX", body = Problem)))]
pub(crate) async fn retention(State(api): State<Api>, asker: Asker) -> Result<Json<Vec<Class>>> {
    asker.needs(Right::RunUpkeep)?;
    let classes = api
        .daemon
        .retention()
        .map_err(|it| Problem::internal(&*it))?;
    let class = |(name, days)| Class { name, days };
    Ok(Json(classes.into_iter().map(class).collect()))
}
