//! Cleanup: Message-IDs, header and body checks, and what it refuses itself.

use super::decision;
use super::smtpd::queue_file_size;
use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AccessAction, Body, ContentCheck, Kind, MessageIdLogged, Removed, RemovedBy};

pub(crate) const RULES: &[Rule] = &[
    MESSAGE_ID,
    CONTENT_CHECK,
    RESENT_MESSAGE_ID,
    REMOVED,
    MIME_ERROR,
    MESSAGE_REJECTED,
    QUEUE_FILE_SIZE,
    MAP_FAILED,
    RECORD_IGNORED,
    QUEUE_FILE_FAILED,
    LOG_REMOVED,
    CHECK_INVALID,
];

const MESSAGE_ID: Rule = rule(
    "cleanup message-id",
    message_id,
    "postfix src/cleanup/cleanup_message.c",
    &[
        "4bXyZ10QzKz1r: message-id=<20261122082322.586CDA14CBA@mx1.example.org>",
        "3F2A1C0D: message-id=<>",
        "3F2A1C0D: message-id=abc@example.net (added by postmaster)",
        "3F2A1C0D: message-id=",
    ],
);

fn message_id<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("message-id=")?;
    Some(Body::MessageId(MessageIdLogged {
        message_id: at.remainder(),
        resent: false,
        size: None,
    }))
}

const RESENT_MESSAGE_ID: Rule = rule(
    "cleanup resent-message-id",
    resent_message_id,
    "postfix src/cleanup/cleanup_message.c",
    &["3F2A1C0D: resent-message-id=<1@mx1.example.org>"],
);

fn resent_message_id<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("resent-message-id=")?;
    Some(Body::MessageId(MessageIdLogged {
        message_id: at.remainder(),
        resent: true,
        size: None,
    }))
}

const CONTENT_CHECK: Rule = rule(
    "cleanup content check",
    content_check,
    "postfix src/cleanup/cleanup_message.c (cleanup_act_log)",
    &[
        "3F2A1C0D: warning: header Subject: hello from here from mail.example.net[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<mail.example.net>",
        "3F2A1C0D: info: header X-Client: 7 from local; from=<anna@example.org>",
        "3F2A1C0D: reject: header Subject: win from unknown[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=SMTP helo=<x>: 5.7.1 no spam: go",
        "3F2A1C0D: replace: header MIME-Version: 1.0 from unknown[2001:db8::7]:4123; from=<> to=<b@example.org> proto=ESMTP helo=<x>: Mime-Version: 1.0",
        "3F2A1C0D: redirect: header From: a@example.net from unknown; from=<a@example.net> to=<b@example.org>: c@example.org",
        "3F2A1C0D: filter: body cheap watches from unknown[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=SMTP helo=<x>: scan:[127.0.0.1]:10024",
        "3F2A1C0D: hold: header Received: from a.test (a.test [192.0.2.7])??by mx from a.test[192.0.2.7]; from=<a@example.net>",
        "3F2A1C0D: discard: body cheap watches from unknown[192.0.2.7]; from=<a@example.net>",
        "3F2A1C0D: prepend: header Subject: x from unknown[192.0.2.7]; from=<a@example.net>: X-Seen: yes",
        "3F2A1C0D: bcc: header Subject: x from unknown[192.0.2.7]; from=<a@example.net>: c@example.org",
        "3F2A1C0D: strip: header X-Mailer: x from unknown[192.0.2.7]; from=<a@example.net>",
        "3F2A1C0D: pass: header X-Mailer: x from unknown[192.0.2.7]; from=<a@example.net>",
        "3F2A1C0D: delay: header X-Mailer: x from unknown[192.0.2.7];",
        "3F2A1C0D: reject: content a?b from unknown[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=SMTP helo=<x>: disallowed character",
    ],
);

fn content_check<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let action = decision::action(at.until(b':')?)?;
    at.lit(" ")?;
    let part = at.one_of(&["header", "body", "content"])?;
    at.lit(" ")?;
    let matched = decision::matched(at)?;
    let (header_name, content) = match part {
        "header" => decision::header(matched.content),
        _ => (BStr::new(b""), matched.content),
    };
    Some(Body::Content(ContentCheck {
        action,
        part: part.into(),
        header_name,
        content,
        client: matched.client,
        envelope: matched.envelope,
        text: matched.text,
    }))
}

const REMOVED: Rule = rule(
    "cleanup removed",
    removed,
    "postfix src/cleanup/cleanup_api.c (3.10)",
    &[
        "4bXyZ10QzKz1r: removed (canceled)",
        "4bXyZ10QzKz1r: removed (discarded)",
    ],
);

fn removed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let by = match at.one_of(&["removed (canceled)", "removed (discarded)"])? {
        "removed (canceled)" => RemovedBy::Canceled,
        _ => RemovedBy::Discarded,
    };
    at.end()?;
    Some(Body::Removed(Removed { by }))
}

const MIME_ERROR: Rule = rule(
    "cleanup mime error",
    mime_error,
    "postfix src/cleanup/cleanup_message.c (cleanup_mime_error_callback)",
    &[
        "3F2A1C0D: reject: mime-error improper use of 8-bit data in message header: Subject: ?? from unknown[192.0.2.7]; from=<a@example.net> to=<b@example.org>",
        "3F2A1C0D: reject: mime-error MIME nesting exceeds safety limit:  from local; from=<> to=<unknown>",
    ],
);

fn mime_error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("reject: mime-error ")?;
    let text = at.until_str(": ")?;
    let matched = decision::matched(at)?;
    Some(Body::Content(ContentCheck {
        action: AccessAction::Reject,
        part: "mime-error".into(),
        content: matched.content,
        client: matched.client,
        envelope: matched.envelope,
        text,
        ..ContentCheck::default()
    }))
}

const MESSAGE_REJECTED: Rule = rule(
    "cleanup message rejected",
    message_rejected,
    "postfix src/cleanup/cleanup_out_recipient.c, src/cleanup/cleanup_envelope.c",
    &[
        "warning: 3F2A1C0D: message rejected: hopcount exceeded",
        "warning: 3F2A1C0D: message rejected: missing sender envelope record",
    ],
);

fn message_rejected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("message rejected: ")?;
    Some(Body::Content(ContentCheck {
        action: AccessAction::Reject,
        part: "message".into(),
        text: at.remainder(),
        ..ContentCheck::default()
    }))
}

const QUEUE_FILE_SIZE: Rule = rule(
    "cleanup queue file size",
    queue_file_size,
    "postfix src/cleanup/cleanup_out.c",
    &["warning: 3F2A1C0D: queue file size limit exceeded"],
);

const MAP_FAILED: Rule = rule(
    "cleanup map failed",
    map_failed,
    "postfix src/cleanup/cleanup_map1n.c, src/cleanup/cleanup_milter.c",
    &[
        "warning: 3F2A1C0D: virtual_alias_maps map lookup problem for b@example.org -- message not accepted, try again later",
        "warning: 3F2A1C0D: unreasonable virtual_alias_maps map nesting for b@example.org -- message not accepted, try again later",
        "warning: 3F2A1C0D: unreasonable virtual_alias_maps map expansion size for b@example.org -- message not accepted, try again later",
        "warning: 3F2A1C0D: header_checks map lookup problem -- message not accepted, try again later",
    ],
);

fn map_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let problem = at.until_last(" -- message not accepted, try again later")?;
    let mut at = at.over(problem);
    at.has("unreasonable ");
    let about = at.word()?;
    at.has(" ");
    notice(Kind::ServiceError, about, at.remainder())
}

const RECORD_IGNORED: Rule = rule(
    "cleanup record ignored",
    record_ignored,
    "postfix src/cleanup/cleanup_envelope.c, src/cleanup/cleanup_addr.c",
    &[
        "warning: 3F2A1C0D: ignoring out-of-order DSN notify record <1>",
        r#"warning: 3F2A1C0D: spurious null attribute value for "helo_name" -- ignored"#,
        "warning: 3F2A1C0D: multi-valued sender_canonical entry for a@example.net",
        r#"warning: 3F2A1C0D: Milter request to add multi-recipient: "b,c""#,
        r#"warning: 3F2A1C0D: Bad NOTIFY parameter from Milter or header/body_checks: "x""#,
    ],
);

fn record_ignored<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let about = at.one_of(&[
        "ignoring",
        "spurious null attribute value for",
        "multi-valued",
        "Milter request to",
        "Milter or header/body_checks request to",
        "Bad NOTIFY parameter",
        "Bad ORCPT parameter",
    ])?;
    at.lit(" ")?;
    notice(Kind::ServiceWarning, about.into(), at.remainder())
}

const QUEUE_FILE_FAILED: Rule = rule(
    "cleanup queue file failed",
    queue_file_failed,
    "postfix src/cleanup/cleanup_out.c, src/cleanup/cleanup_bounce.c",
    &[
        "warning: 3F2A1C0D: write queue file: No space left on device",
        "warning: 3F2A1C0D: bounce message failure",
        "warning: 3F2A1C0D: trace logfile update error",
        "warning: 3F2A1C0D: verify service update error",
        "warning: 3F2A1C0D: read timeout on cleanup socket",
    ],
);

fn queue_file_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let about = at.one_of(&[
        "write queue file",
        "bounce message failure",
        "trace logfile update error",
        "verify service update error",
        "read timeout on",
    ])?;
    at.has(":");
    at.has(" ");
    notice(Kind::ServiceError, about.into(), at.remainder())
}

const LOG_REMOVED: Rule = rule(
    "cleanup log removed",
    log_removed,
    "postfix src/cleanup/cleanup_api.c",
    &[
        "warning: defer: removed spurious 3F2A1C0D log",
        "warning: 3F2A1C0D: removed spurious bounce log",
    ],
);

fn log_removed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["bounce: ", "defer: ", "trace: "]);
    at.lit("removed spurious ")?;
    let about = at.word()?;
    at.lit(" log")?;
    at.end()?;
    notice(Kind::ServiceWarning, about, BStr::new(b""))
}

const CHECK_INVALID: Rule = rule(
    "cleanup check invalid",
    check_invalid,
    "postfix src/cleanup/cleanup_message.c (cleanup_act)",
    &[
        "warning: bad DSN action in header_checks -- need 4.x.x or 5.x.x",
        "warning: missing FILTER command argument in header_checks map",
        "warning: bad FILTER command scan in body_checks -- need transport:destination",
        "warning: PREPEND action without text in header_checks map",
        r#"warning: bad REPLACE header text "x" in header_checks map -- need "headername: headervalue""#,
        r#"warning: bad REDIRECT target "x" in header_checks map -- need user@domain"#,
        r#"warning: bad BCC address "x" in header_checks map -- need user@domain"#,
        "warning: unknown command in header_checks map: FROBNICATE",
    ],
);

fn check_invalid<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.one_of(&[
        "bad DSN action",
        "missing FILTER command argument",
        "bad FILTER command",
        "PREPEND action without text",
        "bad PREPEND header text",
        "REPLACE action without text",
        "bad REPLACE header text",
        "bad REDIRECT target",
        "bad BCC address",
        "unknown command",
    ])?;
    at.lit(" ")?;
    notice(Kind::ServiceWarning, about.into(), at.remainder())
}
