//! Haraka: connections, transactions, its outbound queue and its plugins.
//!
//! A line is `[LEVEL] [UUID] [ORIGIN] TEXT` or the same as logfmt or JSON (`log.ini format=`). The id
//! `UUID` is the connection, here the session; `UUID.N` its Nth transaction, here the queue id;
//! `UUID.N.M` the Mth outbound copy of that, which keeps the queue id of its message.
//! Source: Haraka `logger.js`.

mod core;
mod facts;
mod outbound;
mod plugin;
mod result;

use crate::header::Header;
use crate::record::Record;
use crate::rule::{Rule, first_match, record_rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use facts::Facts;
use memchr::memchr;
use model::{Body, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("haraka", core::RULES),
    ("haraka", outbound::RULES),
    ("haraka", result::RULES),
    ("haraka", plugin::RULES),
    ("", RULES),
];

/// All rules for records.
pub(crate) const RECORDS: &[&[Rule]] = &[RULES];

/// Takes a text apart: level, ids and origin, then the rules. The origin stands for the program.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let mut ahead = *at;
    // The stamp that `timestamps=true` adds; syslog has told the time.
    if let Some((_, rest)) = stamp::iso(ahead.peek()) {
        ahead = ahead.over(rest.strip_prefix(b" ")?);
    }
    let uuid = prefix(&mut ahead)?;
    let (rule, mut body) = first_match(tables(ahead.program), &mut ahead)?;
    note_copy(&mut body, uuid);
    *at = ahead;
    Some((rule, body))
}

/// Keeps the `M` of `UUID.N.M` with an attempt.
fn note_copy(body: &mut Body<'_>, uuid: &BStr) {
    if let Body::Delivery(it) = body {
        it.copy = uuid
            .splitn(3, |&byte| byte == b'.')
            .nth(2)
            .and_then(|number| {
                let mut at = Scan::new(number, b"");
                at.number()
            });
    }
}

fn tables(origin: &[u8]) -> &'static [&'static [Rule]] {
    match origin {
        b"core" => &[core::RULES],
        b"outbound" => &[outbound::RULES, core::RULES],
        _ => &[result::RULES, plugin::RULES],
    }
}

/// Takes `[LEVEL] [UUID] [ORIGIN] `, or `level=LEVEL uuid=UUID origin=ORIGIN message=`; gives the id.
#[inline]
fn prefix<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let (level, uuid, origin);
    if at.has("[") {
        level = at.until(b']')?;
        at.lit(" [")?;
        uuid = at.until(b']')?;
        at.lit(" [")?;
        origin = at.until(b']')?;
        at.has(" ");
    } else {
        at.lit("level=")?;
        level = at.until(b' ')?;
        at.lit("uuid=")?;
        uuid = at.until(b' ')?;
        at.lit("origin=")?;
        origin = at.until(b' ')?;
        at.lit("message=")?;
    }
    at.severity = severity(level)?;
    (at.session, at.queue_id) = ids(uuid);
    at.program = origin;
    Some(uuid)
}

/// Source: Haraka `logger.js` (`levels`).
fn severity(level: &BStr) -> Option<Severity> {
    Some(match &**level {
        b"DATA" | b"PROTOCOL" | b"DEBUG" => Severity::Debug,
        b"INFO" | b"NOTICE" => Severity::Info,
        b"WARN" => Severity::Warning,
        b"ERROR" => Severity::Error,
        b"CRIT" | b"ALERT" => Severity::Fatal,
        b"EMERG" => Severity::Panic,
        _ => return None,
    })
}

/// Connection and transaction of a line's id; `-` is neither.
fn ids(uuid: &BStr) -> (&BStr, Option<&BStr>) {
    if uuid == "-" {
        return (BStr::new(b""), None);
    }
    let Some(dot) = memchr(b'.', uuid) else {
        return (uuid, None);
    };
    let end = memchr(b'.', &uuid[dot + 1..]).map_or(uuid.len(), |at| dot + 1 + at);
    (uuid[..dot].into(), Some(uuid[..end].into()))
}

/// Reads the header of what Haraka writes to its own output: nothing, or a stamp.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, text) = match stamp::iso(line) {
        Some((stamp, rest)) => (stamp, rest.strip_prefix(b" ")?),
        None => Default::default(),
    };
    let text = if text.is_empty() { line } else { text };
    if !matches!(text.first()?, b'[' | b'l') {
        return None;
    }
    prefix(&mut Scan::new(text, b""))?;
    Some(Header {
        stamp,
        tag: "haraka".into(),
        text,
        ..Header::default()
    })
}

const RULES: &[Rule] = &[LOGGED];

const LOGGED: Rule = record_rule(
    "haraka json",
    logged,
    "haraka logger.js (log, format json)",
    &[
        r#"{"level":"NOTICE","uuid":"3E6A027F-8307-4DA4-B105-2A39EC4B58D4","origin":"core","message":"connect","ip":"192.0.2.10","port":21957,"local_ip":"198.51.100.7","local_port":25}"#,
        r#"{"level":"NOTICE","uuid":"3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1","origin":"core","message":"recipient <anna@example.org>","code":"OK","msg":"","sender":"bob@example.net"}"#,
        r#"{"level":"INFO","timestamp":"2026-11-22T08:23:21.123Z","uuid":"3E6A027F-8307-4DA4-B105-2A39EC4B58D4","origin":"karma","message":"score: 0, good: 7"}"#,
    ],
);

fn logged<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let level = severity(record.text("level")?)?;
    let uuid = record.text("uuid")?;
    let origin = record.text("origin")?;
    let message = record.text_or_empty("message");
    let mut facts = Facts::default();
    for (name, value) in record.members() {
        facts.set(
            name,
            crate::json::text(value).unwrap_or_else(|| value.into()),
        );
    }
    let mut body = match &**origin {
        b"core" => core::event(message, &facts)?,
        b"outbound" => outbound::event(message, &facts).or_else(|| core::event(message, &facts))?,
        _ => plugin::event(origin, level, message),
    };
    note_copy(&mut body, uuid);
    record.program = "haraka";
    record.severity = level;
    (record.session, record.queue_id) = ids(uuid);
    record.stamp = record
        .text("timestamp")
        .and_then(|written| stamp::whole_iso(written))
        .unwrap_or_default();
    Some(body)
}

#[cfg(test)]
mod tests;
