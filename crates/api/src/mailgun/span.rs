//! The time and the conditions that are asked for in JSON.

use super::expression::Expression;
use super::time;
use super::wanted::{Attribute, Want};
use crate::problem::{Problem, Result};
use search::TimeRange;
use serde::Deserialize;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// From when until when; an empty text means that nothing is said.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Span {
    pub(super) start: Option<String>,
    pub(super) end: Option<String>,
    /// As `1d`, `2h`, `1m` for a month; goes before `start`.
    pub(super) duration: Option<String>,
}

impl Span {
    /// Until now, and so many days, where nothing is said.
    pub(super) fn range(&self, now: i64, days: i64) -> Result<TimeRange> {
        let until = time::read("end", self.end.as_deref())?.unwrap_or(now);
        let start = time::read("start", self.start.as_deref())?;
        let from = match self.duration.as_deref().filter(|it| !it.is_empty()) {
            Some(text) => until.saturating_sub(length(text)?),
            None => start.unwrap_or(until.saturating_sub(days * DAY)),
        };
        if from > until {
            return Err(Problem::wrong("`end` is before `start`"));
        }
        let until = until.saturating_add(1);
        Ok(TimeRange { from, until })
    }
}

/// Microseconds of a duration.
fn length(text: &str) -> Result<i64> {
    let wrong = || Problem::wrong("`duration` is no duration").hint("as `2h`, `1d`, `2m`");
    let (count, unit) = text.split_at_checked(text.len() - 1).ok_or_else(wrong)?;
    let unit = match unit {
        "h" => DAY / 24,
        "d" => DAY,
        "w" => 7 * DAY,
        // A month.
        "m" => 30 * DAY,
        _ => return Err(wrong()),
    };
    let count: u16 = count.parse().map_err(|_| wrong())?;
    Ok(i64::from(count) * unit)
}

/// Conditions that must all hold.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Conditions {
    #[serde(rename = "AND")]
    all: Vec<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    attribute: String,
    #[serde(default)]
    comparator: String,
    values: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    value: String,
}

impl Conditions {
    /// The same as filters of events.
    pub(super) fn wants(&self) -> Result<Vec<Want>> {
        self.all.iter().map(Condition::want).collect()
    }
}

impl Condition {
    fn want(&self) -> Result<Want> {
        let attribute = Attribute::named(&self.attribute)?;
        let word = |of: fn(String) -> Expression| {
            let values = self.values.iter();
            Expression::Any(values.map(|it| of(it.value.clone())).collect())
        };
        let wanted = match self.comparator.as_str() {
            "" | "=" => word(Expression::Is),
            "!=" => Expression::Not(Box::new(word(Expression::Is))),
            "contains" => word(Expression::Holds),
            "not contains" => Expression::Not(Box::new(word(Expression::Holds))),
            other => {
                let detail = format!("there is no comparator `{other}`");
                return Err(Problem::wrong(detail).hint("`=`, `!=`, `contains`, `not contains`"));
            }
        };
        Ok((attribute, wanted))
    }
}
