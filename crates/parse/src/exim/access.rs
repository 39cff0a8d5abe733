//! What ACLs and `local_scan()` decided on a client or a message.
//!
//! The reply's code is logged only where the postmaster's text holds one; `temporarily` stands for
//! 451 then. Source: exim `src/smtp_in.c` (`smtp_handle_acl_fail`), `src/acl.c`, `src/receive.c`.

use super::item::{Items, value};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AccessAction, AccessCheck, Body, EnhancedStatus, Envelope, ReplyCode, Source};

pub(crate) const RULES: &[Rule] = &[DECISION];

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
pub(super) const TEMPORARY: ReplyCode = ReplyCode(451);

/// A refusal by an ACL of who the items name.
pub(super) fn by<'a>(items: &Items<'a>) -> AccessCheck<'a> {
    let mut client = items.host.peer;
    if client.is_empty() {
        client.name = items.user;
    }
    let helo = items.host.helo;
    AccessCheck {
        source: Source::Access,
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
