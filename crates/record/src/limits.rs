//! Bounds of importing, and why they are what they are.

/// Bytes at the beginning of a file by which it is recognised before its lines are compared: less than
/// a page of any disk, more than a first line.
pub(crate) const HEAD_BYTES: usize = 4_096;

/// Writes that wait behind the one at hand: with one more, two lots of rows would lie in memory idle.
pub(crate) const WRITES_WAITING: usize = 0;

/// Commits that were made and not yet told of: no more can be made before the next is given.
pub(crate) const DONE_WAITING: usize = 16;

/// Rows of one part in memory: a question looks at each, and one that is told by its time only passes
/// over the part. While parts are joined no lines are taken, so it is not more.
pub(crate) const HOT_ROWS_MAX: usize = 16_384;

/// Parts in memory that are joined to one: with more, rows are copied less often, and questions look at
/// more parts.
pub(crate) const HOT_PARTS_JOINED: usize = 8;

/// What is not complete is looked at anew after so many times as long as the last look took, so that
/// it takes a twentieth of one core.
pub(crate) const OPEN_LOOK_SHARE: u32 = 20;

/// Rows are shown again after so many times as long as it took to show them: lines go on coming.
pub(crate) const SHOW_SHARE: u32 = 4;

/// Milliseconds that an idle loop waits for lines: no longer than what is held may wait beyond its time.
pub(crate) const WAIT_MS: u64 = 50;

/// Sources, hosts and programs that are told apart: beyond, a sender who makes up names is one.
pub(crate) const HEARD_MAX: usize = 20_000;

/// Level of zstd for the state: it is written at each commit and read once.
pub(crate) const STATE_ZSTD_LEVEL: i32 = 1;

/// Lines older by this many seconds than what the correlator has come to are history of their own:
/// they do not go on what is open. As long as the longest wait of a mail queue (`maximal_queue_lifetime`,
/// five days).
pub(crate) const HISTORY_SECONDS: i64 = 5 * 86_400;

/// Bytes of lines between two commits: some 800,000 lines, which make a data file of 15 MB.
pub(crate) const COMMIT_BYTES: usize = 128 << 20;

/// Milliseconds between places of the journal that are remembered by their time: nobody needs them
/// closer, and a busy journal has thousands of batches a second.
pub(crate) const MARKS_APART_MS: i64 = 1_000;

/// Lines that the journal keeps behind a commit so that they are known again after a restart: those of
/// a million that are remembered, by four ways. Some 700 MB, which are read in seconds.
pub(crate) const RECENT_LINES_MAX: u64 = 4 << 20;

/// Lots of new rows that wait for a follower who is slow; beyond, it is let go.
pub(crate) const FOLLOWER_LOTS_MAX: usize = 256;

/// Lots of lines that wait for a follower who is slow: each is a batch of the journal, of a line or two
/// where little comes, of some hundred where much does. Half a second of 20,000 lines that come alone.
pub(crate) const FOLLOWER_LINE_LOTS_MAX: usize = 10_000;
