//! Bounds of importing, and why they are what they are.

/// Bytes at the beginning of a file by which it is recognised before its lines are compared: less than
/// a page of any disk, more than a first line.
pub(crate) const HEAD_BYTES: usize = 4_096;

/// Writes that wait behind the one at hand: with one more, two lots of rows would lie in memory idle.
pub(crate) const WRITES_WAITING: usize = 0;

/// Level of zstd for the state: it is written at each commit and read once.
pub(crate) const STATE_ZSTD_LEVEL: i32 = 1;

/// Lines older by this many seconds than what the correlator has come to are history of their own:
/// they do not go on what is open. As long as the longest wait of a mail queue (`maximal_queue_lifetime`,
/// five days).
pub(crate) const HISTORY_SECONDS: i64 = 5 * 86_400;

/// Bytes of lines between two commits: some 800,000 lines, which make a data file of 15 MB.
pub(crate) const COMMIT_BYTES: usize = 128 << 20;
