//! What the server refuses without asking an ACL: connections, commands, sizes, numbers.
//! Source: exim `src/smtp_in.c`, `src/receive.c`, `src/daemon.c`.

use super::access::{TEMPORARY, by};
use super::item::{Host, Items, client};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AccessAction, AccessCheck, Body, ReplyCode, Source};

pub(crate) const RULES: &[Rule] = &[
    BEFORE_ACL,
    TOO_BIG,
    TOO_MANY,
    UNQUALIFIED,
    LOCAL_SCAN,
    AUTH_IGNORED,
    NO_SPACE,
];

/// A connection not taken.
pub(super) fn connection_refused<'a>(
    client: &Host<'a>,
    text: &'a BStr,
    temporarily: bool,
) -> Body<'a> {
    Body::Access(AccessCheck {
        source: Source::Access,
        stage: "CONNECT".into(),
        client: client.peer,
        code: temporarily.then_some(TEMPORARY),
        text,
        ..AccessCheck::default()
    })
}

const BEFORE_ACL: Rule = rule(
    "exim command rejected",
    before_acl,
    "exim src/smtp_in.c (check_helo, smtp_setup_msg)",
    &[
        "rejected EHLO from mail.example.net [192.0.2.10]:36192: syntactically invalid argument(s): a_b!",
        "rejected HELO from anna: syntactically invalid argument(s): (no argument given)",
        "rejected MAIL from [192.0.2.10]: no HELO/EHLO given",
        "rejected MAIL command H=(x.test) [192.0.2.10]: too many messages in one connection",
        "rejected \"ETRN #example.org\" from H=(x.test) [192.0.2.10]: not permitted",
    ],
);

/// What the server refuses without asking an ACL.
fn before_acl<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("rejected ")?;
    let stage = if at.has("\"") {
        at.until_last("\" from ")?
    } else {
        let stage = at.one_of(&["EHLO", "HELO", "MAIL", "XCLIENT"])?;
        at.one_of(&[" from ", " command "])?;
        stage.into()
    };
    let client = client(at)?;
    let mut items = Items {
        host: client,
        ..Items::default()
    };
    items.take(at);
    at.lit(": ")?;
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: if stage == "EHLO" {
            "HELO".into()
        } else {
            stage
        },
        text: at.remainder(),
        ..by(&items)
    }))
}

const TOO_BIG: Rule = rule(
    "exim message rejected",
    too_big,
    "exim src/smtp_in.c (smtp_setup_msg), src/receive.c (receive_msg)",
    &[
        "rejected MAIL FROM:<bob@example.net> H=(x.test) [192.0.2.10]: message too big: size=60000 max=50000",
        "1xV2wi-0000ai-2r rejected from <bob@example.net> H=(x.test) [192.0.2.10]: message too big: read=60000 max=50000",
    ],
);

fn too_big<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let start = at.one_of(&["rejected MAIL FROM:", "rejected from "])?;
    let mail_from = at.angle()?;
    let mut items = Items {
        mail_from: Some(mail_from),
        ..Items::default()
    };
    items.take(at);
    at.lit(": ")?;
    let at_mail = start.contains("MAIL");
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: if at_mail { "MAIL" } else { "END-OF-MESSAGE" }.into(),
        text: at.remainder(),
        ..by(&items)
    }))
}

const TOO_MANY: Rule = rule(
    "exim too many recipients",
    too_many,
    "exim src/smtp_in.c (smtp_setup_msg)",
    &[
        "too many recipients: excess temporarily rejected: sender=<bob@example.net> H=(x.test) [192.0.2.10]",
        "too many recipients: message rejected: sender=<bob@example.net> H=(x.test) [192.0.2.10]",
    ],
);

fn too_many<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("too many recipients: ")?;
    let mode = at.one_of(&["excess temporarily rejected", "message rejected"])?;
    let text = &text[..text.len() - at.peek().len()];
    at.lit(": sender=")?;
    let mail_from = at.angle()?;
    let mut items = Items {
        mail_from: Some(mail_from),
        ..Items::default()
    };
    items.take(at);
    at.end()?;
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: "RCPT".into(),
        code: mode.starts_with("excess").then_some(ReplyCode(452)),
        text: text.into(),
        ..by(&items)
    }))
}

const UNQUALIFIED: Rule = rule(
    "exim unqualified",
    unqualified,
    "exim src/smtp_in.c (smtp_setup_msg)",
    &[
        "unqualified recipient rejected: <anna> H=(x.test) [192.0.2.10]",
        "unqualified sender rejected: <bob> H=(x.test) [192.0.2.10] (helo x.test)",
    ],
);

fn unqualified<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let start = at.one_of(&[
        "unqualified recipient rejected",
        "unqualified sender rejected",
    ])?;
    let text = &text[..start.len()];
    at.lit(": ")?;
    let address = at.angle()?;
    let mut items = Items::default();
    items.take(at);
    if at.has(" (") {
        at.until_last(")")?;
    }
    at.end()?;
    let mut check = by(&items);
    check.source = Source::Access;
    check.text = text.into();
    if start.contains("sender") {
        check.stage = "MAIL".into();
        check.envelope.mail_from = Some(address);
    } else {
        check.stage = "RCPT".into();
        check.envelope.rcpt_to = Some(address);
    }
    Some(Body::Access(check))
}

const LOCAL_SCAN: Rule = rule(
    "exim local_scan failed",
    local_scan,
    "exim src/receive.c (local_scan_timeout_handler, local_scan_crash_handler), src/local_scan.c",
    &[
        "1xV2wi-0000ai-2r local_scan() function timed out - message temporarily rejected (size 1200)",
        "1xV2wi-0000ai-2r local_scan() function crashed with signal 11 - message temporarily rejected (size 1200)",
        "1xV2wi-0000ai-2r local_scan() library open failed - message temporarily rejected",
        "1xV2wi-0000ai-2r invalid return 9 from local_scan(). Temporary rejection given",
    ],
);

fn local_scan<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    match at.one_of(&["local_scan() ", "invalid return "])? {
        "local_scan() " => at.until_str(" - message temporarily rejected")?,
        _ => at.until_str(" from local_scan(). Temporary rejection given")?,
    };
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: "END-OF-MESSAGE".into(),
        code: Some(TEMPORARY),
        text: text.into(),
        ..AccessCheck::default()
    }))
}

const AUTH_IGNORED: Rule = rule(
    "exim auth parameter ignored",
    auth_ignored,
    "exim src/smtp_in.c (smtp_setup_msg)",
    &["ignoring AUTH=carl@example.com from H=(x.test) [192.0.2.10] (client not authenticated)"],
);

fn auth_ignored<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("ignoring AUTH=")?;
    let sender = at.word()?;
    at.lit(" from ")?;
    let mut items = Items {
        host: client(at)?,
        auth_sender: Some(sender),
        ..Items::default()
    };
    items.take(at);
    at.lit(" (")?;
    at.until(b')')?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Warn,
        source: Source::Access,
        stage: "MAIL".into(),
        text: text.into(),
        ..by(&items)
    }))
}

const NO_SPACE: Rule = rule(
    "exim no space",
    |at| {
        super::starting(
            at,
            model::Kind::ServiceError,
            &[
                "spool directory space check failed: ",
                "log directory space check failed: ",
            ],
        )
    },
    "exim src/receive.c (receive_check_fs)",
    &["spool directory space check failed: space=10 inodes=-1"],
);
