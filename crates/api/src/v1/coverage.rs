//! How complete an answer is, and who sends lines.

use crate::Api;
use crate::ask::{answered, range, zone};
use crate::asker::Asker;
use crate::input::Params;
use crate::openapi::instant;
use crate::problem::{Problem, Result};
use crate::v1::account::When;
use axum::Json;
use axum::extract::State;
use query::Sight;
use serde::Serialize;
use tenancy::Action;
use utoipa::ToSchema;

/// What there is of a range of time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Coverage {
    /// Time of the first row; absent where there is none.
    first: Option<String>,
    /// Time of the last row.
    last: Option<String>,
    /// Stretches in which there is nothing, though there is before and after.
    gaps: Vec<Gap>,
    /// What there is of each host; empty for those who may not know of our hosts.
    hosts: Vec<Host>,
}

/// A stretch of time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Gap {
    from: String,
    until: String,
}

/// What there is of a host.
#[derive(Serialize, ToSchema)]
pub(crate) struct Host {
    host: String,
    first: String,
    last: String,
    /// Original lines.
    lines: u64,
    /// Those of them that no rule knows.
    lines_unknown: u64,
    gaps: Vec<Gap>,
}

fn gaps(gaps: Vec<(i64, i64)>) -> Vec<Gap> {
    let gap = |(from, until)| Gap {
        from: instant(from),
        until: instant(until),
    };
    gaps.into_iter().map(gap).collect()
}

/// What answers about a range of time can know
#[utoipa::path(get, path = "/coverage", tag = "questions", params(When), responses(
    (status = 200, body = Coverage), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn coverage(
    State(api): State<Api>,
    asker: Asker,
    Params(when): Params<When>,
) -> Result<Json<Coverage>> {
    let zone = zone(when.zone.as_deref())?;
    let range = range(when.range.as_deref(), api.daemon.now(), &zone)?;
    let sight = asker.sight(&api, Action::Search, "").await?;
    let sees_all = asker.sees_all();
    let ask = move |sight: Sight| async move {
        let coverage = query::coverage(&sight, range).await?;
        let span = coverage.span();
        let host = |it: query::Host| Host {
            host: it.host,
            first: instant(it.first),
            last: instant(it.last),
            lines: it.lines,
            lines_unknown: it.lines_unknown,
            gaps: gaps(it.gaps),
        };
        let hosts = coverage.hosts.into_iter().filter(|_| sees_all);
        Ok(Coverage {
            first: span.map(|(first, _)| instant(first)),
            last: span.map(|(_, last)| instant(last)),
            gaps: gaps(coverage.gaps),
            hosts: hosts.map(host).collect(),
        })
    };
    Ok(Json(answered(&api, sight, ask).await?))
}
