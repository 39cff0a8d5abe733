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
use csv::Head;
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
    if at.peek().first()? == &b'#' {
        return first_match(&[comment::RULES], at);
    }
    let first = head(at.peek());
    match shape(&first) {
        Some(Shape::Tracking) => tracking::text(first.get(7), at),
        Some(Shape::Smtp) => smtp::text(first.get(5), at),
        Some(Shape::Imap) => first_match(&[imap::RULES], at),
        Some(Shape::Proxy) => first_match(&[proxy::RULES], at),
        None => first_match(&[iis::RULES], at),
    }
}

/// The columns that tell the logs apart; none where the row is broken.
fn head(text: &[u8]) -> Head<'_> {
    Head::read(text).unwrap_or_else(Head::none)
}

/// Which log a line is of.
enum Shape {
    Tracking,
    Smtp,
    Imap,
    Proxy,
}

/// The log that has such first columns behind the time.
fn shape(head: &Head<'_>) -> Option<Shape> {
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
    let head = head(text);
    let host = match shape(&head)? {
        Shape::Tracking => tracking::host(&head),
        Shape::Smtp => server_of(head.get(0)),
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

/// The server in a receive connector's id, `EX1\Default EX1`; send connectors are not one server's.
fn server_of(connector: &BStr) -> &BStr {
    match connector.iter().position(|byte| *byte == b'\\') {
        Some(at) => connector[..at].into(),
        None => BStr::new(b""),
    }
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
