//! Bounds of upkeep, and why they are what they are.

/// Files that are put together at a time: a block of each is in memory, some 10 MB.
pub(crate) const FILES_AT_A_TIME: usize = 16;

/// Rows below which a file is put together with others again: half of a full one.
pub(crate) const SMALL_FILE_ROWS: u64 = 2_000_000;
