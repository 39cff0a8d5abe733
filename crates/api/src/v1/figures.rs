//! Figures of a report: what was counted in a time, beside the time before.

use crate::Api;
use crate::ask::answered;
use crate::asker::Asker;
use crate::input::{Params, Path};
use crate::limits::QUESTION_MAX;
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use query::Sight;
use schedules::{Compared, Map, Span, Table};
use serde::{Deserialize, Serialize};
use tenancy::Action;
use utoipa::{IntoParams, ToSchema};

/// Which time, and what it is compared with.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfTable {
    /// The first moment, as `2026-11-16T00:00:00Z`.
    from: String,
    /// The first moment behind it.
    until: String,
    /// The first moment of the time before.
    before_from: String,
    /// The first moment behind that.
    before_until: String,
    /// The column of which the greatest come first, as `bytes`; the first where it is absent.
    order: Option<String>,
}

/// Which time, what it is compared with, and how long stretches are.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfTraffic {
    /// The first moment, as `2026-11-16T00:00:00Z`.
    from: String,
    /// The first moment behind it.
    until: String,
    /// The first moment of the time before.
    before_from: String,
    /// The first moment behind that.
    before_until: String,
    /// Seconds of a stretch.
    every: i64,
}

/// Four moments, by name.
fn compared(moments: [(&str, &str); 4]) -> Result<Compared> {
    let read = |(name, text): (&str, &str)| {
        let at: std::result::Result<Timestamp, _> = text.parse();
        at.map_err(|_| {
            Problem::wrong(format!(
                "`{name}`: it should be like `2026-11-16T00:00:00Z`"
            ))
        })
    };
    let [from, until, before_from, before_until] = moments.map(read);
    let range = Compared {
        now: Span {
            from: from?,
            until: until?,
        },
        before: Span {
            from: before_from?,
            until: before_until?,
        },
    };
    match range.is_right() {
        true => Ok(range),
        false => Err(Problem::wrong(
            "each time must end behind its beginning, and that before must end up to `from`",
        )),
    }
}

async fn rows(api: &Api, asker: &Asker, what: (&str, Span), question: String) -> Result<Vec<Map>> {
    let (name, Span { from, until }) = what;
    let asked = format!("{name} {from}..{until}");
    let sight = asker.sight(api, Action::ReadReport, &asked).await?;
    let ask = move |sight: Sight| async move {
        let table = query::sql(&sight, &question, QUESTION_MAX).await?;
        let rows = schedules::rows(&table.ndjson()?);
        rows.map_err(|why| Problem::internal(&*Box::<dyn std::error::Error>::from(why)))
    };
    answered(api, sight, ask).await
}

/// A figure, and that of the time before.
#[derive(Serialize, ToSchema)]
pub(crate) struct Figure {
    /// Absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<f64>,
}

/// A line of a table.
#[derive(Serialize, ToSchema)]
pub(crate) struct Line {
    /// What it is about, in the order of the table's keys; null for rows that have no such value.
    keys: Vec<Option<String>>,
    /// What was counted, in the order of the table's columns.
    figures: Vec<Figure>,
    /// One of the replies, in tables of reasons.
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<String>,
}

/// A table of a report: `domains`, `destinations`, `slowest`, `rejections`, `bounces`, `deferrals`, `tls`,
/// `verdicts`, `checks`, `senders`, `recipients`, `clients`, `relays`, `logins`, `guessed`, `guessers`
#[utoipa::path(get, path = "/figures/{table}", tag = "questions",
    params(("table" = String, Path), OfTable),
    responses((status = 200, body = Vec<Line>), (status = "4XX", body = Problem)))]
pub(crate) async fn figures(
    State(api): State<Api>,
    asker: Asker,
    Path(table): Path<String>,
    Params(of): Params<OfTable>,
) -> Result<Json<Vec<Line>>> {
    let table = Table::named(&table).ok_or_else(|| Problem::absent("table"))?;
    let range = compared([
        ("from", &of.from),
        ("until", &of.until),
        ("before_from", &of.before_from),
        ("before_until", &of.before_until),
    ])?;
    let question = table.sql(&range, of.order.as_deref().unwrap_or_default());
    let rows = rows(&api, &asker, (table.id, range.now), question).await?;
    let figure = |it: schedules::Figure| Figure {
        now: it.now,
        before: it.before,
    };
    let line = |it: schedules::Line| Line {
        keys: it.keys,
        figures: it.figures.into_iter().map(figure).collect(),
        sample: it.sample,
    };
    Ok(Json(table.lines(&rows).into_iter().map(line).collect()))
}

/// Rows of some kinds over time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Series {
    /// `accepted`, `sent`, `deferred`, `bounced`, `rejected`.
    id: String,
    /// Of each stretch.
    now: Vec<u64>,
    /// Of each stretch of the time before, at the same place.
    before: Vec<u64>,
    /// Of the whole time.
    total: u64,
    /// Of the whole time before.
    total_before: u64,
}

/// Traffic over time, beside the time before
#[utoipa::path(get, path = "/figures", tag = "questions", params(OfTraffic),
    responses((status = 200, body = Vec<Series>), (status = "4XX", body = Problem)))]
pub(crate) async fn traffic(
    State(api): State<Api>,
    asker: Asker,
    Params(of): Params<OfTraffic>,
) -> Result<Json<Vec<Series>>> {
    let range = compared([
        ("from", &of.from),
        ("until", &of.until),
        ("before_from", &of.before_from),
        ("before_until", &of.before_until),
    ])?;
    if !schedules::Traffic::can_be_told(&range, of.every) {
        let most = schedules::STRETCHES_MAX;
        return Err(Problem::wrong(format!(
            "`every`: it should be 1 or more, and not more than {most} stretches"
        )));
    }
    let question = schedules::Traffic::sql(&range, of.every);
    let rows = rows(&api, &asker, ("traffic", range.now), question).await?;
    let traffic = schedules::Traffic::of(&rows, &range, of.every);
    let series = |it: schedules::Series| Series {
        id: it.id.to_owned(),
        now: it.now,
        before: it.before,
        total: it.total,
        total_before: it.total_before,
    };
    Ok(Json(traffic.series.into_iter().map(series).collect()))
}
