//! How many: by value, and over time.

use crate::Api;
use crate::ask::{Question, answered, zone};
use crate::asker::Asker;
use crate::input::Params;
use crate::limits::{BARS_MAX, FACET_VALUES_MAX};
use crate::openapi::instant;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use query::{Column, Sight};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tenancy::Action;
use utoipa::{IntoParams, ToSchema};

/// By which columns.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FacetParams {
    /// Columns, separated by commas: `kind,host`.
    by: String,
    /// Values of each at the most.
    #[serde(default = "top")]
    #[param(minimum = 1, maximum = 1_000)]
    top: usize,
}

fn top() -> usize {
    10
}

/// The most frequent values of a column.
#[derive(Serialize, ToSchema)]
pub(crate) struct Facet {
    /// Its name.
    column: &'static str,
    /// The most frequent first.
    values: Vec<FacetValue>,
}

/// A value, and how many rows have it.
#[derive(Serialize, ToSchema)]
pub(crate) struct FacetValue {
    /// Absent for rows that have none.
    value: Option<String>,
    rows: u64,
}

/// The most frequent values among the rows that a question wants
#[utoipa::path(get, path = "/facets", tag = "questions", params(Question, FacetParams), responses(
    (status = 200, body = Vec<Facet>), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn facets(
    State(api): State<Api>,
    asker: Asker,
    Params(question): Params<Question>,
    Params(params): Params<FacetParams>,
) -> Result<Json<Vec<Facet>>> {
    let search = question.search(&api)?;
    if !(1..=FACET_VALUES_MAX).contains(&params.top) {
        return Err(Problem::wrong("`top` is a number from 1 to 1,000"));
    }
    let names = params.by.split(',').map(str::trim);
    let columns: Result<Vec<Column>> = names
        .map(|name| {
            let unknown = || {
                Problem::wrong(format!("`by`: there is no column `{name}`"))
                    .hint("GET /api/v1/fields lists them")
            };
            Column::named(name).ok_or_else(unknown)
        })
        .collect();
    let columns = columns?;
    let sight = asker.sight(&api, Action::Search, &question.q).await?;
    let ask = move |sight: Sight| async move {
        let mut facets = Vec::new();
        for column in columns {
            let values =
                query::facet(&sight, &search.filter, search.range, column, params.top).await?;
            let value = |it: query::Facet| FacetValue {
                value: it.value,
                rows: it.rows,
            };
            facets.push(Facet {
                column: column.name(),
                values: values.into_iter().map(value).collect(),
            });
        }
        Ok(facets)
    };
    Ok(Json(answered(&api, sight, ask).await?))
}

/// How long a bar is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BarParams {
    /// Seconds of a bar; chosen by the range, or by the rows' time, where it is absent.
    #[param(minimum = 1)]
    every: Option<u64>,
}

/// Rows over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Histogram {
    /// Seconds of a bar.
    every: u64,
    /// Those that have rows, the earliest first.
    bars: Vec<Bar>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Bar {
    /// When it begins.
    at: String,
    rows: u64,
}

/// Lengths that people read, seconds.
const LENGTHS: [i64; 12] = [
    1, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 86_400, 604_800, 2_592_000,
];
/// Bars that fit on a screen.
const BARS_WANTED: i64 = 120;

/// How many rows a question wants of each stretch of time
#[utoipa::path(get, path = "/histogram", tag = "questions", params(Question, BarParams), responses(
    (status = 200, body = Histogram), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
pub(crate) async fn histogram(
    State(api): State<Api>,
    asker: Asker,
    Params(question): Params<Question>,
    Params(params): Params<BarParams>,
) -> Result<Json<Histogram>> {
    zone(question.zone.as_deref())?;
    let search = question.search(&api)?;
    let sight = asker.sight(&api, Action::Search, &question.q).await?;
    let span = sight.span(search.range).unwrap_or((0, 1));
    let seconds = span.1.saturating_sub(span.0) / 1_000_000 + 1;
    let every = match params.every {
        Some(every) => i64::try_from(every).unwrap_or(i64::MAX).max(1),
        None => {
            let fits = |it: &&i64| seconds / **it <= BARS_WANTED;
            *LENGTHS.iter().find(fits).unwrap_or(&LENGTHS[11])
        }
    };
    if seconds / every > BARS_MAX {
        return Err(Problem::wrong("`every` is too short for the range")
            .hint(format!("at most {BARS_MAX} bars")));
    }
    let ask = move |sight: Sight| async move {
        let every = Duration::from_secs(every.unsigned_abs());
        let bars = query::histogram(&sight, &search.filter, search.range, every).await?;
        let bar = |it: query::Bar| Bar {
            at: instant(it.at),
            rows: it.rows,
        };
        Ok(Histogram {
            every: every.as_secs(),
            bars: bars.into_iter().map(bar).collect(),
        })
    };
    Ok(Json(answered(&api, sight, ask).await?))
}
