//! What stands before the text: stamp, zone, process id, message id, the mark of a part.
//! Source: exim `src/log.c` (`log_write`, `write_syslog`).

use super::reject_log;
use crate::header::{Header, offset, stamp};
use crate::scan::Scan;
use memchr::{memchr, memrchr};
use model::Stamp;

/// Reads the header of Exim's own files. Where no id follows, the text must be one that a rule
/// knows: many programs write such a stamp, and syslog too.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let own = |stamp, pid, text| Header {
        stamp,
        tag: "exim".into(),
        pid,
        text,
        ..Header::default()
    };
    let Some((stamp, rest)) = dated(line) else {
        return reject_log::is_header_line(line).then(|| own(Stamp::default(), None, line));
    };
    let (pid, text) = match bracketed_pid(rest) {
        Some((pid, text)) => (Some(pid), text),
        None => (None, rest),
    };
    let known = id_len(text).is_some() || !is_syslog(text) && is_known(text);
    known.then(|| own(stamp, pid, text))
}

/// Whether syslog wrote the stamp: `HOST TAG[PID]: ` follows.
fn is_syslog(text: &[u8]) -> bool {
    let mut at = Scan::new(text, b"");
    at.until(b' ');
    at.word().is_some_and(|tag| tag.ends_with(b"]:")) && !text.starts_with(b"H=")
}

fn is_known(text: &[u8]) -> bool {
    let mut at = Scan::new(text, b"exim");
    super::without_id(&mut at).is_some()
}

/// Takes `YYYY-MM-DD hh:mm:ss[.mmm][ +ZZZZ] `.
fn dated(line: &[u8]) -> Option<(Stamp, &[u8])> {
    if line.get(4) != Some(&b'-') || line.get(10) != Some(&b' ') {
        return None;
    }
    let (mut stamp, rest) = stamp(line)?;
    if !matches!(rest.first(), Some(b'+' | b'-')) {
        return Some((stamp, rest));
    }
    match offset(&mut stamp, rest).strip_prefix(b" ") {
        Some(rest) => Some((stamp, rest)),
        None => Some((stamp, rest)),
    }
}

/// Takes `[PID] `.
fn bracketed_pid(text: &[u8]) -> Option<(u32, &[u8])> {
    let inner = text.strip_prefix(b"[")?;
    let mut at = Scan::new(inner, b"");
    let pid = at.number()?;
    at.lit("] ")?;
    Some((pid, at.peek()))
}

/// Takes stamp, pid and id off a text; what is not there was in the header already.
#[inline]
pub(super) fn before_text(at: &mut Scan<'_>) {
    let mut text = at.peek();
    if let Some((_, rest)) = dated(text) {
        text = rest;
    }
    if let Some((_, rest)) = bracketed_pid(text) {
        text = rest;
    }
    if let Some(len) = id_len(text) {
        at.queue_id = Some(text[..len].into());
        text = text.get(len + 1..).unwrap_or_default();
    }
    *at = at.over(text);
}

/// How long the message id is that a text starts with: 16 bytes up to 4.96 (`tttttt-pppppp-ff`),
/// 23 since (`tttttt-ppppppppppp-ffff`). A space or the end follows.
#[inline]
pub(super) fn id_len(text: &[u8]) -> Option<usize> {
    const OLD: (usize, usize) = (13, 16);
    const NEW: (usize, usize) = (18, 23);
    if text.get(6) != Some(&b'-') {
        return None;
    }
    let (dash, len) = if text.get(OLD.0) == Some(&b'-') {
        OLD
    } else {
        NEW
    };
    let id = text.get(..len)?;
    let fits = |(at, byte): (usize, &u8)| match at {
        6 => true,
        _ if at == dash => *byte == b'-',
        _ => byte.is_ascii_alphanumeric(),
    };
    let ends = matches!(text.get(len), None | Some(b' '));
    (ends && id.iter().enumerate().all(fits)).then_some(len)
}

/// Which part of a long entry a syslog line is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The whole, or the first part up to a line end.
    Whole,
    /// The first part, cut anywhere.
    Cut,
    /// Another part than the first.
    Further,
}

/// Takes `[N/M] `, where a part was cut for its length, or `[N\M] `, where it ends a line.
pub(super) fn part(at: &mut Scan<'_>) -> Part {
    fn read(at: &mut Scan<'_>) -> Option<Part> {
        let mut ahead = *at;
        ahead.lit("[")?;
        let number: u32 = ahead.number()?;
        let cut = ahead.one_of(&["/", "\\"])? == "/";
        let _parts: u32 = ahead.number()?;
        ahead.lit("] ")?;
        *at = ahead;
        Some(match number {
            1 if cut => Part::Cut,
            1 => Part::Whole,
            _ => Part::Further,
        })
    }
    read(at).unwrap_or(Part::Whole)
}

/// Takes away the word that a cut went through: half a value is a wrong one.
pub(super) fn drop_last_word(at: &mut Scan<'_>) {
    let text = at.peek();
    if let Some(space) = memrchr(b' ', text) {
        *at = at.over(&text[..space]);
    }
}

/// Whether a text holds a space.
pub(super) fn has_space(text: &[u8]) -> bool {
    memchr(b' ', text).is_some()
}
