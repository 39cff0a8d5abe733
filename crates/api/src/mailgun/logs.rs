//! `POST /v1/analytics/logs`: events of all domains of the caller.

use super::caller::Caller;
use super::event::{Event, KINDS};
use super::expression::Expression;
use super::listing::{Listing, Page};
use super::span::{Conditions, Span};
use super::time;
use super::wanted::{Attribute, Want};
use crate::Api;
use crate::ask::answered;
use crate::input::Body;
use crate::limits::{EVENTS_DEFAULT, LOGS_MAX};
use crate::problem::{Problem, Result};
use crate::refusal::Refusal;
use axum::Json;
use axum::extract::State;
use query::Sight;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What is asked for; an empty text means that nothing is said.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(flatten)]
    span: Span,
    events: Vec<String>,
    metric_events: Vec<String>,
    filter: Conditions,
    include_totals: bool,
    pagination: Pagination,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pagination {
    sort: String,
    token: String,
    limit: Option<usize>,
}

pub(super) async fn logs(
    State(api): State<Api>,
    caller: Caller,
    body: std::result::Result<Body<Asked>, Problem>,
) -> std::result::Result<Json<Value>, Refusal> {
    let Body(asked) = body?;
    let sight = caller.sight(&api, "logs").await?;
    let now = api.daemon.now().as_microsecond();
    let listing = match asked.pagination.token.as_str() {
        "" => asked.listing(now)?,
        token => Listing::of_token(token, LOGS_MAX)?,
    };
    let totals = asked.include_totals;
    let ask = move |sight: Sight| async move {
        let page = listing.page(&sight).await?;
        let total = match totals {
            true => Some(listing.count(&sight).await?),
            false => None,
        };
        Ok(document(&listing, page, total))
    };
    Ok(Json(answered(&api, sight, ask).await?))
}

impl Asked {
    fn listing(&self, now: i64) -> Result<Listing> {
        let range = self.span.range(now, 1)?;
        let ascending = match self.pagination.sort.as_str() {
            "" | "timestamp:desc" => false,
            "timestamp:asc" => true,
            _ => {
                let detail = "`sort` is `timestamp:asc` or `timestamp:desc`";
                return Err(Problem::wrong(detail));
            }
        };
        let limit = self.pagination.limit.unwrap_or(EVENTS_DEFAULT);
        if !(1..=LOGS_MAX).contains(&limit) {
            return Err(Problem::wrong("`limit` is a number from 1 to 100"));
        }
        let mut wants = self.filter.wants()?;
        wants.extend(self.of_events()?);
        Listing::new(range, ascending, limit, wants)
    }

    /// Which events, by their names and those of metrics.
    fn of_events(&self) -> Result<Option<Want>> {
        let is = |word: &str| Expression::Is(word.to_owned());
        let mut any: Vec<Expression> = self.events.iter().map(|it| is(it)).collect();
        for name in &self.metric_events {
            any.extend(
                KINDS
                    .iter()
                    .filter(|(_, told)| told.event == name)
                    .map(|_| is(name))
                    .take(1),
            );
        }
        let severity = |word: &str| {
            let name = format!("{word}_failed");
            self.metric_events.contains(&name)
        };
        let (temporary, permanent) = (severity("temporary"), severity("permanent"));
        if any.is_empty() && (temporary || permanent) {
            let wanted = [(temporary, "temporary"), (permanent, "permanent")];
            let wanted = wanted.iter().filter(|(wanted, _)| *wanted);
            let any = wanted.map(|(_, word)| is(word)).collect();
            return Ok(Some((Attribute::Severity, Expression::Any(any))));
        }
        if temporary || permanent {
            any.push(is("failed"));
        }
        let is_asked = !(self.events.is_empty() && self.metric_events.is_empty());
        Ok(is_asked.then_some((Attribute::Event, Expression::Any(any))))
    }
}

fn document(of: &Listing, page: Page, total: Option<u64>) -> Value {
    let items: Vec<Value> = page.events.into_iter().map(item).collect();
    let mut pagination = json!({
        "next": page.next.token(),
        "previous": page.previous.token(),
        "first": page.first.token(),
        "last": page.last.token(),
    });
    let mut aggregates = json!({});
    if let Some(total) = total {
        pagination["total"] = total.into();
        aggregates = json!({ "all": total, "metrics": {} });
    }
    json!({
        "start": time::shown(of.from),
        "end": time::shown(of.until),
        "items": items,
        "pagination": pagination,
        "aggregates": aggregates,
    })
}

/// An event as logs have it: the time as text, the domain named, variables as text, URLs as lists.
fn item(event: Event) -> Value {
    let Event {
        at,
        domain,
        mut object,
    } = event;
    object.remove("timestamp");
    object.insert("@timestamp".to_owned(), time::iso(at).into());
    object.insert("domain".to_owned(), json!({ "name": domain }));
    let change = |object: &mut Map<String, Value>, name: &str, by: &dyn Fn(&Value) -> Value| {
        if let Some(value) = object.get_mut(name) {
            *value = by(value);
        }
    };
    change(&mut object, "user-variables", &|it| it.to_string().into());
    change(&mut object, "method", &|it| match it.as_str() {
        Some(method) => method.to_uppercase().into(),
        None => it.clone(),
    });
    if let Some(flags) = object.get_mut("flags").and_then(Value::as_object_mut) {
        flags.insert("is-callback".to_owned(), false.into());
    }
    if let Some(storage) = object.get_mut("storage").and_then(Value::as_object_mut) {
        change(storage, "url", &|it| match it {
            Value::Array(_) => it.clone(),
            one => json!([one]),
        });
    }
    Value::Object(object)
}
