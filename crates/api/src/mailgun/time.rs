//! Times as Mailgun's clients write them.

use crate::problem::{Problem, Result};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

const MICROS: f64 = 1e6;

/// A time in microseconds: RFC 2822 (the day in one or two digits, the weekday at will, zones by number
/// or name), RFC 3339, or seconds since 1970. An empty text is none.
pub(super) fn read(name: &str, text: Option<&str>) -> Result<Option<i64>> {
    let Some(text) = text.map(str::trim).filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    if let Ok(seconds) = text.parse::<f64>() {
        let micros = seconds * MICROS;
        return match micros.is_finite() && micros.abs() < 1e16 {
            true => Ok(Some(micros.round() as i64)),
            false => Err(wrong(name)),
        };
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(Some(at.as_microsecond()));
    }
    // `UTC` is none of the names that RFC 2822 has.
    let known = match text.strip_suffix("UTC") {
        Some(text) => format!("{text}GMT"),
        None => text.to_owned(),
    };
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let at = parser.parse_timestamp(&known).map_err(|_| wrong(name))?;
    Ok(Some(at.as_microsecond()))
}

fn wrong(name: &str) -> Problem {
    Problem::wrong(format!("`{name}` is no time"))
        .hint("as `Thu, 13 Oct 2011 18:02:00 +0000`, or seconds since 1970")
}

/// As `Thu, 13 Oct 2011 18:02:00 +0000`: a day of two digits, and a zone.
pub(super) fn shown(micros: i64) -> String {
    let at = Timestamp::from_microsecond(micros).unwrap_or_default();
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// As `2011-10-13T18:02:00.000Z`.
pub(super) fn iso(micros: i64) -> String {
    let at = Timestamp::from_microsecond(micros).unwrap_or_default();
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_clients_write_them() {
        let whole = 1_606_208_400_000_000;
        for text in [
            "Tue, 24 Nov 2020 09:00:00 -0000",
            "Tue, 24 Nov 2020 09:00:00 GMT",
            "Tue, 24 Nov 2020 09:00:00 UTC",
            "24 Nov 2020 04:00:00 EST",
            "Tue, 24 Nov 2020 10:00:00 +0100",
            "2020-11-24T09:00:00Z",
            "1606208400",
            "1606208400.0",
        ] {
            assert_eq!(read("begin", Some(text)).unwrap(), Some(whole), "{text}");
        }
        let one = read("begin", Some("Mon, 2 Nov 2020 09:00:00 +0000")).unwrap();
        assert_eq!(one, Some(whole - 22 * 86_400_000_000));
        let part = read("begin", Some("1529006854.32")).unwrap();
        assert_eq!(part, Some(1_529_006_854_320_000));
        assert_eq!(read("begin", Some("")).unwrap(), None);
        assert_eq!(read("begin", None).unwrap(), None);
        for text in ["yesterday", "NaN", "1e300", "2020-11-24"] {
            assert!(read("begin", Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_told_with_two_digits_and_a_zone() {
        assert_eq!(shown(1_318_000_000), "Thu, 01 Jan 1970 00:21:58 +0000");
        assert_eq!(iso(1_318_004_000), "1970-01-01T00:21:58.004Z");
    }
}
