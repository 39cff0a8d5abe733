//! The part of a line that the transport wrote: time, host, program, process id.
//!
//! Forms, told apart by their first bytes: RFC 3164 (`Nov 22 08:23:21 mx1 postfix/qmgr[7]: text`)
//! also with a year before or behind the date, with fractions of a second, without host; RFC 3339
//! as rsyslog's file format writes it; RFC 5424; each with or without `<PRI>`. Postfix'
//! `maillog_file` is the first form with a zero-padded day (`src/util/msg_logger.c`).

use bstr::BStr;
use memchr::{memchr, memchr2};
use model::{Precision, Stamp};

/// What stands before the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    pub(crate) stamp: Stamp,
    pub(crate) host: &'a BStr,
    /// Whole program tag: `postfix/submission/smtpd`.
    pub(crate) tag: &'a BStr,
    pub(crate) pid: Option<u32>,
    pub(crate) text: &'a [u8],
}

/// Takes a line's header off. Where there is none, all is text.
#[inline]
pub(crate) fn header(line: &[u8]) -> Header<'_> {
    let without_priority = priority(line);
    let unprefixed = without_priority.unwrap_or(line);
    if without_priority.is_some()
        && let Some(header) = rfc5424(unprefixed)
    {
        return header;
    }
    let Some((stamp, rest)) = stamp(unprefixed) else {
        return Header {
            text: line,
            ..Header::default()
        };
    };
    let mut header = Header {
        stamp,
        text: rest,
        ..Header::default()
    };
    host_and_tag(&mut header);
    header
}

/// What follows `<PRI>`; `None` where there is none. Source: RFC 3164 §4.1.1.
fn priority(line: &[u8]) -> Option<&[u8]> {
    let inner = line.strip_prefix(b"<")?;
    let len = inner.iter().take(4).position(|&byte| byte == b'>')?;
    (len > 0 && inner[..len].iter().all(u8::is_ascii_digit)).then(|| &inner[len + 1..])
}

/// `1 TIME HOST APP PROCID MSGID SD MSG`, `-` for what is absent. Source: RFC 5424 §6.
fn rfc5424(line: &[u8]) -> Option<Header<'_>> {
    let rest = line.strip_prefix(b"1 ")?;
    let (stamp, rest) = match rest.strip_prefix(b"- ") {
        Some(rest) => (Stamp::default(), rest),
        None => stamp(rest)?,
    };
    let (host, rest) = field(rest)?;
    let (tag, rest) = field(rest)?;
    let (pid, rest) = field(rest)?;
    let (_message_kind, rest) = field(rest)?;
    let text = structured_data(rest)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    // rsyslog's `%msg%` has the space that stood behind the tag of the line it got.
    let text = text.strip_prefix(b" ").unwrap_or(text);
    Some(Header {
        stamp,
        host,
        tag,
        pid: whole_number(pid),
        text,
    })
}

/// A field up to the next space; `-` is empty.
fn field(line: &[u8]) -> Option<(&BStr, &[u8])> {
    let end = memchr(b' ', line)?;
    let value = if &line[..end] == b"-" {
        &line[..0]
    } else {
        &line[..end]
    };
    Some((value.into(), &line[end + 1..]))
}

/// What follows the structured data and its space.
fn structured_data(line: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = line.strip_prefix(b"-") {
        return Some(rest.strip_prefix(b" ").unwrap_or(rest));
    }
    let mut at = 0;
    while line.get(at) == Some(&b'[') {
        loop {
            match line.get(at)? {
                b'\\' => at += 2,
                b']' => break,
                _ => at += 1,
            }
        }
        at += 1;
    }
    let rest = line.get(at..)?;
    (at > 0).then(|| rest.strip_prefix(b" ").unwrap_or(rest))
}

fn whole_number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 {
        return None;
    }
    text.iter().try_fold(0u32, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// Takes a stamp and the space behind it.
#[inline]
pub(crate) fn stamp(line: &[u8]) -> Option<(Stamp, &[u8])> {
    match line.first()? {
        b'A'..=b'Z' => stamp_named_month(line, None),
        b'0'..=b'9' => stamp_digits(line),
        _ => None,
    }
}

#[inline]
pub(crate) fn two(digits: &[u8]) -> Option<u8> {
    let &[tens, ones] = digits else { return None };
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| tens * 10 + ones)
}

pub(crate) fn four(digits: &[u8]) -> Option<i16> {
    Some(i16::from(two(digits.get(..2)?)?) * 100 + i16::from(two(digits.get(2..4)?)?))
}

/// `hh:mm:ss`, with range checks.
#[inline]
pub(crate) fn clock(stamp: &mut Stamp, text: &[u8]) -> Option<()> {
    let text = text.get(..8)?;
    if text[2] != b':' || text[5] != b':' {
        return None;
    }
    stamp.hour = two(&text[..2])?;
    stamp.minute = two(&text[3..5])?;
    stamp.second = two(&text[6..8])?;
    (stamp.hour < 24 && stamp.minute < 60 && stamp.second <= 60).then_some(())
}

/// A fraction of a second behind `.` or `,`; what is left.
#[inline]
pub(crate) fn fraction<'a>(stamp: &mut Stamp, text: &'a [u8]) -> &'a [u8] {
    let Some((b'.' | b',', digits)) = text.split_first() else {
        return text;
    };
    let len = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if len == 0 {
        return text;
    }
    let mut nanos = 0u32;
    for at in 0..9 {
        nanos = nanos * 10
            + digits
                .get(at)
                .filter(|_| at < len)
                .map_or(0, |d| u32::from(d - b'0'));
    }
    stamp.nanos = nanos;
    stamp.precision = match len {
        1..=3 => Precision::Millis,
        4..=6 => Precision::Micros,
        _ => Precision::Nanos,
    };
    &digits[len..]
}

/// `Nov 22 08:23:21[.frac]`, `Nov  2 ...`, `Nov 22 2026 08:23:21`. Source: RFC 3164 §4.1.2.
#[inline]
pub(crate) fn stamp_named_month(line: &[u8], year: Option<i16>) -> Option<(Stamp, &[u8])> {
    let month = month(line.get(..3)?)?;
    let day_text = line.get(3..)?.strip_prefix(b" ")?;
    let (day, rest) = match day_text {
        [b' ', ones @ b'1'..=b'9', b' ', rest @ ..] => (ones - b'0', rest),
        [ones @ b'1'..=b'9', b' ', rest @ ..] => (ones - b'0', rest),
        [tens @ b'0'..=b'3', ones @ b'0'..=b'9', b' ', rest @ ..] => {
            ((tens - b'0') * 10 + ones - b'0', rest)
        }
        _ => return None,
    };
    let (year, rest) = match rest {
        [a, b, c, d, b' ', behind @ ..] if year.is_none() => match four(&[*a, *b, *c, *d]) {
            Some(found) => (Some(found), behind),
            None => (year, rest),
        },
        _ => (year, rest),
    };
    let mut stamp = Stamp {
        year,
        month,
        day,
        ..Stamp::default()
    };
    clock(&mut stamp, rest)?;
    let rest = fraction(&mut stamp, &rest[8..]);
    let rest = rest.strip_prefix(b" ")?;
    valid_date(&stamp).then_some((stamp, rest))
}

pub(crate) fn month(name: &[u8]) -> Option<u8> {
    Some(match name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

pub(crate) fn valid_date(stamp: &Stamp) -> bool {
    (1..=12).contains(&stamp.month)
        && (1..=31).contains(&stamp.day)
        && stamp.year.is_none_or(|year| (1970..=2261).contains(&year))
}

/// `2026-11-22T08:23:21.123456+01:00`, also with a space for the `T`; `2013 Jun 10 06:27:30.123`.
/// Source: RFC 3339 §5.6.
#[inline]
fn stamp_digits(line: &[u8]) -> Option<(Stamp, &[u8])> {
    let year = four(line.get(..4)?)?;
    if line.get(4) == Some(&b' ') {
        return stamp_named_month(&line[5..], Some(year));
    }
    let date = line.get(..11)?;
    if date[4] != b'-' || date[7] != b'-' || !matches!(date[10], b'T' | b't' | b' ') {
        return None;
    }
    let mut stamp = Stamp {
        year: Some(year),
        month: two(&date[5..7])?,
        day: two(&date[8..10])?,
        ..Stamp::default()
    };
    clock(&mut stamp, &line[11..])?;
    let rest = fraction(&mut stamp, &line[19..]);
    let rest = offset(&mut stamp, rest);
    let rest = rest.strip_prefix(b" ")?;
    valid_date(&stamp).then_some((stamp, rest))
}

/// `Z`, `+01:00`, `+0100`; nothing where there is none.
#[inline]
pub(crate) fn offset<'a>(stamp: &mut Stamp, text: &'a [u8]) -> &'a [u8] {
    match text {
        [b'Z' | b'z', rest @ ..] => {
            stamp.offset_minutes = Some(0);
            rest
        }
        [sign @ (b'+' | b'-'), digits @ ..] => {
            let (hours, minutes, rest) = match digits {
                [a, b, b':', c, d, rest @ ..] | [a, b, c, d, rest @ ..] => {
                    (two(&[*a, *b]), two(&[*c, *d]), rest)
                }
                _ => return text,
            };
            let (Some(hours), Some(minutes)) = (hours, minutes) else {
                return text;
            };
            let east = i16::from(hours) * 60 + i16::from(minutes);
            stamp.offset_minutes = Some(if *sign == b'-' { -east } else { east });
            rest
        }
        _ => text,
    }
}

/// `HOST TAG[PID]: TEXT`; some transports leave the host out.
#[inline]
fn host_and_tag(header: &mut Header<'_>) {
    if header.text.first() == Some(&b'<') {
        header.text = without_level(header.text);
    }
    let line = header.text;
    let Some(space) = memchr(b' ', line) else {
        return tag(header);
    };
    let first = &line[..space];
    let is_tag = first.last() == Some(&b':')
        || (first.contains(&b'[') && first.contains(&b']'))
        || first.contains(&b'(');
    if !is_tag {
        header.host = first.into();
        header.text = &line[space + 1..];
    }
    tag(header);
}

/// What follows `<mail.info> `, which FreeBSD's `syslogd -v` puts before the host.
fn without_level(line: &[u8]) -> &[u8] {
    let behind = |space: usize| {
        let level = line[..space].strip_suffix(b">")?;
        level.contains(&b'.').then(|| &line[space + 1..])
    };
    memchr(b' ', line).and_then(behind).unwrap_or(line)
}

/// `TAG[PID]: TEXT` or `TAG: TEXT`; without a colon all is text.
#[inline]
fn tag(header: &mut Header<'_>) {
    let line = header.text;
    let end = tag_end(line);
    if let Some(name) = process_name(line, end) {
        header.tag = name.into();
        return;
    }
    let Some(end) = end else { return };
    header.tag = line[..end].into();
    let mut rest = &line[end..];
    if rest[0] == b'[' {
        let Some(close) = memchr(b']', rest) else {
            return;
        };
        header.pid = whole_number(&rest[1..close]);
        rest = &rest[close + 1..];
        rest = rest.strip_prefix(b":").unwrap_or(rest);
    } else {
        rest = &rest[1..];
    }
    header.text = without_solaris_id(rest.strip_prefix(b" ").unwrap_or(rest));
}

/// The name in Dovecot's own prefix, `imap(anna)<997><5S0tQdlgFsR/AAAB>: `, which stands for the tag
/// in its files (`log_path`); the prefix then stays in the text, whose rules take it apart.
fn process_name(line: &[u8], end: Option<usize>) -> Option<&[u8]> {
    // A user with a space in it leaves no tag at all.
    let closed = end.is_none_or(|end| end > 0 && matches!(line[end - 1], b')' | b'>'));
    if !closed || end.is_some_and(|end| line[end] != b':') {
        return None;
    }
    let name = &line[..memchr(b'(', line)?];
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    (!name.is_empty() && name.iter().all(is_name)).then_some(name)
}

/// Where the tag ends: at `[` or at `:` that a space or the end follows. Tags hold no spaces, but
/// colons (`postfix/127.0.0.1:10025/smtpd`).
#[inline]
fn tag_end(line: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr2(b'[', b':', &line[from..])?;
        if memchr(b' ', &line[from..at]).is_some() {
            return None;
        }
        if line[at] == b'[' || matches!(line.get(at + 1), None | Some(b' ')) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// What follows `[ID 197553 mail.info] `, which Solaris' syslog puts before the text.
fn without_solaris_id(text: &[u8]) -> &[u8] {
    if !text.starts_with(b"[ID ") {
        return text;
    }
    match memchr(b']', text) {
        Some(close) => text[close + 1..]
            .strip_prefix(b" ")
            .unwrap_or(&text[close + 1..]),
        None => text,
    }
}

#[cfg(test)]
#[path = "header/tests.rs"]
mod tests;
