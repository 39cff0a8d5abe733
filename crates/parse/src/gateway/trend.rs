//! Trend Micro Email Security: mail tracking records.
//! Source: Trend Micro Email Security REST API, "Mail tracking logs".

use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Became, Body, DeliveryStatus, Peer, Verdict};

pub(crate) const RULES: &[Rule] = &[TRACKED];

const TRACKED: Rule = record_rule(
    "trend tracked",
    tracked,
    "Trend Micro Email Security REST API, mail tracking logs",
    &[
        r#"{"size": 8245, "action": "Bounced", "mailID": "b879ff84-55a3-4813-be99-9e0386a446f7", "sender": "anna@example.org", "details": "mail for example.net loops back to myself", "genTime": "2026-11-22T08:23:45Z", "subject": "hello", "tlsInfo": "upstreamTLS: TLS 1.2; downstreamTLS: None", "headerTo": ["bob@example.net"], "senderIP": "192.0.2.10", "direction": "out", "messageID": "<a1@example.org>", "recipient": "bob@example.net", "timestamp": "2026-11-22T08:23:33Z", "headerFrom": "anna@example.org", "deliveredTo": "none", "deliveryTime": "2026-11-22T08:23:33Z"}"#,
        r#"{"size": 51149, "action": "Quarantined", "mailID": "b879ff84-55a3-4813-be99-9e0386a446f7", "sender": "x@spam.test", "subject": "hello", "direction": "in", "messageID": "<a1@spam.test>", "recipient": "anna@example.org", "timestamp": "2026-11-22T08:23:33Z", "headerFrom": "x@spam.test"}"#,
    ],
);

fn tracked<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let category = record.text("action")?;
    let mail_id = record.text("mailID")?;
    record.stamp = stamp::whole_iso(record.text("timestamp")?)?;
    record.program = "trend";
    record.queue_id = Some(mail_id);
    Some(Body::Verdict(Box::new(Verdict {
        passed: matches!(
            &**category,
            b"Delivered" | b"Sent" | b"Passed" | b"Redirected"
        ),
        category,
        found: record.text_or_empty("details"),
        client: Peer {
            address: record.text_or_empty("senderIP"),
            ..Peer::default()
        },
        mail_from: record.text("sender"),
        recipients: record.texts("recipient"),
        queue_id: record.queue_id,
        message_id: record.text("messageID"),
        mail_id,
        size: record.number("size"),
        header_from: record.text_or_empty("headerFrom"),
        subject: record.text_or_empty("subject"),
        became: Some(became(category)),
        next_hop: next_hop(record.text_or_empty("deliveredTo")),
        ..Verdict::default()
    })))
}

/// What became of it: delivered is accepted by the customer's server; what is in the sandbox, encrypted
/// or queued waits.
fn became(action: &BStr) -> Became {
    match &**action {
        b"Delivered" | b"Sent" | b"Passed" => Became::Relayed,
        b"Bounced" => Became::Tried(DeliveryStatus::Bounced),
        b"Expired" => Became::Tried(DeliveryStatus::Expired),
        b"Quarantined" => Became::Tried(DeliveryStatus::Quarantined),
        b"Redirected" => Became::Tried(DeliveryStatus::Expanded),
        b"Deleted" | b"Blocked" => Became::Dropped,
        b"Scanning in sandbox"
        | b"Submitted to sandbox"
        | b"Password analyzing"
        | b"Encryption in progress"
        | b"Queued for delivery"
        | b"Temporary delivery error" => Became::Tried(DeliveryStatus::Deferred),
        _ => Became::Untold,
    }
}

/// `mx.example.org[192.0.2.25]:25`, an address, a name, or `none`.
fn next_hop(text: &BStr) -> Peer<'_> {
    if text == "none" {
        return Peer::default();
    }
    let mut at = Scan::new(text, b"");
    match at.peer() {
        Some(peer) if at.end().is_some() => peer,
        _ => Peer {
            name: text,
            ..Peer::default()
        },
    }
}
