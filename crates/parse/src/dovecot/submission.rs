//! The submission service: messages passed on to the MTA.
//! Source: dovecot `src/submission/submission-backend-relay.c`.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Agent, Body, Delivery, DeliveryStatus, Peer};

pub(crate) const RULES: &[Rule] = &[RELAYED];

const RELAYED: Rule = rule(
    "dovecot submission relayed",
    relayed,
    "dovecot src/submission/submission-backend-relay.c",
    &[
        "submission(anna)<1053><C+CtQdlg5oZ/AAAB>: Successfully relayed message: from=<anna@example.org>, size=2201, id=jJxbDXqmAms2bwAAg+zDdQ, nrcpt=2, reply=`250 2.0.0 Ok: queued as 4jXMZG2fzbz1Xf28'",
        "submission(anna)<1053><C+CtQdlg5oZ/AAAB>: Successfully relayed message: from=<anna@example.org>, to=<bob@example.net>, size=2201, id=jJxbDXqmAms2bwAAg+zDdQ, rcpt=1/2, reply=`250 2.0.0 Ok: queued as 4jXMZG2fzbz1Xf28'",
        "submission(anna)<1053><C+CtQdlg5oZ/AAAB>: Failed to relay message: from=<anna@example.org>, size=2201, nrcpt=1, reply=`552 5.3.4 Message too big'",
        "submission(anna)<1053><C+CtQdlg5oZ/AAAB>: Failed to relay message: from=<anna@example.org>, to=<bob@example.net>, size=2201, rcpt=1/1, reply=`451 4.3.0 later'",
    ],
);

fn relayed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let sent = at.has("Successfully relayed message: from=");
    if !sent {
        at.lit("Failed to relay message: from=")?;
    }
    at.angle()?;
    at.lit(", ")?;
    let mut rcpt_to = BStr::new(b"");
    if at.has("to=") {
        rcpt_to = at.angle()?;
        at.lit(", ")?;
    }
    at.lit("size=")?;
    at.number::<u64>()?;
    at.until_str("reply=`")?;
    let text = at.until_last("'")?;
    at.end()?;
    let mut reply = at.over(text);
    let code = reply.code();
    reply.has(" ");
    let deferred = code.is_some_and(|code| code.0 / 100 == 4);
    Some(Body::Delivery(Delivery {
        rcpt_to,
        relay: Peer::default(),
        status: match (sent, deferred) {
            (true, _) => DeliveryStatus::Sent,
            (false, true) => DeliveryStatus::Deferred,
            (false, false) => DeliveryStatus::Bounced,
        },
        agent: Agent::Smtp,
        enhanced: reply.enhanced(),
        text,
        code,
        remote_reply: code.is_some(),
        next_queue_id: queued_as(at.over(text)),
        ..Delivery::default()
    }))
}

/// `X` of `queued as X`.
fn queued_as(mut reply: Scan<'_>) -> Option<&BStr> {
    reply.until_str("queued as ")?;
    reply.word()
}
