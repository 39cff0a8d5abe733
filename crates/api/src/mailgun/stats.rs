//! `GET /v3/{domain}/stats/total`: how many events of each bucket of time.

use super::caller::Caller;
use super::count::{Count, Resolution, counted};
use super::expression::Expression;
use super::span::Span;
use super::time;
use super::wanted::{Attribute, Want, filter};
use crate::Api;
use crate::ask::answered;
use crate::input::Params;
use crate::limits::BARS_MAX;
use crate::problem::{Problem, Result};
use crate::refusal::Refusal;
use axum::Json;
use axum::extract::{Path, State};
use query::Sight;
use search::TimeRange;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Asked = Vec<(String, String)>;

/// What can be asked for.
const EVENTS: [&str; 8] = [
    "accepted",
    "delivered",
    "failed",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
    "stored",
];

pub(super) async fn of_domain(
    State(api): State<Api>,
    caller: Caller,
    Path(domain): Path<String>,
    Params(asked): Params<Asked>,
) -> std::result::Result<Json<Value>, Refusal> {
    let domain = domain.to_ascii_lowercase();
    let about = format!("stats of {domain}");
    let sight = caller.sight_of(&api, &domain, &about).await?;
    let wants = vec![(Attribute::Domain, Expression::Is(domain))];
    answer(&api, sight, wants, asked).await
}

pub(super) async fn of_all(
    State(api): State<Api>,
    caller: Caller,
    Params(asked): Params<Asked>,
) -> std::result::Result<Json<Value>, Refusal> {
    let sight = caller.sight(&api, "stats").await?;
    answer(&api, sight, Vec::new(), asked).await
}

async fn answer(
    api: &Api,
    sight: Sight,
    wants: Vec<Want>,
    asked: Asked,
) -> std::result::Result<Json<Value>, Refusal> {
    let events: Vec<String> = values(&asked, "event").map(str::to_owned).collect();
    if events.is_empty() || events.iter().any(|it| !EVENTS.contains(&it.as_str())) {
        let detail = "`event` is missing, or none that is counted";
        return Err(Problem::wrong(detail).hint(EVENTS.join(", ")).into());
    }
    let text = |name| values(&asked, name).next().map(str::to_owned);
    let span = Span {
        start: text("start"),
        end: text("end"),
        duration: text("duration"),
    };
    let range = span.range(api.daemon.now().as_microsecond(), 7)?;
    let resolution = Resolution::named(text("resolution").as_deref())?;
    let starts = starts(range, resolution)?;
    let rows = filter(&wants)?;
    let ask = move |sight: Sight| async move { counted(&sight, &rows, range, resolution).await };
    let mut counts: BTreeMap<i64, Count> = starts
        .into_iter()
        .map(|it| (it, Count::default()))
        .collect();
    for bucket in answered(api, sight, ask).await? {
        counts.entry(bucket.at).or_default().add(&bucket.count);
    }
    let stats = counts.iter().map(|(at, count)| stat(*at, count, &events));
    Ok(Json(json!({
        "start": time::shown(range.from),
        "end": time::shown(range.until),
        "resolution": resolution.name(),
        "stats": stats.collect::<Vec<_>>(),
    })))
}

/// Values of a parameter that may be repeated, or holds several with commas.
fn values<'a>(asked: &'a Asked, wanted: &'a str) -> impl Iterator<Item = &'a str> {
    let named = asked.iter().filter(move |(name, _)| name == wanted);
    let is_list = wanted == "event";
    let each = named.flat_map(move |(_, value)| match is_list {
        true => value.split(',').collect(),
        false => vec![value.as_str()],
    });
    each.map(str::trim).filter(|it| !it.is_empty())
}

/// The beginnings of all buckets, also of those in which nothing was.
fn starts(range: TimeRange, resolution: Resolution) -> Result<Vec<i64>> {
    let mut starts = Vec::new();
    let mut at = resolution.begin(range.from);
    while at < range.until {
        starts.push(at);
        if starts.len() as i64 > BARS_MAX {
            let detail = "`resolution` is too fine for the time";
            return Err(Problem::wrong(detail).hint(format!("at most {BARS_MAX} buckets")));
        }
        at = resolution.next(at);
    }
    Ok(starts)
}

/// Of what is not known nothing is told.
fn stat(at: i64, count: &Count, events: &[String]) -> Value {
    let mut stat = Map::new();
    stat.insert("time".to_owned(), time::shown(at).into());
    for event in events {
        let counted = match event.as_str() {
            "accepted" => json!({
                "incoming": count.accepted_incoming,
                "outgoing": count.accepted_outgoing,
                "total": count.accepted_incoming + count.accepted_outgoing,
            }),
            "delivered" => json!({
                "smtp": count.delivered_smtp,
                "total": count.delivered_smtp + count.delivered_other,
            }),
            "failed" => json!({
                "temporary": { "total": count.temporary },
                "permanent": { "bounce": count.bounced, "total": count.bounced + count.old },
            }),
            "opened" => json!({ "total": count.opened }),
            "clicked" => json!({ "total": count.clicked }),
            "unsubscribed" => json!({ "total": count.unsubscribed }),
            "complained" => json!({ "total": count.complained }),
            _ => json!({ "total": count.stored }),
        };
        stat.insert(event.clone(), counted);
    }
    Value::Object(stat)
}
