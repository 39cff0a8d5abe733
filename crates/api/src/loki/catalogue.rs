//! Labels, their values, and the streams that there are.

use super::args::Args;
use super::label::{self, ACCOUNT, SHOWN};
use super::logql::{Lines, Query};
use super::refusal::Plain;
use super::{Caller, looked, matcher, samples, success};
use crate::Api;
use crate::ask::answered;
use crate::limits::LABEL_VALUES_MAX;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::{Path, State};
use query::Sight;
use search::Filter;
use serde_json::{Value, json};
use tenancy::Right;

type Answer = std::result::Result<Json<Value>, Plain>;

/// Names of labels: those of which the asker may see values.
pub(super) async fn labels(caller: Caller) -> Answer {
    caller.0.needs(Right::ReadMail)?;
    let names = SHOWN.into_iter().chain([ACCOUNT]).map(|(name, _)| name);
    let seen = names.filter(|it| caller.0.sees_all() || *it != "host");
    let mut names: Vec<&str> = seen.collect();
    names.sort_unstable();
    Ok(success(json!(names)))
}

/// The values of a label among the lines of a query, or all lines, of a time.
pub(super) async fn values(
    State(api): State<Api>,
    caller: Caller,
    Path(name): Path<String>,
    args: Args,
) -> Answer {
    let lines = of_query(args.text("query"))?;
    let range = args.range(api.daemon.now())?;
    let Some((_, column)) = label::counted(&name) else {
        caller.0.needs(Right::ReadMail)?;
        return Ok(success(json!([])));
    };
    let asked = format!("values of {name}: {}", args.text("query").unwrap_or("{}"));
    let sight = looked(&api, &caller, &asked).await?;
    let ask = move |sight: Sight| async move {
        let filter = matcher::filter(&lines.matchers, &sight, range).await?;
        matcher::values(&sight, (&filter, range), column).await
    };
    Ok(success(json!(answered(&api, sight, ask).await?)))
}

/// The streams that have lines of one of several queries.
pub(super) async fn series(State(api): State<Api>, caller: Caller, args: Args) -> Answer {
    let texts: Vec<&str> = args.all("match[]").chain(args.all("match")).collect();
    let queries = texts.iter().map(|it| Query::parse_lines(it));
    let queries = queries.collect::<Result<Vec<Lines>>>()?;
    let range = args.range(api.daemon.now())?;
    let sight = looked(&api, &caller, &texts.join(" ")).await?;
    let ask = move |sight: Sight| async move {
        let mut filters = Vec::with_capacity(queries.len());
        for lines in &queries {
            filters.push(matcher::filter(&lines.matchers, &sight, range).await?);
        }
        let filter = match filters.is_empty() {
            true => Filter::All,
            false => Filter::or(filters),
        };
        let (streams, _) = samples::streams(&sight, (&filter, range)).await?;
        if streams.len() > LABEL_VALUES_MAX {
            let detail = format!("there are more than {LABEL_VALUES_MAX} streams");
            return Err(Problem::wrong(detail).hint("ask for less"));
        }
        Ok(streams)
    };
    Ok(success(json!(answered(&api, sight, ask).await?)))
}

/// How much there is of a query. Bytes are not known before lines are read, and chunks are none.
pub(super) async fn stats(State(api): State<Api>, caller: Caller, args: Args) -> Answer {
    let lines = of_query(Some(args.query()?))?;
    let range = args.range(api.daemon.now())?;
    let sight = looked(&api, &caller, args.query()?).await?;
    let ask = move |sight: Sight| async move {
        let filter = matcher::filter(&lines.matchers, &sight, range).await?;
        samples::streams(&sight, (&filter, range)).await
    };
    let (streams, entries) = answered(&api, sight, ask).await?;
    let streams = streams.len();
    Ok(Json(
        json!({ "streams": streams, "chunks": 0, "entries": entries, "bytes": 0 }),
    ))
}

/// The lines of a query; all where there is none.
fn of_query(text: Option<&str>) -> Result<Lines> {
    Query::parse_lines(text.unwrap_or("{}"))
}
