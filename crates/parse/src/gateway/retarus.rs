//! Retarus Email Security: its events and threats.
//!
//! `rmxId` names the message within Retarus, the same in all its records.
//! Source: Retarus "Email Security Forensic SIEM Integration" 1.0.

use crate::header::two;
use crate::json;
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{Body, Peer, Received, Stamp, Verdict};

pub(crate) const RULES: &[Rule] = &[RECEIVED, THREAT];

const RECEIVED: Rule = record_rule(
    "retarus received",
    received,
    "Retarus SIEM Integration, class EVENT, type MTA",
    &[
        r#"{"customer": "C1","metaData": {"transportEncryption": {"requested": true,"established": true,"protocol": "TLSv1.2","cipherSuite": "ECDHE-RSA-AES128-SHA256(128/128bits)"},"header": {"subject": "hello","from": "bob@example.net"}},"host": "events.retarus.test","ts": "2026-11-22 08:23:21 +0100","version": "1.0","sourceIp": "192.0.2.25","sender": "bob@example.net","type": "MTA","subtype": "INCOMING","direction": "INBOUND","recipient": "anna@example.org","mimeId": "<a1@example.net>","status": "ACCEPTED","class": "EVENT","rmxId": "20261122-082320-4dXk2j-0@mailin27"}"#,
        r#"{"class": "EVENT", "rmxId": "0001", "sourceIp": "192.0.2.25", "metaData": {}, "recipient": "anna@example.org", "mimeId": "<a1@example.net>", "sender": "", "version": "1.0", "customer": "1", "host": "h.test", "type": "MTA", "ts": "2026-11-2 08:23:21 +0100", "direction": "OUTBOUND", "status": "ACCEPTED"}"#,
    ],
);

fn received<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    (record.is("class", "EVENT") && record.is("status", "ACCEPTED")).then_some(())?;
    head(record)?;
    let told = record.get("metaData").unwrap_or(b"{}");
    let headers = json::member(told, "header").unwrap_or(b"{}");
    let tls = json::member(told, "transportEncryption").unwrap_or(b"{}");
    let text = |object, name| json::member(object, name).and_then(json::text);
    Some(Body::Received(Box::new(Received {
        client: client(record),
        tls: text(tls, "protocol").unwrap_or_default(),
        mail_from: json::text(record.get("sender")?)?,
        rcpt_to: record.text_or_empty("recipient"),
        message_id: record.text("mimeId"),
        subject: text(headers, "subject").unwrap_or_default(),
        header_from: text(headers, "from").unwrap_or_default(),
        ..Received::default()
    })))
}

fn client<'a>(record: &Record<'a>) -> Peer<'a> {
    Peer {
        address: record.text_or_empty("sourceIp"),
        ..Peer::default()
    }
}

fn head(record: &mut Record<'_>) -> Option<()> {
    record.stamp = time(record.text("ts")?)?;
    record.program = "retarus";
    record.queue_id = record.text("rmxId");
    record.host = record.text_or_empty("host");
    Some(())
}

/// `2026-11-22 08:23:21 +0100`; some have days of one digit.
fn time(written: &BStr) -> Option<Stamp> {
    if written.get(9) != Some(&b' ') {
        return stamp::whole_iso(written);
    }
    let mut padded = [b'0'; 25];
    let written: &[u8; 24] = written.first_chunk().filter(|_| written.len() == 24)?;
    padded[..8].copy_from_slice(&written[..8]);
    padded[9..].copy_from_slice(&written[8..]);
    two(&padded[8..10])?;
    stamp::whole_iso(&padded)
}

const THREAT: Rule = record_rule(
    "retarus threat",
    threat,
    "Retarus SIEM Integration, class THREAT, and events that are no reception",
    &[
        r#"{"customer": "C1", "metaData": {"details": "EICAR-AV-Test"}, "host": "events.retarus.test", "ts": "2026-11-22 08:23:21 +0100", "version": "1.0", "sourceIp": "203.0.113.9", "sender": "x@spam.test", "type": "MultiScan", "direction": "INBOUND", "recipient": "anna@example.org", "mimeId": "<a1@spam.test>", "status": "INFECTED", "class": "THREAT", "rmxId": "20261122-082320-4dXk2j-0@mailin27"}"#,
    ],
);

fn threat<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let threat = record.is("class", "THREAT");
    (threat || record.is("class", "EVENT")).then_some(())?;
    let category = record.text("type")?;
    let actions = record.text("status")?;
    head(record)?;
    let told = record.get("metaData").unwrap_or(b"{}");
    let found = json::member(told, "details").and_then(json::text);
    Some(Body::Verdict(Box::new(Verdict {
        passed: !threat,
        category,
        found: found.unwrap_or_default(),
        actions,
        client: client(record),
        mail_from: record.get("sender").and_then(json::text),
        recipients: record.text_or_empty("recipient"),
        queue_id: record.queue_id,
        message_id: record.text("mimeId"),
        ..Verdict::default()
    })))
}
