//! Lines, in order of time, as entries of streams.
//!
//! An entry has the time of the row that its line is of, and in nanoseconds its place among the lines of
//! that row: so what is read page by page is read once, and what is counted is what is read.

use super::args::range;
use super::label::SHOWN;
use super::logql::Lines;
use super::matcher;
use crate::limits::ENTRY_ROWS;
use crate::problem::Result;
use query::{Found, Sight};
use search::{Order, Search};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Labels of a stream or a series, by their names.
pub(super) type Labels = BTreeMap<&'static str, String>;

/// Which lines of which time are wanted.
pub(super) struct Wanted {
    pub(super) lines: Lines,
    /// Nanoseconds; the end is not within.
    pub(super) span: (i64, i64),
    pub(super) order: Order,
    pub(super) limit: usize,
}

/// A line, with its time in nanoseconds.
struct Entry {
    at: i64,
    labels: Labels,
    line: String,
}

/// The streams of an answer.
pub(super) async fn streams(sight: &Sight, wanted: &Wanted) -> Result<Vec<Value>> {
    let mut streams: BTreeMap<Labels, Vec<Value>> = BTreeMap::new();
    for entry in entries(sight, wanted).await? {
        let values = streams.entry(entry.labels).or_default();
        values.push(json!([entry.at.to_string(), entry.line]));
    }
    let stream = |(labels, values)| json!({ "stream": labels, "values": values });
    Ok(streams.into_iter().map(stream).collect())
}

async fn entries(sight: &Sight, wanted: &Wanted) -> Result<Vec<Entry>> {
    let range = range(wanted.span);
    let mut search = Search {
        filter: matcher::filter(&wanted.lines.matchers, sight, range).await?,
        range,
        order: wanted.order,
        limit: wanted.limit.min(ENTRY_ROWS),
        after: None,
    };
    let mut entries = Vec::new();
    loop {
        let page = query::search(sight, &search).await?;
        for row in &page.rows {
            take(row, wanted, &mut entries).await?;
            if entries.len() >= wanted.limit {
                entries.truncate(wanted.limit);
                return Ok(entries);
            }
        }
        search.after = page.next;
        if search.after.is_none() {
            return Ok(entries);
        }
        search.limit = ENTRY_ROWS;
    }
}

/// The lines of a row that are wanted.
async fn take(row: &Found, wanted: &Wanted, entries: &mut Vec<Entry>) -> Result<()> {
    let mut lines: Vec<_> = row.lines().await?.into_iter().enumerate().collect();
    if wanted.order == Order::Newest {
        lines.reverse();
    }
    let (start, end) = wanted.span;
    for (place, (_, line)) in lines {
        let at = at(row.at(), place);
        if (start..end).contains(&at) && wanted.lines.wants(&line) {
            let line = String::from_utf8_lossy(&line).into_owned();
            let labels = labels(row);
            entries.push(Entry { at, labels, line });
        }
    }
    Ok(())
}

/// When an entry is, nanoseconds: those of a row are in order, and of its microsecond.
fn at(row: i64, place: usize) -> i64 {
    row.saturating_mul(1_000)
        .saturating_add(place.min(999) as i64)
}

fn labels(row: &Found) -> Labels {
    let text = |(name, column)| Some((name, row.text(column)?.to_owned()));
    let all = SHOWN.into_iter().filter_map(text);
    all.filter(|(_, it)| !it.is_empty()).collect()
}
