//! Milters: what they decide in smtpd and cleanup, and the library's complaints about them.

use super::decision;
use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AccessCheck, Body, ContentCheck, Kind, Source};

pub(crate) const RULES: &[Rule] = &[DECISION, HEADER_CHECK, UNREACHABLE, FAILED];

const DECISION: Rule = rule(
    "milter decision",
    decision,
    "postfix src/smtpd/smtpd.c, src/cleanup/cleanup_milter.c",
    &[
        "NOQUEUE: milter-reject: RCPT from mail.example.net[192.0.2.7]: 451 4.7.1 Service unavailable - try again later; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<mail.example.net>",
        "NOQUEUE: milter-reject: MAIL from mail.example.net[192.0.2.7]: 550 5.7.1 Go away; from=<a@example.net> proto=ESMTP helo=<mail.example.net> sasl_username=<anna>",
        "3F2A1C0D: milter-reject: END-OF-MESSAGE from unknown[2001:db8::9]: 5.7.1 Spam message rejected; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "3F2A1C0D: milter-hold: END-OF-MESSAGE from unknown[192.0.2.9]: milter triggers HOLD action; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "3F2A1C0D: milter-discard: END-OF-MESSAGE from localhost[127.0.0.1]: milter triggers DISCARD action; from=<a@example.net>",
        "NOQUEUE: milter-reject: CONNECT from unknown[192.0.2.9]: 421 4.7.0 mx1.example.org closing connection; proto=SMTP",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("milter-")?;
    let action = decision::action(at.until(b':')?)?;
    at.lit(" ")?;
    let stage = at.until_str(" from ")?;
    let client = at.peer()?;
    at.lit(": ")?;
    let (code, enhanced) = decision::reply(at);
    let (text, envelope) = decision::text_and_envelope(at);
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Milter,
        stage,
        client,
        code,
        enhanced,
        text,
        next_queue_id: None,
        envelope,
    }))
}

const HEADER_CHECK: Rule = rule(
    "milter header check",
    header_check,
    "postfix src/cleanup/cleanup_milter.c (cleanup_milter_hbc_log)",
    &[
        "3F2A1C0D: milter-header-hold: header X-Spam-Flag: YES from mail.example.net[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<mail.example.net>",
        "3F2A1C0D: milter-header-reject: header X-Spam-Flag: YES from mail.example.net[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<mail.example.net>: 5.7.1 spam",
    ],
);

fn header_check<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("milter-")?;
    at.until(b'-')?;
    let action = decision::action(at.until(b':')?)?;
    at.lit(" ")?;
    let part = at.until(b' ')?;
    let matched = decision::matched(at)?;
    let (header_name, content) = decision::header(matched.content);
    Some(Body::Content(ContentCheck {
        action,
        part,
        header_name,
        content,
        client: matched.client,
        envelope: matched.envelope,
        text: matched.text,
    }))
}

const UNREACHABLE: Rule = rule(
    "milter unreachable",
    unreachable,
    "postfix src/milter/milter8.c (milter8_connect)",
    &["warning: connect to Milter service inet:127.0.0.1:8891: Connection refused"],
);

fn unreachable<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("connect to Milter service ")?;
    complaint(at)
}

const FAILED: Rule = rule(
    "milter failed",
    failed,
    "postfix src/milter/milter8.c",
    &[
        "warning: milter inet:localhost:11332: can't read SMFIC_BODYEOB reply packet header: Connection timed out",
        "warning: milter unix:/run/filter.sock: error writing command: Broken pipe",
        "warning: milter inet:localhost:11332: unexpected filter response SMFIR_SKIP after event SMFIC_RCPT",
        "warning: milter inet:localhost:11332: malformed reply: nonsense",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("milter ")?;
    complaint(at)
}

/// Takes `SERVICE: TEXT`; a service has colons, but no space behind one.
fn complaint<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.until_str(": ")?;
    if about.contains(&b' ') {
        return None;
    }
    notice(Kind::ServiceWarning, about, at.remainder())
}
