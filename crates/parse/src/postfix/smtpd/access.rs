//! What restrictions, access maps and policy services decide.

use crate::postfix::decision;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AccessAction, AccessCheck, Body, Source};

pub(super) const DECISION: Rule = rule(
    "smtpd decision",
    decision,
    "postfix src/smtpd/smtpd_check.c (log_whatsup)",
    &[
        "NOQUEUE: reject: RCPT from mail.example.net[192.0.2.7]: 554 5.7.1 <b@example.org>: Relay access denied; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<mail.example.net>",
        "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using dnsbl.example.test; https://dnsbl.example.test/?q=192.0.2.7; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "3F2A1C0D: reject: RCPT from unknown[192.0.2.7]: 554 <b@example.org>: Relay access denied; from=<a@example.net> to=<b@example.org>",
        "NOQUEUE: reject: CONNECT from unknown[192.0.2.7]: 450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]; proto=SMTP",
        "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 550 5.7.1 <b@example.org>: Recipient address rejected: no; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x> sasl_method=PLAIN sasl_username=anna sasl_sender=anna@example.org",
        "NOQUEUE: reject_warning: HELO from unknown[192.0.2.7]: 504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname; proto=SMTP helo=<x>",
        "NOQUEUE: permit: RCPT from unknown[192.0.2.7]: action=permit_mynetworks for Client host=unknown[192.0.2.7]; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: hold: RCPT from unknown[192.0.2.7]: <b@example.org>: Recipient address triggers HOLD action; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: discard: RCPT from unknown[192.0.2.7]: <a@example.net>: Sender address triggers DISCARD action; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: filter: RCPT from unknown[192.0.2.7]: <a@example.net>: Sender address triggers FILTER scan:[127.0.0.1]:10024; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: redirect: RCPT from unknown[192.0.2.7]: <b@example.org>: Recipient address triggers REDIRECT c@example.org; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: bcc: RCPT from unknown[192.0.2.7]: <b@example.org>: Recipient address triggers BCC c@example.org; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: warn: RCPT from unknown[192.0.2.7]: watch this one; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: info: DATA from unknown[192.0.2.7]: seen; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: hangup: CONNECT from unknown[192.0.2.7]: go away; proto=SMTP",
        "3F2A1C0D: reject: END-OF-MESSAGE from unknown[192.0.2.7]: bare <LF> received; from=<a@example.net> to=<b@example.org> proto=ESMTP helo=<x>",
        "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 421 4.3.0 mx1.example.org Server local data error",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.queue_id.is_none() && !at.noqueue {
        return None;
    }
    let action = decision::action(at.until(b':')?)?;
    at.lit(" ")?;
    let stage = at.until_str(" from ")?;
    let client = at.peer()?;
    at.lit(": ")?;
    let (code, enhanced) = decision::reply(at);
    let (text, envelope) = decision::text_and_envelope(at);
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage,
        client,
        code,
        enhanced,
        text,
        next_queue_id: None,
        envelope,
    }))
}

pub(super) const ETRN: Rule = rule(
    "smtpd etrn reject",
    etrn,
    "postfix src/smtpd/smtpd.c (etrn_cmd)",
    &["warning: reject: ETRN example.org... from unknown[192.0.2.7]"],
);

fn etrn<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("reject: ETRN ")?;
    let text = at.until_last("... from ")?;
    let client = at.peer()?;
    at.end()?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        stage: "ETRN".into(),
        client,
        text,
        ..AccessCheck::default()
    }))
}

pub(super) const TLS_ABORT: Rule = rule(
    "smtpd tls abort",
    tls_abort,
    "postfix src/smtpd/smtpd.c (smtpd_start_tls)",
    &[
        "NOQUEUE: abort: TLS from unknown[192.0.2.7]: No client certificate presented",
        "NOQUEUE: abort: TLS from unknown[192.0.2.7]: Client certificate not trusted",
    ],
);

fn tls_abort<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("abort: TLS from ")?;
    let client = at.peer()?;
    at.lit(": ")?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Abort,
        stage: "TLS".into(),
        client,
        text: at.remainder(),
        ..AccessCheck::default()
    }))
}
