//! From stamps as written to moments: which year, which zone.
//!
//! RFC 3164 stamps have neither. The year is the latest one that puts the first line not more than
//! a day behind the file's time; from there on the year turns with December and January. Of a line that
//! is taken as it comes it is the latest that puts it not more than a day behind its arrival, whatever
//! came before: a clock that was wrong is put right. A zone is a setting. Both can be overruled. A
//! [`Clock`] goes through one source in order.

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone};
use model::{Stamp, TimeOrigin, Timestamp, days_from_civil};

/// How far a line may lie behind the file's time before its year is taken to be the one before.
const FUTURE_SECONDS_MAX: i64 = 86_400;

/// How far a clock of a host may be ahead of ours in the hour that autumn repeats.
const AHEAD_SECONDS_MAX: i64 = 300;

/// How far lines may be out of order in the hour that autumn repeats.
const DISORDER_SECONDS_MAX: i64 = 30;

/// Understands the stamps of one source, in the order of its lines.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: TimeZone,
    fixed_year: Option<i16>,
    /// The time of the file, of its end: no line is much later.
    latest: Timestamp,
    /// When the next line was received, if it is taken as it comes.
    received: Option<Timestamp>,
    year: Option<i16>,
    last: Timestamp,
    /// Date of the last stamp without year.
    last_date: (u8, u8),
    day: DayCache,
}

/// The last day (of a zone: hour) converted, and where it begins.
#[derive(Clone, Copy, Debug, Default)]
struct DayCache {
    key: Option<(i16, u8, u8, u8, Option<i16>)>,
    starts: i64,
    /// Autumn repeats the hour.
    is_twice: bool,
}

impl Clock {
    /// A clock for a source in a zone. `latest` is the time of the file (or now): its last line is
    /// not much later. `year` overrules the guess for the first line.
    pub fn new(zone: TimeZone, latest: Timestamp, year: Option<i16>) -> Self {
        Clock {
            zone,
            fixed_year: year,
            latest,
            received: None,
            year: None,
            last: Timestamp::MIN,
            last_date: (0, 0),
            day: DayCache::default(),
        }
    }

    /// Tells that the next line is from another file of the source, of this time.
    pub fn next_file(&mut self, latest: Timestamp) {
        self.latest = self.latest.max(latest);
    }

    /// Tells when the next line was received, of a source whose lines are taken as they come.
    pub fn next_received(&mut self, at: Timestamp) {
        self.next_file(at);
        self.received = Some(at);
    }

    /// The moment of the next line. A line without stamp gets that of the line before.
    #[inline]
    pub fn understand(&mut self, stamp: &Stamp) -> (Timestamp, TimeOrigin) {
        if !stamp.is_present() {
            return (
                self.last.max(Timestamp::from_nanos(0)),
                TimeOrigin::Inherited,
            );
        }
        let (year, origin) = match (stamp.year, stamp.offset_minutes) {
            (Some(year), Some(_)) => (year, TimeOrigin::Written),
            (Some(year), None) => (year, TimeOrigin::ZoneAssumed),
            (None, _) => (self.guess_year(stamp), TimeOrigin::YearAssumed),
        };
        self.last = self.moment(year, stamp);
        (self.last, origin)
    }

    fn guess_year(&mut self, stamp: &Stamp) -> i16 {
        if self.received.is_some() {
            return self.fixed_year.unwrap_or_else(|| self.first_year(stamp));
        }
        let date = (stamp.month, stamp.day);
        let year = match self.year {
            None => self.fixed_year.unwrap_or_else(|| self.first_year(stamp)),
            Some(year) if date == self.last_date => return year,
            // Back into December: a line that came late at the turn of the year.
            Some(year) if self.last_date.0 == 1 && stamp.month == 12 => return year - 1,
            Some(year) if turned(self.last_date, date) && !self.is_future(year + 1, stamp) => {
                year + 1
            }
            Some(year) => year,
        };
        self.year = Some(year);
        self.last_date = date;
        year
    }

    fn first_year(&self, stamp: &Stamp) -> i16 {
        // A day on it may be another year.
        let latest = self.received.unwrap_or(self.latest);
        let year = latest.plus_millis(FUTURE_SECONDS_MAX * 1_000).civil(0).year;
        if self.is_future(year, stamp) {
            year - 1
        } else {
            year
        }
    }

    fn is_future(&self, year: i16, stamp: &Stamp) -> bool {
        let latest = self.received.unwrap_or(self.latest);
        let at = stamp.nanos_as_utc(year) / 1_000_000_000;
        at > latest.as_seconds().saturating_add(FUTURE_SECONDS_MAX)
    }

    #[inline]
    fn moment(&mut self, year: i16, stamp: &Stamp) -> Timestamp {
        let key = (
            year,
            stamp.month,
            stamp.day,
            stamp.hour,
            stamp.offset_minutes,
        );
        if self.day.key != Some(key) || self.day.is_twice {
            let (starts, is_twice) = self.hour_starts(year, stamp);
            self.day = DayCache {
                key: Some(key),
                starts,
                is_twice,
            };
        }
        let within = seconds_within_hour(stamp);
        Timestamp::from_nanos((self.day.starts + within) * 1_000_000_000 + i64::from(stamp.nanos))
    }

    /// Seconds since the epoch at which the stamp's hour begins, and whether autumn repeats it.
    fn hour_starts(&self, year: i16, stamp: &Stamp) -> (i64, bool) {
        let local =
            days_from_civil(year, stamp.month, stamp.day) * 86_400 + i64::from(stamp.hour) * 3600;
        match stamp.offset_minutes {
            Some(minutes) => (local - i64::from(minutes) * 60, false),
            None => self.in_zone(year, stamp).unwrap_or((local, false)),
        }
    }

    /// The same of an hour that is local. In the hour that autumn repeats, it is when the line came, or
    /// else the order of lines, that decides which of the two it is.
    fn in_zone(&self, year: i16, stamp: &Stamp) -> Option<(i64, bool)> {
        let (month, day) = (stamp.month as i8, stamp.day as i8);
        let hour = civil::DateTime::new(year, month, day, stamp.hour as i8, 0, 0, 0).ok()?;
        let ambiguous = self.zone.to_ambiguous_timestamp(hour);
        let is_twice = matches!(ambiguous.offset(), AmbiguousOffset::Fold { .. });
        let earlier = ambiguous.earlier().ok()?.as_second();
        let later = ambiguous.later().ok()?.as_second();
        let (within, last) = (seconds_within_hour(stamp), self.last.as_seconds());
        let is_later = match self.received {
            Some(at) if is_twice => later + within <= at.as_seconds() + AHEAD_SECONDS_MAX,
            _ if is_twice => earlier + within + DISORDER_SECONDS_MAX < last,
            _ => earlier + 3600 <= last,
        };
        Some((if is_later { later } else { earlier }, is_twice))
    }
}

fn seconds_within_hour(stamp: &Stamp) -> i64 {
    i64::from(stamp.minute) * 60 + i64::from(stamp.second)
}

/// Whether the date went back so far that the year must have turned.
fn turned(last: (u8, u8), date: (u8, u8)) -> bool {
    let day_of_year = |(month, day): (u8, u8)| i32::from(month) * 31 + i32::from(day);
    day_of_year(last) - day_of_year(date) > 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(month: u8, day: u8, hour: u8) -> Stamp {
        Stamp {
            month,
            day,
            hour,
            ..Stamp::default()
        }
    }

    fn clock(zone: &str, latest: &str) -> Clock {
        let latest: jiff::Timestamp = latest.parse().unwrap();
        Clock::new(
            TimeZone::get(zone).unwrap(),
            Timestamp::from_seconds(latest.as_second()),
            None,
        )
    }

    fn told(clock: &mut Clock, stamp: Stamp) -> String {
        clock.understand(&stamp).0.to_string()
    }

    #[test]
    fn the_year_is_that_of_the_file_or_the_one_before() {
        let mut clock = clock("UTC", "2026-03-01T00:00:00Z");
        assert_eq!(told(&mut clock, stamp(11, 22, 8)), "2025-11-22T08:00:00Z");
        assert_eq!(told(&mut clock, stamp(12, 31, 23)), "2025-12-31T23:00:00Z");
        assert_eq!(told(&mut clock, stamp(1, 1, 0)), "2026-01-01T00:00:00Z");
        assert_eq!(told(&mut clock, stamp(12, 31, 23)), "2025-12-31T23:00:00Z");
        assert_eq!(told(&mut clock, stamp(1, 1, 1)), "2026-01-01T01:00:00Z");
        assert_eq!(told(&mut clock, stamp(2, 28, 1)), "2026-02-28T01:00:00Z");
    }

    #[test]
    fn a_file_that_is_not_sorted_stays_in_its_year() {
        let mut clock = clock("UTC", "2026-11-22T00:00:00Z");
        assert_eq!(told(&mut clock, stamp(11, 20, 8)), "2026-11-20T08:00:00Z");
        assert_eq!(told(&mut clock, stamp(3, 1, 8)), "2026-03-01T08:00:00Z");
        assert_eq!(told(&mut clock, stamp(11, 21, 8)), "2026-11-21T08:00:00Z");
    }

    #[test]
    fn the_repeated_hour_of_autumn_keeps_the_order_of_lines() {
        let mut clock = clock("Europe/Rome", "2026-12-01T00:00:00Z");
        let mut at = |hour, minute| {
            told(
                &mut clock,
                Stamp {
                    minute,
                    ..stamp(10, 25, hour)
                },
            )
        };
        assert_eq!(at(1, 59), "2026-10-24T23:59:00Z");
        assert_eq!(at(2, 0), "2026-10-25T00:00:00Z");
        assert_eq!(at(2, 59), "2026-10-25T00:59:00Z");
        assert_eq!(at(2, 0), "2026-10-25T01:00:00Z");
        assert_eq!(at(2, 59), "2026-10-25T01:59:00Z");
        assert_eq!(at(3, 0), "2026-10-25T02:00:00Z");
    }

    #[test]
    fn the_repeated_hour_of_autumn_is_the_one_in_which_a_line_came() {
        let mut clock = clock("Europe/Rome", "2026-10-25T00:00:00Z");
        for (minute, received) in [(30, "00:30:01"), (31, "01:31:01"), (32, "00:32:01")] {
            let received = format!("2026-10-25T{received}Z");
            let at: jiff::Timestamp = received.parse().unwrap();
            clock.next_received(Timestamp::from_seconds(at.as_second()));
            let stamp = Stamp {
                minute,
                ..stamp(10, 25, 2)
            };
            let hour = &received[..14];
            assert_eq!(told(&mut clock, stamp), format!("{hour}{minute}:00Z"));
        }
    }

    /// The times of lines that came on these days, with what their stamps say.
    fn taken(lines: &[(&str, (u8, u8))]) -> Vec<String> {
        let mut clock = clock("UTC", "2026-01-01T00:00:00Z");
        let told = lines.iter().map(|&(received, (month, day))| {
            let at: jiff::Timestamp = format!("{received}T08:00:00Z").parse().unwrap();
            clock.next_received(Timestamp::from_seconds(at.as_second()));
            told(&mut clock, stamp(month, day, 8))[..10].to_owned()
        });
        told.collect()
    }

    #[test]
    fn a_clock_that_is_put_right_has_its_year_right() {
        // A machine without a battery begins with January, and is put right within minutes.
        assert_eq!(
            taken(&[
                ("2026-12-15", (1, 1)),
                ("2026-12-15", (12, 15)),
                ("2027-01-01", (1, 1))
            ]),
            ["2026-01-01", "2026-12-15", "2027-01-01"]
        );
        // Two days fast: Wrong today, it is taken for the year before, for logs may be a year old.
        assert_eq!(
            taken(&[("2026-11-22", (11, 24)), ("2026-11-22", (11, 22))]),
            ["2025-11-24", "2026-11-22"]
        );
        assert_eq!(
            taken(&[
                ("2026-12-31", (1, 1)),
                ("2027-01-01", (12, 31)),
                ("2027-01-01", (1, 1))
            ]),
            ["2027-01-01", "2026-12-31", "2027-01-01"]
        );
    }

    #[test]
    fn a_written_zone_needs_no_guess() {
        let mut clock = clock("Europe/Rome", "2026-12-01T00:00:00Z");
        let written = Stamp {
            year: Some(2026),
            offset_minutes: Some(60),
            ..stamp(11, 22, 8)
        };
        assert_eq!(
            clock.understand(&written),
            (Timestamp::from_seconds(1_795_330_800), TimeOrigin::Written)
        );
        assert_eq!(clock.understand(&Stamp::default()).1, TimeOrigin::Inherited);
    }
}
