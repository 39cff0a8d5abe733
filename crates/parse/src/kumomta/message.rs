//! Messages taken in, refused, moved and removed, and what others tell of them.
//! Source: kumomta `crates/kumod/src/smtp_server.rs`, `crates/kumod/src/queue/*.rs`.

use super::{head, headers, peer, response, sender};
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use bstr::BStr;
use model::{
    AccessAction, AccessCheck, Body, Envelope, Kind, Notice, Received, Removed, RemovedBy, Source,
};

pub(crate) const RULES: &[Rule] = &[RECEIVED, REJECTED, REMOVED, REPORTED, REBOUND];

const RECEIVED: Rule = record_rule(
    "kumomta received",
    received,
    "kumomta crates/kumod/src/smtp_server.rs",
    &[
        r#"{"type": "Reception", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "anna@example.org", "recipient": "bob@example.net", "queue": "example.net", "site": "", "size": 320, "response": {"code": 250, "enhanced_code": null, "content": "", "command": null}, "peer_address": {"name": "pc.example.org", "addr": "192.0.2.10"}, "timestamp": 1795335894, "created": 1795335894, "num_attempts": 0, "bounce_classification": "Uncategorized", "egress_pool": null, "egress_source": null, "feedback_report": null, "meta": {}, "headers": {"Subject": "hello", "Message-ID": "<a1@example.org>"}, "delivery_protocol": null, "reception_protocol": "ESMTP", "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173"}"#,
        r#"{"type": "XferIn", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "anna@example.org", "recipient": ["bob@example.net", "carl@example.net"], "size": 320, "response": {"code": 250, "enhanced_code": null, "content": "", "command": null}, "timestamp": 1795335894, "created": 1795335894}"#,
    ],
);

fn received<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let word = record.text("type")?;
    if word != "Reception" && word != "XferIn" {
        return None;
    }
    head(record);
    record.queue_id?;
    let mail_from = sender(record)?;
    let client = peer(record);
    let headers = headers(record);
    Some(Body::Received(Box::new(Received {
        client,
        helo: client.name,
        mail_from,
        recipients: Some(recipients(record.texts("recipient"))),
        rcpt_to: record.texts("recipient"),
        size: record.number("size").filter(|size| *size > 0),
        protocol: record.text_or_empty("reception_protocol"),
        tls: record.text_or_empty("tls_protocol_version"),
        message_id: headers.message_id,
        subject: headers.subject,
        header_from: headers.from,
        ..Received::default()
    })))
}

/// How many an array names, as written without its ends.
fn recipients(rcpt_to: &BStr) -> u32 {
    1 + memchr::memmem::find_iter(rcpt_to, b"\",\"").count() as u32
}

const REJECTED: Rule = record_rule(
    "kumomta rejected",
    rejected,
    "kumomta crates/kumod/src/smtp_server.rs (log_rejection)",
    &[
        r#"{"type": "Rejection", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "x@spam.test", "recipient": "anna@example.org", "queue": "", "site": "", "size": 0, "response": {"code": 550, "enhanced_code": {"class": 5, "subject": 7, "detail": 1}, "content": "relaying not permitted", "command": "RCPT TO:<anna@example.org>"}, "peer_address": {"name": "spam.test", "addr": "203.0.113.9"}, "timestamp": 1795335894, "created": 1795335894, "reception_protocol": "ESMTP", "nodeid": "557f3ad4-2c8c-11ee-976e-782d7e12e173", "session_id": "0ab3"}"#,
    ],
);

fn rejected<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    record.is("type", "Rejection").then_some(())?;
    head(record);
    let mail_from = sender(record);
    let rcpt_to = record.text("recipient");
    let response = response(record)?;
    let client = peer(record);
    let stage = response.command.split(|byte| *byte == b' ').next();
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Access,
        stage: stage.unwrap_or_default().into(),
        client,
        code: response.code,
        enhanced: response.enhanced,
        text: response.content,
        next_queue_id: None,
        envelope: Envelope {
            mail_from: mail_from.filter(|it| rcpt_to.is_some() || !it.is_empty()),
            rcpt_to,
            protocol: record.text("reception_protocol"),
            helo: Some(client.name).filter(|name| !name.is_empty()),
            ..Envelope::default()
        },
    }))
}

const REMOVED: Rule = record_rule(
    "kumomta removed",
    removed,
    "kumomta crates/kumod/src/http_server/admin_bounce_v1.rs",
    &[
        r#"{"type": "AdminBounce", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "anna@example.org", "recipient": "bob@example.net", "response": {"code": 551, "enhanced_code": {"class": 5, "subject": 7, "detail": 1}, "content": "KumoMTA internal: Administrator bounced with reason: purged", "command": null}, "timestamp": 1795335894, "created": 1795335890}"#,
    ],
);

fn removed<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    record.is("type", "AdminBounce").then_some(())?;
    head(record);
    record.queue_id?;
    Some(Body::Removed(Removed {
        by: RemovedBy::Administrator,
    }))
}

const REPORTED: Rule = record_rule(
    "kumomta reported",
    reported,
    "kumomta crates/mailparsing/src/rfc3464.rs, rfc5965.rs",
    &[
        r#"{"type": "OOB", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "", "recipient": "bounce-7@example.org", "response": {"code": 550, "enhanced_code": {"class": 5, "subject": 1, "detail": 1}, "content": "no such user", "command": null}, "peer_address": {"name": "mx.example.net", "addr": "192.0.2.25"}, "timestamp": 1795335894, "created": 1795335894}"#,
        r#"{"type": "Feedback", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "", "recipient": "fbl@example.org", "response": {"code": 250, "enhanced_code": null, "content": "", "command": null}, "timestamp": 1795335894, "created": 1795335894, "feedback_report": {"feedback_type": "abuse", "user_agent": "x/1.0", "original_mail_from": "anna@example.org", "original_rcpto_to": ["bob@example.net"]}}"#,
    ],
);

/// A bounce that came later as a message, or a complaint of a reader's provider.
fn reported<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let word = record.text("type")?;
    let (kind, text) = match &**word {
        b"OOB" => (Kind::DsnReceived, response(record)?.content),
        b"Feedback" => {
            let report = record.get("feedback_report")?;
            (Kind::ComplaintReceived, report.into())
        }
        _ => return None,
    };
    head(record);
    Some(Body::Notice(Notice {
        kind,
        peer: peer(record),
        about: record.texts("recipient"),
        text,
        ..Notice::default()
    }))
}

const REBOUND: Rule = record_rule(
    "kumomta rebound",
    rebound,
    "kumomta crates/kumod/src/http_server/admin_rebind_v1.rs",
    &[
        r#"{"type": "AdminRebind", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "anna@example.org", "recipient": "bob@example.net", "queue": "other!example.net", "response": {"code": 250, "enhanced_code": null, "content": "Rebound from example.net to other!example.net: moved", "command": null}, "timestamp": 1795335894, "created": 1795335890}"#,
        r#"{"type": "DeferredInjectionRebind", "id": "d7ef132b5d7711eea8c8000c29c33806", "sender": "anna@example.org", "recipient": "bob@example.net", "queue": "example.net", "response": {"code": 250, "enhanced_code": null, "content": "ok", "command": null}, "timestamp": 1795335894, "created": 1795335890}"#,
    ],
);

/// Moved to another queue under the same id.
fn rebound<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let word = record.text("type")?;
    let kind = match &**word {
        b"AdminRebind" => Kind::AdminAction,
        b"DeferredInjectionRebind" => Kind::ServiceInfo,
        _ => return None,
    };
    let text = response(record)?.content;
    head(record);
    Some(Body::Notice(Notice {
        kind,
        about: record.text_or_empty("queue"),
        text,
        ..Notice::default()
    }))
}
