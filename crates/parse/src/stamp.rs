//! Stamps of forms that are not syslog's: ISO 8601 in fields, numbers since the epoch, the forms of
//! web servers.

use crate::header::{clock, four, fraction, month, offset, stamp_named_month, two, valid_date};
use crate::scan::Scan;
use model::{Precision, Stamp, Timestamp};

/// Takes `2026-11-22T08:23:21.123Z`, also with a space for the `T`, with a space before the zone,
/// or without one; what is left.
pub(crate) fn iso(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let date = text.get(..11)?;
    if date[4] != b'-' || date[7] != b'-' || !matches!(date[10], b'T' | b't' | b' ') {
        return None;
    }
    let mut stamp = Stamp {
        year: Some(four(&date[..4])?),
        month: two(&date[5..7])?,
        day: two(&date[8..10])?,
        ..Stamp::default()
    };
    clock(&mut stamp, &text[11..])?;
    let rest = fraction(&mut stamp, &text[19..]);
    let zone = match rest {
        [b' ', zone @ ..] if matches!(zone.first(), Some(b'+' | b'-')) => zone,
        zone => zone,
    };
    let behind = offset(&mut stamp, zone);
    let rest = if stamp.offset_minutes.is_some() {
        behind
    } else {
        rest
    };
    valid_date(&stamp).then_some((stamp, rest))
}

/// Reads an ISO 8601 stamp that is the whole text.
pub(crate) fn whole_iso(text: &[u8]) -> Option<Stamp> {
    let (stamp, rest) = iso(text)?;
    rest.is_empty().then_some(stamp)
}

/// Takes `22/Nov/2026:08:23:21 +0100`, also with `GMT` for the zone; what is left.
/// Source: httpd `modules/loggers/mod_log_config.c`, nginx `src/core/ngx_times.c`.
#[inline]
pub(crate) fn web(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let date = text.get(..12)?;
    if date[2] != b'/' || date[6] != b'/' || date[11] != b':' {
        return None;
    }
    let mut stamp = Stamp {
        year: Some(four(&date[7..11])?),
        month: month(&date[3..6])?,
        day: two(&date[..2])?,
        ..Stamp::default()
    };
    clock(&mut stamp, &text[12..])?;
    let rest = text[20..].strip_prefix(b" ")?;
    let rest = match rest.strip_prefix(b"GMT") {
        Some(rest) => {
            stamp.offset_minutes = Some(0);
            rest
        }
        None => offset(&mut stamp, rest),
    };
    (valid_date(&stamp) && stamp.offset_minutes.is_some()).then_some((stamp, rest))
}

/// Takes `22-Nov-2026 08:23:21`, then a zone where one follows a space; what is left.
/// Source: PHP `DateTimeInterface::format('d-M-Y H:i:s O')`.
pub(crate) fn php(text: &[u8]) -> Option<(Stamp, &[u8])> {
    let date = text.get(..12)?;
    if date[2] != b'-' || date[6] != b'-' || date[11] != b' ' {
        return None;
    }
    let mut stamp = Stamp {
        year: Some(four(&date[7..11])?),
        month: month(&date[3..6])?,
        day: two(&date[..2])?,
        ..Stamp::default()
    };
    clock(&mut stamp, &text[12..])?;
    let rest = fraction(&mut stamp, &text[20..]);
    let rest = match rest.strip_prefix(b" ") {
        Some(zone) => offset(&mut stamp, zone),
        None => rest,
    };
    valid_date(&stamp).then_some((stamp, rest))
}

/// Takes three fields of a date in an order that the caller tells, two digits each but the year,
/// with one sign between them, then a sign and the clock: `2026/11/22 08:23:21`,
/// `22-11-2026 08:23:21`; what is left.
pub(crate) fn digits(text: &[u8], order: Order, between: u8, behind: u8) -> Option<(Stamp, &[u8])> {
    let date = text.get(..11)?;
    let (year, first, second) = match order {
        Order::YearMonthDay => (&date[..4], &date[5..7], &date[8..10]),
        Order::MonthDayYear | Order::DayMonthYear => (&date[6..10], &date[..2], &date[3..5]),
    };
    let signs = match order {
        Order::YearMonthDay => [date[4], date[7]],
        Order::MonthDayYear | Order::DayMonthYear => [date[2], date[5]],
    };
    if signs != [between, between] || date[10] != behind {
        return None;
    }
    let (month, day) = match order {
        Order::YearMonthDay | Order::MonthDayYear => (first, second),
        Order::DayMonthYear => (second, first),
    };
    let mut stamp = Stamp {
        year: Some(four(year)?),
        month: two(month)?,
        day: two(day)?,
        ..Stamp::default()
    };
    clock(&mut stamp, &text[11..])?;
    let rest = fraction(&mut stamp, &text[19..]);
    valid_date(&stamp).then_some((stamp, rest))
}

/// The order of a date's fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    YearMonthDay,
    MonthDayYear,
    DayMonthYear,
}

/// A number since the epoch: seconds up to ten digits, else milliseconds.
pub(crate) fn since_epoch(number: u64) -> Option<Stamp> {
    const SECONDS_MAX: u64 = 9_999_999_999;
    let number = i64::try_from(number).ok()?;
    if number.unsigned_abs() <= SECONDS_MAX {
        return from_nanos(number.checked_mul(1_000_000_000)?, Precision::Seconds);
    }
    from_nanos(number.checked_mul(1_000_000)?, Precision::Millis)
}

/// Seconds since the epoch as a number with decimals, to the microsecond: `1795335801.908181`.
pub(crate) fn seconds_since_epoch(text: &[u8]) -> Option<Stamp> {
    // What fits 64 bits of nanoseconds: April 2262.
    const SECONDS_MAX: f64 = 9_223_372_036.0;
    let seconds: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    if !(0.0..=SECONDS_MAX).contains(&seconds) {
        return None;
    }
    let precision = match text.contains(&b'.') {
        true => Precision::Micros,
        false => Precision::Seconds,
    };
    from_nanos((seconds * 1e6).round() as i64 * 1_000, precision)
}

fn from_nanos(nanos: i64, precision: Precision) -> Option<Stamp> {
    let moment = Timestamp::from_nanos(nanos);
    let civil = moment.civil(0);
    let stamp = Stamp {
        year: Some(civil.year),
        month: civil.month,
        day: civil.day,
        hour: civil.hour,
        minute: civil.minute,
        second: civil.second,
        precision,
        nanos: moment.subsec_nanos(),
        offset_minutes: Some(0),
    };
    valid_date(&stamp).then_some(stamp)
}

/// Milliseconds from one stamp to another where both have year and zone; 0 where the second is
/// earlier.
pub(crate) fn millis_between(from: &Stamp, to: &Stamp) -> Option<u64> {
    let nanos = |stamp: &Stamp| {
        let offset = i64::from(stamp.offset_minutes?) * 60_000_000_000;
        Some(stamp.nanos_as_utc(stamp.year?) - offset)
    };
    let span = nanos(to)?.checked_sub(nanos(from)?)?;
    Some(u64::try_from(span / 1_000_000).unwrap_or(0))
}

/// Takes `Sun Nov 22 08:33:19 2026` and the space behind it. Source: ctime(3).
pub(crate) fn ctime(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let (weekday, rest) = line.split_at_checked(4)?;
    let is_weekday = matches!(
        weekday,
        b"Mon " | b"Tue " | b"Wed " | b"Thu " | b"Fri " | b"Sat " | b"Sun "
    );
    if !is_weekday {
        return None;
    }
    let (mut stamp, rest) = stamp_named_month(rest, None)?;
    if stamp.year.is_some() {
        return None;
    }
    let (year, rest) = rest.split_at_checked(4)?;
    stamp.year = Some(four(year).filter(|year| (1970..=2261).contains(year))?);
    Some((stamp, rest.strip_prefix(b" ")?))
}

/// `2026-11-22` and `08:23:21[.123]`, which stand apart; something may follow the time.
pub(crate) fn date_and_time(date: &[u8], time: &[u8]) -> Option<Stamp> {
    let mut at = Scan::new(date, b"");
    let year = at.number()?;
    at.lit("-")?;
    let month = at.number()?;
    at.lit("-")?;
    let day = at.number()?;
    at.end()?;
    let mut stamp = Stamp {
        year: Some(year),
        month,
        day,
        ..Stamp::default()
    };
    clock(&mut stamp, time)?;
    fraction(&mut stamp, &time[8..]);
    valid_date(&stamp).then_some(stamp)
}

/// Seconds since the epoch with a fraction, `1795335801.25`, as a stamp in UTC.
pub(crate) fn epoch(seconds: &[u8]) -> Option<Stamp> {
    let mut at = Scan::new(seconds, b"");
    let whole: i64 = at.number()?;
    let in_range = (0..SECONDS_OF_YEAR_2262).contains(&whole);
    in_range.then_some(())?;
    let mut nanos = 0;
    let mut precision = Precision::Seconds;
    if at.has(".") {
        let mut weight = 100_000_000;
        for digit in at.while_(|byte| byte.is_ascii_digit()).iter() {
            nanos += weight * u32::from(digit - b'0');
            weight /= 10;
        }
        precision = Precision::Micros;
    }
    at.end()?;
    let civil = Timestamp::from_seconds(whole).civil(0);
    Some(Stamp {
        year: Some(civil.year),
        month: civil.month,
        day: civil.day,
        hour: civil.hour,
        minute: civil.minute,
        second: civil.second,
        precision,
        nanos,
        offset_minutes: Some(0),
    })
}

/// Where nanoseconds since the epoch no longer fit.
const SECONDS_OF_YEAR_2262: i64 = 9_214_646_400;

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(stamp: Stamp) -> String {
        let offset = i64::from(stamp.offset_minutes.unwrap_or(0)) * 60_000_000_000;
        Timestamp::from_nanos(stamp.nanos_as_utc(stamp.year.unwrap()) - offset).to_string()
    }

    #[test]
    fn forms_of_stamps() {
        let (stamp, rest) = iso(b"2026-11-22T08:23:21.123Z,x").unwrap();
        assert_eq!(moment(stamp), "2026-11-22T08:23:21.123Z");
        assert_eq!(rest, b",x");
        let (stamp, rest) = iso(b"2026-11-22 08:23:21 +0100 x").unwrap();
        assert_eq!(moment(stamp), "2026-11-22T07:23:21Z");
        assert_eq!(rest, b" x");
        let (stamp, rest) = iso(b"2026-11-22 08:23:21,123 INFO").unwrap();
        assert_eq!(stamp.offset_minutes, None);
        assert_eq!(rest, b" INFO");
        let (stamp, rest) = web(b"22/Nov/2026:08:23:21 +0100] \"").unwrap();
        assert_eq!(moment(stamp), "2026-11-22T07:23:21Z");
        assert_eq!(rest, b"] \"");
        let (stamp, _) = php(b"22-Nov-2026 08:23:21 -0500]: x").unwrap();
        assert_eq!(moment(stamp), "2026-11-22T13:23:21Z");
        let (stamp, _) = digits(b"2026/11/22 08:23:21 [", Order::YearMonthDay, b'/', b' ').unwrap();
        assert_eq!(moment(stamp), "2026-11-22T08:23:21Z");
        let (stamp, _) = digits(b"22-11-2026 08:23:21", Order::DayMonthYear, b'-', b' ').unwrap();
        assert_eq!(moment(stamp), "2026-11-22T08:23:21Z");
    }

    #[test]
    fn numbers_since_the_epoch() {
        assert_eq!(
            moment(since_epoch(1_795_335_894).unwrap()),
            "2026-11-22T08:24:54Z"
        );
        let millis = since_epoch(1_795_335_894_375).unwrap();
        assert_eq!(moment(millis), "2026-11-22T08:24:54.375Z");
        assert_eq!(millis.precision, Precision::Millis);
        assert_eq!(since_epoch(u64::MAX), None);
        assert_eq!(since_epoch(9_999_999_999), None);
    }

    #[test]
    fn seconds_beyond_what_64_bits_of_nanoseconds_hold_are_no_time() {
        assert!(seconds_since_epoch(b"4102444799.5").is_some());
        for text in [
            "9223372036.5",
            "9223372037",
            "9999999999.0",
            "1e300",
            "-1",
            "NaN",
        ] {
            assert_eq!(seconds_since_epoch(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn times_of_own_files() {
        let (stamp, rest) = ctime(b"Sun Nov  2 08:33:19 2026 -> x").unwrap();
        assert_eq!((stamp.year, stamp.month, stamp.day), (Some(2026), 11, 2));
        assert_eq!(rest, b"-> x");
        assert_eq!(ctime(b"Sun Nov 22 08:33:19 -> x"), None);
        let stamp = epoch(b"1795335801.25").unwrap();
        assert_eq!(
            (stamp.year, stamp.month, stamp.day, stamp.nanos),
            (Some(2026), 11, 22, 250_000_000)
        );
        assert_eq!(epoch(b"1.2.3"), None);
        assert_eq!(epoch(b"99999999999999"), None);
    }
}
