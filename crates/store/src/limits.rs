//! Bounds of the archive, and why they are what they are.

/// Rows that are read at once: a page of each column, a block of lines, a filter. Fewer make larger
/// files; more make a look-up of one message read more that it does not want.
pub const BLOCK_ROWS: usize = 16_384;

/// Rows of a Parquet row group, a multiple of a block: what other engines read as one task. Each has
/// dictionaries and statistics of its own for every column.
pub(crate) const ROW_GROUP_ROWS: usize = 16 * BLOCK_ROWS;

/// Rows that are gathered before they are sorted and written; with their lines some 300 MB.
pub(crate) const GATHERED_ROWS_MAX: usize = 16 * ROW_GROUP_ROWS;

/// Bytes of lines that are gathered before they are written, whatever the number of rows.
pub(crate) const GATHERED_LINE_BYTES_MAX: usize = 192 << 20;

/// Level of zstd for columns.
pub(crate) const COLUMN_ZSTD_LEVEL: i32 = 9;

/// Bytes of a line that no rule knows which the column `text` holds, so that its words are found; the
/// line itself is kept whole.
pub(crate) const UNKNOWN_BYTES_MAX: usize = 16 << 10;

/// An id shorter than this is left in a reply that holds it.
pub(crate) const ID_BYTES_MIN: usize = 5;

/// Bytes of one word in the index; longer words are cut, at writing and at asking.
pub(crate) const WORD_BYTES_MAX: usize = 40;

const _: () = assert!(ROW_GROUP_ROWS.is_multiple_of(BLOCK_ROWS));
const _: () = assert!(GATHERED_ROWS_MAX.is_multiple_of(BLOCK_ROWS));
