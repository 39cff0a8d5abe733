//! All original lines of a range of time, in order: what is made of lines again (a report, another
//! parser's rows) is made of these.
//!
//! Rows lie by account, so a day's lines are put into buckets of some minutes first, on disk, and each
//! bucket is put in order in memory. Of a row that ended after midnight some lines are of the day
//! before: a day is given when the next one was read.

use crate::sight::Sight;
use search::{Filter, TimeRange};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, Write};
use store::{Column, FileOf};

/// Length of a bucket, nanoseconds: a sixth of the busiest hour of a large site is some 100 MB.
const BUCKET_NANOS: i64 = 600 * 1_000_000_000;
/// Buckets of a day.
const BUCKETS_A_DAY: i64 = 144;

/// Why lines could not be given.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The archive could not be read.
    #[error(transparent)]
    Query(#[from] crate::Error),
    /// Lines could not be put by.
    #[error("cannot put lines by in a temporary file")]
    Temporary(#[from] std::io::Error),
}

/// Lines of some minutes: for each its time, length and bytes.
struct Bucket(BufWriter<File>);

/// Gives each line of a range with its time in nanoseconds; `read` is called with the bytes of the
/// files that were read so far. Lines of rows that begin before the range and end within are given too, so that a
/// message is whole.
pub fn replay(
    sight: &Sight,
    range: TimeRange,
    mut read: impl FnMut(u64),
    mut take: impl FnMut(i64, &[u8]),
) -> std::result::Result<(), ReplayError> {
    let mut days: BTreeMap<&str, Vec<&FileOf>> = BTreeMap::new();
    let parts = sight.parts(range);
    for file in &parts {
        days.entry(&file.day).or_default().push(file);
    }
    let mut buckets: BTreeMap<i64, Bucket> = BTreeMap::new();
    let mut bytes = 0;
    for files in days.into_values() {
        let mut first = i64::MAX;
        for file in files {
            first = first.min(file.at.0.max(range.from));
            sight.wait(spread(sight, file, range, &mut buckets))?;
            bytes += file.size;
            read(bytes);
        }
        // What began the day before may still come with this day's rows, and did.
        let today = first.saturating_mul(1_000).div_euclid(BUCKET_NANOS);
        let later = buckets.split_off(&(today - today.rem_euclid(BUCKETS_A_DAY)));
        give(std::mem::replace(&mut buckets, later), &mut take)?;
    }
    Ok(give(buckets, &mut take)?)
}

/// Puts the lines of a file into buckets.
async fn spread(
    sight: &Sight,
    of: &FileOf,
    range: TimeRange,
    buckets: &mut BTreeMap<i64, Bucket>,
) -> std::result::Result<(), ReplayError> {
    let part = sight.part(of).await?;
    for number in part.wanted(&Filter::All, range).await? {
        let mut failed = None;
        let mut put = |_, at: i64, line: &[u8]| {
            let put = put(buckets, at, line);
            failed = failed.take().or(put.err());
        };
        for block in part.read(&[number], Column::ALL).await? {
            let inside = |row: &usize| range.contains(block.view.at(*row));
            let rows = (0..block.view.rows()).filter(inside);
            part.lines(&block, rows, &mut put).await?;
        }
        if let Some(error) = failed {
            return Err(ReplayError::Temporary(error));
        }
    }
    Ok(())
}

fn put(buckets: &mut BTreeMap<i64, Bucket>, at: i64, line: &[u8]) -> std::io::Result<()> {
    let bucket = match buckets.entry(at.div_euclid(BUCKET_NANOS)) {
        std::collections::btree_map::Entry::Occupied(bucket) => bucket.into_mut(),
        std::collections::btree_map::Entry::Vacant(place) => {
            place.insert(Bucket(BufWriter::new(tempfile::tempfile()?)))
        }
    };
    let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
    bucket.0.write_all(&at.to_le_bytes())?;
    bucket.0.write_all(&length.to_le_bytes())?;
    bucket.0.write_all(line)
}

/// Gives the lines of buckets in order.
fn give(buckets: BTreeMap<i64, Bucket>, take: &mut impl FnMut(i64, &[u8])) -> std::io::Result<()> {
    for bucket in buckets.into_values() {
        let mut file = bucket
            .0
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.rewind()?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut lines = Vec::new();
        let mut rest = &bytes[..];
        while let Some((at, after)) = rest.split_first_chunk() {
            let Some((length, after)) = after.split_first_chunk() else {
                break;
            };
            let Some((line, after)) = after.split_at_checked(u32::from_le_bytes(*length) as usize)
            else {
                break;
            };
            lines.push((i64::from_le_bytes(*at), line));
            rest = after;
        }
        lines.sort_unstable();
        lines.iter().for_each(|(at, line)| take(*at, line));
    }
    Ok(())
}
