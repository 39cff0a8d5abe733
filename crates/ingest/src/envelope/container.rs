//! What containers print, once the wrapping of their runtime is off.

use std::borrow::Cow;

use super::text::push_line;

/// A line of a container, or a part of one.
pub(crate) struct Piece<'a> {
    /// `stdout` or `stderr`; parts of different streams are never joined.
    pub(crate) stream: Cow<'a, [u8]>,
    /// When the runtime received it, RFC 3339.
    pub(crate) time: Cow<'a, [u8]>,
    /// The text; perhaps with its newline.
    pub(crate) text: Cow<'a, [u8]>,
    /// The text goes on in the next piece of the stream.
    pub(crate) partial: bool,
}

/// Adds the text as it is if it has a header of its own, else `TIME localhost TEXT`.
pub(crate) fn write(out: &mut Vec<u8>, time: &[u8], text: &[u8]) {
    if !has_header(text) {
        push_time(out, time);
        out.extend_from_slice(b" localhost ");
    }
    push_line(out, text);
}

/// Adds a time with at most six digits of the second's fraction: runtimes write nine.
fn push_time(out: &mut Vec<u8>, time: &[u8]) {
    let fraction = memchr::memchr(b'.', time).map_or(time.len(), |dot| dot + 1);
    let digits = time[fraction..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    out.extend_from_slice(&time[..fraction + digits.min(6)]);
    out.extend_from_slice(&time[fraction + digits..]);
}

/// Tells whether a text begins as lines of syslog do: `Nov 22 08:23:21`, `2026-11-22T`, `<22>`, `1 2026-`.
pub(super) fn has_header(text: &[u8]) -> bool {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    match text {
        [b'<', rest @ ..] => has_priority(rest),
        [b'1', b' ', rest @ ..] => has_date(rest),
        [a, b, c, b' ', day, ..] if day.is_ascii_digit() || *day == b' ' => {
            MONTHS.contains(&&[*a, *b, *c][..]) && has_clock(text)
        }
        _ => has_date(text),
    }
}

/// Tells whether what follows `<` is a priority, and no message-id.
fn has_priority(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|it| it.is_ascii_digit()).count();
    (1..=3).contains(&digits) && text.get(digits) == Some(&b'>')
}

/// Tells whether a clock stands in the head of a text: behind `Nov 22 ` or `Nov 22 2026 `.
fn has_clock(text: &[u8]) -> bool {
    let head = &text[..text.len().min(20)];
    head.windows(8).any(|it| it[2] == b':' && it[5] == b':')
}

/// Tells whether a text begins with a date as in `2026-11-22T` or `2026-11-22 `.
pub(crate) fn has_date(text: &[u8]) -> bool {
    let Some(date) = text.get(..11) else {
        return false;
    };
    date.iter().enumerate().all(|(at, byte)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b' '),
        _ => byte.is_ascii_digit(),
    })
}
