//! Every limit of this crate: unit in the name, reason above it.

use std::time::Duration;

/// Bytes that are read of a log at once: more than the longest line, and two of them fill a batch of the journal.
pub(crate) const CHUNK_BYTES: usize = 1536 * 1024;

/// Lines that are taken of a log at once: with what a batch adds to each they still fit beside a chunk.
pub(crate) const CHUNK_LINES: usize = 32 * 1024;

/// Bytes by which a file is known again before any of it is read anew: a page.
pub(crate) const HEAD_BYTES: u64 = 4 * 1024;

/// Bytes of the shortest beginning by which two contents are compared while one of them is still being copied: less
/// than any line of a mail log, and more than its time.
pub(crate) const POINT_BYTES: u64 = 64;

/// Beginnings that are remembered of a content, each four times as long as the former: the last is 1 EiB.
pub(crate) const POINTS_MAX: usize = 28;

/// Bytes of a path: with what stands behind it in the journal it fits the text of a source.
pub(crate) const PATH_BYTES_MAX: usize = 3 * 1024;

/// Files that are followed or remembered at once; what is beyond is told, and not read.
pub(crate) const FILES_MAX: usize = 20_000;

/// A rotated file without a new line for so long is closed, and looked at by its length and time only. Programs reopen
/// their logs within seconds.
pub(crate) const SETTLED: Duration = Duration::from_secs(10 * 60);

/// A log whose file is gone is remembered for so long: its file system may only be away.
pub(crate) const FORGET: Duration = Duration::from_secs(30 * 24 * 3600);

/// The state is saved at the latest so long after lines were taken: what is read of the journal at start.
pub(crate) const SAVE: Duration = Duration::from_secs(10);

/// The state is saved at the latest after so many bytes of lines, for the same reason.
pub(crate) const SAVE_BYTES: u64 = 256 * 1024 * 1024;

/// How long is waited for room in the journal, or for the disk, before it is looked whether to stop.
pub(crate) const RETRY: Duration = Duration::from_millis(100);

/// Problems that wait to be taken; beyond, the oldest go.
pub(crate) const PROBLEMS_MAX: usize = 1_000;

/// Bytes of the state's file: some 500 a file, and a guard against a file that is not ours.
pub(crate) const STATE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Bytes of entries of journald that are appended together; with what a read adds they fit a batch.
pub(crate) const JOURNALD_BATCH_BYTES: usize = 1024 * 1024;

/// Bytes that are read of `journalctl` at once: what a pipe of Linux holds.
pub(crate) const JOURNALD_READ_BYTES: usize = 64 * 1024;

/// Bytes that are told of its words: a hint has a few lines.
pub(crate) const JOURNALD_WORDS_BYTES: usize = 2 * 1024;

/// How long is waited before `journalctl` is started again, at first, and at most.
pub(crate) const JOURNALD_PAUSE: Duration = Duration::from_secs(1);

/// See [`JOURNALD_PAUSE`].
pub(crate) const JOURNALD_PAUSE_MAX: Duration = Duration::from_secs(60);

/// Bytes of journald's state: a cursor has some 150.
pub(crate) const JOURNALD_STATE_BYTES_MAX: u64 = 64 * 1024;

/// Longest text of a mark: eight numbers and the points.
const MARK_BYTES_MAX: usize = 8 * 17 + POINTS_MAX * 9;

const _: () = assert!(CHUNK_BYTES > ingest::LINE_BYTES_MAX);
const _: () = assert!(ingest::LINE_BYTES_MAX <= journal::LINE_BYTES_MAX);
// An entry may end in a read that began long before.
const _: () = assert!(
    JOURNALD_BATCH_BYTES + ingest::LINE_BYTES_MAX + 2 * JOURNALD_READ_BYTES
        <= journal::BATCH_BYTES_MAX
);
const _: () = assert!(CHUNK_LINES <= journal::BATCH_LINES_MAX);
const _: () =
    assert!(CHUNK_BYTES + 32 * CHUNK_LINES + journal::SOURCE_BYTES_MAX <= journal::BATCH_BYTES_MAX);
const _: () = assert!(8 + PATH_BYTES_MAX + MARK_BYTES_MAX <= journal::SOURCE_BYTES_MAX);
