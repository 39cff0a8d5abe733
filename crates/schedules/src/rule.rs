//! When a report is due, and of which time it is.
//!
//! It is due on days of a zone's calendar at an hour of its clock: where the clock is put forward over it,
//! as much later; where it is put back, the first time. It is of the days since it was due before, up to
//! the day on which it is, so that those of a schedule lie side by side, whatever clocks do.

use crate::limits::MISSED_MAX;
use crate::span::{Compared, Span};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// On which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// Each.
    Day,
    /// This one of each week.
    Week(Weekday),
    /// This one of each month, 1 to 31; the last of a shorter month.
    Month(i8),
}

/// When a report is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// On which days.
    pub every: Every,
    /// At which minute of the day.
    pub minute: i16,
    /// Of which calendar and clock.
    pub zone: TimeZone,
}

impl Every {
    /// As it is stored: `day`, `week` or `month`, and the day: 1 to 7 from Monday, 1 to 31, else 0.
    pub fn read(word: &str, day: i64) -> Option<Self> {
        let day = i8::try_from(day).ok()?;
        match word {
            "day" => Some(Every::Day),
            "week" => Weekday::from_monday_one_offset(day).ok().map(Every::Week),
            "month" => (1..=31).contains(&day).then_some(Every::Month(day)),
            _ => None,
        }
    }

    /// The newest such day up to one.
    fn last(self, date: Date) -> Option<Date> {
        match self {
            Every::Day => Some(date),
            Every::Week(weekday) => {
                let back = date.weekday().since(weekday);
                date.checked_sub(back.days()).ok()
            }
            Every::Month(day) => {
                let of_month = |it: Date| it.with().day(day.min(it.days_in_month())).build().ok();
                let this = of_month(date)?;
                match this <= date {
                    true => Some(this),
                    false => of_month(date.first_of_month().checked_sub(1.month()).ok()?),
                }
            }
        }
    }

    /// The one before.
    fn before(self, date: Date) -> Option<Date> {
        self.last(date.yesterday().ok()?)
    }

    /// The one after.
    fn after(self, date: Date) -> Option<Date> {
        match self {
            Every::Day => date.tomorrow().ok(),
            Every::Week(_) => date.checked_add(1.week()).ok(),
            Every::Month(_) => {
                let next = date.last_of_month().tomorrow().ok()?;
                self.last(next.last_of_month())
            }
        }
    }
}

impl Rule {
    /// When it was due last, up to a moment.
    pub fn latest(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        // The clock may have been put over midnight.
        let last = self.every.last(today.tomorrow().ok()?)?;
        let mut date = last;
        loop {
            let at = self.at(date)?;
            if at <= now {
                return Some(at);
            }
            date = self.every.before(date)?;
        }
    }

    /// When it is due next, after a moment.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        let mut date = self.every.last(today.yesterday().ok()?)?;
        loop {
            let at = self.at(date)?;
            if at > now {
                return Some(at);
            }
            date = self.every.after(date)?;
        }
    }

    /// How often it was due from a moment on, before another one at which it was.
    pub(crate) fn count(&self, first: Timestamp, last: Timestamp) -> i64 {
        let mut count = 0;
        let mut at = Some(first);
        while let Some(due) = at.filter(|due| *due < last && count < MISSED_MAX) {
            count += 1;
            at = self.next(due);
        }
        count
    }

    /// Of which time the report is that is due at a moment.
    pub fn period(&self, due: Timestamp) -> Option<Compared> {
        let last = self.every.last(due.to_zoned(self.zone.clone()).date())?;
        let before = self.every.before(last)?;
        let first = self.every.before(before)?;
        let begin = |date: Date| Some(date.to_zoned(self.zone.clone()).ok()?.timestamp());
        let (first, before, last) = (begin(first)?, begin(before)?, begin(last)?);
        Some(Compared {
            now: Span {
                from: before,
                until: last,
            },
            before: Span {
                from: first,
                until: before,
            },
        })
    }

    /// Of which time a report is that somebody wants now: the newest that is over.
    pub fn period_now(&self, now: Timestamp) -> Option<Compared> {
        let at_midnight = Rule {
            minute: 0,
            ..self.clone()
        };
        at_midnight.period(at_midnight.latest(now)?)
    }

    fn at(&self, date: Date) -> Option<Timestamp> {
        let hour = i8::try_from(self.minute / 60).ok()?;
        let minute = i8::try_from(self.minute % 60).ok()?;
        let time = Time::new(hour, minute, 0, 0).ok()?;
        let at = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        Some(at.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(every: Every, minute: i16, zone: &str) -> Rule {
        let zone = TimeZone::get(zone).expect("a zone");
        Rule {
            every,
            minute,
            zone,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// The next times at which it is due.
    fn dues(rule: &Rule, now: &str, count: usize) -> Vec<String> {
        let first = rule.next(at(now));
        let dues = std::iter::successors(first, |due| rule.next(*due)).take(count);
        dues.map(|due| {
            assert_eq!(rule.latest(due), Some(due));
            let before = due - jiff::SignedDuration::from_nanos(1);
            assert_eq!(rule.next(before), Some(due));
            due.to_zoned(rule.zone.clone())
                .strftime("%a %F %H:%M %:z")
                .to_string()
        })
        .collect()
    }

    /// The time of the report that is due next, and that it is compared with.
    fn period(rule: &Rule, now: &str) -> [String; 3] {
        let due = rule.next(at(now)).expect("a time");
        let period = rule.period(due).expect("a time");
        assert!(period.is_right() && period.before.until == period.now.from);
        [period.before.from, period.now.from, period.now.until].map(|it| it.to_string())
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_comes_as_much_later() {
        // 29 March 2026: from 02:00 to 03:00.
        let rule = rule(Every::Day, 150, "Europe/Rome");
        assert_eq!(
            dues(&rule, "2026-03-27T12:00:00Z", 3),
            [
                "Sat 2026-03-28 02:30 +01:00",
                "Sun 2026-03-29 03:30 +02:00",
                "Mon 2026-03-30 02:30 +02:00",
            ]
        );
        assert_eq!(
            period(&rule, "2026-03-29T12:00:00Z"),
            [
                "2026-03-27T23:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z"
            ],
            "the day had 23 hours"
        );
    }

    #[test]
    fn an_hour_that_comes_twice_counts_once() {
        // 25 October 2026: from 03:00 back to 02:00.
        let rule = rule(Every::Day, 150, "Europe/Rome");
        assert_eq!(
            dues(&rule, "2026-10-24T12:00:00Z", 3),
            [
                "Sun 2026-10-25 02:30 +02:00",
                "Mon 2026-10-26 02:30 +01:00",
                "Tue 2026-10-27 02:30 +01:00",
            ]
        );
        assert_eq!(
            period(&rule, "2026-10-25T12:00:00Z"),
            [
                "2026-10-23T22:00:00Z",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z"
            ],
            "the day had 25 hours"
        );
    }

    #[test]
    fn seven_o_clock_stays_seven_o_clock() {
        let rule = rule(Every::Day, 420, "Europe/Rome");
        assert_eq!(
            dues(&rule, "2026-03-28T12:00:00Z", 1),
            ["Sun 2026-03-29 07:00 +02:00"]
        );
        assert_eq!(
            dues(&rule, "2026-10-24T12:00:00Z", 1),
            ["Sun 2026-10-25 07:00 +01:00"]
        );
    }

    #[test]
    fn midnight_that_does_not_come_is_one_o_clock() {
        // Beirut puts its clocks forward at midnight: 29 March 2026 begins at 01:00.
        let rule = rule(Every::Day, 0, "Asia/Beirut");
        assert_eq!(
            dues(&rule, "2026-03-28T12:00:00Z", 2),
            ["Sun 2026-03-29 01:00 +03:00", "Mon 2026-03-30 00:00 +03:00"]
        );
        assert_eq!(
            period(&rule, "2026-03-29T12:00:00Z"),
            [
                "2026-03-27T22:00:00Z",
                "2026-03-28T22:00:00Z",
                "2026-03-29T21:00:00Z"
            ]
        );
    }

    #[test]
    fn the_31st_of_a_month_is_the_last_of_a_shorter_one() {
        let rule = rule(Every::Month(31), 420, "Europe/Rome");
        assert_eq!(
            dues(&rule, "2026-01-01T00:00:00Z", 4),
            [
                "Sat 2026-01-31 07:00 +01:00",
                "Sat 2026-02-28 07:00 +01:00",
                "Tue 2026-03-31 07:00 +02:00",
                "Thu 2026-04-30 07:00 +02:00",
            ]
        );
        assert_eq!(
            period(&rule, "2026-03-30T00:00:00Z"),
            [
                "2026-01-30T23:00:00Z",
                "2026-02-27T23:00:00Z",
                "2026-03-30T22:00:00Z"
            ]
        );
        let rule = self::rule(Every::Month(30), 0, "UTC");
        assert_eq!(
            dues(&rule, "2028-02-01T00:00:00Z", 2),
            ["Tue 2028-02-29 00:00 +00:00", "Thu 2028-03-30 00:00 +00:00"]
        );
    }

    #[test]
    fn the_first_of_a_month_tells_of_the_month_before() {
        let rule = rule(Every::Month(1), 360, "UTC");
        assert_eq!(
            period(&rule, "2026-03-15T00:00:00Z"),
            [
                "2026-02-01T00:00:00Z",
                "2026-03-01T00:00:00Z",
                "2026-04-01T00:00:00Z"
            ]
        );
    }

    #[test]
    fn a_week_is_the_seven_days_before_its_day() {
        let rule = rule(Every::Week(Weekday::Monday), 480, "Europe/Rome");
        assert_eq!(
            dues(&rule, "2026-10-19T06:00:00Z", 2),
            ["Mon 2026-10-26 08:00 +01:00", "Mon 2026-11-02 08:00 +01:00"],
            "what is due now is not next"
        );
        assert_eq!(
            period(&rule, "2026-10-25T00:00:00Z"),
            [
                "2026-10-11T22:00:00Z",
                "2026-10-18T22:00:00Z",
                "2026-10-25T23:00:00Z"
            ]
        );
        let now = rule.period_now(at("2026-10-26T00:30:00Z")).expect("a time");
        assert_eq!(now.now.until, at("2026-10-25T23:00:00Z"), "before its hour");
    }

    #[test]
    fn reports_lie_side_by_side_for_years() {
        for every in [
            Every::Day,
            Every::Week(Weekday::Sunday),
            Every::Month(31),
            Every::Month(5),
        ] {
            for zone in [
                "Europe/Rome",
                "America/New_York",
                "Australia/Lord_Howe",
                "UTC",
            ] {
                let rule = rule(every, 150, zone);
                let mut due = rule.next(at("2026-01-01T00:00:00Z")).expect("a time");
                for _ in 0..900 {
                    let next = rule.next(due).expect("a time");
                    let (this, that) = (rule.period(due), rule.period(next));
                    let (this, that) = (this.expect("a time"), that.expect("a time"));
                    assert_eq!((this.now, next > due), (that.before, true));
                    assert_eq!(rule.count(due, next), 1);
                    due = next;
                }
            }
        }
    }

    #[test]
    fn days_are_read_as_they_are_stored() {
        assert_eq!(Every::read("week", 7), Some(Every::Week(Weekday::Sunday)));
        assert_eq!(Every::read("month", 31), Some(Every::Month(31)));
        for (word, day) in [
            ("week", 0),
            ("week", 8),
            ("month", 0),
            ("month", 32),
            ("year", 1),
        ] {
            assert_eq!(Every::read(word, day), None, "{word} {day}");
        }
    }
}
