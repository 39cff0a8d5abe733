//! Results of attempts by Courier's modules, and by courierd itself where none is needed: unknown
//! users, cancelled messages.
//!
//! The other side's words have lines of their own, before the one with the result. Of a success that
//! one tells the server; a `status: success` that follows adds nothing.
//! Source: courier `libs/comctlfile.c` (`ctlfile_append_reply`).

use super::{address, message};
use crate::notices::notice;
use crate::postfix::accepted_as;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{Agent, AttemptFailed, Body, Delivery, DeliveryEnded, DeliveryStatus, Kind, Peer};

pub(super) const RULES: &[Rule] = &[RESULT, REPLY];

/// Takes `id=ID,from=<S>,addr=<R>`; gives the recipient.
fn head<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    message(at)?;
    at.lit(",from=<")?;
    at.until_str(">,addr=<")?;
    at.until(b'>')
}

const RESULT: Rule = rule(
    "courier result",
    result,
    "courier libs/comctlfile.c (ctlfile_append_reply)",
    &[
        "id=0038C081.4D026173.000051A4,from=<bob@example.net>,addr=<anna@example.org>,size=329,success: Message delivered.",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,size=329,success: delivered: mx.example.net [::ffff:192.0.2.25]",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,success: delivered: [192.0.2.25] [192.0.2.25]",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,size=329,status: success",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>,status: deferred",
        "id=0038C081.4D026173.000051A4,from=<>,addr=<eve@example.net>,status: failure",
    ],
);

fn result<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let rcpt_to = head(at)?;
    if at.has(",size=") {
        at.number::<u64>()?;
    }
    at.lit(",")?;
    let status = match at.one_of(&["success: ", "status: "])? {
        "success: " => DeliveryStatus::Sent,
        _ => match at.remainder().as_bytes() {
            b"deferred" => DeliveryStatus::Deferred,
            b"failure" => DeliveryStatus::Bounced,
            b"success" => return Some(notice(Kind::ServiceInfo, text)),
            _ => return None,
        },
    };
    let text = at.remainder();
    Some(Body::Delivery(Delivery {
        rcpt_to,
        relay: relay(at.over(text)).unwrap_or_default(),
        status,
        agent: agent(at.program),
        text,
        ..Delivery::default()
    }))
}

/// The server in `delivered: NAME [ADDRESS]`.
fn relay<'a>(mut at: Scan<'a>) -> Option<Peer<'a>> {
    at.lit("delivered: ")?;
    let name = at.until_str(" [")?;
    let name = if name.starts_with(b"[") {
        b"".into()
    } else {
        name
    };
    Some(Peer {
        name,
        address: address(at.until(b']')?),
        port: None,
    })
}

fn agent(program: &[u8]) -> Agent {
    match program {
        b"courieresmtp" | b"courieruucp" => Agent::Smtp,
        b"courierlocal" => Agent::Local,
        b"courierfax" => Agent::Pipe,
        b"courierd" => Agent::Error,
        _ => Agent::Other,
    }
}

const REPLY: Rule = rule(
    "courier reply",
    reply,
    "courier libs/comctlfile.c (ctlfile_append_reply)",
    &[
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<eve@example.net>: 550 5.1.1 <eve@example.net>: no such user",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<eve@example.net>: mx.example.net [::ffff:192.0.2.25]:",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<eve@example.net>: Connection timed out",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<eve@example.net>: Message cancelled.",
        "id=0038C081.4D026173.000051A4,from=<anna@example.org>,addr=<bob@example.net>: 250 2.0.0 Ok: queued as 4XyZab12cDz9Qw",
    ],
);

/// What the other side said, or why there was none.
fn reply<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let rcpt_to = head(at)?;
    at.lit(": ")?;
    let text = at.remainder();
    let mut behind = at.over(text);
    let code = behind.code();
    let words = behind;
    behind.one_of(&[" ", "-"]);
    let enhanced = behind.enhanced();
    if code.is_some_and(|it| it.failure_class().is_none()) {
        return Some(Body::DeliveryEnded(DeliveryEnded {
            rcpt_to,
            code,
            enhanced,
            text,
            remote_reply: true,
            next_queue_id: accepted_as(words),
            ..DeliveryEnded::default()
        }));
    }
    Some(Body::AttemptFailed(AttemptFailed {
        rcpt_to,
        code,
        enhanced,
        text,
        ..AttemptFailed::default()
    }))
}
