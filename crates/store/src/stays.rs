//! Stays of messages in queues that were not short: of most messages no more than a minute of rows
//! tells what was queued when, and the rows of the others are kept once more, together, in each file
//! (`file/stays.rs`), so that the queue of any time is told without reading days of rows.
//!
//! A stay is what the rows of one queue id of one host say from its beginning to its end; ids are used
//! again. It is short if all its rows are there, beginning and end among them, and lie within
//! [`SHORT_STAY_MICROS`]. What is left of the others in a file may be a part of them.

use crate::columns::Column;
use crate::limits::SHORT_STAY_MICROS;
use crate::view::View;
use model::QueueStep;
use search::TimeRange;
use std::collections::HashSet;
use twox_hash::XxHash3_64;

/// Rows that are steps of stays, each with its place among those of whoever asks.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<At>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct At {
    /// Host and queue id, as a hash.
    stay: u64,
    at: i64,
    step: QueueStep,
    /// When the message arrived, by this row.
    since: i64,
    place: u64,
}

/// Columns that [`Steps::rows`] looks at.
pub(crate) const COLUMNS: [Column; 5] = [
    Column::At,
    Column::Kind,
    Column::Host,
    Column::QueueId,
    Column::DelayMs,
];

impl Steps {
    /// Takes those of some rows that are steps and have a place.
    pub(crate) fn rows(&mut self, view: &View, place: impl Fn(usize) -> Option<u64>) {
        each_step(view, |row, step, stay| {
            if let Some(place) = place(row) {
                self.0.push(At {
                    stay,
                    at: view.at(row),
                    step,
                    since: arrival(view, row),
                    place,
                });
            }
        });
    }

    /// Takes others, each with the place that it has among these.
    pub(crate) fn add(&mut self, others: Steps, place: impl Fn(u64) -> u64) {
        let others = others.0.into_iter();
        self.0.extend(others.map(|it| At {
            place: place(it.place),
            ..it
        }));
    }

    /// Where they are.
    pub(crate) fn places(&self) -> HashSet<u64> {
        self.0.iter().map(|it| it.place).collect()
    }

    /// Whether these are the same.
    pub(crate) fn are(mut self, mut others: Steps) -> bool {
        self.0.sort_unstable();
        others.0.sort_unstable();
        self.0 == others.0
    }

    /// Places of rows of stays that are not short, in order.
    pub(crate) fn of_long_stays(self) -> Vec<u64> {
        let mut steps = self.0;
        steps.sort_unstable();
        let mut long = Vec::new();
        for of_id in steps.chunk_by(|left, right| left.stay == right.stay) {
            for stay in of_id.split_inclusive(|it| it.step == QueueStep::Ends) {
                if !is_short(stay) {
                    long.extend(stay.iter().map(|it| it.place));
                }
            }
        }
        long.sort_unstable();
        long
    }
}

fn is_short(stay: &[At]) -> bool {
    let (Some(first), Some(last)) = (stay.first(), stay.last()) else {
        return true;
    };
    let since = stay.iter().map(|it| it.since.min(it.at)).min();
    let lasted = since.map(|since| last.at.saturating_sub(since));
    first.step == QueueStep::Begins
        && last.step == QueueStep::Ends
        && lasted.is_some_and(|it| it <= SHORT_STAY_MICROS)
}

/// Shows the rows that are steps of stays: row, step, and host and queue id as a hash.
pub fn each_step(view: &View, mut take: impl FnMut(usize, QueueStep, u64)) {
    let steps = view.meaning(Column::Kind, QueueStep::of);
    let hosts = view.meaning(Column::Host, |host| XxHash3_64::oneshot(host.as_bytes()));
    for row in 0..view.rows() {
        let Some(&Some(step)) = steps.get(row) else {
            continue;
        };
        if let Some(id) = view.text(Column::QueueId, row) {
            let seed = hosts.get(row).copied().unwrap_or(0);
            take(
                row,
                step,
                XxHash3_64::oneshot_with_seed(seed, id.as_bytes()),
            );
        }
    }
}

/// Where all rows are of short stays that a moment (microseconds) is in.
pub fn around(at: i64) -> TimeRange {
    TimeRange {
        from: at.saturating_sub(SHORT_STAY_MICROS),
        until: at.saturating_add(SHORT_STAY_MICROS + 1),
    }
}

/// When the message of a row arrived, as far as the row tells, microseconds.
pub fn arrival(view: &View, row: usize) -> i64 {
    let delay = view.number(Column::DelayMs, row).unwrap_or(0).max(0);
    view.at(row).saturating_sub(delay.saturating_mul(1_000))
}
