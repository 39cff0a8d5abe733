//! Bounds of the archive, and why they are what they are.

/// How a file is packed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packing {
    /// Rows that are read at once: a page of each column, a block of lines, a filter. Fewer make
    /// larger files; more make a look-up of one message read more that it does not want.
    pub(crate) block_rows: usize,
    /// Level of zstd for columns.
    pub(crate) column_level: i32,
    /// Level of zstd for original lines.
    pub(crate) line_level: i32,
}

/// Of an import, for which somebody waits.
pub(crate) const IMPORTED: Packing = Packing {
    block_rows: 16_384,
    column_level: 9,
    line_level: 3,
};

/// Of upkeep: once, for years.
pub(crate) const KEPT: Packing = Packing {
    block_rows: 32_768,
    column_level: 19,
    line_level: 19,
};

/// Blocks whose lines and index are made while the columns of those before are packed.
pub(crate) const BLOCKS_WAITING: usize = 2;

/// Rows of a Parquet row group, a multiple of any block: what other engines read as one task. Each has
/// dictionaries and statistics of its own for every column.
pub(crate) const ROW_GROUP_ROWS: usize = 262_144;

/// Rows that are gathered before they are sorted and written; with their lines some 300 MB.
pub(crate) const GATHERED_ROWS_MAX: usize = 16 * ROW_GROUP_ROWS;

/// Bytes of lines that are gathered before they are written, whatever the number of rows.
pub(crate) const GATHERED_LINE_BYTES_MAX: usize = 192 << 20;

/// Rows of a file that upkeep writes, at the most: some 60 MB, which are in memory until it is
/// complete.
pub(crate) const FILE_ROWS_MAX: u64 = 16 * ROW_GROUP_ROWS as u64;

/// Of a message that is gone so soon all rows are found by their time; most are gone within seconds,
/// and who has to wait for another attempt waits for minutes. Microseconds.
pub(crate) const SHORT_STAY_MICROS: i64 = 60_000_000;

/// Rows of a file that has those of long stays apart, at the least: fewer are soon read.
pub(crate) const STAYS_APART_ROWS_MIN: u64 = 4_096;

/// Level of zstd for the terms of the index: small against the columns, and read at many look-ups.
pub(crate) const INDEX_ZSTD_LEVEL: i32 = 12;

/// Bytes of a file's terms, unpacked, at the most: ten times what the largest file has.
pub(crate) const TERMS_BYTES_MAX: usize = 1 << 30;

/// Bytes of a line that no rule knows which the column `text` holds, so that its words are found; the
/// line itself is kept whole.
pub(crate) const UNKNOWN_BYTES_MAX: usize = 16 << 10;

/// Bytes of what is known of open files, where their pages are: of some thousand.
pub(crate) const FILES_KEPT_BYTES_MAX: usize = 256 << 20;

/// Bytes of filters of identifiers that are kept of all files: those of files for 200 million lines.
pub(crate) const FILTERS_KEPT_BYTES_MAX: usize = 96 << 20;

/// Bytes of unpacked terms that are kept of all files: of some hundred million lines.
pub(crate) const TERMS_KEPT_BYTES_MAX: usize = 256 << 20;

/// Bytes of unpacked pages that are kept of all files: all columns of some twenty blocks.
pub(crate) const PAGES_KEPT_BYTES_MAX: usize = 48 << 20;

/// Bytes of decoded columns that are kept of all files: those that some ten traces look at.
pub(crate) const COLUMNS_KEPT_BYTES_MAX: usize = 32 << 20;

/// Blocks that are read at once of which columns are kept; who reads more goes through a file once.
pub(crate) const BLOCKS_KEPT_MAX: usize = 3;

/// Columns that are read at once and kept; who reads more wants all of a block, once.
pub(crate) const COLUMNS_KEPT_MAX: usize = 16;

/// Bytes of unpacked lines that are kept of all files; a block has one or two million.
pub(crate) const LINES_KEPT_BYTES_MAX: usize = 24 << 20;

/// Bytes for what is kept of where identifiers are: tens of thousands of identifiers.
pub(crate) const ROWS_KEPT_BYTES_MAX: usize = 8 << 20;

/// An id shorter than this is left in a reply that holds it.
pub(crate) const ID_BYTES_MIN: usize = 5;

/// Bytes of one word in the index; longer words are cut, at writing and at asking.
pub(crate) const WORD_BYTES_MAX: usize = 40;

const _: () = assert!(ROW_GROUP_ROWS.is_multiple_of(IMPORTED.block_rows));
const _: () = assert!(ROW_GROUP_ROWS.is_multiple_of(KEPT.block_rows));
