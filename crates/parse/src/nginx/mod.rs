//! nginx: its mail proxy, and the error log of its web server.
//!
//! `2026/11/22 08:23:21 [info] 8#8: *15950 TEXT`: level, process and thread, connection. The number
//! of the connection, here the session, is one process' since it started.
//! Source: nginx `src/core/ngx_log.c`.

mod mail;
mod web;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp::{Order, digits};
use bstr::BStr;
use model::{Body, Peer, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("nginx", mail::RULES), ("nginx", web::RULES)];

/// Takes a text apart: level and connection, then the rules; through syslog the time stands before
/// it, and requests come the same way.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let mut ahead = *at;
    if let Some((_, rest)) = digits(ahead.peek(), Order::YearMonthDay, b'/', b' ') {
        ahead = ahead.over(rest.strip_prefix(b" ")?);
    }
    if prefix(&mut ahead).is_none() {
        return crate::web::text(at);
    }
    let found = first_match(&[mail::RULES, web::RULES], &mut ahead)?;
    *at = ahead;
    Some(found)
}

/// Takes `[info] 8#8: *15950 `, the connection where there is one.
#[inline]
fn prefix(at: &mut Scan<'_>) -> Option<u32> {
    at.lit("[")?;
    at.severity = match &**at.until(b']')? {
        b"debug" => Severity::Debug,
        b"info" | b"notice" => Severity::Info,
        b"warn" => Severity::Warning,
        b"error" => Severity::Error,
        b"crit" | b"alert" => Severity::Fatal,
        b"emerg" => Severity::Panic,
        _ => return None,
    };
    at.lit(" ")?;
    let pid = at.number()?;
    at.lit("#")?;
    at.number::<u64>()?;
    at.lit(": ")?;
    if at.has("*") {
        at.session = at.until(b' ')?;
    }
    Some(pid)
}

/// Reads `2026/11/22 08:23:21 ` before a level.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = digits(line, Order::YearMonthDay, b'/', b' ')?;
    let text = rest.strip_prefix(b" ")?;
    let pid = prefix(&mut Scan::new(text, b""))?;
    Some(Header {
        stamp,
        host: BStr::new(b""),
        tag: "nginx".into(),
        pid: Some(pid),
        text,
    })
}

/// What follows the text, in this order: `, client: ..., server: ...`.
#[derive(Default)]
struct Trailer<'a> {
    client: Peer<'a>,
    server: Peer<'a>,
    login: &'a BStr,
    upstream: Peer<'a>,
    request: &'a BStr,
    host: &'a BStr,
}

/// Takes `[ using starttls], server: S[, request: "R"][, login: "L"][, upstream: U][, host: "H"]`
/// behind `, client: C`. Source: nginx `src/mail/ngx_mail_handler.c` (`ngx_mail_log_error`),
/// `src/http/ngx_http_core_module.c` (`ngx_http_log_error_handler`).
fn trailer<'a>(at: &mut Scan<'a>) -> Option<Trailer<'a>> {
    let mut found = Trailer::default();
    let client = at.while_(|byte| !matches!(byte, b',' | b' '));
    found.client = endpoint(client);
    at.has(" using starttls");
    if at.end().is_some() {
        return Some(found);
    }
    at.lit(", server: ")?;
    found.server = endpoint(at.while_(|byte| byte != b','));
    while at.has(", ") {
        let name = at.until_str(": ")?;
        let value = match at.has("\"") {
            true => quoted(at)?,
            false => at.while_(|byte| byte != b','),
        };
        match &**name {
            b"login" => found.login = value,
            b"upstream" => found.upstream = endpoint(value),
            b"request" => found.request = value,
            b"host" => found.host = value,
            b"referrer" | b"subrequest" => {}
            _ => return None,
        }
    }
    at.end()?;
    Some(found)
}

/// Takes what stands before the quote that `, ` or the end follows.
fn quoted<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let mut from = 0;
    loop {
        let end = from + memchr::memchr(b'"', &text[from..])?;
        let behind = &text[end + 1..];
        if behind.is_empty() || behind.starts_with(b", ") {
            *at = at.over(behind);
            return Some(text[..end].into());
        }
        from = end + 1;
    }
}

/// `192.0.2.10:25`, `[2001:db8::1]:25`, `unix:/run/x`, or a name.
fn endpoint(text: &BStr) -> Peer<'_> {
    let text: &[u8] = text;
    let colon = memchr::memrchr(b':', text).filter(|colon| {
        let host = &text[..*colon];
        !host.contains(&b':') || host.ends_with(b"]")
    });
    let (address, port) = match colon {
        Some(colon) => (&text[..colon], crate::json::number(&text[colon + 1..])),
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
