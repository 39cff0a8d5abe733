//! What Grafana's data source for Loki asks for: lines as entries of streams, counts of them, labels.
//!
//! A query of LogQL becomes a question as everything else asks it ([`search::Filter`]); its answer is made
//! of the original lines of rows that the asker may see. `docs/loki.md` says what is understood.

mod args;
mod catalogue;
mod entries;
mod label;
mod lex;
mod logql;
mod matcher;
mod queries;
pub(crate) mod refusal;
mod samples;
mod time;

use crate::Api;
use crate::asker::Asker;
use crate::problem::Result;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::routing::{any, get};
use axum::{Json, Router};
use query::Sight;
use refusal::Plain;
use serde_json::{Value, json};
use tenancy::Action;

/// The version of Loki that is spoken: clients choose by it what they ask for.
const VERSION: &str = "2.9.0";

/// All of it; paths are those of Loki.
pub(crate) fn router() -> Router<Api> {
    let both = |path: &str| format!("/loki/api/v1/{path}");
    Router::new()
        .route(
            &both("query_range"),
            get(queries::query_range).post(queries::query_range),
        )
        .route(&both("query"), get(queries::query).post(queries::query))
        .route(
            &both("labels"),
            get(catalogue::labels).post(catalogue::labels),
        )
        .route(&both("label"), get(catalogue::labels))
        .route(&both("label/{name}/values"), get(catalogue::values))
        .route(
            &both("series"),
            get(catalogue::series).post(catalogue::series),
        )
        .route(
            &both("index/stats"),
            get(catalogue::stats).post(catalogue::stats),
        )
        .route(&both("status/buildinfo"), get(buildinfo))
        .route("/loki/{*path}", any(refusal::absent))
}

/// Somebody who is known.
struct Caller(Asker);

impl FromRequestParts<Api> for Caller {
    type Rejection = Plain;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> std::result::Result<Self, Plain> {
        Ok(Caller(Asker::from_request_parts(parts, api).await?))
    }
}

async fn buildinfo(_: Caller) -> Json<Value> {
    Json(json!({
        "version": VERSION, "revision": "", "branch": "", "buildUser": "", "buildDate": "",
        "goVersion": "",
    }))
}

/// The archive as the asker sees it, who looks at what a query wants.
async fn looked(api: &Api, caller: &Caller, query: &str) -> Result<Sight> {
    caller.0.sight(api, Action::Search, query).await
}

fn success(data: Value) -> Json<Value> {
    Json(json!({ "status": "success", "data": data }))
}
