//! What an answer covers: which hosts, from when to when, and where one was silent.

use crate::Result;
use crate::sight::Sight;
use search::TimeRange;
use std::collections::{BTreeMap, BTreeSet};

const QUARTER_MICROS: i64 = 900_000_000;
const QUARTERS_A_DAY: u32 = 96;
/// Quarters of an hour without a row that are a gap: an hour. Less is a quiet host.
const GAP_QUARTERS: i64 = 4;

/// What the archive has of a range of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Hosts by name.
    pub hosts: Vec<Host>,
    /// Stretches of an hour and more in which no host has a row, though there are rows before and
    /// after: from and until, microseconds.
    pub gaps: Vec<(i64, i64)>,
}

/// What the archive has of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name as written; empty for lines that name none.
    pub host: String,
    /// Times of its first and last row within the range, microseconds; by a quarter of an hour where
    /// the range cuts a day.
    pub first: i64,
    /// See `first`.
    pub last: i64,
    /// Original lines, of all days that the range touches.
    pub lines: u64,
    /// Those of them that no rule knows.
    pub lines_unknown: u64,
    /// Stretches of an hour and more in which it has no row while others have: from and until,
    /// microseconds. Not told of a host that is silent half the time.
    pub gaps: Vec<(i64, i64)>,
}

impl Coverage {
    /// Original lines, of all days that the range touches.
    pub fn lines(&self) -> u64 {
        self.hosts.iter().map(|host| host.lines).sum()
    }

    /// Those of them that no rule knows.
    pub fn lines_unknown(&self) -> u64 {
        self.hosts.iter().map(|host| host.lines_unknown).sum()
    }

    /// Times of the first and the last row; `None` where there is none.
    pub fn span(&self) -> Option<(i64, i64)> {
        let first = self.hosts.iter().map(|host| host.first).min()?;
        let last = self.hosts.iter().map(|host| host.last).max()?;
        Some((first, last))
    }
}

/// What is gathered of a host: its quarters are counted from 1970.
struct Gathered {
    host: Host,
    quarters: BTreeSet<i64>,
}

/// What the archive has of each host in a range of time.
pub async fn coverage(sight: &Sight, range: TimeRange) -> Result<Coverage> {
    let mut hosts: BTreeMap<String, Gathered> = BTreeMap::new();
    for of in &sight.parts(range) {
        let part = sight.part(of).await?;
        for presence in part.presence().await?.iter() {
            let day = presence.first.div_euclid(QUARTER_MICROS);
            let day = day - day.rem_euclid(i64::from(QUARTERS_A_DAY));
            let quarters = (0..QUARTERS_A_DAY)
                .filter(|quarter| presence.quarters >> quarter & 1 == 1)
                .map(|quarter| day + i64::from(quarter))
                .filter(|quarter| {
                    let from = quarter * QUARTER_MICROS;
                    from + QUARTER_MICROS > range.from && from < range.until
                });
            let gathered = hosts
                .entry(presence.host.clone())
                .or_insert_with(|| Gathered {
                    host: Host {
                        host: presence.host.clone(),
                        first: i64::MAX,
                        last: i64::MIN,
                        lines: 0,
                        lines_unknown: 0,
                        gaps: Vec::new(),
                    },
                    quarters: BTreeSet::new(),
                });
            gathered.quarters.extend(quarters);
            let host = &mut gathered.host;
            host.first = host.first.min(presence.first.max(range.from));
            host.last = host
                .last
                .max(presence.last.min(range.until.saturating_sub(1)));
            host.lines += presence.lines;
            host.lines_unknown += presence.lines_unknown;
        }
    }
    hosts.retain(|_, it| !it.quarters.is_empty());
    let anyone: BTreeSet<i64> = hosts
        .values()
        .flat_map(|it| it.quarters.iter().copied())
        .collect();
    let last = anyone.last().copied().unwrap_or(0);
    let hosts = hosts.into_values().map(|mut it| {
        it.host.gaps = gaps(&it.quarters, last, |quarter| anyone.contains(&quarter));
        it.host
    });
    Ok(Coverage {
        hosts: hosts.collect(),
        gaps: gaps(&anyone, last, |_| true),
    })
}

/// Runs of quarters that are missing up to the last, of those in which something was to be expected.
fn gaps(quarters: &BTreeSet<i64>, last: i64, is_expected: impl Fn(i64) -> bool) -> Vec<(i64, i64)> {
    let Some(&first) = quarters.first() else {
        return Vec::new();
    };
    let expected = (first..=last)
        .filter(|&quarter| is_expected(quarter))
        .count();
    if quarters.len() * 2 < expected {
        return Vec::new();
    }
    let mut gaps = Vec::new();
    let mut before = first;
    for &quarter in quarters.iter().chain([&(last + 1)]) {
        let missing = (before + 1..quarter).filter(|&it| is_expected(it)).count() as i64;
        if missing >= GAP_QUARTERS {
            gaps.push(((before + 1) * QUARTER_MICROS, quarter * QUARTER_MICROS));
        }
        before = quarter;
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::{QUARTER_MICROS, gaps};
    use std::collections::BTreeSet;

    fn told(quarters: impl IntoIterator<Item = i64>, last: i64) -> Vec<(i64, i64)> {
        let quarters: BTreeSet<i64> = quarters.into_iter().collect();
        let in_quarters = |(from, until)| (from / QUARTER_MICROS, until / QUARTER_MICROS);
        gaps(&quarters, last, |_| true)
            .into_iter()
            .map(in_quarters)
            .collect()
    }

    #[test]
    fn an_hour_of_silence_is_a_gap() {
        assert_eq!(told((0..10).chain(14..30), 29), [(10, 14)]);
        assert_eq!(
            told((0..10).chain(13..30), 29),
            [],
            "three quarters are not"
        );
        assert_eq!(told(0..10, 19), [(10, 20)], "also at the end");
        assert_eq!(told([0, 50, 100], 100), [], "it is silent most of the time");
        assert_eq!(told([], 100), []);
    }
}
