//! Questions take turns, and end in time.

use crate::limits::QUERY_BYTES_MAX;
use crate::problem::{Problem, Result};
use crate::{Api, Shared};
use jiff::tz::TimeZone;
use query::Sight;
use search::{Search, TimeRange};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which rows of which time.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Question {
    /// Conditions, as `from:anna@x.example status:bounced "user unknown"`; see `/api/v1/fields`.
    pub(crate) q: String,
    /// Of which time: `2026-11-01..2026-11-03`, `yesterday`, `last 2 hours`.
    pub(crate) range: Option<String>,
    /// Zone of times in the question and of days: `Europe/Rome`. UTC where there is none.
    pub(crate) zone: Option<String>,
}

impl Question {
    /// What it asks for.
    pub(crate) fn search(&self, api: &Shared) -> Result<Search> {
        if self.q.len() > QUERY_BYTES_MAX {
            return Err(Problem::wrong(format!(
                "`q` is longer than {QUERY_BYTES_MAX} bytes"
            )));
        }
        let zone = zone(self.zone.as_deref())?;
        let now = api.daemon.now();
        let mut search = Search::parse(&self.q, now, &zone)?;
        search.range = search.range.and(range(self.range.as_deref(), now, &zone)?);
        Ok(search)
    }
}

/// The zone of a name.
pub(crate) fn zone(name: Option<&str>) -> Result<TimeZone> {
    let Some(name) = name.filter(|it| !it.is_empty()) else {
        return Ok(TimeZone::UTC);
    };
    TimeZone::get(name)
        .map_err(|_| Problem::wrong("`zone` is no time zone").hint("as `Europe/Rome`"))
}

/// The time that a text names; all time where there is none.
pub(crate) fn range(
    text: Option<&str>,
    now: jiff::Timestamp,
    zone: &TimeZone,
) -> Result<TimeRange> {
    match text.filter(|it| !it.is_empty()) {
        None => Ok(TimeRange::ALL),
        Some(text) => search::time::range(text, now, zone)
            .map_err(|problem| Problem::wrong(format!("`range`: {problem}"))),
    }
}

/// Has a question answered on a thread that may wait, when it is its turn.
pub(crate) async fn answered<T: Send + 'static, F>(
    api: &Api,
    sight: Sight,
    ask: impl FnOnce(Sight) -> F + Send + 'static,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let _asked = api.jobs.asking();
    api.desk.answered(sight, ask).await?
}
