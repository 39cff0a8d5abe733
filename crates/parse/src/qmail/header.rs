//! Headers of multilog's files: `@4000000065f0a1b21c3d5e6f TEXT` (TAI64N), and what tai64nlocal
//! makes of them, `2026-11-22 08:33:19.123456789 TEXT`.
//! Source: daemontools `timestamp.c`, `tai64nlocal.c`; <https://cr.yp.to/libtai/tai64.html>.

use crate::header::Header;
use memchr::memchr;
use model::{Precision, Stamp, Timestamp};

/// TAI seconds are counted from 2^62 on, and were 10 ahead of UTC at the epoch.
const EPOCH_LABEL: u64 = (1 << 62) + 10;
/// Year 2242, far enough to tell a stamp from other digits.
const SECONDS_MAX: u64 = 1 << 33;
/// `@`, 16 digits of seconds, 8 of nanoseconds, a space.
const TAI64N_BYTES: usize = 26;

/// Reads a line of multilog.
pub(crate) fn tai64n(line: &[u8]) -> Option<Header<'_>> {
    if line.first() != Some(&b'@') || line.get(TAI64N_BYTES - 1) != Some(&b' ') {
        return None;
    }
    let seconds = hex(&line[1..17])?.checked_sub(EPOCH_LABEL)?;
    let nanos = u32::try_from(hex(&line[17..25])?).ok()?;
    if seconds > SECONDS_MAX || nanos > 999_999_999 {
        return None;
    }
    let at = Timestamp::from_seconds(seconds as i64).civil(0);
    let stamp = Stamp {
        year: Some(at.year),
        month: at.month,
        day: at.day,
        hour: at.hour,
        minute: at.minute,
        second: at.second,
        precision: Precision::Nanos,
        nanos,
        offset_minutes: Some(0),
    };
    Some(named(stamp, &line[TAI64N_BYTES..]))
}

fn hex(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |value, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(value << 4 | u64::from(digit))
    })
}

/// The header with the name of the program that the text starts with; none for what others write
/// through multilog.
fn named(stamp: Stamp, text: &[u8]) -> Header<'_> {
    let (tag, pid, text) = match child(text) {
        Some((name, behind)) => (name, pid(&text[name.len()..]), behind),
        None if is_own(text) => (&b"qmail"[..], None, text),
        None => (&text[..0], None, text),
    };
    Header {
        stamp,
        tag: tag.into(),
        pid,
        text,
        ..Header::default()
    }
}

/// `[PID]` or `:[PID]`.
fn pid(text: &[u8]) -> Option<u32> {
    let text = text.strip_prefix(b":").unwrap_or(text).strip_prefix(b"[")?;
    let digits = &text[..memchr(b']', text)?];
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Programs that write their name in front of what they tell.
const CHILDREN: &[&[u8]] = &[
    b"tcpserver",
    b"sslserver",
    b"rblsmtpd",
    b"qmail-smtpd",
    b"qmail-pop3d",
    b"spamdyke",
];

/// Takes `NAME: ` or `NAME[PID]: ` off a text: the name, and what follows.
#[inline]
pub(super) fn child(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let name = CHILDREN.iter().find(|name| text.starts_with(name))?;
    let (name, mut rest) = text.split_at(name.len());
    if let Some(inner) = rest.strip_prefix(b"[") {
        rest = &inner[memchr(b']', inner)? + 1..];
    }
    Some((name, rest.strip_prefix(b": ")?))
}

/// Reads a line of tai64nlocal: nine digits behind the second, and a text of qmail's.
pub(crate) fn tai64nlocal(line: &[u8]) -> Option<Header<'_>> {
    if line.get(19) != Some(&b'.') || line.get(29) != Some(&b' ') {
        return None;
    }
    let header = crate::header::header(line);
    if header.stamp.precision != Precision::Nanos || header.stamp.offset_minutes.is_some() {
        return None;
    }
    let text = &line[30..];
    (child(text).is_some() || is_own(text)).then(|| named(header.stamp, text))
}

fn is_own(text: &[u8]) -> bool {
    TEXTS.iter().any(|it| text.starts_with(it))
}

/// How the texts without a name start: qmail-send's, those of its companions, courier-imap's.
const TEXTS: &[&[u8]] = &[
    b"status: ",
    b"delivery ",
    b"starting delivery ",
    b"new msg ",
    b"info msg ",
    b"end msg ",
    b"bounce msg ",
    b"triple bounce: ",
    b"double bounce: ",
    b"warning: ",
    b"alert: ",
    b"CHKUSER ",
    b"simscan:",
    b"vchkpw",
    b"Accept::",
    b"Reject::",
    b"INFO: ",
    b"DEBUG: ",
    b"LOGIN",
    b"LOGOUT",
    b"DISCONNECTED, ",
    b"TIMEOUT, ",
];
