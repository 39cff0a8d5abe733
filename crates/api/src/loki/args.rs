//! Parameters of requests: behind the `?`, or as a form.

use super::refusal::Plain;
use super::time;
use crate::limits::BODY_BYTES_MAX;
use crate::problem::{Problem, Result};
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use search::{Order, TimeRange};

/// So far back one looks where nothing is said, as Loki does; nanoseconds.
const SINCE_DEFAULT: i64 = 3_600_000_000_000;

/// What a request tells, in its order.
pub(super) struct Args(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Args {
    type Rejection = Plain;

    async fn from_request(request: Request, _: &S) -> std::result::Result<Self, Plain> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, BODY_BYTES_MAX).await;
        let body = body.map_err(|_| Problem::wrong("the form is longer than it may be"))?;
        let asked = head.uri.query().unwrap_or_default();
        let pairs = [asked.as_bytes(), &body].map(url::form_urlencoded::parse);
        Ok(Args(pairs.into_iter().flatten().map(owned).collect()))
    }
}

fn owned(
    (name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>),
) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

impl Args {
    /// The first of a name; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(it, _)| it == name);
        named.map(|(_, it)| it.as_str()).filter(|it| !it.is_empty())
    }

    /// The query, which must be there.
    pub(super) fn query(&self) -> Result<&str> {
        let query = self.text("query");
        query.ok_or_else(|| Problem::wrong("`query` is missing"))
    }

    /// The time of a name, nanoseconds.
    pub(super) fn moment(&self, name: &str) -> Result<Option<i64>> {
        self.text(name).map(|it| time::moment(name, it)).transpose()
    }

    /// From when on, and until when, nanoseconds; the end is not within.
    pub(super) fn span(&self, now: jiff::Timestamp) -> Result<(i64, i64)> {
        let now = i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX);
        let end = self.moment("end")?.unwrap_or(now);
        let since = match self.text("since") {
            None => SINCE_DEFAULT,
            Some(text) => {
                let wrong = || Problem::wrong(format!("`since`: `{text}` is no length of time"));
                time::length(text).ok_or_else(wrong)?.saturating_mul(1_000)
            }
        };
        let start = self.moment("start")?;
        let start = start.unwrap_or_else(|| end.min(now).saturating_sub(since));
        match start <= end {
            true => Ok((start, end)),
            false => Err(Problem::wrong(
                "end timestamp must not be before start time",
            )),
        }
    }

    /// The same as rows have it.
    pub(super) fn range(&self, now: jiff::Timestamp) -> Result<TimeRange> {
        Ok(range(self.span(now)?))
    }

    /// A whole number above 0.
    pub(super) fn limit(&self, default: usize, most: usize) -> Result<usize> {
        let Some(text) = self.text("limit") else {
            return Ok(default);
        };
        let limit = text.parse::<usize>().ok().filter(|it| *it > 0);
        let wrong = || Problem::wrong("`limit` is no whole number above 0");
        match limit.ok_or_else(wrong)? {
            limit if limit <= most => Ok(limit),
            limit => {
                let detail = format!(
                    "max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {most})"
                );
                Err(Problem::wrong(detail))
            }
        }
    }

    /// Which lines come first.
    pub(super) fn order(&self) -> Result<Order> {
        match self
            .text("direction")
            .map(str::to_ascii_lowercase)
            .as_deref()
        {
            None | Some("backward") => Ok(Order::Newest),
            Some("forward") => Ok(Order::Oldest),
            Some(_) => Err(Problem::wrong("`direction` is `forward` or `backward`")),
        }
    }
}

/// The microseconds that a span of nanoseconds touches.
pub(super) fn range((start, end): (i64, i64)) -> TimeRange {
    TimeRange {
        from: start.div_euclid(1_000),
        until: end.saturating_add(999).div_euclid(1_000),
    }
}
