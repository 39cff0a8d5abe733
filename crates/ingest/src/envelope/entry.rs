//! A journald entry as a line of a log file.

use std::borrow::Cow;

use super::text::push_line;

/// The fields of a journald entry that a log file would show. Source: systemd.journal-fields(7).
#[derive(Debug, Default)]
pub(crate) struct Entry<'a> {
    /// See [`time`], microseconds since 1970, UTC.
    pub(crate) realtime_us: u64,
    /// `_HOSTNAME`.
    pub(crate) hostname: Option<Cow<'a, [u8]>>,
    /// `SYSLOG_IDENTIFIER`, else `_COMM`.
    pub(crate) identifier: Option<Cow<'a, [u8]>>,
    /// `SYSLOG_PID`, else `_PID`. The former is what the program said; the latter is that of the process which
    /// handed the line to journald.
    pub(crate) pid: Option<Cow<'a, [u8]>>,
    /// `MESSAGE`.
    pub(crate) message: Cow<'a, [u8]>,
}

/// First microsecond of the year 10000, which the written form cannot hold.
pub(super) const REALTIME_US_END: u64 = 253_402_300_800_000_000;

/// When an entry was written, as journalctl shows it: `_SOURCE_REALTIME_TIMESTAMP`, when it was sent, where journald
/// knows that; else `__REALTIME_TIMESTAMP`, when journald received it.
pub(super) fn time(received_us: u64, sent_us: Option<u64>) -> u64 {
    sent_us.unwrap_or(received_us)
}

/// A number as journald writes it.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

impl Entry<'_> {
    /// Tells whether the time can be written with a year of four digits.
    pub(crate) fn has_sane_time(&self) -> bool {
        self.realtime_us < REALTIME_US_END
    }

    /// Adds `YYYY-MM-DDThh:mm:ss.uuuuuuZ HOST IDENT[PID]: MESSAGE`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        push_time(out, self.realtime_us);
        out.push(b' ');
        push_word(
            out,
            self.hostname.as_deref().unwrap_or_default(),
            b"localhost",
        );
        out.push(b' ');
        push_word(
            out,
            self.identifier.as_deref().unwrap_or_default(),
            b"unknown",
        );
        if let Some(pid) = self.pid.as_deref().filter(|pid| !pid.is_empty()) {
            out.push(b'[');
            push_word(out, pid, b"");
            out.push(b']');
        }
        out.extend_from_slice(b": ");
        push_line(out, &self.message);
    }
}

/// Adds a word of a header: without blanks, since they separate the words.
pub(super) fn push_word(out: &mut Vec<u8>, word: &[u8], absent: &[u8]) {
    let word = if word.is_empty() { absent } else { word };
    out.extend(word.iter().map(|&byte| {
        if byte.is_ascii_whitespace() {
            b'_'
        } else {
            byte
        }
    }));
}

pub(super) fn push_time(out: &mut Vec<u8>, realtime_us: u64) {
    let (seconds, micros) = (realtime_us / 1_000_000, realtime_us % 1_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    for (value, width, behind) in [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (second / 3600, 2, b':'),
        (second / 60 % 60, 2, b':'),
        (second % 60, 2, b'.'),
        (micros, 6, b'Z'),
    ] {
        push_digits(out, value, width);
        out.push(behind);
    }
}

fn push_digits(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// Days since 1970-01-01 as year, month, day of the Gregorian calendar.
/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
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
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(realtime_us: u64, expected: &str) {
        let mut out = Vec::new();
        push_time(&mut out, realtime_us);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn times() {
        check(0, "1970-01-01T00:00:00.000000Z");
        check(951_782_399_999_999, "2000-02-28T23:59:59.999999Z");
        check(951_868_799_000_001, "2000-02-29T23:59:59.000001Z");
        check(1_795_335_801_123_456, "2026-11-22T08:23:21.123456Z");
        check(REALTIME_US_END - 1, "9999-12-31T23:59:59.999999Z");
    }
}
