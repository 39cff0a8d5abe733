//! Local hours and days of moments.

use model::{Civil, Timestamp};

/// From when on clocks show how many seconds more than UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The first moment at which it holds.
    pub since: Timestamp,
    /// Seconds east of UTC.
    pub seconds_east: i32,
}

/// A local hour: hours since 1970-01-01 00:00 of local time.
pub(crate) type Hour = i32;

/// Knows the local hour of each moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calendar {
    /// In the order of time; before the first, UTC.
    offsets: Vec<Offset>,
    /// The last hour that was asked for, and the moments it is good for.
    hour: Hour,
    good_from: i64,
    good_until: i64,
}

const HOUR_NANOS: i64 = 3_600_000_000_000;

impl Calendar {
    pub(crate) fn new(mut offsets: Vec<Offset>) -> Self {
        offsets.sort_by_key(|offset| offset.since);
        Calendar {
            offsets,
            ..Calendar::default()
        }
    }

    /// The local hour of a moment.
    #[inline]
    pub(crate) fn hour(&mut self, at: Timestamp) -> Hour {
        let nanos = at.as_nanos();
        if nanos < self.good_from || nanos >= self.good_until {
            self.find(nanos);
        }
        self.hour
    }

    fn find(&mut self, nanos: i64) {
        let next = self
            .offsets
            .partition_point(|offset| offset.since.as_nanos() <= nanos);
        let east = match next.checked_sub(1) {
            Some(at) => i64::from(self.offsets[at].seconds_east) * 1_000_000_000,
            None => 0,
        };
        let hour = nanos.saturating_add(east).div_euclid(HOUR_NANOS);
        self.hour = hour as Hour;
        self.good_from = (hour * HOUR_NANOS).saturating_sub(east);
        self.good_until = self.good_from.saturating_add(HOUR_NANOS);
        if let Some(at) = next.checked_sub(1) {
            self.good_from = self.good_from.max(self.offsets[at].since.as_nanos());
        }
        if let Some(change) = self.offsets.get(next) {
            self.good_until = self.good_until.min(change.since.as_nanos());
        }
    }

    /// The local calendar fields of a moment.
    pub(crate) fn civil(&self, at: Timestamp) -> Civil {
        let next = self.offsets.partition_point(|offset| offset.since <= at);
        let east = next
            .checked_sub(1)
            .map_or(0, |last| self.offsets[last].seconds_east);
        at.civil(east)
    }
}

/// The hour of the day, 0 to 23.
#[inline]
pub(crate) fn hour_of_day(hour: Hour) -> usize {
    hour.rem_euclid(24) as usize
}

/// Days since 1970-01-01 of local time.
#[inline]
pub(crate) fn day_of(hour: Hour) -> i32 {
    hour.div_euclid(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_follow_the_offset_of_their_time() {
        let summer = Offset {
            since: Timestamp::from_seconds(1_000_000),
            seconds_east: 7_200,
        };
        let winter = Offset {
            since: Timestamp::from_seconds(2_000_000),
            seconds_east: 3_600,
        };
        let mut calendar = Calendar::new(vec![winter, summer]);
        let mut hour = |seconds| calendar.hour(Timestamp::from_seconds(seconds));
        assert_eq!(hour(3_599), 0);
        assert_eq!(hour(999_999), 277);
        assert_eq!(hour(1_000_000), 279);
        assert_eq!(hour(1_999_999), 557);
        assert_eq!(hour(2_000_000), 556);
        assert_eq!(hour(-1), -1);
        assert_eq!((hour_of_day(-1), day_of(-1)), (23, -1));
    }
}
