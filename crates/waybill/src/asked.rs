//! What a person asks of the archive.

use crate::input::now;
use jiff::tz::TimeZone;
use search::Search;

/// What a text asks for, within a range.
pub(crate) fn question(text: &str, range: Option<&str>, zone: &TimeZone) -> anyhow::Result<Search> {
    let mut search = Search::parse(text, jiff_now(), zone)
        .map_err(|error| anyhow::anyhow!("{}", error.under(text)))?;
    if let Some(range) = range {
        let asked = search::time::range(range, jiff_now(), zone)
            .map_err(|problem| anyhow::anyhow!("`--range {range}`: {problem}"))?;
        search.range = search.range.and(asked);
    }
    Ok(search)
}

/// The time, for words such as `yesterday`.
pub(crate) fn jiff_now() -> jiff::Timestamp {
    jiff::Timestamp::try_from(now()).unwrap_or_default()
}
