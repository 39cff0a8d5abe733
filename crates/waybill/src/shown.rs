//! Texts of logs as they may be shown, harmless to a terminal; and times.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::Severity;

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

/// The look of an original line, by how grave it is: by its text, or by syslog's priority.
pub(crate) fn line_style(line: &[u8]) -> Style {
    let by_text = parse::line(line).severity;
    let priority = priority(line).unwrap_or(6);
    match (by_text, priority) {
        (Severity::Error | Severity::Fatal | Severity::Panic, _) | (_, 0..=3) => {
            AnsiColor::Red.on_default()
        }
        (Severity::Warning, _) | (_, 4) => AnsiColor::Yellow.on_default(),
        (Severity::Debug | Severity::Info, _) => Style::new().dimmed(),
    }
}

/// 0 (emergency) to 7 (debug), of a line that begins with `<PRI>`. Source: RFC 5424 §6.2.1.
fn priority(line: &[u8]) -> Option<u8> {
    let rest = line.strip_prefix(b"<")?;
    let end = rest.iter().take(4).position(|&it| it == b'>')?;
    let number: u8 = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
    Some(number & 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_look_as_grave_as_they_are() {
        let red = AnsiColor::Red.on_default();
        let yellow = AnsiColor::Yellow.on_default();
        let dim = Style::new().dimmed();
        for (line, style) in [
            ("Nov 22 08:00:00 mx1 postfix/qmgr[7]: 4abc: removed", dim),
            ("Nov 22 08:00:00 mx1 postfix/smtpd[7]: warning: odd", yellow),
            ("Nov 22 08:00:00 mx1 postfix/smtpd[7]: fatal: no", red),
            ("<20>Nov 22 08:00:00 mx1 odd[7]: words", yellow),
            ("<19>Nov 22 08:00:00 mx1 odd[7]: words", red),
            ("<22>Nov 22 08:00:00 mx1 odd[7]: words", dim),
            ("<999>words", dim),
            ("", dim),
        ] {
            assert_eq!(line_style(line.as_bytes()), style, "{line}");
        }
    }
}
