//! How sessions with clients go wrong, and at high log levels that they began.
//! Source: sendmail `sendmail/srvrsmtp.c`, `sendmail/collect.c`.

use super::peer;
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Connected, Kind, Peer, SessionAborted, Violation};

pub(super) const RULES: &[Rule] = &[
    IDLE, LOST, COLLECT, EARLY, ATTACK, CONNECTED, OUTGOING, DIALOGUE,
];

const IDLE: Rule = rule(
    "sendmail idle session",
    idle,
    "sendmail sendmail/srvrsmtp.c",
    &[
        "6AM8XJBG008146: host.example.com [192.0.2.123] did not issue MAIL/EXPN/VRFY/ETRN during connection to MTA",
        "6AM8XJBG008146: host.example.com [IPv6:2001:db8::1] (may be forged) did not issue MAIL/EXPN/VRFY/ETRN during connection to IPv6",
    ],
);

fn idle<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = peer::client(at)?;
    at.lit(" ")?;
    let reason = at.until_str(" during connection to ")?;
    (reason == "did not issue MAIL/EXPN/VRFY/ETRN").then_some(())?;
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason,
        ..SessionAborted::default()
    }))
}

const LOST: Rule = rule(
    "sendmail lost session",
    lost,
    "sendmail sendmail/srvrsmtp.c, sendmail/util.c (sfgets)",
    &[
        "6AM8XJBG008146: lost input channel from host.example.com [192.0.2.123] to MTA-v4 after rcpt",
        "6AM8XJBG008146: timeout waiting for input from host.example.com during server cmd read",
        "6AM8XJBG008146: timeout waiting for input from [192.0.2.123] during message collect",
    ],
);

fn lost<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("timeout waiting for input from ") {
        let host = at.until_str(" during ")?;
        return Some(Body::SessionAborted(SessionAborted {
            client: peer::relay(host),
            reason: "timeout".into(),
            stage: at.remainder(),
            ..SessionAborted::default()
        }));
    }
    let reason = at.peek().get(..b"lost input channel".len())?;
    at.lit("lost input channel from ")?;
    let client = peer::client(at)?;
    at.lit(" to ")?;
    at.until_str(" after ")?;
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason: reason.into(),
        stage: at.remainder(),
        ..SessionAborted::default()
    }))
}

const COLLECT: Rule = rule(
    "sendmail collect",
    collect,
    "sendmail sendmail/collect.c",
    &[
        "6AM8XJBG008146: collect: premature EOM on connection from host.example.com [192.0.2.123], sender=<bob@x.test>",
        "6AM8XJBG008146: collect: unexpected close on connection from [192.0.2.123], sender=<bob@x.test>",
        "6AM8XJBG008146: collect: premature EOM: Connection reset by host.example.com",
    ],
);

fn collect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("collect: ")?;
    let mut ahead = *at;
    let (reason, client) = match ahead.until_str(" on connection from ") {
        Some(reason) => (reason, peer::client(&mut ahead)?),
        None => {
            at.lit("premature EOM: ")?;
            (at.remainder(), Peer::default())
        }
    };
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason,
        stage: "DATA".into(),
        ..SessionAborted::default()
    }))
}

const EARLY: Rule = rule(
    "sendmail early talker",
    early,
    "sendmail sendmail/srvrsmtp.c",
    &[
        "6AM8XJBG008146: rejecting commands from  [192.0.2.123] due to pre-greeting traffic after 0 seconds",
        "6AM8XJBG008146: rejecting server EHLO from host.example.com [192.0.2.123] due to traffic before response",
        "NOQUEUE: rejecting commands from host.example.com [192.0.2.123] due to previous HTTP command",
    ],
);

fn early<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("rejecting ")?;
    let stage = at.until_str(" from ")?;
    (stage == "commands" || stage.starts_with(b"server ")).then_some(())?;
    let client = peer::client(at)?;
    at.lit(" due to ")?;
    let mut ahead = *at;
    let timed = ahead.until_str(" after ").and_then(|violation| {
        let seconds: u64 = ahead.number()?;
        ahead.lit(" seconds")?;
        Some((violation, seconds.saturating_mul(1000)))
    });
    let (violation, after_ms) = match timed {
        Some((violation, ms)) => (violation, Some(ms)),
        None => (at.remainder(), None),
    };
    let stage = stage.strip_prefix(b"server ").unwrap_or_default();
    Some(Body::Violation(Violation {
        client,
        violation,
        stage: stage.into(),
        after_ms,
        ..Violation::default()
    }))
}

const ATTACK: Rule = rule(
    "sendmail attack",
    attack,
    "sendmail sendmail/srvrsmtp.c",
    &[
        "6AM8XJBG008146: host.example.com [192.0.2.123]: possible SMTP attack: command=AUTH, count=6",
        "6AM8XJBG008146: host.example.com [192.0.2.123]: Possible SMTP RCPT flood, throttling.",
        "6AM8XJBG008146: [192.0.2.123]: probable open proxy: command=GET / HTTP/1.1",
        "6AM8XJBG008146: [192.0.2.123]: SMTP violation, input too long: 2050",
        "6AM8XJBG008146: unauthorized PIPELINING, sleeping, relay=host.example.com [192.0.2.123]",
    ],
);

fn attack<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("unauthorized PIPELINING") {
        at.until_str("relay=")?;
        return Some(Body::Violation(Violation {
            client: peer::client(at)?,
            violation: "unauthorized PIPELINING".into(),
            ..Violation::default()
        }));
    }
    let client = peer::client(at)?;
    at.lit(": ")?;
    let words = at.one_of(&[
        "possible SMTP attack",
        "Possible SMTP RCPT flood",
        "probable open proxy",
        "SMTP violation",
    ])?;
    at.one_of(&[": command=", ", "])?;
    Some(Body::Violation(Violation {
        client,
        violation: words.into(),
        text: at.remainder(),
        ..Violation::default()
    }))
}

const CONNECTED: Rule = rule(
    "sendmail connected",
    connected,
    "sendmail sendmail/srvrsmtp.c, sendmail/daemon.c (log level 13)",
    &[
        "NOQUEUE: connect from host.example.com [192.0.2.123]",
        "NOQUEUE: connect from root@localhost",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("connect from ")?;
    let client = match peer::client(&mut at.over(at.peek())) {
        Some(client) => client,
        None => Peer {
            name: at.peek().into(),
            ..Peer::default()
        },
    };
    Some(Body::Connected(Connected {
        client,
        ..Connected::default()
    }))
}

const OUTGOING: Rule = rule(
    "sendmail outgoing",
    outgoing,
    "sendmail sendmail/deliver.c, sendmail/usersmtp.c",
    &["6AM8XJBG008146: SMTP outgoing connect on mx1.example.org"],
);

/// Names our own side of the connection, not the next hop.
fn outgoing<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let text = at.peek();
    at.lit("SMTP outgoing connect on ")?;
    at.word()?;
    at.end()?;
    Some(notice(Kind::ServiceInfo, text))
}

const DIALOGUE: Rule = rule(
    "sendmail dialogue",
    dialogue,
    "sendmail sendmail/srvrsmtp.c, sendmail/err.c (log level 10 and more)",
    &[
        "6AM8XJBG008146: <-- EHLO host.example.com",
        "6AM8XJBG008146: --- 250 2.1.5 <anna@example.org>... Recipient ok",
        "NOQUEUE: --- 250-mx1.example.org Hello host.example.com [192.0.2.123], pleased to meet you",
    ],
);

fn dialogue<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text: &BStr = at.peek().into();
    if !at.has("<-- ") {
        at.lit("--- ")?;
        let mut ahead = *at;
        ahead.number::<u16>()?;
    }
    Some(notice(Kind::ServiceInfo, text))
}
