//! `POST /v1/analytics/metrics`: how many events, by time and domains.

use super::caller::Caller;
use super::count::{Bucket, Count, Resolution, counted};
use super::span::{Conditions, DAY, Span};
use super::time;
use super::wanted::{Attribute, filter};
use crate::Api;
use crate::ask::answered;
use crate::input::Body;
use crate::limits::{METRICS_DEFAULT, METRICS_MAX};
use crate::problem::{Problem, Result};
use crate::refusal::Refusal;
use axum::Json;
use axum::extract::State;
use query::Sight;
use search::TimeRange;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is asked for; an empty text means that nothing is said.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(flatten)]
    span: Span,
    resolution: Option<String>,
    dimensions: Vec<String>,
    metrics: Vec<String>,
    filter: Conditions,
    include_aggregates: bool,
    pagination: Pagination,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pagination {
    sort: String,
    skip: usize,
    limit: Option<usize>,
}

/// By what events are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Time,
    Domain,
    RecipientDomain,
}

impl Dimension {
    fn named(name: &str) -> Result<Self> {
        Ok(match name {
            "time" => Dimension::Time,
            "domain" => Dimension::Domain,
            "recipient_domain" => Dimension::RecipientDomain,
            _ => {
                let detail = format!("`{name}`: logs of mail do not tell this dimension");
                let hint = "`time`, `domain`, `recipient_domain`";
                return Err(Problem::wrong(detail).hint(hint));
            }
        })
    }

    fn name(self) -> &'static str {
        match self {
            Dimension::Time => "time",
            Dimension::Domain => "domain",
            Dimension::RecipientDomain => "recipient_domain",
        }
    }
}

/// What is asked for, understood.
struct Question {
    range: TimeRange,
    resolution: Resolution,
    dimensions: Vec<Dimension>,
    metrics: Vec<String>,
    skip: usize,
    limit: usize,
    /// Which of the dimensions the order is by, and whether the last comes first.
    sort: (usize, bool),
}

/// Values of the dimensions, and what was counted.
type Item = (Vec<String>, Count);

pub(super) async fn metrics(
    State(api): State<Api>,
    caller: Caller,
    body: std::result::Result<Body<Asked>, Problem>,
) -> std::result::Result<Json<Value>, Refusal> {
    let Body(asked) = body?;
    let sight = caller.sight(&api, "metrics").await?;
    let question = asked.question(api.daemon.now().as_microsecond())?;
    let wants = asked.filter.wants()?;
    if let Some((attribute, _)) = wants.iter().find(|(it, _)| !is_dimension(*it)) {
        let detail = format!("metrics cannot be filtered by {attribute:?}");
        return Err(Problem::wrong(detail).into());
    }
    let rows = filter(&wants)?;
    let (range, resolution) = (question.range, question.resolution);
    let ask = move |sight: Sight| async move { counted(&sight, &rows, range, resolution).await };
    let buckets = answered(&api, sight, ask).await?;
    let all = asked.include_aggregates;
    Ok(Json(question.document(&buckets, all)))
}

fn is_dimension(attribute: Attribute) -> bool {
    matches!(attribute, Attribute::Domain | Attribute::RecipientDomain)
}

impl Asked {
    fn question(&self, now: i64) -> Result<Question> {
        let dimensions: Result<Vec<_>> = self
            .dimensions
            .iter()
            .map(|it| Dimension::named(it))
            .collect();
        let dimensions = dimensions?;
        let limit = self.pagination.limit.unwrap_or(METRICS_DEFAULT);
        if !(1..=METRICS_MAX).contains(&limit) {
            let detail = format!("`limit` is a number from 1 to {METRICS_MAX}");
            return Err(Problem::wrong(detail));
        }
        let (by, order) = match self.pagination.sort.split_once(':') {
            Some((by, order)) => (by, order),
            None => (self.pagination.sort.as_str(), "asc"),
        };
        let place = match by {
            "" => Some(0),
            by => dimensions.iter().position(|it| it.name() == by),
        };
        let place = place.ok_or_else(|| Problem::wrong("`sort` is by a dimension, as `time:asc`"));
        Ok(Question {
            range: self.span.range(now, 7)?,
            resolution: Resolution::named(self.resolution.as_deref())?,
            sort: (place?, order == "desc"),
            dimensions,
            metrics: self.metrics.clone(),
            skip: self.pagination.skip,
            limit,
        })
    }
}

impl Question {
    fn items(&self, buckets: &[Bucket]) -> Vec<Item> {
        let mut items: BTreeMap<Vec<String>, (i64, Count)> = BTreeMap::new();
        for bucket in buckets {
            let value = |it: &Dimension| match it {
                // Of one length, so that texts sort as times do.
                Dimension::Time => time::iso(bucket.at),
                Dimension::Domain => bucket.domain.clone(),
                Dimension::RecipientDomain => bucket.rcpt_domain.clone(),
            };
            let values = self.dimensions.iter().map(value).collect();
            let (at, count) = items.entry(values).or_default();
            *at = bucket.at;
            count.add(&bucket.count);
        }
        let (place, is_reverse) = self.sort;
        let mut items: Vec<(Vec<String>, (i64, Count))> = items.into_iter().collect();
        items.sort_by(|(a, _), (b, _)| a.get(place).cmp(&b.get(place)));
        if is_reverse {
            items.reverse();
        }
        let shown = |(mut values, (at, count)): (Vec<String>, (i64, Count))| {
            for (dimension, value) in self.dimensions.iter().zip(&mut values) {
                if *dimension == Dimension::Time {
                    *value = time::shown(at);
                }
            }
            (values, count)
        };
        items.into_iter().map(shown).collect()
    }

    fn document(&self, buckets: &[Bucket], aggregates: bool) -> Value {
        let items = self.items(buckets);
        let page = items.iter().skip(self.skip).take(self.limit);
        let page: Vec<Value> = page.map(|it| self.item(it)).collect();
        let mut document = json!({
            "start": time::shown(self.range.from),
            "end": time::shown(self.range.until),
            "resolution": self.resolution.name(),
            "duration": format!("{}d", (self.range.until - self.range.from + DAY - 1) / DAY),
            "dimensions": self.dimensions.iter().map(|it| it.name()).collect::<Vec<_>>(),
            "pagination": {
                "sort": self.dimensions.get(self.sort.0).map_or(String::new(), |it| {
                    format!("{}:{}", it.name(), if self.sort.1 { "desc" } else { "asc" })
                }),
                "skip": self.skip,
                "limit": self.limit,
                "total": items.len(),
            },
            "items": page,
            "aggregates": {},
        });
        if aggregates {
            let mut all = Count::default();
            items.iter().for_each(|(_, count)| all.add(count));
            document["aggregates"] = json!({ "metrics": self.metrics_of(&all) });
        }
        document
    }

    fn item(&self, (values, count): &Item) -> Value {
        let dimension = |(dimension, value): (&Dimension, &String)| {
            let name = dimension.name();
            json!({ "dimension": name, "value": value, "display_value": value })
        };
        let dimensions = self.dimensions.iter().zip(values);
        json!({
            "dimensions": dimensions.map(dimension).collect::<Vec<_>>(),
            "metrics": self.metrics_of(count),
        })
    }

    /// What is not known is null.
    fn metrics_of(&self, count: &Count) -> Value {
        let metric = |name: &String| (name.clone(), count.metric(name).into());
        Value::Object(self.metrics.iter().map(metric).collect::<Map<_, _>>())
    }
}
