//! `query_range` and `query`: lines, or numbers, of a query.

use super::args::Args;
use super::entries::{self, Wanted};
use super::logql::{Query, Samples};
use super::refusal::Plain;
use super::samples::{self, Points, Series};
use super::{Caller, looked, success, time};
use crate::Api;
use crate::ask::answered;
use crate::limits::{ENTRIES_DEFAULT, ENTRIES_MAX};
use crate::problem::{Problem, Result};
use axum::Json;
use axum::extract::State;
use query::Sight;
use serde_json::{Value, json};

/// Points of a series where nothing is said, as Loki has it.
const POINTS_DEFAULT: i64 = 250;
const SECOND: i64 = 1_000_000;

/// Lines of a time, or numbers at each step of it.
pub(super) async fn query_range(
    State(api): State<Api>,
    caller: Caller,
    args: Args,
) -> std::result::Result<Json<Value>, Plain> {
    let text = args.query()?;
    let query = Query::parse(text)?;
    let span = args.span(api.daemon.now())?;
    let order = args.order()?;
    let limit = args.limit(ENTRIES_DEFAULT, ENTRIES_MAX)?;
    let answer = match query {
        Query::Lines(lines) => {
            let wanted = Wanted {
                lines,
                span,
                order,
                limit,
            };
            let ask = move |sight: Sight| async move { entries::streams(&sight, &wanted).await };
            let streams = answered(&api, looked(&api, &caller, text).await?, ask).await?;
            json!({ "resultType": "streams", "result": streams, "stats": {} })
        }
        Query::Samples(asked) => {
            let [start, end] = [span.0, span.1].map(|it| it.div_euclid(1_000));
            let points = Points::between(start, end, step(&args, end.saturating_sub(start))?)?;
            let series = numbers(&api, &caller, (text, asked), points).await?;
            json!({ "resultType": "matrix", "result": series, "stats": {} })
        }
    };
    Ok(success(answer))
}

/// Numbers at one time.
pub(super) async fn query(
    State(api): State<Api>,
    caller: Caller,
    args: Args,
) -> std::result::Result<Json<Value>, Plain> {
    let text = args.query()?;
    let now = api.daemon.now();
    let at = args.moment("time")?.map(|it| it.div_euclid(1_000));
    let points = Points::at(at.unwrap_or(now.as_microsecond()));
    let Query::Samples(asked) = Query::parse(text)? else {
        let detail = "log queries are not supported as an instant query type, please change your query to a range query type";
        return Err(Problem::wrong(detail).into());
    };
    let mut series = numbers(&api, &caller, (text, asked), points).await?;
    for one in &mut series {
        let value = one["values"][0].take();
        if let Some(one) = one.as_object_mut() {
            one.remove("values");
            one.insert("value".to_owned(), value);
        }
    }
    Ok(success(
        json!({ "resultType": "vector", "result": series, "stats": {} }),
    ))
}

/// Microseconds from point to point.
fn step(args: &Args, span: i64) -> Result<i64> {
    match args.text("step") {
        Some(text) => time::step(text),
        None => Ok((span / POINTS_DEFAULT / SECOND * SECOND).max(SECOND)),
    }
}

/// Series with those of their points at which there is a number.
async fn numbers(
    api: &Api,
    caller: &Caller,
    (text, asked): (&str, Samples),
    points: Points,
) -> Result<Vec<Value>> {
    let sight = looked(api, caller, text).await?;
    let is_plain = matches!(asked, Samples::Number(_));
    let ask = move |sight: Sight| async move { samples::series(&sight, &asked, points).await };
    let series: Series = answered(api, sight, ask).await?;
    let one = |(labels, numbers): (_, Vec<f64>)| {
        let all = points.times().zip(numbers);
        let all = all.filter(|(_, it)| is_plain || *it != 0.0);
        let all = all.map(|(at, it)| json!([seconds(at), it.to_string()]));
        json!({ "metric": labels, "values": all.collect::<Vec<_>>() })
    };
    let mut all: Vec<Value> = series.into_iter().map(one).collect();
    all.retain(|it| it["values"][0] != Value::Null);
    Ok(all)
}

/// Seconds, with a fraction where there is one.
fn seconds(micros: i64) -> Value {
    match micros % SECOND {
        0 => (micros / SECOND).into(),
        _ => (micros as f64 / SECOND as f64).into(),
    }
}
