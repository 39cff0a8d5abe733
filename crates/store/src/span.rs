//! Stretches of time that rows take up.

use search::TimeRange;

/// Whether times (microseconds, first and last) lie in a range, or a part of them.
pub(crate) fn touches((first, last): (i64, i64), range: TimeRange) -> bool {
    last >= range.from && first < range.until
}
