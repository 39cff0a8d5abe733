//! All rows that a filter wants, with their lines, in the order in which they lie: for exports, which
//! are too large to be put in another.

use crate::Result;
use crate::facts::columns_of;
use crate::rows::{Found, wanted_rows};
use crate::sight::Sight;
use search::{Filter, TimeRange};
use std::collections::BTreeMap;

/// Blocks that are in memory at a time, with all columns and lines.
const BLOCKS_AT_A_TIME: usize = 4;

/// Original lines of a row, each with its time in nanoseconds.
pub type Lines = Vec<(i64, Vec<u8>)>;

/// The days of the archive, as `2026-11-01`, that a range of time touches.
pub fn days(sight: &Sight, range: TimeRange) -> Vec<String> {
    let parts = sight.parts(range).into_iter();
    let mut days: Vec<String> = parts.map(|part| part.day).collect();
    days.sort();
    days.dedup();
    days
}

/// Gives each row of a day that a filter wants, with its lines: by file, account, and time. Ends early
/// where `take` errs, with its error.
pub async fn walk<E>(
    sight: &Sight,
    (filter, range, day): (&Filter, TimeRange, &str),
    take: &mut impl FnMut(&Found, &Lines) -> std::result::Result<(), E>,
) -> Result<std::result::Result<(), E>> {
    let mut of_day = sight.parts(range);
    of_day.retain(|part| part.day == day);
    for of in of_day {
        let part = sight.part(&of).await?;
        let candidates = part.wanted(filter, range).await?;
        for blocks in candidates.chunks(BLOCKS_AT_A_TIME) {
            let mut wanted = BTreeMap::new();
            for block in part.read(blocks, &columns_of(filter)).await? {
                let rows = wanted_rows(&block.view, filter, range);
                if !rows.is_empty() {
                    let places = rows.into_iter().map(|row| block.place(row) as u32);
                    wanted.insert(block.number, places.collect());
                }
            }
            for block in part.rows_at(&wanted).await? {
                let rows = 0..block.view.rows();
                let mut lines: BTreeMap<usize, Lines> = BTreeMap::new();
                let mut keep = |row, at, line: &[u8]| {
                    lines.entry(row).or_default().push((at, line.to_vec()));
                };
                part.lines(&block, rows.clone(), &mut keep).await?;
                for found in Found::of(&part, block, rows) {
                    let lines = lines.remove(&found.place()).unwrap_or_default();
                    if let Err(error) = take(&found, &lines) {
                        return Ok(Err(error));
                    }
                }
            }
        }
    }
    Ok(Ok(()))
}
