//! Microsoft 365 message trace: one record for each recipient of a message.
//! Source: Microsoft Learn "MessageTrace report", `Get-MessageTraceV2`.

use crate::json;
use crate::record::Record;
use crate::rule::{Rule, record_rule};
use crate::stamp;
use bstr::BStr;
use model::{Became, Body, DeliveryStatus, Peer, Stamp, Verdict};

pub(crate) const RULES: &[Rule] = &[TRACED];

const TRACED: Rule = record_rule(
    "exchange message trace",
    traced,
    "Microsoft Office 365 Reporting web service, MessageTrace",
    &[
        r#"{"__metadata": {"id": "https://reports.test/MessageTrace(0)", "type": "TenantReporting.MessageTrace"}, "Organization": "example.onmicrosoft.test", "MessageId": "<a1@example.net>", "Received":"/Date(1795335894375)/", "SenderAddress": "bob@example.net", "RecipientAddress": "anna@example.org", "Subject": "hello", "Status": "Delivered", "ToIP": null, "FromIP": "192.0.2.25", "Size": 87680, "MessageTraceId": "3b4fc661-180d-4c2f-60c9-08da6e38dd10", "StartDate":"/Date(1795335890000)/", "EndDate":"/Date(1795335899000)/", "Index": 0}"#,
        r#"{"Organization":"example.onmicrosoft.test","MessageId":"<a1@spam.test>","Received":"2026-11-22T08:24:54.3750000","SenderAddress":"x@spam.test","RecipientAddress":"anna@example.org","Subject":null,"Status":"FilteredAsSpam","ToIP":"198.51.100.7","FromIP":"203.0.113.9","Size":0,"MessageTraceId":"3b4fc661-180d-4c2f-60c9-08da6e38dd10"}"#,
    ],
);

fn traced<'a>(record: &mut Record<'a>) -> Option<Body<'a>> {
    let message_id = record.text("MessageId");
    let stamp = time(record.text("Received")?)?;
    let recipients = record.text("RecipientAddress")?;
    let category = record.text("Status")?;
    let known = matches!(
        &**category,
        b"None"
            | b"GettingStatus"
            | b"Failed"
            | b"Pending"
            | b"Delivered"
            | b"Expanded"
            | b"Quarantined"
            | b"FilteredAsSpam"
            | b"Resolved"
    );
    known.then_some(())?;
    record.program = "exchange";
    record.stamp = stamp;
    record.session = record.text_or_empty("MessageTraceId");
    Some(Body::Verdict(Box::new(Verdict {
        passed: matches!(&**category, b"Delivered" | b"Expanded" | b"Resolved"),
        category,
        client: Peer {
            address: record.text_or_empty("FromIP"),
            ..Peer::default()
        },
        mail_from: record.get("SenderAddress").and_then(json::text),
        recipients,
        message_id,
        mail_id: record.session,
        size: record.number("Size"),
        subject: record.text_or_empty("Subject"),
        became: Some(became(category)),
        ..Verdict::default()
    })))
}

/// What became of it. Spam that is called filtered was refused or dropped, not kept; what has no status
/// was refused or sent to another address; of those for whom it was expanded or resolved there are
/// further records.
/// Source: Microsoft Learn, "Message trace in the modern Exchange admin center", delivery status.
fn became(status: &BStr) -> Became {
    match &**status {
        b"Delivered" => Became::Tried(DeliveryStatus::Sent),
        b"Failed" => Became::Tried(DeliveryStatus::Bounced),
        b"Pending" | b"GettingStatus" => Became::Tried(DeliveryStatus::Deferred),
        b"Quarantined" => Became::Tried(DeliveryStatus::Quarantined),
        b"Expanded" | b"Resolved" => Became::Tried(DeliveryStatus::Expanded),
        b"FilteredAsSpam" => Became::Dropped,
        _ => Became::Untold,
    }
}

/// `/Date(1795335894375)/`, milliseconds since the epoch, or ISO 8601, which is UTC.
fn time(written: &BStr) -> Option<Stamp> {
    let number = written
        .strip_prefix(b"/Date(")
        .and_then(|it| it.strip_suffix(b")/"));
    match number {
        Some(number) => stamp::since_epoch(json::number(number)?),
        None => Some(Stamp {
            offset_minutes: Some(0),
            ..stamp::whole_iso(written)?
        }),
    }
}
