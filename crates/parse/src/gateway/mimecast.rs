//! Mimecast Email Security: its log records (`type`, in older ones `eventType`).
//!
//! `aggregateId` is the message's over all its records, `processingId` one recipient's way through.
//! Source: Mimecast API documentation, "Understanding SIEM logs".

use crate::json;
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{
    AccessAction, AccessCheck, Agent, Body, Delivery, DeliveryStatus, Envelope, Peer, Received,
    ReplyCode, Source, Verdict,
};

pub(crate) const RULES: &[Rule] = &[RECEIPT, DELIVERY, FILTERED];

const RECEIPT: Rule = record_rule(
    "mimecast receipt",
    receipt,
    "Mimecast SIEM logs: receipt",
    &[
        r#"{"aggregateId":"k1-AbC","processingId":"p1-DeF_1795335894","accountId":"C1A1","timestamp":1795335894357,"action":"Acc","senderEnvelope":"bob@example.net","messageId":"<a1@example.net>","subject":"hello","recipients":"anna@example.org","senderIp":"192.0.2.25","rejectionType":null,"rejectionCode":null,"direction":"inbound","numberAttachments":"0","senderHeader":"bob@example.net","rejectionInfo":null,"tlsVersion":"TLSv1.3","tlsCipher":"TLS_AES_256_GCM_SHA384","spamInfo":null,"spamProcessingDetail":"{\"spf\":{\"allow\":true,\"info\":\"ALLOW\"}}","virusFound":null,"spamScore":"0","spamDetectionLevel":null,"receiptErrors":null,"type":"receipt","subtype":"Acc"}"#,
        r#"{"aggregateId": "k1-AbC", "processingId": "p1-DeF", "accountId": "C1A1", "timestamp": 1795335894357, "action": "Rej", "senderEnvelope": null, "messageId": null, "subject": null, "recipients": "anna@example.org", "senderIp": "203.0.113.9", "rejectionType": "IP Found in RBL", "rejectionCode": "550", "direction": "inbound", "rejectionInfo": "bl.x.test Blocked - see https://x.test/", "spamScore": "0", "type": "receipt", "subtype": "Rej"}"#,
    ],
);

fn receipt<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    (kind(record)? == "receipt").then_some(())?;
    head(record)?;
    let mail_from = mail_from(record);
    let client = address(record, "senderIp");
    let rcpt_to = record.text_or_empty("recipients");
    if !record.is("action", "Rej") {
        return Some(Body::Received(Box::new(Received {
            client,
            tls: record.text_or_empty("tlsVersion"),
            mail_from: mail_from.unwrap_or_default(),
            rcpt_to,
            message_id: record.text("messageId"),
            subject: record.text_or_empty("subject"),
            header_from: record.text_or_empty("senderHeader"),
            ..Received::default()
        })));
    }
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Access,
        stage: record.text_or_empty("rejectionType"),
        client,
        code: code(record),
        text: record.text_or_empty("rejectionInfo"),
        envelope: Envelope {
            mail_from,
            rcpt_to: Some(rcpt_to),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

fn code(record: &Record<'_>) -> Option<ReplyCode> {
    let code = record.number("rejectionCode")?;
    (200..600).contains(&code).then_some(ReplyCode(code))
}

/// Envelope sender; the null sender is an empty string.
fn mail_from<'a>(record: &Record<'a>) -> Option<&'a BStr> {
    record.get("senderEnvelope").and_then(json::text)
}

fn address<'a>(record: &Record<'a>, name: &str) -> Peer<'a> {
    Peer {
        address: record.text_or_empty(name),
        ..Peer::default()
    }
}

/// The type of record; older ones call it `eventType`.
fn kind<'a>(record: &Record<'a>) -> Option<&'a BStr> {
    record.text("type").or_else(|| record.text("eventType"))
}

fn head(record: &mut Record<'_>) -> Option<()> {
    let stamp = stamp::since_epoch(record.number("timestamp")?)?;
    record.program = "mimecast";
    record.stamp = stamp;
    record.queue_id = record.text("aggregateId");
    record.session = record.text_or_empty("processingId");
    Some(())
}

const DELIVERY: Rule = record_rule(
    "mimecast delivery",
    delivery,
    "Mimecast SIEM logs: delivery",
    &[
        r#"{"processingId": "p1-DeF", "aggregateId": "k1-AbC", "accountId": "C1A1", "timestamp": 1795335894357, "messageId": "<a1@example.net>", "senderEnvelope": "bob@example.net", "subject": "hello", "recipients": "anna@example.org", "delivered": "true", "destinationIp": "198.51.100.7", "Hostname": "store.example.org", "deliveryAttempts": "1", "tlsVersion": "TLSv1.3", "emailSize": "30126", "route": "Inbound", "deliveryErrors": null, "rejectionType": null, "rejectionCode": null, "rejectionInfo": null, "deliveryTime": "5333", "type": "delivery", "subtype": "true"}"#,
        r#"{"processingId": "p1-DeF", "aggregateId": "k1-AbC", "timestamp": 1795335894357, "recipients": "anna@example.org", "delivered": "false", "destinationIp": "198.51.100.7", "rejectionType": "Recipient rejected", "rejectionCode": "550", "rejectionInfo": "no such user", "type": "delivery", "subtype": "false"}"#,
        r#"{"processingId": "p1-DeF", "aggregateId": "k1-AbC", "timestamp": 1795335894357, "recipients": "anna@example.org", "delivered": "false", "destinationIp": "198.51.100.7", "deliveryErrors": "Connection timed out", "type": "delivery", "subtype": "false"}"#,
    ],
);

fn delivery<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    (kind(record)? == "delivery").then_some(())?;
    let delivered = record.text("delivered")?;
    head(record)?;
    let code = code(record);
    let status = match (delivered == "true", code) {
        (true, _) => DeliveryStatus::Sent,
        (false, Some(ReplyCode(500..))) => DeliveryStatus::Bounced,
        (false, _) => DeliveryStatus::Deferred,
    };
    let told = ["rejectionInfo", "deliveryErrors", "rejectionType"];
    Some(Body::Delivery(Delivery {
        rcpt_to: record.text_or_empty("recipients"),
        relay: Peer {
            name: record.text_or_empty("Hostname"),
            ..address(record, "destinationIp")
        },
        status,
        agent: Agent::Smtp,
        tls: record.text_or_empty("tlsVersion"),
        delays: model::Delays {
            total_ms: record.number("deliveryTime").unwrap_or(0),
            stages_ms: None,
        },
        text: told
            .iter()
            .find_map(|name| record.text(name))
            .unwrap_or_default(),
        code,
        remote_reply: code.is_some(),
        ..Delivery::default()
    }))
}

const FILTERED: Rule = record_rule(
    "mimecast filtered",
    filtered,
    "Mimecast SIEM logs: process, spam, av, impersonation, attachment, url and internal protect",
    &[
        r#"{"aggregateId": "k1-AbC", "processingId": "p1-DeF", "accountId": "C1A1", "action": "Acc", "timestamp": 1795335894357, "senderEnvelope": "bob@example.net", "messageId": "<a1@example.net>", "subject": "hello", "holdReason": "Oth", "totalSizeAttachments": "146254", "numberAttachments": "1", "attachments": "a \"b\".doc", "emailSize": "150580", "type": "process", "subtype": "Acc"}"#,
        r#"{"processingId": "p1-DeF", "aggregateId": "k1-AbC", "subject": "hello", "senderEnvelope": "x@spam.test", "policyDefinition": "Default", "action": "Hold", "senderIp": "203.0.113.9", "timestamp": 1795335894357, "messageId": "", "eventType": "impersonation protect", "recipients": "anna@example.org", "subType": "Hold"}"#,
        r#"{"processingId":"req-1","aggregateId":"k1-AbC","timestamp":1795335894357,"urlCategory":"Phishing & Fraud","action":"Block","url":"http://x.test","subject":"hello","sourceIp":"192.0.2.10","senderEnvelope":"x@spam.test","route":"inbound","recipients":"anna@example.org","blockReason":"malicious","messageId":"<a1@spam.test>","analysis":"null","type":"url protect","subtype":"Block"}"#,
        r#"{"aggregateId": "k1-AbC", "processingId": "p1-DeF", "timestamp": 1795335894357, "senderEnvelope": "bob@example.net", "messageId": "<a1@example.net>", "subject": "hello", "recipient": "anna@example.org", "fileName": "a.pdf", "sha256": "01ba", "senderIp": "192.0.2.25", "type": "attachment protect", "subtype": null}"#,
    ],
);

fn filtered<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let category = kind(record)?;
    let known = matches!(
        &**category,
        b"process"
            | b"spam"
            | b"av"
            | b"impersonation protect"
            | b"attachment protect"
            | b"url protect"
            | b"internal email protect"
            | b"journal"
    );
    known.then_some(())?;
    head(record)?;
    let action = record.text_or_empty("action");
    let found = [
        "virusFound",
        "scanResults",
        "holdReason",
        "urlCategory",
        "fileName",
    ];
    let recipients = match record.text("recipients") {
        Some(recipients) => recipients,
        None => record.text_or_empty("recipient"),
    };
    Some(Body::Verdict(Box::new(Verdict {
        passed: matches!(&**action, b"Acc" | b"Allow" | b""),
        category,
        found: found
            .iter()
            .find_map(|name| record.text(name))
            .unwrap_or_default(),
        actions: action,
        client: address(record, "senderIp"),
        mail_from: mail_from(record),
        recipients,
        queue_id: record.queue_id,
        message_id: record.text("messageId"),
        mail_id: record.session,
        size: record.number("emailSize"),
        header_from: record.text_or_empty("senderHeader"),
        subject: record.text_or_empty("subject"),
        ..Verdict::default()
    })))
}
