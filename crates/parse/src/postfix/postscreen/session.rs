//! Clients come, go and are refused.

use crate::postfix::decision;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AccessAction, AccessCheck, Body, Connected, Disconnected, SessionAborted, Source};

pub(super) const CONNECTED: Rule = rule(
    "postscreen connect",
    connected,
    "postfix src/postscreen/postscreen.c, src/tlsproxy/tlsproxy.c",
    &[
        "CONNECT from [192.0.2.7]:36942 to [198.51.100.1]:25",
        "CONNECT from [2001:db8::7]:36942",
        "CONNECT to [192.0.2.7]:25",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("CONNECT ")?;
    let mut connected = Connected::default();
    if at.has("from ") {
        connected.client = at.peer()?;
        if at.end().is_none() {
            at.lit(" to ")?;
            connected.server = at.peer()?;
        }
    } else {
        at.lit("to ")?;
        connected.server = at.peer()?;
    }
    at.end()?;
    Some(Body::Connected(connected))
}

pub(super) const DISCONNECTED: Rule = rule(
    "postscreen disconnect",
    disconnected,
    "postfix src/postscreen/postscreen_misc.c, src/tlsproxy/tlsproxy.c",
    &["DISCONNECT [192.0.2.7]:36942"],
);

fn disconnected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("DISCONNECT ")?;
    let client = at.peer()?;
    at.end()?;
    Some(Body::Disconnected(Disconnected {
        client,
        ..Disconnected::default()
    }))
}

pub(super) const HANGUP: Rule = rule(
    "postscreen hangup",
    hangup,
    "postfix src/postscreen/postscreen_misc.c (psc_hangup_event)",
    &[
        "HANGUP after 2.2 from [192.0.2.7]:36942 in tests before SMTP handshake",
        "HANGUP after 0 from [2001:db8::7]:36942 in tests after SMTP handshake",
        "HANGUP after 0.5 from [192.0.2.7]:36942",
    ],
);

fn hangup<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("HANGUP after ")?;
    let after_ms = Some(at.seconds_ms()?);
    at.lit(" from ")?;
    let client = at.peer()?;
    if at.end().is_none() {
        at.lit(" in ")?;
    }
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason: "hangup".into(),
        stage: at.remainder(),
        bytes: None,
        after_ms,
    }))
}

pub(super) const REJECTED_RECIPIENT: Rule = rule(
    "postscreen reject recipient",
    rejected_recipient,
    "postfix src/postscreen/postscreen_smtpd.c",
    &[
        "NOQUEUE: reject: RCPT from [192.0.2.7]:36942: 550 5.7.1 Service unavailable; client [192.0.2.7] blocked using dnsbl.example.test; from=<a@example.net>, to=<b@example.org>, proto=ESMTP, helo=<x>",
        "NOQUEUE: reject: RCPT from [2001:db8::7]:36942: 450 4.3.2 Service currently unavailable; from=<>, to=<b@example.org>, proto=SMTP, helo=<a b>",
    ],
);

fn rejected_recipient<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("reject: RCPT from ")?;
    let client = at.peer()?;
    at.lit(": ")?;
    let (code, enhanced) = decision::reply(at);
    let (text, envelope) = decision::text_and_envelope(at);
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Postscreen,
        stage: "RCPT".into(),
        client,
        code,
        enhanced,
        text,
        next_queue_id: None,
        envelope,
    }))
}

pub(super) const REJECTED_CONNECTION: Rule = rule(
    "postscreen reject connection",
    rejected_connection,
    "postfix src/postscreen/postscreen.c, src/postscreen/postscreen_send.c",
    &[
        "NOQUEUE: reject: CONNECT from [192.0.2.7]:36942: too many connections",
        "NOQUEUE: reject: CONNECT from [192.0.2.7]:36942: all server ports busy",
        "reject: connect from [192.0.2.7]:36942: all screening ports busy",
    ],
);

fn rejected_connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("reject: ")?;
    at.one_of(&["CONNECT from ", "connect from "])?;
    let client = at.peer()?;
    at.lit(": ")?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Postscreen,
        stage: "CONNECT".into(),
        client,
        text: at.remainder(),
        ..AccessCheck::default()
    }))
}
