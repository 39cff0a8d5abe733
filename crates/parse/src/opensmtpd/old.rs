//! Sessions as 5.x tells of them: `smtp-in: ...` and `smtp-out: ...`.
//! Source: OpenSMTPD 5.4 and 5.7 `usr.sbin/smtpd/smtp_session.c`, `mta_session.c`.

use super::inbound::{encryption, refusal};
use super::pairs::pair;
use super::{MESSAGE_BYTES, SESSION_BYTES, id, peer};
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{
    AuthFailure, Body, Connected, Disconnected, Kind, Login, Notice, Peer, Received, SessionAborted,
};

pub(super) const RULES: &[Rule] = &[SESSION, ACCEPTED, MESSAGE, REFUSED, CLOSED, TLS, LOGIN, OUT];

/// Takes a session id, which the line belongs to.
fn session<'a>(at: &mut Scan<'a>) -> Option<()> {
    at.session = id(at, SESSION_BYTES)?;
    Some(())
}

/// Takes `HOST [ADDRESS]`.
fn host<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    let name = at.until_str(" [")?;
    Some(peer(at.until(b']')?, name))
}

const SESSION: Rule = rule(
    "opensmtpd connected of old",
    connected,
    "OpenSMTPD 5.4 smtp_session.c (smtp_connected)",
    &[
        "smtp-in: New session 08d856b172f69c5c from host mail.example.net [192.0.2.10]",
        "smtp-in: session b9ed0d5b1b2d66d1: connection from host mail.example.net [192.0.2.10] established",
        "smtp-in: session b9ed0d5b1b2d66d1: connection from host mail.example.net [192.0.2.10] closed (client sent QUIT)",
        "smtp-in: session b9ed0d5b1b2d66d1: connection from host mail.example.net [192.0.2.10] closed (IO error: Connection reset by peer)",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-in: ")?;
    if at.has("New session ") {
        session(at)?;
        at.lit(" from host ")?;
        let client = host(at)?;
        at.end()?;
        return Some(opened(client));
    }
    at.lit("session ")?;
    session(at)?;
    at.lit(": connection from host ")?;
    let client = host(at)?;
    at.lit(" ")?;
    if at.has("established") {
        return Some(opened(client));
    }
    at.lit("closed (")?;
    let reason = at.until_last(")")?;
    Some(closed(client, reason))
}

fn opened(client: Peer<'_>) -> Body<'_> {
    Body::Connected(Connected {
        client,
        ..Connected::default()
    })
}

fn closed<'a>(client: Peer<'a>, reason: &'a BStr) -> Body<'a> {
    if matches!(reason.as_bytes(), b"" | b"client sent QUIT") {
        return Body::Disconnected(Disconnected {
            client,
            ..Disconnected::default()
        });
    }
    Body::SessionAborted(SessionAborted {
        client,
        reason,
        ..SessionAborted::default()
    })
}

const ACCEPTED: Rule = rule(
    "opensmtpd accepted of old",
    accepted,
    "OpenSMTPD 5.4 smtp_session.c",
    &[
        "smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<bob@example.net>, to=<anna@example.org>, size=1746, ndest=1, proto=ESMTP",
        "smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<>, size=1746, nrcpts=2, proto=SMTP",
    ],
);

fn accepted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-in: Accepted message ")?;
    at.queue_id = Some(id(at, MESSAGE_BYTES)?);
    at.lit(" on session ")?;
    session(at)?;
    at.lit(": ")?;
    received(at)
}

/// Takes the pairs of a message.
fn received<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut it = Received::default();
    while !at.peek().is_empty() {
        let (key, value) = pair(at)?;
        let mut number = Scan::new(value, b"");
        match key.as_bytes() {
            b"from" => it.mail_from = value,
            b"to" => it.rcpt_to = value,
            b"size" => it.size = Some(number.number()?),
            b"nrcpts" => it.recipients = Some(number.number()?),
            b"proto" => it.protocol = value,
            b"ndest" | b"status" => {}
            _ => return None,
        }
    }
    Some(Body::Received(Box::new(it)))
}

const MESSAGE: Rule = rule(
    "opensmtpd message of old",
    message,
    "OpenSMTPD 5.7 smtp_session.c",
    &[
        "smtp-in: session b9ed0d5b1b2d66d1: msgid=88d01c66, status=Ok, from=<bob@example.net>, to=<anna@example.org>, size=341, ndest=1, proto=ESMTP",
    ],
);

fn message<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-in: session ")?;
    session(at)?;
    at.lit(": msgid=")?;
    at.queue_id = Some(id(at, MESSAGE_BYTES)?);
    received(at)
}

const REFUSED: Rule = rule(
    "opensmtpd refused of old",
    refused,
    "OpenSMTPD 5.4 smtp_session.c (smtp_reply)",
    &[
        "smtp-in: Failed command on session 1f55bdcdf16e28a3: \"MAIL FROM:<root@mx1.example.org>  \" => 421 4.3.0: Temporary Error",
        "smtp-in: Failed command on session 1f55bdcdf16e28a3: \"RCPT TO:<eve@example.org>\" => 550 Invalid recipient",
        "smtp-in: Bad input on session 1f55bdcdf16e28a3: 500 5.5.1 Invalid command",
    ],
);

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-in: ")?;
    let has_command = at.one_of(&["Failed command on session ", "Bad input on session "])?
        == "Failed command on session ";
    session(at)?;
    at.lit(": ")?;
    let command = match has_command {
        true => {
            at.lit("\"")?;
            at.until_last("\" => ")?
        }
        false => "input".into(),
    };
    Some(refusal(command, at.remainder(), Peer::default()))
}

const CLOSED: Rule = rule(
    "opensmtpd closed of old",
    ended,
    "OpenSMTPD 5.4 smtp_session.c",
    &[
        "smtp-in: Closing session 08d856b172f69c5c",
        "smtp-in: Received disconnect from session 427e7493ebe154ae",
        "smtp-in: Disconnecting session 427e7497e03518ef: IO error: No SSL error",
    ],
);

fn ended<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-in: ")?;
    let words = at.one_of(&[
        "Closing session ",
        "Received disconnect from session ",
        "Disconnecting session ",
    ])?;
    session(at)?;
    let reason = match words {
        "Closing session " => b"".into(),
        "Disconnecting session " => {
            at.lit(": ")?;
            at.remainder()
        }
        _ => "disconnect".into(),
    };
    Some(closed(Peer::default(), reason))
}

const TLS: Rule = rule(
    "opensmtpd tls of old",
    tls,
    "OpenSMTPD 5.4 ssl.c (ssl_to_text)",
    &[
        "smtp-in: Started TLS on session 427e749c2e46f809: version=TLSv1.2, cipher=EDH-RSA-DES-CBC3-SHA, bits=112",
        "smtp-out: Started TLS on session 427e749c2e46f809: version=TLSv1/SSLv3, cipher=AES256-SHA, bits=256",
        "smtp-in: session b9ed0d6585831ba4: TLS started version=TLSv1/SSLv3 (TLSv1.2), cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let inbound = at.one_of(&["smtp-in: ", "smtp-out: "])? == "smtp-in: ";
    if at.has("Started TLS on session ") {
        session(at)?;
        at.lit(": ")?;
    } else {
        at.lit("session ")?;
        session(at)?;
        at.lit(": TLS started ")?;
    }
    let tls = encryption(at.remainder(), inbound, Peer::default())?;
    Some(Body::Tls(tls))
}

const LOGIN: Rule = rule(
    "opensmtpd login of old",
    login,
    "OpenSMTPD 5.4 and 5.7 smtp_session.c",
    &[
        "smtp-in: Accepted authentication for user anna on session 427e749c2e46f809",
        "smtp-in: Authentication failed for user anna on session 427e749c2e46f809",
        "smtp-in: Authentication temporarily failed for user anna on session 427e749c2e46f809",
        "smtp-in: session b9ed0d6585831ba4: authentication successful for user anna ",
        "smtp-in: session b9ed0d6585831ba4: authentication failed for user anna ",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("smtp-in: ")?;
    let (reason, user) = if at.has("session ") {
        session(at)?;
        at.lit(": authentication ")?;
        let result = at.until_str(" for user ")?;
        (result, at.remainder().trim_ascii_end().into())
    } else {
        let result = at.until_str(" for user ")?;
        let user = at.until_last(" on session ")?;
        session(at)?;
        (result, user)
    };
    let protocol = "smtp".into();
    match reason.as_bytes() {
        b"Accepted authentication" | b"successful" => Some(Body::Login(Login {
            protocol,
            user,
            ..Login::default()
        })),
        b"Authentication failed"
        | b"Authentication temporarily failed"
        | b"failed"
        | b"temporarily failed" => Some(Body::AuthFailure(AuthFailure {
            protocol,
            user,
            reason,
            ..AuthFailure::default()
        })),
        _ => None,
    }
}

const OUT: Rule = rule(
    "opensmtpd session out of old",
    out,
    "OpenSMTPD 5.4 and 5.7 mta_session.c",
    &[
        "smtp-out: Connecting to smtp://192.0.2.25:25 (mx.example.net) on session 427e749c2e46f809...",
        "smtp-out: Connected on session 427e749c2e46f809",
        "smtp-out: Closing session 427e749c2e46f809: 1 message sent.",
        "smtp-out: Error on session 427e749c2e46f809: Connection timeout",
        "smtp-out: session b9ed0d6826f9ff4c: connecting to lmtp://192.0.2.25:24 (mx.example.net)",
        "smtp-out: session b9ed0d6826f9ff4c: connection established",
        "smtp-out: session b9ed0d6826f9ff4c: connection closed, 1 message sent",
        "smtp-out: Server certificate verification succeeded on session 427e749c2e46f809",
        "smtp-in: Client certificate verification failed on session 427e749c2e46f809",
    ],
);

fn out<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["smtp-out: ", "smtp-in: "])?;
    let text = at.peek();
    if at.has("Connecting to ") {
        at.until_str("://")?;
        let target = at.until_str(" (")?;
        let host = at.until_str(") on session ")?;
        session(at)?;
        return connecting(target, host, text);
    }
    if at.has("session ") {
        session(at)?;
        at.lit(": ")?;
        if at.has("connecting to ") {
            at.until_str("://")?;
            let target = at.until_str(" (")?;
            let host = at.while_(|byte| byte != b')');
            return connecting(target, host, text);
        }
        at.lit("connection ")?;
        return Some(notice(Kind::ServiceInfo, text));
    }
    let kind = match at.one_of(&[
        "Connected on session ",
        "Closing session ",
        "Error on session ",
        "TLS Error on session ",
        "Server certificate verification succeeded on session ",
        "Server certificate verification failed on session ",
        "Client certificate verification succeeded on session ",
        "Client certificate verification failed on session ",
    ])? {
        "Connected on session " | "Closing session " => Kind::ServiceInfo,
        words if words.contains("succeeded") => Kind::ServiceInfo,
        _ => Kind::ServiceWarning,
    };
    session(at)?;
    Some(notice(kind, text))
}

fn connecting<'a>(target: &'a BStr, host: &'a BStr, text: &'a [u8]) -> Option<Body<'a>> {
    Some(Body::Notice(Notice {
        peer: super::outbound::address_and_port(target, host)?,
        text: text.into(),
        ..Notice::default()
    }))
}
