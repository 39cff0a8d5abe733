//! A message from its start to the queue. Source: AsyncOS User Guide, "Text Mail Logs".

use super::{digits, message_number};
use crate::filter::unquoted;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    AccessAction, AccessCheck, Body, ContentCheck, Envelope, MessageIdLogged, Received, Removed,
    RemovedBy, Source,
};

pub(crate) const RULES: &[Rule] = &[
    BEGUN, FROM, TO, MESSAGE_ID, SUBJECT, READY, FINISHED, ABORTED,
];

const BEGUN: Rule = rule(
    "esa begun",
    begun,
    "AsyncOS User Guide, Text Mail Logs",
    &["Sun Nov 22 08:33:19 2026 Info: Start MID 6 ICID 5"],
);

fn begun<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Start ")?;
    message_number(at)?;
    at.lit("ICID ")?;
    at.session = digits(at)?;
    at.end()?;
    Some(Body::Begun)
}

/// Takes `MID N ICID N `.
fn both_numbers(at: &mut Scan<'_>) -> Option<()> {
    message_number(at)?;
    at.lit("ICID ")?;
    at.session = digits(at)?;
    at.lit(" ")
}

/// What follows the address where it was refused: ` Rejected by Receiving Control`.
fn decided<'a>(at: &mut Scan<'a>) -> Option<(AccessAction, &'a BStr)> {
    if at.end().is_some() {
        return Some((AccessAction::Permit, BStr::new("")));
    }
    at.lit(" ")?;
    let text = at.peek();
    at.one_of(&["Rejected by ", "Dropped by "])?;
    at.remainder();
    Some((AccessAction::Reject, text.into()))
}

const FROM: Rule = rule(
    "esa from",
    from,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 From: <bob@example.net>",
        "Nov 22 08:23:21 esa1 mail_logs: Info: MID 6 ICID 5 From: <>",
        "Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 From: <bob@example.net> Rejected by Sender Verification",
    ],
);

fn from<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    both_numbers(at)?;
    at.lit("From: ")?;
    let mail_from = at.angle()?;
    let (action, text) = decided(at)?;
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage: "MAIL".into(),
        text,
        envelope: Envelope {
            mail_from: Some(mail_from),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

const TO: Rule = rule(
    "esa to",
    to,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 RID 0 To: <anna@example.org>",
        "Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 To: <x@example.org> Rejected by LDAPACCEPT",
        "Sun Nov 22 08:33:19 2026 Info: MID 6 ICID 5 To: <x@example.com> Rejected by RAT",
    ],
);

fn to<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    both_numbers(at)?;
    if at.has("RID ") {
        digits(at)?;
        at.lit(" ")?;
    }
    at.lit("To: ")?;
    let rcpt_to = at.angle()?;
    let (action, text) = decided(at)?;
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage: "RCPT".into(),
        text,
        envelope: Envelope {
            rcpt_to: Some(rcpt_to),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

const MESSAGE_ID: Rule = rule(
    "esa message-id",
    message_id,
    "AsyncOS User Guide, Text Mail Logs",
    &["Sun Nov 22 08:33:19 2026 Info: MID 6 Message-ID '<a1@example.net>'"],
);

fn message_id<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.lit("Message-ID ")?;
    Some(Body::MessageId(MessageIdLogged {
        message_id: unquoted(at.remainder()),
        resent: false,
        size: None,
    }))
}

const SUBJECT: Rule = rule(
    "esa subject",
    subject,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Sun Nov 22 08:33:19 2026 Info: MID 6 Subject 'It's time'",
        "Sun Nov 22 08:33:19 2026 Info: MID 6 Subject \"hello\"",
    ],
);

fn subject<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    let header_name = at.peek().get(..b"Subject".len())?;
    at.lit("Subject ")?;
    Some(Body::Content(ContentCheck {
        action: AccessAction::Info,
        part: "header".into(),
        header_name: header_name.into(),
        content: unquoted(at.remainder()),
        ..ContentCheck::default()
    }))
}

const READY: Rule = rule(
    "esa ready",
    ready,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Sun Nov 22 08:33:19 2026 Info: MID 6 ready 2201 bytes from <bob@example.net>",
        "Nov 22 08:23:21 mail_logs: Info: MID 7 ready 100 bytes from <>",
    ],
);

/// The message is in: from here on it is the appliance's.
fn ready<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    message_number(at)?;
    at.lit("ready ")?;
    let size = Some(at.number()?);
    at.lit(" bytes from ")?;
    let mail_from = at.angle()?;
    at.end()?;
    Some(Body::Received(Box::new(Received {
        mail_from,
        size,
        ..Received::default()
    })))
}

const FINISHED: Rule = rule(
    "esa finished",
    finished,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Sun Nov 22 08:33:19 2026 Info: Message finished MID 6 done",
        "Sun Nov 22 08:33:19 2026 Info: Message finished MID 6 aborted",
    ],
);

fn finished<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Message finished ")?;
    message_number(at)?;
    let by = match at.one_of(&["done", "aborted"])? {
        "done" => RemovedBy::QueueManager,
        _ => RemovedBy::Canceled,
    };
    at.end()?;
    Some(Body::Removed(Removed { by }))
}

const ABORTED: Rule = rule(
    "esa aborted",
    aborted,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Sun Nov 22 08:33:19 2026 Info: Message aborted MID 6 Receiving aborted by sender",
        "Sun Nov 22 08:33:19 2026 Info: Message aborted MID 6 Dropped by CASE",
        "Sun Nov 22 08:33:19 2026 Info: Message aborted MID 6 Dropped by filter 'drop_exe'",
    ],
);

fn aborted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Message aborted ")?;
    message_number(at)?;
    let by = match at.one_of(&["Dropped by ", "Receiving aborted", "Receiving Failed"])? {
        "Dropped by " => RemovedBy::Discarded,
        _ => RemovedBy::Canceled,
    };
    Some(Body::Removed(Removed { by }))
}
