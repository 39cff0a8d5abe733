//! The data files of a version, by what the table's log says of them.

use crate::error::Result;
use crate::hot::Hot;
use crate::span::touches;
use deltalake_core::DeltaTable;
use object_store::path::Path;
use search::TimeRange;
use std::sync::Arc;

/// A data file of a version of the table, or rows that are only in memory.
#[derive(Clone, Debug)]
pub struct FileOf {
    /// Where, from the root of the table.
    pub path: Path,
    /// Bytes.
    pub size: u64,
    /// Rows.
    pub rows: u64,
    /// Its day, as `2026-11-01`.
    pub day: String,
    /// Its retention class.
    pub class: String,
    /// Times of the first and the last row, microseconds, at least as wide as the rows are.
    pub at: (i64, i64),
    /// The rows, if there is no file of them.
    pub(crate) hot: Option<Arc<Hot>>,
}

impl FileOf {
    /// Rows that are only in memory.
    pub(super) fn hot(hot: &Arc<Hot>) -> Self {
        FileOf {
            path: Path::from("hot"),
            size: hot.line_bytes() as u64,
            rows: hot.rows() as u64,
            day: hot.day.clone(),
            class: hot.class.clone(),
            at: hot.at,
            hot: Some(Arc::clone(hot)),
        }
    }

    /// Whether it may have rows of a range.
    pub fn touches(&self, range: TimeRange) -> bool {
        touches(self.at, range)
    }

    /// Whether its rows are only in memory.
    pub fn is_hot(&self) -> bool {
        self.hot.is_some()
    }

    /// Whether it stands for what was not complete yet.
    pub fn is_open(&self) -> bool {
        self.is_named("open-")
    }

    /// Whether it was written by an import and not made of others since.
    pub fn is_part(&self) -> bool {
        self.is_named("part-")
    }

    fn is_named(&self, start: &str) -> bool {
        self.path
            .filename()
            .is_some_and(|name| name.starts_with(start))
    }

    /// XXH3-64 of its bytes, by its name; `None` where that has none.
    pub(crate) fn hash(&self) -> Option<u64> {
        let name = self.path.filename()?.strip_suffix(".parquet")?;
        let hash = name.rsplit('-').next().filter(|hash| hash.len() == 16)?;
        u64::from_str_radix(hash, 16).ok()
    }
}

/// The files of the version that was loaded, in the order of their paths.
pub(super) fn of(table: &DeltaTable) -> Result<Vec<FileOf>> {
    let snapshot = table.snapshot()?.snapshot();
    let log = snapshot.log_data();
    let files = log.iter().map(|file| {
        let mut partition = file.partition_values_map();
        let mut value = |name| partition.remove(name).flatten().unwrap_or_default();
        let stats = file.stats().and_then(|stats| Stats::parse(&stats));
        let stats = stats.unwrap_or_default();
        FileOf {
            path: file.object_store_path(),
            size: file.size().max(0) as u64,
            rows: stats.rows,
            day: value("day"),
            class: value("class"),
            at: stats.at,
            hot: None,
        }
    });
    let mut files: Vec<_> = files.collect();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

/// Statistics of a file as the table's log holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stats {
    pub(super) rows: u64,
    pub(super) at: (i64, i64),
}

impl Default for Stats {
    fn default() -> Self {
        Stats {
            rows: 0,
            at: (i64::MIN, i64::MAX),
        }
    }
}

impl Stats {
    /// Times are of milliseconds there: the last one is rounded up.
    pub(super) fn to_json(self) -> String {
        let time = |micros: i64| {
            let at = jiff::Timestamp::from_microsecond(micros).unwrap_or_default();
            format!("{at:.3}")
        };
        let (first, last) = self.at;
        let last = last.saturating_add(999);
        serde_json::json!({
            "numRecords": self.rows,
            "minValues": {"at": time(first)},
            "maxValues": {"at": time(last)},
        })
        .to_string()
    }

    pub(super) fn parse(json: &str) -> Option<Self> {
        let stats: serde_json::Value = serde_json::from_str(json).ok()?;
        let time = |which: &str| {
            let at: jiff::Timestamp = stats[which]["at"].as_str()?.parse().ok()?;
            Some(at.as_microsecond())
        };
        Some(Stats {
            rows: stats["numRecords"].as_u64()?,
            at: (
                time("minValues").unwrap_or(i64::MIN),
                time("maxValues").unwrap_or(i64::MAX),
            ),
        })
    }
}
