//! Target `archive`: any bytes as a log file, compressed or not.

use ingest::{BATCH_BYTES, Batch, LINE_BYTES_MAX};
use std::ffi::OsString;
use std::fs;
use std::sync::OnceLock;
use tempfile::TempDir;

/// Names that the file gets, by the first byte: what is inside must not depend on them.
const NAMES: &[&str] = &["mail.log", "mail.log.1", "mail.log.2.gz", "mail.log.xz"];

/// Heads that the second byte puts before the content, so that the magic bytes need not be guessed.
const HEADS: &[&[u8]] = &[
    b"",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
    b"BZh91AY&SY",
    b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46",
    b"\x28\xb5\x2f\xfd",
    b"{\"MESSAGE\":\"",
    b"__REALTIME_TIMESTAMP=1795335801123456\n",
    b"{\"log\":\"",
    b"2026-11-22T08:23:21.123456789Z stdout F ",
    b"\xef\xbb\xbf",
];

/// A small archive may unpack to no end; so much is enough to see.
const BYTES_READ_MAX: usize = 16 * 1024 * 1024;

/// A batch holds its whole lines, and at the most one line of the greatest length more.
const BATCH_BYTES_MAX: usize = 2 * (BATCH_BYTES + LINE_BYTES_MAX);

/// Reads a file made of any bytes: lines follow each other in order, and are the file's own bytes.
pub fn archive(input: &[u8]) {
    let [name, head, rest @ ..] = input else {
        return;
    };
    let name = NAMES[usize::from(*name) % NAMES.len()];
    let head = HEADS[usize::from(*head) % HEADS.len()];
    let path = folder().path().join(name);
    let written = fs::write(&path, [head, rest].concat());
    assert!(written.is_ok(), "cannot write the input: {written:?}");
    let found = ingest::find(&[OsString::from(&path)]);
    for set in &found.sets {
        let mut reader = set.reader();
        let (mut reuse, mut bytes, mut last) = (None, 0, 0);
        while let Some(batch) = reader.next_batch(reuse.take()) {
            bytes += look(&batch, &mut last);
            if bytes > BYTES_READ_MAX {
                break;
            }
            reuse = Some(batch);
        }
        for problem in reader.take_problems() {
            assert!(!problem.to_string().is_empty());
        }
    }
}

/// Looks at each line of a batch; gives its bytes.
fn look(batch: &Batch, last: &mut u64) -> usize {
    assert!(!batch.is_empty());
    assert!(batch.raw_bytes().len() <= BATCH_BYTES_MAX);
    for (index, line) in batch.lines().enumerate() {
        assert_eq!(line, batch.line(index));
        assert!(line.number > *last, "line {} after {last}", line.number);
        *last = line.number;
        let _ = parse::line(line.readable);
    }
    batch.raw_bytes().len()
}

fn folder() -> &'static TempDir {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().expect("the system has a folder for temporary files"))
}
