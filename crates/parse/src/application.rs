//! Applications that send mail, and what they tell of it: opened, clicked, complained.
//!
//! One JSON object an event, in the words and names of Mailgun's webhooks, which others took over:
//! with the event in the record, or in its `event-data`. Names are taken with `-` and with `_`, and
//! from the objects that Mailgun has them in or from the record itself.
//! Source: Mailgun "Events API", event structure; webhooks.

use crate::json;
use crate::json::Object;
use crate::record::{MEMBERS_MAX, Record};
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

/// An event, which is the record or in it.
type Told<'a> = Object<'a, MEMBERS_MAX>;
/// An object in an event.
type Within<'a> = Object<'a, 16>;

/// Whether a record's `event` is one of these.
pub(crate) fn is_own(value: &[u8]) -> bool {
    json::text(value).is_some_and(|word| kind_of(word).is_some())
}

fn kind_of(word: &BStr) -> Option<Kind> {
    let found = WORDS.iter().find(|(it, _)| *word == *it.as_bytes());
    found.map(|(_, kind)| *kind)
}

fn event<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let inner = record.get("event-data");
    let inner = inner.map(|object| Told::of(Some(object)));
    let told: &Told<'a> = inner.as_ref().unwrap_or(record);
    let word = told.text("event")?;
    let stamp = time(told)?;
    let of_message = Within::of(told.get("message"));
    let headers = Within::of(of_message.get("headers"));
    let message_id = text(told, &["message-id", "message_id", "Message-Id"])
        .or_else(|| text(&headers, &["message-id", "Message-Id"]))
        .unwrap_or_default();
    let rcpt_to = text(told, &["recipient"])
        .or_else(|| several(told.get("recipients")))
        .or_else(|| several(of_message.get("recipients")))
        .or_else(|| text(&headers, &["to"]))
        .unwrap_or_default();
    if message_id.is_empty() && rcpt_to.is_empty() {
        return None;
    }
    let status = Within::of(value(told, &["delivery-status", "delivery_status"]));
    let envelope = Within::of(told.get("envelope"));
    let client = Within::of(value(told, &["client-info", "client_info"]));
    let reject = || Within::of(told.get("reject"));
    let body = MailEvent {
        word,
        message_id,
        mail_from: text(&envelope, &["sender", "mail-from"]).or_else(|| text(told, &["sender"])),
        rcpt_to,
        header_from: headers.text_or_empty("from"),
        subject: headers.text_or_empty("subject"),
        size: of_message.number("size"),
        client: Peer {
            address: text(told, &["ip", "originating-ip"])
                .unwrap_or_else(|| client.text_or_empty("ip")),
            ..Peer::default()
        },
        user_agent: text(told, &["user-agent", "user_agent"])
            .unwrap_or_else(|| client.text_or_empty("user-agent")),
        url: told.text_or_empty("url"),
        relay: Peer {
            name: status.text_or_empty("mx-host"),
            ..Peer::default()
        },
        code: status.number("code").map(ReplyCode),
        enhanced: status.text("enhanced-code").and_then(enhanced),
        text: text(&status, &["message", "description"])
            .or_else(|| told.text("reason"))
            .or_else(|| text(&reject(), &["description", "reason"]))
            .unwrap_or_default(),
        tags: several(told.get("tags")).unwrap_or_default(),
        campaign: text(told, &["campaign"])
            .or_else(|| several(told.get("campaigns")))
            .unwrap_or_default(),
        variables: value(told, &["user-variables", "user_variables"])
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
fn kind(told: &Told<'_>, kind: Kind) -> Kind {
    match kind {
        Kind::Bounced if told.is("severity", "temporary") => Kind::Deferred,
        Kind::Bounced if told.is("reason", "old") => Kind::Expired,
        kind => kind,
    }
}

/// Seconds with a fraction, or a time as RFC 3339.
fn time(told: &Told<'_>) -> Option<Stamp> {
    let written = told.get("timestamp").or_else(|| told.get("@timestamp"))?;
    match json::text(written) {
        Some(text) => stamp::whole_iso(text).or_else(|| stamp::seconds_since_epoch(text)),
        None => stamp::seconds_since_epoch(written),
    }
}

/// A string, by the first of the names that there is.
fn text<'a, const ROOM: usize>(object: &Object<'a, ROOM>, names: &[&str]) -> Option<&'a BStr> {
    names.iter().find_map(|name| object.text(name))
}

/// A value, by the first of the names that there is.
fn value<'a>(told: &Told<'a>, names: &[&str]) -> Option<&'a [u8]> {
    names.iter().find_map(|name| told.get(name))
}

fn several(value: Option<&[u8]>) -> Option<&BStr> {
    json::texts(value?).filter(|texts| !texts.is_empty())
}

#[cfg(test)]
mod tests;
