//! Lines that tell their number, and ways to write and read them.

use journal::{Batch, Error, Journal, LocalJournal, Position, Record, Settings};
use std::ops::Range;
use std::path::Path;
use tempfile::TempDir;

/// A line with its position, as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) position: u64,
    pub(crate) received_ns: i64,
    pub(crate) source: Vec<u8>,
    pub(crate) line: Vec<u8>,
}

/// A folder in memory where there is one: a sync costs nothing there.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// Settings with segments that hold some lines only.
pub(crate) fn small() -> Settings {
    Settings {
        segment_bytes: 1_000,
        ..Settings::default()
    }
}

pub(crate) fn open(folder: &Path) -> LocalJournal {
    LocalJournal::open(folder, small()).unwrap()
}

/// The line of a number: of one of three sources, with bytes of all kinds.
pub(crate) fn line(number: u64) -> Read {
    let length = (number * 7 % 50) as usize;
    let mut line = format!("line {number} ").into_bytes();
    line.extend((0..length).map(|at| (at as u8).wrapping_mul(number as u8)));
    Read {
        position: number,
        received_ns: number as i64 * 1_000 - 500,
        source: format!("syslog udp 192.0.2.{}", number % 3).into_bytes(),
        line,
    }
}

pub(crate) fn lines(numbers: Range<u64>) -> Vec<Read> {
    numbers.map(line).collect()
}

pub(crate) fn batch(numbers: Range<u64>) -> Batch {
    let mut batch = Batch::new();
    for read in lines(numbers) {
        let record = Record {
            received_ns: read.received_ns,
            source: &read.source,
            line: &read.line,
        };
        batch.push(record).unwrap();
    }
    batch
}

/// All lines from a position on.
pub(crate) fn read_from(journal: &dyn Journal, from: u64) -> Result<Vec<Read>, Error> {
    let mut reader = journal.reader(Position::from_u64(from))?;
    let mut all = Vec::new();
    while let Some((first, batch)) = reader.next()? {
        all.extend(owned(first, &batch));
    }
    Ok(all)
}

pub(crate) fn owned(first: Position, batch: &Batch) -> Vec<Read> {
    let numbered = (first.as_u64()..).zip(batch.iter());
    let owned = numbered.map(|(position, record)| Read {
        position,
        received_ns: record.received_ns,
        source: record.source.to_vec(),
        line: record.line.to_vec(),
    });
    let owned: Vec<Read> = owned.collect();
    assert_eq!(owned.len(), batch.len());
    owned
}

/// The segments of a folder, in order.
pub(crate) fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|it| it.unwrap().path()).collect();
    paths.retain(|it| it.extension().is_some_and(|it| it == "journal"));
    paths.sort();
    paths
}
