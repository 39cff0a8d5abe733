//! Every limit of this crate: unit in the name, reason above it.

/// Bytes of whole lines that a batch aims for.
///
/// Large enough that handing a batch to another thread costs nothing per line (about 4,000 lines), small enough
/// that a block stays in the second-level cache between framing and parsing.
pub const BATCH_BYTES: usize = 512 * 1024;

/// Bytes of one line (or journald export record) that are kept; what exceeds it is counted and dropped.
///
/// syslog daemons cut at 2 to 64 KiB, Docker at 16 KiB; a longer line is no log line, and must not fill the memory.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// Bytes at the head of the unpacked content from which its kind is told.
pub(crate) const SNIFF_BYTES: usize = 8 * 1024;

/// NUL bytes in the head up to which a file is still text: a crash or a broken client leaves a few, while random
/// or packed bytes hold some 32 in 8 KiB and binary formats hundreds.
pub(crate) const NUL_STRAY_MAX: usize = 8;

/// Control bytes and bytes that are not UTF-8, in percent of the head, above which a file is binary. Logs in
/// Latin-1 or Shift-JIS stay far below it, packed bytes are above 50.
pub(crate) const UNREADABLE_PERCENT_MAX: usize = 30;

/// Bytes of compressed input that are read at once: fewer system calls than the 8 KiB of the standard library.
pub(crate) const ARCHIVE_BUFFER_BYTES: usize = 128 * 1024;

/// Bytes that are asked from a decompressor at once. Of a corrupt archive at most so much is lost before the
/// corrupt place, since the decompressors deliver nothing from the call that fails.
pub(crate) const ARCHIVE_READ_BYTES: usize = 16 * 1024;

/// Memory for one xz decoder: `xz -9` needs 65 MiB, a dictionary of 256 MiB fits too.
pub(crate) const XZ_MEMORY_BYTES_MAX: u64 = 320 * 1024 * 1024;

/// Greatest zstd window, as a power of two: all that `zstd --long=31` can write.
pub(crate) const ZSTD_WINDOW_LOG_MAX: u32 = 31;

/// Bytes of a binary field of journald's export format; journald itself stores at most 768 MiB. A greater length
/// means that we lost our place, and is read as text.
pub(crate) const EXPORT_FIELD_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Docker cuts a line into parts of this size; a shorter text without newline is a whole line of a sloppy writer.
pub(crate) const DOCKER_PART_BYTES: usize = 16 * 1024;

/// Objects inside each other that are looked at in a shipper's document: `log.syslog.appname` is the deepest name.
pub(crate) const DOCUMENT_DEPTH_MAX: usize = 3;

/// Bytes read at once while the rest of a line that is too long is passed over.
pub(crate) const SKIP_BYTES: usize = 64 * 1024;

/// Bytes by which two files are compared to see whether one is the compressed copy of the other.
pub(crate) const COPY_CHECK_BYTES: usize = 4 * 1024;

/// Directories below a named one that are entered: real log trees have four or five levels.
pub(crate) const DIRECTORY_DEPTH_MAX: usize = 32;

/// Files that one call of `find` returns; more than that is a mail store or a whole disk, named by mistake.
pub(crate) const FILES_MAX: usize = 100_000;

// A batch that holds a whole line of the greatest length is the largest block there is, and positions are `u32`.
const _: () = assert!(BATCH_BYTES <= LINE_BYTES_MAX);
const _: () = assert!(LINE_BYTES_MAX < u32::MAX as usize / 8);
const _: () = assert!(SNIFF_BYTES <= BATCH_BYTES);
const _: () = assert!(DOCKER_PART_BYTES < BATCH_BYTES);
