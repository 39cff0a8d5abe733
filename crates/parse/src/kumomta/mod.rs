//! KumoMTA: its log records, one JSON object a line.
//!
//! A message has one spool id for its life, which is here the queue id and which the next hop may
//! name in its reply. The records tell each attempt; the last one of a message is `Delivery`,
//! `Bounce`, `Expiration`, `AdminBounce` or `XferOut`. The node's id stands for the host.
//! Source: kumomta `crates/kumo-log-types/src/lib.rs`, `docs/reference/log_record.md`.

mod account;
mod attempt;
mod message;

use crate::json;
use crate::record::Record;
use crate::rule::Rule;
use crate::stamp;
use bstr::BStr;
use memchr::memmem;
use model::{EnhancedStatus, Peer, ReplyCode, Stamp};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("", attempt::RULES),
    ("", message::RULES),
    ("", account::RULES),
];

/// All rules for records.
pub(crate) const RECORDS: &[&[Rule]] = &[attempt::RULES, message::RULES, account::RULES];

/// Whether a record's `type` is one of KumoMTA's.
pub(crate) fn is_own(value: &[u8]) -> bool {
    matches!(
        value,
        b"\"Reception\""
            | b"\"Delivery\""
            | b"\"TransientFailure\""
            | b"\"Delayed\""
            | b"\"Bounce\""
            | b"\"Expiration\""
            | b"\"AdminBounce\""
            | b"\"OOB\""
            | b"\"Feedback\""
            | b"\"Rejection\""
            | b"\"AdminRebind\""
            | b"\"DeferredInjectionRebind\""
            | b"\"XferOut\""
            | b"\"XferIn\""
            | b"\"Authentication\""
            | b"\"Authorization\""
    )
}

/// Sets what all records have: spool id, session, node, time.
fn head(record: &mut Record<'_>) {
    record.program = "kumomta";
    record.queue_id = record.text("id");
    record.stamp = time(record, "event_time", "timestamp").unwrap_or_default();
    record.host = record.text_or_empty("nodeid");
    record.session = record.text_or_empty("session_id");
}

/// A time: as RFC 3339 with nanoseconds since 2025.10, as whole seconds before.
fn time(record: &Record<'_>, exact: &str, seconds: &str) -> Option<Stamp> {
    match record.text(exact) {
        Some(written) => stamp::whole_iso(written),
        None => stamp::since_epoch(record.number(seconds)?),
    }
}

/// `{"name": "mx.example.net.", "addr": "192.0.2.25"}`.
fn peer<'a>(record: &Record<'a>) -> Peer<'a> {
    let Some(told) = record.get("peer_address") else {
        return Peer::default();
    };
    let mut peer = Peer::default();
    let read = json::members(told, |name, value| match name {
        b"name" => peer.name = json::text(value).unwrap_or_default(),
        b"addr" => peer.address = json::text(value).unwrap_or_default(),
        _ => {}
    });
    read.map_or(Peer::default(), |()| peer)
}

/// What the record's `response` says.
#[derive(Default)]
struct Response<'a> {
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedStatus>,
    content: &'a BStr,
    command: &'a BStr,
}

impl<'a> Response<'a> {
    /// Whether KumoMTA said it itself, and not another host.
    fn is_own(&self) -> bool {
        self.content.starts_with(b"KumoMTA internal: ")
    }

    /// The id in `OK ids=ID`, as KumoMTA says it, or behind `queued as `, as most others do.
    fn next_queue_id(&self) -> Option<&'a BStr> {
        let content: &'a [u8] = self.content;
        let (at, len) = ["ids=", "queued as "].iter().find_map(|words| {
            memmem::find(content, words.as_bytes()).map(|at| (at, words.len()))
        })?;
        let id = &content[at + len..];
        let end = id
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(id.len());
        (end > 0).then(|| id[..end].into())
    }
}

/// `{"code": 250, "enhanced_code": {...}, "content": "...", "command": "."}`.
fn response<'a>(record: &Record<'a>) -> Option<Response<'a>> {
    let mut found = Response::default();
    json::members(record.get("response")?, |name, value| match name {
        b"code" => found.code = json::number(value).map(ReplyCode),
        b"enhanced_code" => found.enhanced = enhanced(value),
        b"content" => found.content = json::text(value).unwrap_or_default(),
        b"command" => found.command = json::text(value).unwrap_or_default(),
        _ => {}
    })?;
    found.code = found.code.filter(|code| (200..600).contains(&code.0));
    Some(found)
}

fn enhanced(value: &[u8]) -> Option<EnhancedStatus> {
    let (mut class, mut subject, mut detail) = (None, None, None);
    json::members(value, |name, value| match name {
        b"class" => class = json::number(value),
        b"subject" => subject = json::number(value),
        b"detail" => detail = json::number(value),
        _ => {}
    })?;
    Some(EnhancedStatus {
        class: class.filter(|it| matches!(it, 2 | 4 | 5))?,
        subject: subject.filter(|it| *it <= 999)?,
        detail: detail.filter(|it| *it <= 999)?,
    })
}

/// Envelope sender; `""` is the null sender.
fn sender<'a>(record: &Record<'a>) -> Option<&'a BStr> {
    record.get("sender").and_then(json::text)
}

/// Logged headers that are read here.
#[derive(Default)]
struct Headers<'a> {
    message_id: Option<&'a BStr>,
    subject: &'a BStr,
    from: &'a BStr,
}

/// The headers that the record has, their names in any case.
fn headers<'a>(record: &Record<'a>) -> Headers<'a> {
    let mut found = Headers::default();
    let Some(headers) = record.get("headers") else {
        return found;
    };
    let read = json::members(headers, |name, value| {
        let Some(text) = json::text(value) else {
            return;
        };
        if name.eq_ignore_ascii_case(b"Message-ID") {
            found.message_id = Some(text);
        } else if name.eq_ignore_ascii_case(b"Subject") {
            found.subject = text;
        } else if name.eq_ignore_ascii_case(b"From") {
            found.from = text;
        }
    });
    read.map_or(Headers::default(), |()| found)
}

#[cfg(test)]
mod tests;
