//! What happened to a message, over all hops.

use crate::Api;
use crate::ask::answered;
use crate::asker::Asker;
use crate::document::document;
use crate::input::Params;
use crate::limits::{JOURNEYS_MAX, TRACE_ROWS_MAX};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use query::Sight;
use search::Filter;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenancy::Action;
use utoipa::{IntoParams, ToSchema};

/// Of which message.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TraceParams {
    /// A Message-ID, a queue id, or an address, of which the newest messages are told.
    what: String,
    /// Journeys at the most.
    #[serde(default = "limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: usize,
    /// Whether rows come with their original lines.
    #[serde(default)]
    lines: bool,
}

fn limit() -> usize {
    10
}

/// What happened to messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct Trace {
    /// All rows of them that the asker may see, the earliest first.
    #[schema(value_type = Vec<crate::openapi::Row>)]
    rows: Vec<Map<String, Value>>,
    /// Each message with its hops, recipients and what came of them; absent for those who see a part
    /// of the rows only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    journeys: Option<Vec<Value>>,
    /// What was refused before it was a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    refusals: Option<Vec<Value>>,
    /// Whether there is more than is told.
    more: bool,
}

/// What happened to a message, or to the newest of an address
#[utoipa::path(get, path = "/trace", tag = "questions", params(TraceParams), responses(
    (status = 200, body = Trace), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn trace(
    State(api): State<Api>,
    asker: Asker,
    Params(params): Params<TraceParams>,
) -> Result<Json<Trace>> {
    if !(1..=JOURNEYS_MAX).contains(&params.limit) {
        return Err(Problem::wrong("`limit` is a number from 1 to 100"));
    }
    let what = params.what.trim().to_owned();
    if what.is_empty() {
        return Err(
            Problem::wrong("`what` is empty").hint("a Message-ID, a queue id or an address")
        );
    }
    // Quotes are in no id or address that a log has whole.
    let quoted = what.replace(['"', '\\'], "");
    let wanted = format!("id:\"{quoted}\" OR any:\"{quoted}\"");
    let wanted = Filter::parse(&wanted, api.daemon.now(), &TimeZone::UTC)?;
    let sight = asker.sight(&api, Action::Trace, &what).await?;
    let told = api.clone();
    let sees_all = asker.sees_all();
    let ask = move |sight: Sight| async move {
        let traced = query::trace(&sight, &wanted, TRACE_ROWS_MAX).await?;
        let mut rows = Vec::with_capacity(traced.rows.len());
        for row in &traced.rows {
            rows.push(document(&told, row, params.lines).await?);
        }
        let joined = sees_all.then(|| told.daemon.journeys(&traced, &what, params.limit));
        let more = traced.narrowed || joined.as_ref().is_some_and(|it| it.more);
        let (journeys, refusals) = joined.map(|it| (it.journeys, it.refusals)).unzip();
        Ok(Trace {
            rows,
            journeys,
            refusals,
            more,
        })
    };
    Ok(Json(answered(&api, sight, ask).await?))
}
