//! Rows about what agents found, notifications, moderation, and the transport's own work.
//! Source: Microsoft Learn "Message tracking" (OfficeDocs-Exchange `mail-flow/transport-logs/`).

use super::{peer, tracked};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    AccessAction, AccessCheck, AdminAction, Body, Envelope, Kind, Notice, Notification,
    NotificationKind, QueueExpired, Source, Verdict,
};

pub(super) const AGENT: Rule = rule(
    "exchange tracking agent",
    agent_info,
    "Microsoft Learn, Message tracking (event AGENTINFO)",
    &[
        r"2026-11-22T08:23:21.327Z,,,,EX1,CatContentConversion,,AGENT,AGENTINFO,8774618205228,<a1@example.net>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd202,anna@example.org,,7229,1,,,hello,bob@example.net,bob@example.net,,Incoming,,192.0.2.25,198.51.100.7,S:AMA=SUM|v=0|action=|error=|atch=0;S:CompCost=|ETR=0,Email,82f8feae-ef9b-41bf-8500-1e10946655ae,15.01.2507.039",
    ],
);

/// What the agents on the way (anti-malware, anti-spam, transport rules) found.
fn agent_info<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let it = tracked(at, &["AGENTINFO"])?;
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        client: it.client(),
        origin: peer(BStr::new(b""), it.behind(22)),
        mail_from: Some(it.mail_from()),
        recipients: it.recipients(),
        queue_id: at.queue_id,
        message_id: Some(it.message_id()),
        size: it.size(),
        header_from: it.sender(),
        subject: it.subject(),
        tests: it.custom(),
        ..Verdict::default()
    })))
}

pub(super) const DSN: Rule = rule(
    "exchange tracking notification",
    dsn,
    "Microsoft Learn, Message tracking (event DSN)",
    &[
        r"2026-11-22T08:23:21.327Z,,,,EX1,,,DSN,DSN,8774618205230,<d1@ex1.example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd203,anna@example.org,,7229,1,,<a1@example.org>,Undeliverable: hello,postmaster@example.org,<>,,Originating,,,,S:E2ELatency=0.5",
    ],
);

/// The row is about the notification; its reference is the message that it is about.
fn dsn<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let it = tracked(at, &["DSN"])?;
    let dsn_queue_id = at.queue_id.take();
    let subject = it.subject();
    let kind = if subject.starts_with(b"Delivered: ") || subject.starts_with(b"Relayed: ") {
        NotificationKind::DeliveryStatus
    } else if subject.starts_with(b"Delayed: ") || subject.starts_with(b"Delivery delayed: ") {
        NotificationKind::Delay
    } else {
        NotificationKind::NonDelivery
    };
    Some(Body::Notification(Notification {
        begins: false,
        kind,
        to_postmaster: false,
        dsn_queue_id: Some(dsn_queue_id.unwrap_or_default()),
        reason: BStr::new(b""),
        orig_message_id: it.reference(),
    }))
}

pub(super) const MODERATED: Rule = rule(
    "exchange tracking moderated",
    moderated,
    "Microsoft Learn, Message tracking (events of moderation, POISONMESSAGE)",
    &[
        r"2026-11-22T08:23:21.327Z,,,,EX1,,,APPROVAL,MODERATORREJECT,8774618205230,<a1@example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd203,team@example.org,,7229,1,,,hello,anna@example.org,anna@example.org,,Originating,,,,S:E2ELatency=0.5",
        r"2026-11-22T08:23:21.327Z,,,,EX1,,,POISONMESSAGE,POISONMESSAGE,8774618205230,<a1@example.org>,cb1ce4e7-cbb6-46e8-8a4c-e1f2efbdd203,team@example.org,,7229,1,,,hello,anna@example.org,anna@example.org,,Originating,,,,S:E2ELatency=0.5",
    ],
);

fn moderated<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const EVENTS: &[&str] = &[
        "INITMESSAGECREATED",
        "MODERATORAPPROVE",
        "MODERATORREJECT",
        "MODERATIONEXPIRE",
        "POISONMESSAGE",
    ];
    let it = tracked(at, EVENTS)?;
    let action = match &**it.event() {
        b"MODERATORAPPROVE" => return Some(Body::Admin(AdminAction::Released)),
        b"MODERATIONEXPIRE" => {
            return Some(Body::QueueExpired(QueueExpired {
                mail_from: it.mail_from(),
                forced: false,
            }));
        }
        b"MODERATORREJECT" => AccessAction::Reject,
        _ => AccessAction::Hold,
    };
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage: it.event(),
        text: it.status(),
        envelope: Envelope {
            mail_from: Some(it.mail_from()),
            rcpt_to: Some(it.recipients()),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

pub(super) const OTHER: Rule = rule(
    "exchange tracking other",
    other,
    "Microsoft Learn, Message tracking (shadow redundancy, resubmission, meetings, throttling)",
    &[
        r"2026-11-22T08:23:21.843Z,,,,ex1,No suitable shadow servers,,SMTP,HAREDIRECTFAIL,70971234566456,<a1@example.net>,2fd37dca-1234-5bfb-175d-08dc1db88f52,anna@example.org,,15054,1,,,hello,bob@example.net,bob@example.net,,Incoming,,,,S:DeliveryPriority=Normal,Email,dc69df25-1234-564c-41c4-08dc1db88f7f,15.02.0330.005",
        r"2026-11-22T08:23:21.843Z,,,,ex1,,,SMTP,THROTTLE,,,,,,,,,,,,,,,,,,",
    ],
);

fn other<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const EVENTS: &[&str] = &[
        "HAREDIRECT",
        "HARECEIVE",
        "HADISCARD",
        "HAREDIRECTFAIL",
        "NOTIFYSHADOW",
        "RESUBMIT",
        "LOAD",
        "PROCESS",
        "PROCESSMEETINGMESSAGE",
        "THROTTLE",
        "MODERATORSALLNDR",
        "MEETINGMESSAGEPROCESSED",
        "THREADINDEX",
        "SUBMITINFO",
    ];
    let it = tracked(at, EVENTS)?;
    let kind = match it.event() == "THROTTLE" {
        true => Kind::ServiceLimitReached,
        false => Kind::ServiceInfo,
    };
    Some(Body::Notice(Notice {
        kind,
        peer: it.client(),
        about: it.event(),
        text: it.context(),
        ..Notice::default()
    }))
}
