//! Times of a log line: as written ([`Stamp`]) and as understood ([`Timestamp`]).

use std::fmt;

/// A moment, in nanoseconds since 1970-01-01T00:00:00Z; leap seconds are not counted.
///
/// Covers the years 1678 to 2261.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const NANOS_PER_SECOND: i64 = 1_000_000_000;

impl Timestamp {
    /// The earliest moment that can be said.
    pub const MIN: Timestamp = Timestamp(i64::MIN);
    /// The latest moment that can be said.
    pub const MAX: Timestamp = Timestamp(i64::MAX);

    /// A moment from nanoseconds since the epoch.
    pub const fn from_nanos(nanos: i64) -> Self {
        Timestamp(nanos)
    }

    /// A moment from whole seconds since the epoch; saturates outside the range.
    pub const fn from_seconds(seconds: i64) -> Self {
        Timestamp(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Nanoseconds since the epoch.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(NANOS_PER_SECOND)
    }

    /// Nanoseconds within the second, 0 to 999,999,999.
    pub const fn subsec_nanos(self) -> u32 {
        self.0.rem_euclid(NANOS_PER_SECOND) as u32
    }

    /// This moment plus milliseconds, saturating.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Timestamp(self.0.saturating_add(millis.saturating_mul(1_000_000)))
    }

    /// Milliseconds from `earlier` to this moment; negative where `earlier` is later.
    pub const fn millis_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0) / 1_000_000
    }

    /// The calendar fields of this moment at an offset east of UTC, in seconds.
    pub fn civil(self, offset_seconds: i32) -> Civil {
        let seconds = self.as_seconds() + i64::from(offset_seconds);
        let days = seconds.div_euclid(86_400);
        let of_day = seconds.rem_euclid(86_400) as u32;
        let (year, month, day) = civil_from_days(days);
        Civil {
            year,
            month,
            day,
            hour: (of_day / 3600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
        }
    }
}

/// `2026-11-22T08:23:21.123456Z`, with as many digits of the second as are not zero (0, 3, 6 or 9).
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self.civil(0);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        let nanos = self.subsec_nanos();
        if nanos == 0 {
        } else if nanos.is_multiple_of(1_000_000) {
            write!(f, ".{:03}", nanos / 1_000_000)?;
        } else if nanos.is_multiple_of(1_000) {
            write!(f, ".{:06}", nanos / 1_000)?;
        } else {
            write!(f, ".{nanos:09}")?;
        }
        f.write_str("Z")
    }
}

/// Calendar fields, proleptic Gregorian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year, 1678 to 2261.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

/// How finely a stamp was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// Whole seconds (RFC 3164).
    #[default]
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds (rsyslog's file format, journald).
    Micros,
    /// Nanoseconds (TAI64N).
    Nanos,
}

/// The time of a line as it was written, before anything is guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// `None` where the form has no year (RFC 3164).
    pub year: Option<i16>,
    /// 1 to 12; 0 where the line has no stamp at all.
    pub month: u8,
    /// 1 to 31; 0 where the line has no stamp at all.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60; 60 is a leap second.
    pub second: u8,
    /// How finely it was written.
    pub precision: Precision,
    /// Nanoseconds within the second.
    pub nanos: u32,
    /// Minutes east of UTC; `None` where the form has no zone.
    pub offset_minutes: Option<i16>,
}

impl Stamp {
    /// Whether the line had a stamp at all.
    pub const fn is_present(&self) -> bool {
        self.month != 0
    }

    /// Nanoseconds since the epoch of the stamp's fields in this year, as if they were UTC.
    pub fn nanos_as_utc(&self, year: i16) -> i64 {
        let days = days_from_civil(year, self.month.max(1), self.day.max(1));
        let seconds = days * 86_400
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second);
        seconds * NANOS_PER_SECOND + i64::from(self.nanos)
    }
}

/// How a [`Timestamp`] came out of a [`Stamp`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeOrigin {
    /// Year and zone stood in the line.
    #[default]
    Written,
    /// The zone was taken from the settings.
    ZoneAssumed,
    /// Year and zone were taken from the file's time, the order of lines or the settings.
    YearAssumed,
    /// The line has no stamp; the time of the line before it was taken.
    Inherited,
}

/// Days from 1970-01-01 to a date, proleptic Gregorian.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
pub fn days_from_civil(year: i16, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date that many days after 1970-01-01.
fn civil_from_days(days: i64) -> (i16, u8, u8) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i16, month as u8, day as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for days in -100_000..100_000 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(days_from_civil(2026, 11, 22), 20_779);
    }

    #[test]
    fn a_moment_is_written_in_utc() {
        let at = Timestamp::from_nanos(1_795_335_894_375_835_000);
        assert_eq!(at.to_string(), "2026-11-22T08:24:54.375835Z");
        assert_eq!(
            Timestamp::from_seconds(-1).to_string(),
            "1969-12-31T23:59:59Z"
        );
    }
}
