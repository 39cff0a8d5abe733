//! Texts of logs as they may be shown, harmless to a terminal and to a spreadsheet; and times.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-11-16 14:05`; from microseconds since 1970.
pub(crate) fn minute(at: i64, zone: &TimeZone) -> String {
    format(at, zone, "%Y-%m-%d %H:%M")
}

/// `2026-11-16 14:05:09`; from microseconds since 1970.
pub(crate) fn second(at: i64, zone: &TimeZone) -> String {
    format(at, zone, "%Y-%m-%d %H:%M:%S")
}

fn format(at: i64, zone: &TimeZone, format: &str) -> String {
    let at = Timestamp::from_microsecond(at).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

/// `2026-11-16T13:05:09.25Z`, for programs; from microseconds since 1970.
pub(crate) fn instant(at: i64) -> String {
    let at = Timestamp::from_microsecond(at).unwrap_or_default();
    at.to_string()
}

/// Control characters as pictures, so that no line of a log commands a terminal.
pub(crate) fn visible(text: &str) -> String {
    let picture = |c: char| match c {
        '\t' => c,
        c if c.is_ascii_control() => {
            char::from_u32(0x2400 + (c as u32).min(0x21)).unwrap_or('\u{fffd}')
        }
        '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(picture).collect()
}

/// RFC 4180; what a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn csv(text: &str) -> String {
    let guarded = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    if guarded.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}
