//! Bounds of what is told and sent, and why they are what they are.

use jiff::SignedDuration;
use std::time::Duration;

/// How often it is looked what is due.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Reports that are counted side by side: people who ask go on meanwhile.
pub(crate) const COUNTED_AT_A_TIME: usize = 2;

/// Reports that are in memory because it is their turn.
pub(crate) const DUE_MAX: u32 = 10;

/// How long it may take to count a report: a month of a large archive; then others wait.
pub(crate) const COUNT_MAX: Duration = Duration::from_secs(600);

/// Mails that are sent side by side.
pub(crate) const SENT_AT_A_TIME: u32 = 10;

/// How long mails that are being sent are waited for when the daemon ends.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(10);

/// How often a mail of which nobody knows whether it was taken is begun.
pub(crate) const UNCLEAR_MAX: i64 = 2;

/// Rows of a table where it says nothing else.
pub(crate) const TOP: usize = 10;

/// Stretches of traffic that are told at once: half hours of two months.
pub const STRETCHES_MAX: i64 = 3_000;

/// Seconds of the stretches of which days are put together: zones differ by quarters of an hour, but are
/// put forward and back by halves and wholes.
pub(crate) const STRETCH_SECS: i64 = 1_800;

/// What of logs is missing at the beginning or end of a time before it is told.
pub(crate) const MISSING: SignedDuration = SignedDuration::from_hours(1);

/// Gaps and silent hosts that are named; more are counted.
pub(crate) const NOTES_MAX: usize = 8;

/// How late a report is before it says so.
pub(crate) const LATE: SignedDuration = SignedDuration::from_mins(30);

/// Missed reports that are counted, at the most.
pub(crate) const MISSED_MAX: i64 = 1_000;

/// Characters of a reply or an address in a table.
pub(crate) const CELL_CHARS_MAX: usize = 120;
