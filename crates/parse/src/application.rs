//! Applications that send mail, and what they tell of it: opened, clicked, complained.
//!
//! One JSON object an event, in the words and names of Mailgun's webhooks, which others took over:
//! with the event in the record, or in its `event-data`. Names are taken with `-` and with `_`, and
//! from the objects that Mailgun has them in or from the record itself.
//! Source: Mailgun "Events API", event structure; webhooks.

use crate::json;
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Body, EnhancedStatus, Kind, MailEvent, Peer, ReplyCode, Stamp};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("", RULES)];

/// All rules for records.
pub(crate) const RECORDS: &[&[Rule]] = &[RULES];

const RULES: &[Rule] = &[EVENT];

const EVENT: Rule = record_rule(
    "application event",
    event,
    "Mailgun Events API",
    &[
        r#"{"event": "opened", "id": "Ase7i2zsRYeDXztHGENqRA", "timestamp": 1795335801.908181, "log-level": "info", "message": {"headers": {"message-id": "a1@example.org"}}, "recipient": "bob@example.net", "ip": "203.0.113.9", "geolocation": {"country": "IT", "region": "Lazio", "city": "Rome"}, "client-info": {"client-type": "browser", "user-agent": "Mozilla/5.0"}, "campaigns": [], "user-variables": {"order": "77"}, "tags": ["news", "march"]}"#,
        r#"{"signature": {"timestamp": "1795335801", "token": "0a", "signature": "0b"}, "event-data": {"event": "clicked", "timestamp": 1795335801.5, "url": "https://shop.example.org/a?b=1", "ip": "203.0.113.9", "recipient": "bob@example.net", "message": {"headers": {"message-id": "a1@example.org"}}, "client-info": {"user-agent": "Mozilla/5.0"}}}"#,
        r#"{"event": "unsubscribed", "timestamp": "2026-11-22T08:23:21.5Z", "recipient": "bob@example.net", "message_id": "<a1@example.org>", "user_agent": "Mozilla/5.0", "campaign": "march"}"#,
        r#"{"event": "complained", "timestamp": 1795335801, "recipient": "bob@example.net", "message": {"headers": {"to": "bob@example.net", "message-id": "a1@example.org", "from": "news@example.org", "subject": "hello"}, "size": 320}}"#,
        r#"{"event": "stored", "timestamp": 1795335801.5, "message": {"headers": {"message-id": "a2@example.net", "from": "bob@example.net"}, "recipients": ["anna@example.org"], "size": 320}, "storage": {"url": "https://store.example.org/1"}}"#,
        r#"{"event": "accepted", "timestamp": 1795335801.5, "recipient": "bob@example.net", "envelope": {"sender": "news@example.org", "targets": "bob@example.net", "transport": "smtp"}, "message": {"headers": {"message-id": "a1@example.org"}}, "originating-ip": "192.0.2.10"}"#,
        r#"{"event": "failed", "severity": "temporary", "reason": "generic", "timestamp": 1795335801.5, "recipient": "bob@example.net", "envelope": {"sender": "news@example.org"}, "delivery-status": {"code": 452, "enhanced-code": "4.2.2", "message": "mailbox full", "mx-host": "mx.example.net", "attempt-no": 1}, "message": {"headers": {"message-id": "a1@example.org"}}}"#,
    ],
);

/// What the words mean; `failed` is told apart by its severity and reason.
const WORDS: &[(&str, Kind)] = &[
    ("accepted", Kind::MessageAccepted),
    ("clicked", Kind::EngagementClicked),
    ("complained", Kind::ComplaintReceived),
    ("delivered", Kind::Relayed),
    ("failed", Kind::Bounced),
    ("opened", Kind::EngagementOpened),
    ("rejected", Kind::MessageRejected),
    ("stored", Kind::MessageStored),
    ("unsubscribed", Kind::EngagementUnsubscribed),
];

/// Whether a record's `event` is one of these.
pub(crate) fn is_own(value: &[u8]) -> bool {
    json::text(value).is_some_and(|word| kind_of(word).is_some())
}

fn kind_of(word: &BStr) -> Option<Kind> {
    let found = WORDS.iter().find(|(it, _)| *word == *it.as_bytes());
    found.map(|(_, kind)| *kind)
}

fn event<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let inner = match record.get("event-data") {
        Some(object) => Some(Record::read(object)?),
        None => None,
    };
    let told = inner.as_ref().unwrap_or(record);
    let word = told.text("event")?;
    let stamp = time(told)?;
    let of_message = within(told, &["message"]);
    let headers = of_message.and_then(|it| json::member(it, "headers"));
    let text = |object: Option<&'a [u8]>, names| one_of(object, names);
    let message_id = told_text(told, &["message-id", "message_id", "Message-Id"])
        .or_else(|| text(headers, &["message-id", "Message-Id"]))
        .unwrap_or_default();
    let rcpt_to = told_text(told, &["recipient"])
        .or_else(|| several(told.get("recipients")))
        .or_else(|| several(of_message.and_then(|it| json::member(it, "recipients"))))
        .or_else(|| text(headers, &["to"]))
        .unwrap_or_default();
    if message_id.is_empty() && rcpt_to.is_empty() {
        return None;
    }
    let status = within(told, &["delivery-status", "delivery_status"]);
    let envelope = within(told, &["envelope"]);
    let client = within(told, &["client-info", "client_info"]);
    let body = MailEvent {
        word,
        message_id,
        mail_from: text(envelope, &["sender", "mail-from"])
            .or_else(|| told_text(told, &["sender"])),
        rcpt_to,
        header_from: text(headers, &["from"]).unwrap_or_default(),
        subject: text(headers, &["subject"]).unwrap_or_default(),
        size: of_message.and_then(|it| json::number(json::member(it, "size")?)),
        client: Peer {
            address: told_text(told, &["ip", "originating-ip"])
                .or_else(|| text(client, &["ip"]))
                .unwrap_or_default(),
            ..Peer::default()
        },
        user_agent: told_text(told, &["user-agent", "user_agent"])
            .or_else(|| text(client, &["user-agent"]))
            .unwrap_or_default(),
        url: told_text(told, &["url"]).unwrap_or_default(),
        relay: Peer {
            name: text(status, &["mx-host"]).unwrap_or_default(),
            ..Peer::default()
        },
        code: status.and_then(|it| json::number(json::member(it, "code")?).map(ReplyCode)),
        enhanced: text(status, &["enhanced-code"]).and_then(enhanced),
        text: text(status, &["message", "description"])
            .or_else(|| told_text(told, &["reason"]))
            .or_else(|| text(within(told, &["reject"]), &["description", "reason"]))
            .unwrap_or_default(),
        tags: several(told.get("tags")).unwrap_or_default(),
        campaign: told_text(told, &["campaign"])
            .or_else(|| several(told.get("campaigns")))
            .unwrap_or_default(),
        variables: within(told, &["user-variables", "user_variables"])
            .unwrap_or_default()
            .into(),
        ..MailEvent::of(kind(told, kind_of(word)?))
    };
    let host = told.text_or_empty("host");
    record.stamp = stamp;
    record.program = "application";
    record.host = host;
    Some(Body::MailEvent(Box::new(body)))
}

/// `4.2.2`.
fn enhanced(text: &BStr) -> Option<EnhancedStatus> {
    Scan::new(text, b"").enhanced()
}

/// What failed for now is deferred, and what was tried for too long has expired.
fn kind(told: &Record<'_>, kind: Kind) -> Kind {
    match kind {
        Kind::Bounced if told.is("severity", "temporary") => Kind::Deferred,
        Kind::Bounced if told.is("reason", "old") => Kind::Expired,
        kind => kind,
    }
}

/// Seconds with a fraction, or a time as RFC 3339.
fn time(told: &Record<'_>) -> Option<Stamp> {
    let written = told.get("timestamp").or_else(|| told.get("@timestamp"))?;
    match json::text(written) {
        Some(text) => stamp::whole_iso(text).or_else(|| stamp::seconds_since_epoch(text)),
        None => stamp::seconds_since_epoch(written),
    }
}

/// A string of the record, by the first of the names that it has.
fn told_text<'a>(told: &Record<'a>, names: &[&str]) -> Option<&'a BStr> {
    names.iter().find_map(|name| told.text(name))
}

/// A string of an object, by the first of the names that it has.
fn one_of<'a>(object: Option<&'a [u8]>, names: &[&str]) -> Option<&'a BStr> {
    let text = |name: &&str| json::text(json::member(object?, name)?);
    names.iter().find_map(text).filter(|text| !text.is_empty())
}

/// A value of the record, by the first of the names that it has.
fn within<'a>(told: &Record<'a>, names: &[&str]) -> Option<&'a [u8]> {
    names.iter().find_map(|name| told.get(name))
}

fn several(value: Option<&[u8]>) -> Option<&BStr> {
    json::texts(value?).filter(|texts| !texts.is_empty())
}

#[cfg(test)]
mod tests;
