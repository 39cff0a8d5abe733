//! Microsoft Exchange: message tracking, protocol logs, the proxy for clients, IIS; and the message
//! trace of Microsoft 365.
//!
//! These are files of comma-separated values whose `#Fields:` line tells the columns. A line here
//! knows nothing of the lines before it, so the columns are those of the version that has so many.
//! Source: Microsoft Learn "Message tracking", "Protocol logging", OfficeDocs-Exchange.

mod comment;
mod csv;
mod iis;
mod imap;
mod proxy;
mod smtp;
pub(crate) mod trace;
mod tracking;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use csv::Row;
use model::{Body, Peer};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("", tracking::RULES),
    ("", smtp::RULES),
    ("", imap::RULES),
    ("", proxy::RULES),
    ("", iis::RULES),
    ("", comment::RULES),
    ("", trace::RULES),
];

/// Takes a text apart: the columns behind the time.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let tables: &[&[Rule]] = match at.peek().first()? {
        b'#' => &[comment::RULES],
        _ => match shape(&Row::head(at.peek())) {
            Some(Shape::Tracking) => &[tracking::RULES],
            Some(Shape::Smtp) => &[smtp::RULES],
            Some(Shape::Imap) => &[imap::RULES],
            Some(Shape::Proxy) => &[proxy::RULES],
            None => &[iis::RULES],
        },
    };
    first_match(tables, at)
}

/// Which log a line is of.
enum Shape {
    Tracking,
    Smtp,
    Imap,
    Proxy,
}

/// The log that has such first columns behind the time.
fn shape(head: &Row<'_>) -> Option<Shape> {
    let upper = |text: &BStr| !text.is_empty() && text.iter().all(u8::is_ascii_uppercase);
    if upper(head.get(6)) && upper(head.get(7)) {
        Some(Shape::Tracking)
    } else if matches!(&**head.get(5), b"+" | b"-" | b"*" | b">" | b"<") && is_hex(head.get(1)) {
        Some(Shape::Smtp)
    } else if is_hex(head.get(0)) && head.get(1).iter().all(u8::is_ascii_digit) {
        Some(Shape::Imap)
    } else if is_guid(head.get(0)) && head.get(1).iter().all(u8::is_ascii_digit) {
        Some(Shape::Proxy)
    } else {
        None
    }
}

/// A session id: sixteen hexadecimal digits.
fn is_hex(text: &BStr) -> bool {
    text.len() == 16 && text.iter().all(u8::is_ascii_hexdigit)
}

fn is_guid(text: &BStr) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text
            .iter()
            .enumerate()
            .all(|(at, byte)| match dashes.contains(&at) {
                true => *byte == b'-',
                false => byte.is_ascii_hexdigit(),
            })
}

/// Reads the time of a line of comma-separated values, or the mark of a comment.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    if line.first() == Some(&b'#') {
        comment::is_own(line).then_some(())?;
        return Some(Header {
            tag: "exchange".into(),
            text: line,
            ..Header::default()
        });
    }
    if line.get(10) == Some(&b' ') {
        return iis::header(line);
    }
    let (stamp, rest) = stamp::iso(line)?;
    let text = rest.strip_prefix(b",")?;
    if stamp.offset_minutes != Some(0) {
        return None;
    }
    let head = Row::head(text);
    let host = match shape(&head)? {
        Shape::Tracking => tracking::host(&head),
        Shape::Smtp => head
            .get(0)
            .split(|byte| *byte == b'\\')
            .next()
            .unwrap_or_default()
            .into(),
        Shape::Imap | Shape::Proxy => BStr::new(b""),
    };
    Some(Header {
        stamp,
        host,
        tag: "exchange".into(),
        pid: None,
        text,
    })
}

/// `192.0.2.10:25`, `[2001:db8::1]:25`.
fn endpoint(text: &BStr) -> Peer<'_> {
    let text: &[u8] = text;
    let (address, port) = match text.iter().rposition(|byte| *byte == b':') {
        Some(at) => (&text[..at], crate::json::number(&text[at + 1..])),
        None => (text, None),
    };
    let inner = address
        .strip_prefix(b"[")
        .and_then(|it| it.strip_suffix(b"]"));
    Peer {
        name: BStr::new(b""),
        address: inner.unwrap_or(address).into(),
        port,
    }
}

#[cfg(test)]
mod tests;
