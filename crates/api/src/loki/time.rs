//! Times and lengths of time, in each form that Loki takes.

use crate::problem::{Problem, Result};
use jiff::Timestamp;

/// A whole number with at most so many digits is seconds, a longer one nanoseconds.
const SECONDS_DIGITS_MAX: usize = 10;

/// Lengths of units, microseconds; those of which the name begins as that of another stand first.
const UNITS: [(&str, f64); 9] = [
    ("ns", 1e-3),
    ("us", 1.0),
    ("µs", 1.0),
    ("ms", 1e3),
    ("s", 1e6),
    ("m", 60e6),
    ("h", 3_600e6),
    ("d", 86_400e6),
    ("w", 604_800e6),
];

/// A time in nanoseconds: nanoseconds or seconds since 1970, with a fraction or not, or RFC 3339.
pub(super) fn moment(name: &str, text: &str) -> Result<i64> {
    let wrong = || {
        Problem::wrong(format!("could not parse `{name}`: `{text}` is no time"))
            .hint("in nanoseconds or seconds since 1970, or as `2026-11-22T08:00:00Z`")
    };
    if let Ok(whole) = text.parse::<i64>() {
        let is_seconds = text.trim_start_matches('-').len() <= SECONDS_DIGITS_MAX;
        let scale = if is_seconds { 1_000_000_000 } else { 1 };
        return whole.checked_mul(scale).ok_or_else(wrong);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        // To the microsecond: so far a float of our time tells it.
        let micros = (seconds * 1e6).round();
        return match micros.abs() < 9e15 {
            true => Ok(micros as i64 * 1_000),
            false => Err(wrong()),
        };
    }
    let at = text.parse::<Timestamp>().map_err(|_| wrong())?;
    i64::try_from(at.as_nanosecond()).map_err(|_| wrong())
}

/// A length in microseconds: `1h30m`, `500ms`, `1m0s`; `None` for what is none, or longer than a
/// thousand years.
pub(super) fn length(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut micros = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number = rest[..end].parse::<f64>().ok()?;
        let (unit, scale) = UNITS
            .iter()
            .find(|(unit, _)| rest[end..].starts_with(unit))?;
        micros += number * scale;
        rest = &rest[end + unit.len()..];
    }
    (!text.is_empty() && micros < 3e16).then_some(micros.round() as i64)
}

/// The distance of points, in microseconds: a length, or seconds.
pub(super) fn step(text: &str) -> Result<i64> {
    let seconds = text.parse::<f64>().ok().filter(|it| it.abs() < 3e10);
    let micros = seconds.map(|it| (it * 1e6).round() as i64);
    let wrong = || {
        Problem::wrong(format!(
            "could not parse `step`: `{text}` is no length of time"
        ))
    };
    match micros.or_else(|| length(text)).ok_or_else(wrong)? {
        micros if micros > 0 => Ok(micros),
        _ => Err(Problem::wrong("`step` is not longer than 0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_each_form_that_loki_takes() {
        let whole = 1_795_334_400_000_000_000;
        for (text, nanos) in [
            ("1795334400000000000", whole),
            ("1795334400", whole),
            ("1795334400.25", whole + 250_000_000),
            ("1.7953344e9", whole),
            ("2026-11-22T08:00:00Z", whole),
            ("2026-11-22T09:00:00.000000001+01:00", whole + 1),
            ("4000000000", 4_000_000_000_000_000_000),
            ("-1", -1_000_000_000),
        ] {
            assert_eq!(moment("start", text).unwrap(), nanos, "{text}");
        }
        for text in [
            "",
            "now",
            "NaN",
            "1e300",
            "99999999999999999999",
            "2026-11-22",
        ] {
            assert!(moment("start", text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_are_read_as_go_writes_them() {
        for (text, micros) in [
            ("5m", 300_000_000),
            ("1m0s", 60_000_000),
            ("1h30m", 5_400_000_000),
            ("500ms", 500_000),
            ("1.5s", 1_500_000),
            ("1d", 86_400_000_000),
            ("2w", 1_209_600_000_000),
            ("10us", 10),
            ("0s", 0),
        ] {
            assert_eq!(length(text), Some(micros), "{text}");
        }
        for text in [
            "",
            "5",
            "m",
            "5x",
            "-5m",
            "5m ",
            "1e9w",
            "99999999999w",
            "5é",
        ] {
            assert_eq!(length(text), None, "{text}");
        }
        assert_eq!(step("15").unwrap(), 15_000_000);
        assert_eq!(step("0.5").unwrap(), 500_000);
        assert_eq!(step("1m0s").unwrap(), 60_000_000);
        for text in ["0", "-1", "0s", "x", "inf", ""] {
            assert!(step(text).is_err(), "{text}");
        }
    }
}
