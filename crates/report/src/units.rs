//! Numbers as people read them.

use model::{Civil, Timestamp};

/// `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `999 B`, `1.50 kB`, `6.85 GB`; powers of ten.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{} {}", three_digits(value), UNITS[unit])
}

/// `340 ms`, `1.20 s`, `14.0 s`, `2.50 min`, `3.10 h`, `2.10 d`.
pub(crate) fn duration(ms: u64) -> String {
    let seconds = ms as f64 / 1000.0;
    if ms < 1000 {
        format!("{ms} ms")
    } else if seconds < 120.0 {
        format!("{} s", three_digits(seconds))
    } else if seconds < 7_200.0 {
        format!("{} min", three_digits(seconds / 60.0))
    } else if seconds < 172_800.0 {
        format!("{} h", three_digits(seconds / 3_600.0))
    } else {
        format!("{} d", three_digits(seconds / 86_400.0))
    }
}

fn three_digits(value: f64) -> String {
    if value < 9.995 {
        format!("{value:.2}")
    } else if value < 99.95 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

/// `12.3 %` of a whole; `0 %` of nothing.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let value = part as f64 * 100.0 / whole as f64;
    if value < 0.1 {
        "< 0.1 %".to_owned()
    } else if part == whole || value >= 10.0 {
        // Not all is never 100 %.
        let shown = if part < whole { value.min(99.0) } else { value };
        format!("{shown:.0} %")
    } else {
        format!("{value:.1} %")
    }
}

/// `1 file`, `2 files`.
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `2026-11-22`.
pub(crate) fn date((year, month, day): (i16, u8, u8)) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-11-22 08:15:00`.
pub(crate) fn moment(at: &Civil) -> String {
    let day = date((at.year, at.month, at.day));
    format!("{day} {:02}:{:02}:{:02}", at.hour, at.minute, at.second)
}

/// How long before the end of the log something was: `3.10 h`.
pub(crate) fn age(at: Timestamp, end: Option<Timestamp>) -> String {
    let ms = end.map_or(0, |end| end.millis_since(at));
    duration(u64::try_from(ms).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_have_units() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(count),
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!(
            [0, 999, 1500, 999_499, 999_500, 6_845_302_461, u64::MAX].map(bytes),
            [
                "0 B", "999 B", "1.50 kB", "999 kB", "1.00 MB", "6.85 GB", "18.4 EB"
            ]
        );
        assert_eq!(
            [0, 999, 1200, 14_000, 150_000, 7_200_000, 432_000_000].map(duration),
            [
                "0 ms", "999 ms", "1.20 s", "14.0 s", "2.50 min", "2.00 h", "5.00 d"
            ]
        );
        assert_eq!(
            [(0, 0), (1, 10_000), (1, 3), (999, 1000), (5, 5)].map(|(a, b)| percent(a, b)),
            ["0 %", "< 0.1 %", "33 %", "99 %", "100 %"]
        );
    }
}
