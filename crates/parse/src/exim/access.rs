//! What ACLs, `local_scan()` and the server itself decided on a client or a message.
//!
//! The reply's code is logged only where the postmaster's text holds one; `temporarily` stands for
//! 451 then. Source: exim `src/smtp_in.c` (`smtp_handle_acl_fail`), `src/acl.c`, `src/receive.c`.

use super::item::{Host, Items, client, value};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AccessAction, AccessCheck, Body, EnhancedStatus, Envelope, ReplyCode, Source};

pub(crate) const RULES: &[Rule] = &[
    DECISION,
    BEFORE_ACL,
    TOO_BIG,
    TOO_MANY,
    UNQUALIFIED,
    LOCAL_SCAN,
    AUTH_IGNORED,
    SYSTEM,
];

const DECISION: Rule = rule(
    "exim acl",
    decision,
    "exim src/smtp_in.c (smtp_handle_acl_fail), src/acl.c (acl_warn), src/receive.c",
    &[
        "H=mail.example.net (mx.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:25 Ci=7326 X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no SNI=mx1.example.org F=<bob@example.net> A=plain:anna rejected RCPT <carl@example.com>: relay not permitted",
        "H=(mx.example.net) [192.0.2.10] F=<> temporarily rejected RCPT <anna@example.org>: 450 4.7.1 greylisted",
        "H=(mx.example.net) [192.0.2.10] F=<bob@example.net> rejected RCPT anna@example.org",
        "H=[192.0.2.10]:36192 temporarily rejected connection in \"connect\" ACL: \"Host is ratelimited\"",
        "H=[192.0.2.10]:36192 dropped by 'connect' ACL: not from there",
        "H=(x.test) [192.0.2.10] rejected MAIL <x@x.test>: Access denied",
        "H=(x.test) [192.0.2.10] rejected EHLO or HELO x.test: not your name",
        "H=(x.test) [192.0.2.10] rejected VRFY anna@example.org",
        "U=anna F=<anna@example.org> rejected RCPT <bob@example.net>",
        "1xV2wi-0000ai-2r H=(client.example.net) [192.0.2.10]:36254 F=<bob@example.net> rejected after DATA: spam score 12.3",
        "1xV2wi-0000ai-2r H=(client.example.net) [192.0.2.10] F=<bob@example.net> rejected during MIME ACL checks: blacklisted",
        "1xV2wi-0000ai-2r F=<anna@example.org> rejected by non-SMTP ACL: not wanted",
        "1xV2wi-0000ai-2r F=bob@example.net H=(client.example.net) [192.0.2.10] P=esmtp temporarily rejected by local_scan(): Temporary local problem",
        "H=mail.example.net [192.0.2.10] sender verify fail for <bob@example.net>: Unrouteable address",
        "H=mail.example.net [192.0.2.10] sender verify defer for <bob@example.net>: host lookup did not complete",
        "1xV2wi-0000ai-2r H=mail.example.net [192.0.2.10] Warning: spam score 4.1",
        "H=mail.example.net [192.0.2.10] F=<bob@example.net> RCPT <anna@example.org>: discarded by RCPT ACL: not wanted",
        "1xV2wi-0000ai-2r H=mail.example.net [192.0.2.10] F=<bob@example.net> discarded by DATA ACL",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut items = Items::default();
    items.take_from_start(at)?;
    at.lit(" ")?;
    let mut check = by(&items);
    match at.peek().first()? {
        b't' => {
            at.lit("temporarily rejected ")?;
            check.code = Some(TEMPORARY);
            what(at, &mut check)?;
        }
        b'r' => {
            at.lit("rejected ")?;
            what(at, &mut check)?;
        }
        b'W' => {
            at.lit("Warning: ")?;
            check.action = AccessAction::Warn;
            check.text = at.remainder();
        }
        b's' => {
            let text = at.peek();
            at.lit("sender verify ")?;
            at.one_of(&["fail", "defer"])?;
            at.lit(" for ")?;
            check.action = AccessAction::Warn;
            check.stage = "MAIL".into();
            check.envelope.mail_from = Some(value(at)?);
            check.text = text.into();
        }
        b'd' if at.has("dropped by 'connect' ACL") => {
            check.action = AccessAction::Hangup;
            check.stage = "CONNECT".into();
            reason(at, &mut check)?;
        }
        _ => discarded(at, &mut check)?,
    }
    Some(Body::Access(check))
}

/// What Exim replies where a temporary refusal has no code of its own.
const TEMPORARY: ReplyCode = ReplyCode(451);

/// A refusal by an ACL of who the items name.
fn by<'a>(items: &Items<'a>) -> AccessCheck<'a> {
    let mut client = items.host.peer;
    if client.is_empty() {
        client.name = items.user;
    }
    let helo = items.host.helo;
    AccessCheck {
        source: Source::Policy,
        client,
        envelope: Envelope {
            mail_from: items.mail_from,
            protocol: (!items.protocol.is_empty()).then_some(items.protocol),
            helo: (!helo.is_empty()).then_some(helo),
            sasl_method: (!items.authenticator.is_empty()).then_some(items.authenticator),
            sasl_username: (!items.account.is_empty()).then_some(items.account),
            sasl_sender: items.auth_sender,
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }
}

/// Takes what was refused, then `: REASON` or the end.
fn what<'a>(at: &mut Scan<'a>, check: &mut AccessCheck<'a>) -> Option<()> {
    const STAGES: &[&str] = &[
        "RCPT ",
        "MAIL ",
        "connection in \"connect\" ACL",
        "EHLO or HELO ",
        "after DATA",
        "during MIME ACL checks",
        "by non-SMTP ACL",
        "by local_scan()",
        "AUTH ",
        "VRFY ",
        "EXPN ",
        "ETRN ",
        "ATRN ",
        "STARTTLS",
        "DATA",
        "DKIM",
        "PRDR",
        "connection",
    ];
    let stage = at.one_of(STAGES)?;
    check.stage = match stage {
        "connection in \"connect\" ACL" | "connection" => "CONNECT",
        "EHLO or HELO " => "HELO",
        "by non-SMTP ACL" => "",
        "after DATA" | "during MIME ACL checks" | "by local_scan()" | "DKIM" | "PRDR" => {
            "END-OF-MESSAGE"
        }
        stage => stage.trim_end(),
    }
    .into();
    match stage {
        "RCPT " => check.envelope.rcpt_to = Some(value(at)?),
        "MAIL " => check.envelope.mail_from = Some(value(at)?),
        "EHLO or HELO " => check.envelope.helo = Some(argument(at)),
        "DKIM" | "PRDR" => drop(at.has(" ")),
        stage if stage.ends_with(' ') => drop(argument(at)),
        _ => {}
    }
    reason(at, check)
}

/// Takes a command's argument up to `: ` or the end.
fn argument<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let mut ahead = *at;
    match ahead.until_str(": ") {
        Some(argument) => {
            *at = at.over(&at.peek()[argument.len()..]);
            argument
        }
        None => at.remainder(),
    }
}

/// Takes `: REASON` or the end; a reason may start with codes.
fn reason<'a>(at: &mut Scan<'a>, check: &mut AccessCheck<'a>) -> Option<()> {
    if at.end().is_some() {
        return Some(());
    }
    at.lit(":")?;
    at.has(" ");
    if let Some((code, enhanced)) = codes(at) {
        check.code = Some(code);
        check.enhanced = enhanced;
    }
    check.text = at.remainder();
    Some(())
}

/// Takes `CODE [ENHANCED ]`.
fn codes(at: &mut Scan<'_>) -> Option<(ReplyCode, Option<EnhancedStatus>)> {
    let mut ahead = *at;
    let code = ahead.code()?;
    ahead.lit(" ")?;
    let mut behind = ahead;
    let enhanced = behind.enhanced().filter(|_| behind.has(" "));
    *at = if enhanced.is_some() { behind } else { ahead };
    Some((code, enhanced))
}

/// Takes `[RCPT <ADDRESS>: ]discarded by STAGE ACL[: REASON]`.
fn discarded<'a>(at: &mut Scan<'a>, check: &mut AccessCheck<'a>) -> Option<()> {
    if at.has("RCPT ") {
        check.envelope.rcpt_to = Some(value(at)?);
        at.lit(": ")?;
    }
    at.lit("discarded by ")?;
    check.action = AccessAction::Discard;
    check.stage = at.until_str(" ACL")?;
    reason(at, check)
}

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
        source: Source::Policy,
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

const SYSTEM: Rule = rule(
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
