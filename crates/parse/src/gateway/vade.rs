//! Vade for Microsoft 365: messages judged, and messages taken back out of mailboxes.
//! Source: Vade for M365 SIEM integration, "Email logs" and "Remediation logs".

use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use model::{Became, Body, DeliveryStatus, Kind, Notice, Peer, Verdict};

pub(crate) const RULES: &[Rule] = &[MESSAGE, REMEDIATION];

const MESSAGE: Rule = record_rule(
    "vade message",
    message,
    "Vade for M365, email logs",
    &[
        r#"{"id": "cs72a9b6r0glddhdfh7g", "date": "2026-11-22T08:23:41.776Z", "sender_ip": "192.0.2.25", "from": "bob@example.net", "from_header": "Bob<bob@example.net>", "to": "anna@example.org", "to_header": "anna@example.org", "subject": "hello", "message_id": "<a1@example.net>", "urls": [], "attachments": [{"id": "a", "filename": "a.zip", "size": 10558}], "status": "PHISHING", "substatus": "", "last_report": "none", "remediation_type": "none", "remediation_ids": [], "action": "MOVE", "folder": "JunkEmail", "size": 26875, "current_events": [], "whitelisted": false, "auth_results_details": {"dkim": "none", "spf": "temperror", "dmarc": "fail"}}"#,
    ],
);

fn message<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let mail_id = record.text("id")?;
    let stamp = stamp::whole_iso(record.text("date")?)?;
    let category = record.text("status")?;
    let actions = record.text("action")?;
    record.get("from")?;
    record.stamp = stamp;
    record.program = "vade";
    record.queue_id = Some(mail_id);
    Some(Body::Verdict(Box::new(Verdict {
        passed: matches!(&**actions, b"NOTHING" | b"NONE"),
        category,
        found: record.text_or_empty("substatus"),
        actions,
        client: Peer {
            address: record.text_or_empty("sender_ip"),
            ..Peer::default()
        },
        mail_from: record.text("from"),
        recipients: record.text_or_empty("to"),
        queue_id: record.queue_id,
        message_id: record.text("message_id"),
        mail_id,
        quarantine: record.text_or_empty("folder"),
        size: record.number("size"),
        header_from: record.text_or_empty("from_header"),
        subject: record.text_or_empty("subject"),
        // What it does not touch or moves is in the mailbox.
        became: Some(match &**actions {
            b"NOTHING" | b"NONE" | b"MOVE" => Became::Tried(DeliveryStatus::Sent),
            b"DELETE" => Became::Dropped,
            _ => Became::Untold,
        }),
        looks_after: true,
        ..Verdict::default()
    })))
}

const REMEDIATION: Rule = record_rule(
    "vade remediation",
    remediation,
    "Vade for M365, remediation logs",
    &[
        r#"{"id": "zekfnzejnf576rge8768", "date": "2026-11-22T08:23:33.982Z", "reason": "flagged as phishing", "status": {"status": "PHISHING"}, "actions": [{"action": "MOVE"}], "nb_messages_remediated": 1, "nb_messages_remediated_read": 0, "nb_messages_remediated_unread": 1}"#,
        r#"{"id": "zekfnzejnf576rge8768", "date": "2026-11-22T08:23:33.982Z", "reason": "", "actions": [{"action": "DELETE"}, {"action": "FAILED"}], "nb_messages_remediated": 76}"#,
    ],
);

/// Messages moved or deleted after they were delivered, by hand or by itself.
fn remediation<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let about = record.text("id")?;
    let stamp = stamp::whole_iso(record.text("date")?)?;
    let actions = record.get("actions")?;
    let number = record.number("nb_messages_remediated")?;
    record.stamp = stamp;
    record.program = "vade";
    Some(Body::Notice(Notice {
        kind: Kind::AdminAction,
        about,
        number: Some(number),
        text: actions.into(),
        ..Notice::default()
    }))
}
