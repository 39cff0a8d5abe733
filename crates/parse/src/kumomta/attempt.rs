//! Attempts to deliver, and what came of them.
//! Source: kumomta `crates/kumod/src/smtp_dispatcher.rs`, `crates/kumod/src/queue/*.rs`.

use super::{head, peer, response, time};
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{Agent, Body, Delays, Delivery, DeliveryStatus};

pub(crate) const RULES: &[Rule] = &[ATTEMPT, EXPIRED];

const ATTEMPT: Rule = record_rule(
    "kumomta attempt",
    attempt,
    "kumomta crates/kumo-log-types/src/lib.rs (RecordType)",
    &[
        r#"{"type": "Delivery", "id": "1d98076abbbc11ed940250ebf67f93bd", "sender": "anna@example.org", "recipient": "bob@example.net", "queue": "news:shop@example.net", "site": "s1->mx.example.net.", "size": 1047, "response": {"code": 250, "enhanced_code": {"class": 2, "subject": 0, "detail": 0}, "content": "OK ids=8a5475ccbbc611eda12250ebf67f93bd", "command": "."}, "peer_address": {"name": "mx.example.net.", "addr": "192.0.2.25"}, "timestamp": 1795335894, "event_time": "2026-11-22T08:24:54.440526026Z", "created": 1795335893, "created_time": "2026-11-22T08:24:53.140526026Z", "num_attempts": 0, "bounce_classification": "Uncategorized", "egress_pool": "p1", "egress_source": "s1", "feedback_report": null, "meta": {}, "headers": {}, "delivery_protocol": "ESMTP", "reception_protocol": "ESMTP", "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173", "tls_cipher": "TLS_AES_256_GCM_SHA384", "tls_protocol_version": "TLSv1.3"}"#,
        r#"{"type": "TransientFailure", "id": "1d98076abbbc11ed940250ebf67f93bd", "sender": "", "recipient": ["bob@example.net"], "response": {"code": 451, "enhanced_code": {"class": 4, "subject": 4, "detail": 1}, "content": "KumoMTA internal: failed to connect to any candidate hosts", "command": null}, "peer_address": null, "timestamp": 1795335894, "created": 1795335890, "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173"}"#,
        r#"{"type": "Delayed", "response": {"code": 451, "content": "KumoMTA internal: delivery suspended: spool unhealthy"}}"#,
        r#"{"type": "Bounce", "id": "1d98076abbbc11ed940250ebf67f93bd", "sender": "anna@example.org", "recipient": "bob@example.net", "response": {"code": 550, "enhanced_code": {"class": 5, "subject": 1, "detail": 1}, "content": "no such user", "command": "RCPT TO:<bob@example.net>"}, "peer_address": {"name": "mx.example.net.", "addr": "192.0.2.25"}, "timestamp": 1795335894, "created": 1795335890}"#,
        r#"{"type": "XferOut", "id": "1d98076abbbc11ed940250ebf67f93bd", "sender": "anna@example.org", "recipient": "bob@example.net", "response": {"code": 250, "enhanced_code": null, "content": "moved", "command": null}, "timestamp": 1795335894, "created": 1795335890}"#,
    ],
);

fn attempt<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let word = record.text("type")?;
    let status = match &**word {
        b"Delivery" | b"XferOut" => DeliveryStatus::Sent,
        b"TransientFailure" | b"Delayed" => DeliveryStatus::Deferred,
        b"Bounce" => DeliveryStatus::Bounced,
        _ => return None,
    };
    head(record);
    let rcpt_to = record.texts("recipient");
    let response = response(record)?;
    let moved = word == "XferOut";
    let created = time(record, "created_time", "created");
    let total_ms = created.and_then(|it| stamp::millis_between(&it, &record.stamp));
    Some(Body::Delivery(Delivery {
        rcpt_to,
        several: is_list(rcpt_to),
        relay: peer(record),
        delays: Delays {
            total_ms: total_ms.unwrap_or(0),
            stages_ms: None,
        },
        tls: record.text_or_empty("tls_protocol_version"),
        enhanced: response.enhanced,
        status,
        agent: agent(record, status),
        text: response.content,
        code: response.code,
        remote_reply: response.code.is_some() && !moved && !response.is_own(),
        next_queue_id: match moved {
            true => record.queue_id,
            false => response.next_queue_id(),
        },
        suspended: word == "Delayed",
        ..Delivery::default()
    }))
}

/// Who tried, by the protocol; nobody is named where no host was reached.
fn agent(record: &Record<'_>, status: DeliveryStatus) -> Agent {
    match record.text("delivery_protocol").map(|it| &**it) {
        Some(b"Maildir") => Agent::Local,
        Some(b"LMTP") => Agent::Lmtp,
        Some(b"Lua" | b"HTTP" | b"LogRecord") => Agent::Other,
        None if status == DeliveryStatus::Deferred => Agent::Error,
        _ => Agent::Smtp,
    }
}

const EXPIRED: Rule = record_rule(
    "kumomta expired",
    expired,
    "kumomta crates/kumo-log-types/src/lib.rs (RecordType)",
    &[
        r#"{"type": "Expiration", "id": "1d98076abbbc11ed940250ebf67f93bd", "sender": "anna@example.org", "recipient": "bob@example.net", "response": {"code": 551, "enhanced_code": {"class": 5, "subject": 4, "detail": 7}, "content": "KumoMTA internal: Next delivery time would be at ... which exceeds the expiry time", "command": null}, "timestamp": 1795335894, "created": 1794731094, "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173"}"#,
    ],
);

fn expired<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    record.is("type", "Expiration").then_some(())?;
    let response = response(record)?;
    head(record);
    let rcpt_to = record.texts("recipient");
    Some(Body::Delivery(Delivery {
        rcpt_to,
        several: is_list(rcpt_to),
        enhanced: response.enhanced,
        status: DeliveryStatus::Expired,
        text: response.content,
        code: response.code,
        ..Delivery::default()
    }))
}

/// Whether recipients are an array of several, as written without its ends: `a@x.test","b@x.test`.
fn is_list(rcpt_to: &BStr) -> bool {
    memchr::memmem::find(rcpt_to, b"\",\"").is_some()
}
