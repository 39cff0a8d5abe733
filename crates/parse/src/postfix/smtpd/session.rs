//! Clients come and go.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Connected, Disconnected, SessionAborted};

pub(super) const CONNECTED: Rule = rule(
    "smtpd connect",
    connected,
    "postfix src/smtpd/smtpd.c",
    &[
        "connect from mail.example.net[192.0.2.7]",
        "connect from unknown[2001:db8::7]:41234",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("connect from ")?;
    let client = at.peer()?;
    at.end()?;
    Some(Body::Connected(Connected {
        client,
        ..Connected::default()
    }))
}

pub(super) const DISCONNECTED: Rule = rule(
    "smtpd disconnect",
    disconnected,
    "postfix src/smtpd/smtpd.c",
    &[
        "disconnect from mail.example.net[192.0.2.7]",
        "disconnect from unknown[192.0.2.7] ehlo=1 auth=0/1 mail=1 rcpt=2/5 quit=1 commands=5/9",
        "disconnect from unknown[192.0.2.7]:41234 ehlo=1 quit=1 commands=2 notes=bare_lf",
        "disconnect from unknown[unknown] commands=0/0",
    ],
);

fn disconnected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("disconnect from ")?;
    let client = at.peer()?;
    if at.end().is_none() {
        at.lit(" ")?;
    }
    Some(Body::Disconnected(Disconnected {
        client,
        counts: at.remainder(),
    }))
}

pub(super) const ABORTED: Rule = rule(
    "smtpd aborted",
    aborted,
    "postfix src/smtpd/smtpd.c",
    &[
        "lost connection after CONNECT from unknown[192.0.2.7]",
        "timeout after END-OF-MESSAGE from mail.example.net[192.0.2.7]",
        "too many errors after AUTH from unknown[2001:db8::7]:41234",
        "lost connection after DATA (35112 bytes) from mail.example.net[192.0.2.7]",
        "timeout after DATA content from mail.example.net[192.0.2.7]",
        "NOQUEUE: lost connection after AUTH from unknown[192.0.2.7]",
        "4bXyZ10QzKz1r: lost connection after BDAT (100 bytes) from mail.example.net[192.0.2.7]",
    ],
);

fn aborted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = at.one_of(&["lost connection", "timeout", "too many errors"])?;
    at.lit(" after ")?;
    let stage = at.until_str(" from ")?;
    let client = at.peer()?;
    at.end()?;
    let (stage, bytes) = stage_and_bytes(at.over(stage));
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason: reason.into(),
        stage,
        bytes,
        after_ms: None,
    }))
}

/// `DATA (123 bytes)` is the stage `DATA`; other stages are taken as they are.
fn stage_and_bytes<'a>(at: Scan<'a>) -> (&'a BStr, Option<u64>) {
    fn content<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, u64)> {
        let stage = at.until_str(" (")?;
        let bytes = at.number()?;
        at.lit(" bytes)")?;
        at.end()?;
        Some((stage, bytes))
    }
    match content(&mut { at }) {
        Some((stage, bytes)) => (stage, Some(bytes)),
        None => (at.peek().into(), None),
    }
}

pub(super) const QMQP_ABORTED: Rule = rule(
    "qmqpd aborted",
    qmqp_aborted,
    "postfix src/qmqpd/qmqpd.c",
    &[
        "NOQUEUE: list.example.org[192.0.2.7]: lost connection while receiving sender",
        "3F2A1C0D: list.example.org[192.0.2.7]: timeout while receiving message",
    ],
);

fn qmqp_aborted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.queue_id.is_none() && !at.noqueue {
        return None;
    }
    let client = at.peer()?;
    at.lit(": ")?;
    let reason = at.until_str(" while ")?;
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason,
        stage: at.remainder(),
        bytes: None,
        after_ms: None,
    }))
}
