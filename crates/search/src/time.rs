//! Ranges of time, as people say them.

use crate::error::Problem;
use crate::limits::{TIME_MAX, TIME_MIN};
use jiff::civil::{self, Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, Zoned};
use std::fmt;

/// From a moment on, up to another one that is not in it; in microseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// The first microsecond; [`i64::MIN`] for no bound.
    pub from: i64,
    /// The first microsecond behind it; [`i64::MAX`] for no bound.
    pub until: i64,
}

impl TimeRange {
    /// All times.
    pub const ALL: TimeRange = TimeRange {
        from: i64::MIN,
        until: i64::MAX,
    };

    /// Whether a moment, in microseconds since 1970, lies in it.
    pub fn contains(self, moment: i64) -> bool {
        moment >= self.from && (moment < self.until || self.until == i64::MAX)
    }

    /// What lies in both; empty (`from` equals `until`) where nothing does.
    pub fn and(self, other: TimeRange) -> TimeRange {
        let from = self.from.max(other.from);
        let until = self.until.min(other.until).max(from);
        TimeRange { from, until }
    }
}

/// As it is written in questions: `2026-11-01T00:00:00Z..2026-11-02T00:00:00Z`, a bound left out
/// where there is none.
impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = |f: &mut fmt::Formatter<'_>, moment| match Timestamp::from_microsecond(moment) {
            Ok(moment) => write!(f, "{moment}"),
            Err(_) => Ok(()),
        };
        bound(f, self.from)?;
        f.write_str("..")?;
        bound(f, self.until)
    }
}

/// The range that a text means, for who says it at `now` in this zone.
///
/// | text | range |
/// |---|---|
/// | `24h`, `last 7 days`, `-2h` | back from now; days and longer by the zone's calendar |
/// | `today`, `yesterday`, `friday` | that day; a weekday is the latest one, today included |
/// | `this week`, `last month` | of the calendar: weeks begin on Monday |
/// | `2026`, `2026-11`, `2026-11-01` | that year, month, day |
/// | `2026-11-01T10:00` | that minute; with seconds, that second |
/// | `2026-11-01..2026-11-15` | both days included |
/// | `2026-11-01T10:00..11:30`, `-2h..` | from moment to moment, the last one not included |
/// | `since X`, `after X` | from the beginning of X on |
/// | `until X` | up to the end of X; if X is a moment, to it |
/// | `before X` | up to the beginning of X |
///
/// A moment without an offset (RFC 3339) is one of the zone. Where its clock was put forward over a
/// moment, the moment is as much later; where it was put back, the first of the two is meant.
pub fn range(text: &str, now: Timestamp, zone: &TimeZone) -> Result<TimeRange, Problem> {
    let reader = Reader {
        now: now.to_zoned(zone.clone()),
    };
    let range = reader.range(&text.trim().to_ascii_lowercase());
    let range = range.ok_or_else(|| not_a_time(text))?;
    let is_of_mail = |bound| matches!(bound, i64::MIN | TIME_MIN..=TIME_MAX | i64::MAX);
    if !is_of_mail(range.from) || !is_of_mail(range.until) {
        return Err(not_a_time(text));
    }
    if range.from > range.until {
        return Err(Problem::Backwards);
    }
    Ok(range)
}

fn not_a_time(text: &str) -> Problem {
    Problem::NotA {
        value: text.to_owned(),
        wanted: "a time",
    }
}

/// What one name of a time means.
struct Period {
    from: Timestamp,
    until: Timestamp,
    /// Whether it is a moment, which as an end is not included.
    is_moment: bool,
}

impl Period {
    fn moment(from: Timestamp, precision: Span) -> Option<Self> {
        Some(Period {
            from,
            until: from.checked_add(precision).ok()?,
            is_moment: true,
        })
    }

    fn start(&self) -> i64 {
        self.from.as_microsecond()
    }

    fn end(&self) -> i64 {
        match self.is_moment {
            true => self.start(),
            false => self.until.as_microsecond(),
        }
    }

    fn whole(&self) -> TimeRange {
        TimeRange {
            from: self.start(),
            until: self.until.as_microsecond(),
        }
    }
}

struct Reader {
    now: Zoned,
}

impl Reader {
    fn range(&self, text: &str) -> Option<TimeRange> {
        if let Some((from, until)) = text.split_once("..") {
            return self.between(from.trim(), until.trim());
        }
        let all = TimeRange::ALL;
        let (verb, rest) = text.split_once(' ').unwrap_or(("", text));
        let rest = rest.trim();
        let period = || self.period(rest, self.now.date());
        match verb {
            "on" => self.period_or_last(rest),
            "after" | "since" => Some(TimeRange {
                from: period()?.start(),
                ..all
            }),
            "before" => Some(TimeRange {
                until: period()?.start(),
                ..all
            }),
            "until" => Some(TimeRange {
                until: period()?.end(),
                ..all
            }),
            _ => self.period_or_last(text),
        }
    }

    fn between(&self, from: &str, until: &str) -> Option<TimeRange> {
        let mut range = TimeRange::ALL;
        let mut date = self.now.date();
        if !from.is_empty() {
            let from = self.period(from, date)?;
            date = from.from.to_zoned(self.now.time_zone().clone()).date();
            range.from = from.start();
        }
        if !until.is_empty() {
            range.until = self.period(until, date)?.end();
        }
        Some(range)
    }

    /// A length of time alone is the last one.
    fn period_or_last(&self, text: &str) -> Option<TimeRange> {
        let length = text.strip_prefix("last ").or(text.strip_prefix('-'));
        if let Some(from) = self.ago(length.unwrap_or(text)) {
            let (from, until) = (from.as_microsecond(), self.now.timestamp().as_microsecond());
            return Some(TimeRange { from, until });
        }
        Some(self.period(text, self.now.date())?.whole())
    }

    /// `date` is the day of a clock time without one.
    fn period(&self, text: &str, date: Date) -> Option<Period> {
        if text == "now" {
            return Period::moment(self.now.timestamp(), 1.second());
        }
        let length = text.strip_prefix('-').or(text.strip_suffix(" ago"));
        if let Some(moment) = self.ago(length.unwrap_or(text)) {
            return Period::moment(moment, 1.second());
        }
        self.of_calendar(text)
            .or_else(|| self.date(text))
            .or_else(|| self.moment(text, date))
    }

    /// So long before now: `7 days`, `24h`, `hour`.
    fn ago(&self, length: &str) -> Option<Timestamp> {
        let end = length
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(length.len());
        let (count, unit) = length.split_at(end);
        let unit = unit.trim();
        let count: i64 = match count {
            "" if matches!(unit, "minute" | "hour" | "day") => 1,
            count => count.parse().ok()?,
        };
        let span = Span::new();
        let span = match unit {
            "s" | "sec" | "second" | "seconds" => span.try_seconds(count),
            "m" | "min" | "minute" | "minutes" => span.try_minutes(count),
            "h" | "hour" | "hours" => span.try_hours(count),
            "d" | "day" | "days" => span.try_days(count),
            "w" | "week" | "weeks" => span.try_weeks(count),
            "mo" | "month" | "months" => span.try_months(count),
            "y" | "year" | "years" => span.try_years(count),
            _ => return None,
        };
        let then = self.now.checked_sub(span.ok()?).ok()?;
        Some(then.timestamp())
    }

    /// `today`, `friday`, `last month`.
    fn of_calendar(&self, text: &str) -> Option<Period> {
        let today = self.now.date();
        let monday = today
            .checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days())
            .ok()?;
        let (which, unit) = text.split_once(' ').unwrap_or((text, ""));
        let (first, length) = match (which, unit.trim()) {
            ("today", "") => (today, 1.day()),
            ("yesterday", "") => (today.yesterday().ok()?, 1.day()),
            ("this" | "last", "week") => (monday, 1.week()),
            ("this" | "last", "month") => (today.first_of_month(), 1.month()),
            ("this" | "last", "year") => (today.first_of_year(), 1.year()),
            (day, "") => (
                today.tomorrow().ok()?.nth_weekday(-1, weekday(day)?).ok()?,
                1.day(),
            ),
            _ => return None,
        };
        match which {
            "last" => self.days(first.checked_sub(length).ok()?, length),
            _ => self.days(first, length),
        }
    }

    /// `2026`, `2026-11`, `2026-11-01`, also with `/`.
    fn date(&self, text: &str) -> Option<Period> {
        let mut parts = text.split(['-', '/']);
        let year = digits(parts.next()?, 4)?;
        let month = parts.next().map(|it| digits(it, 2));
        let day = parts.next().map(|it| digits(it, 2));
        if parts.next().is_some() {
            return None;
        }
        let first = Date::new(year, 1, 1).ok()?;
        let (first, length) = match (month, day) {
            (None, _) => (first, 1.year()),
            (Some(month), None) => (
                Date::new(year, i8::try_from(month?).ok()?, 1).ok()?,
                1.month(),
            ),
            (Some(month), Some(day)) => {
                let (month, day) = (i8::try_from(month?).ok()?, i8::try_from(day?).ok()?);
                (Date::new(year, month, day).ok()?, 1.day())
            }
        };
        self.days(first, length)
    }

    fn days(&self, first: Date, length: Span) -> Option<Period> {
        Some(Period {
            from: self.midnight(first)?,
            until: self.midnight(first.checked_add(length).ok()?)?,
            is_moment: false,
        })
    }

    /// Where a day begins, which is not at 00:00 where the clock is put forward over it.
    fn midnight(&self, date: Date) -> Option<Timestamp> {
        let zoned = date.to_zoned(self.now.time_zone().clone()).ok()?;
        Some(zoned.timestamp())
    }

    /// `2026-11-01T10:00`, `10:00`, with seconds, with an offset.
    fn moment(&self, text: &str, date: Date) -> Option<Period> {
        let clock = text.split_once(['t', ' ']).map_or(text, |(_, clock)| clock);
        let offset = clock.find(['z', '+', '-']).unwrap_or(clock.len());
        let precision = match clock[..offset].split(':').count() {
            2 => 1.minute(),
            3 => 1.second(),
            _ => return None,
        };
        if offset < clock.len() {
            return Period::moment(text.parse().ok()?, precision);
        }
        let moment: civil::DateTime = match clock.len() == text.len() {
            true => date.to_datetime(text.parse().ok()?),
            false => text.parse().ok()?,
        };
        let moment = moment.to_zoned(self.now.time_zone().clone()).ok()?;
        Period::moment(moment.timestamp(), precision)
    }
}

fn digits(text: &str, count: usize) -> Option<i16> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "mon" | "monday" => Weekday::Monday,
        "tue" | "tuesday" => Weekday::Tuesday,
        "wed" | "wednesday" => Weekday::Wednesday,
        "thu" | "thursday" => Weekday::Thursday,
        "fri" | "friday" => Weekday::Friday,
        "sat" | "saturday" => Weekday::Saturday,
        "sun" | "sunday" => Weekday::Sunday,
        _ => return None,
    })
}
