//! Target `journal`: any bytes as the last segment of a journal, or whole segments with some bytes changed.

use journal::{Batch, Error, Journal, LocalJournal, Position, Record, Settings};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// What one change of the input does: where, and with which byte.
const CHANGE_BYTES: usize = 4;

/// Opens a journal whose file is made by the input: an error that says so, or lines that are whole; and what is
/// appended then is there after the next open.
pub fn journal(input: &[u8]) {
    let Some((&how, rest)) = input.split_first() else {
        return;
    };
    let folder = folder();
    let (written, count) = written(folder.path(), how >> 3);
    let mut bytes = written.clone();
    match how & 3 {
        0 => bytes = rest.to_vec(),
        1 => bytes.extend_from_slice(rest),
        2 => bytes.truncate(bytes.len() - rest.len().min(bytes.len())),
        _ => change(&mut bytes, rest),
    }
    let file = file(folder.path());
    let is_written = fs::write(&file, &bytes);
    assert!(is_written.is_ok(), "{is_written:?}");
    let damaged = match LocalJournal::open(folder.path(), Settings::default()) {
        Ok(journal) => {
            look(&journal);
            None
        }
        Err(error @ (Error::Damaged { .. } | Error::Version { .. })) => Some(error),
        Err(error) => panic!("{error}"),
    };
    match LocalJournal::open_damaged(folder.path(), Settings::default()) {
        Ok(journal) => {
            look(&journal);
            append(&journal);
        }
        Err(Error::Version { .. }) => return,
        Err(error) => panic!("{error} after {damaged:?}"),
    }
    if bytes == written {
        let journal = LocalJournal::open(folder.path(), Settings::default());
        let end = journal.map(|it| it.end().as_u64());
        assert!(matches!(end, Ok(end) if end == count + 1), "{end:?}");
    }
}

/// A new journal's file with some groups in it, and how many lines.
fn written(folder: &Path, groups: u8) -> (Vec<u8>, u64) {
    let journal = LocalJournal::open(folder, Settings::default()).expect("an empty folder");
    let mut count = 0;
    for group in 0..groups {
        let mut batch = Batch::new();
        for line in 0..=group % 3 {
            let record = Record {
                received_ns: i64::from(line),
                source: &[b's', group % 5],
                line: &vec![line; usize::from(group)],
            };
            batch.push(record).expect("a short line");
        }
        journal.append(&batch).expect("a journal with room");
        count += batch.len() as u64;
    }
    drop(journal);
    let bytes = fs::read(file(folder)).expect("the file that was written");
    (bytes, count)
}

fn file(folder: &Path) -> std::path::PathBuf {
    folder.join(format!("{:020}.journal", 0))
}

fn change(bytes: &mut [u8], changes: &[u8]) {
    for change in changes.chunks_exact(CHANGE_BYTES) {
        let at = usize::from(u16::from_le_bytes([change[0], change[1]])) % bytes.len();
        bytes[at] ^= change[3];
    }
}

/// Reads all that can be read: positions grow, and an error leads on.
fn look(journal: &LocalJournal) {
    let mut from = journal.start();
    while from < journal.end() {
        let mut reader = journal.reader(from).expect("a position inside");
        let lost = loop {
            match reader.next() {
                Ok(Some((first, batch))) => {
                    assert!(first >= from && !batch.is_empty());
                    assert_eq!(batch.iter().count(), batch.len());
                    from = first.plus(batch.len());
                }
                Ok(None) => return,
                Err(Error::Damaged { lost, .. }) => break lost,
                Err(error) => panic!("{error}"),
            }
        };
        assert!(lost.start <= from && from < lost.end, "{lost:?} at {from}");
        from = lost.end;
    }
}

fn append(journal: &LocalJournal) {
    let mut batch = Batch::new();
    let record = Record {
        received_ns: 0,
        source: b"new",
        line: b"new",
    };
    batch.push(record).expect("a short line");
    let end = journal.end();
    let first = journal.append(&batch).expect("a journal with room");
    assert_eq!(first, end);
    let mut reader = journal.reader(first).expect("a position inside");
    let (read, batch) = reader.next().expect("no damage").expect("a line");
    assert_eq!((read, batch.iter().next()), (first, Some(record)));
    assert!(journal.end() > Position::ZERO);
}

/// A new folder, in memory where there is such: a sync costs nothing there.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("the system has a folder for temporary files")
}
