//! Every limit of this crate: unit in the name, reason above it.

/// Bytes of one line.
///
/// `ingest` cuts lines at 1 MiB; the raw form of a wrapped line (journald, Docker) may be twice as long.
pub const LINE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bytes of the text that says where a line came from: a protocol and an address, or a path (`PATH_MAX` is 4,096).
pub const SOURCE_BYTES_MAX: usize = 4 * 1024;

/// Bytes of one batch, its sources counted.
///
/// Holds two of the longest lines, or 20,000 usual ones, which is beyond what group commit can gain from. Also
/// what a message of NATS may be when the server is set to its recommended 8 MiB.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Lines of one batch: so that a remote journal can put a line's index in its batch into 16 bits of a position.
pub const BATCH_LINES_MAX: usize = 64 * 1024;

/// Bytes that wait for the disk; beyond, appenders wait for a place. One group is at most so much, so the memory
/// of the writer is twice this.
pub const QUEUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Texts of sources that one segment registers before the next is begun. Bounds the memory of writer and readers
/// where a source names a port.
pub(crate) const SEGMENT_SOURCES_MAX: usize = 64 * 1024;

/// Bytes of a segment, by default: a cut frees disk in steps of this, and open reads the last one whole.
pub const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes up to which a segment may be asked to grow; open holds the last one in memory.
pub const SEGMENT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Bytes of all segments, by default: 16 minutes at 100,000 lines/s of 160 bytes, a day at 1,000 lines/s.
pub const JOURNAL_BYTES: u64 = 16 * 1024 * 1024 * 1024;

/// Bytes that a reader aims for in a batch: as `ingest` does, thousands of lines that still fit the second-level
/// cache.
pub(crate) const READ_BYTES: usize = 512 * 1024;

/// The greatest position: at a billion lines a second reached after 146 years, and far enough from the end of
/// `u64` that sums need no care.
pub(crate) const POSITION_MAX: u64 = 1 << 62;

const _: () = assert!(2 * LINE_BYTES_MAX <= BATCH_BYTES_MAX);
const _: () = assert!(BATCH_BYTES_MAX <= QUEUE_BYTES_MAX);
const _: () = assert!(BATCH_LINES_MAX <= SEGMENT_SOURCES_MAX);
const _: () = assert!(SOURCE_BYTES_MAX <= u16::MAX as usize);
const _: () = assert!(SEGMENT_BYTES <= SEGMENT_BYTES_MAX);
