//! Times as programs write them into their own files, other than syslog's.

use crate::header::{clock, four, fraction, stamp_named_month, valid_date};
use crate::scan::Scan;
use model::{Precision, Stamp, Timestamp};

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
    use super::{ctime, epoch};

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
