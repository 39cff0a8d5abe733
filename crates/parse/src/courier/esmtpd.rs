//! courieresmtpd: who connected, and what was refused.
//! Source: courier `module.esmtp/courieresmtpd.C`.

use super::{address, bracketed};
use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    AccessCheck, AuthFailure, Body, Connected, Envelope, Kind, Peer, Source, TlsFailed, Violation,
};

pub(super) const RULES: &[Rule] = &[STARTED, REFUSED, COMMAND, TLS, LIMIT];

const STARTED: Rule = rule(
    "courier connected",
    started,
    "courier module.esmtp/courieresmtpd.C",
    &[
        "started,ip=[::ffff:192.0.2.10]",
        "started,ip=[2001:db8::10],port=[41234]",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("started,ip=")?;
    let mut client = Peer {
        address: bracketed(at)?,
        ..Peer::default()
    };
    if at.has(",port=[") {
        client.port = Some(at.number()?);
        at.lit("]")?;
    }
    at.end()?;
    Some(Body::Connected(Connected {
        client,
        ..Connected::default()
    }))
}

/// Takes `error,relay=ADDRESS[,port=P][,ident=I]`.
fn client<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    at.lit("error,relay=")?;
    let mut client = Peer {
        address: address(at.until(b',')?),
        ..Peer::default()
    };
    if at.has("port=") {
        client.port = Some(at.number()?);
        at.lit(",")?;
    }
    if at.has("ident=") {
        at.until(b',')?;
    }
    Some(client)
}

const REFUSED: Rule = rule(
    "courier refused",
    refused,
    "courier module.esmtp/courieresmtpd.C",
    &[
        "error,relay=::ffff:192.0.2.10,ident=anna,from=<bob@example.net>,to=<eve@example.org>: 550 User unknown.",
        "error,relay=2001:db8::10,port=41234,from=<bob@x.test>: 517 Domain does not exist: x.test.",
        "error,relay=::ffff:192.0.2.10,from=<bob@example.net>,to=<anna@example.net>: 513 Relaying denied.",
    ],
);

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = client(at)?;
    at.lit("from=<")?;
    let (mail_from, rcpt_to) = {
        let mut ahead = *at;
        match ahead.until_str(">,to=<") {
            Some(mail_from) => {
                *at = ahead;
                (mail_from, Some(at.until_str(">: ")?))
            }
            None => (at.until_str(">: ")?, None),
        }
    };
    let code = at.code();
    at.one_of(&[" ", "-"]);
    let enhanced = at.enhanced();
    at.has(" ");
    Some(Body::Access(AccessCheck {
        source: Source::Access,
        stage: if rcpt_to.is_some() { "RCPT" } else { "MAIL" }.into(),
        client,
        code,
        enhanced,
        text: at.remainder(),
        envelope: Envelope {
            mail_from: Some(mail_from),
            rcpt_to,
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

const COMMAND: Rule = rule(
    "courier command refused",
    command,
    "courier module.esmtp/courieresmtpd.C",
    &[
        "error,relay=::ffff:192.0.2.10,port=41234,msg=\"535 Authentication failed.\",cmd: AUTH LOGIN anna",
        "error,relay=::ffff:192.0.2.10,msg=\"535 Authentication failed.\",cmd: YW5uYQ==",
        "error,relay=::ffff:192.0.2.10,msg=\"502 ESMTP command error\",cmd: GET / HTTP/1.0",
        "error,relay=::ffff:192.0.2.10,msg=\"writev: Broken pipe\",cmd: QUIT",
    ],
);

/// A command that was refused, which for logins may hold a password and is left out.
fn command<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = client(at)?;
    at.lit("msg=\"")?;
    let reason = at.until_str("\",cmd: ")?;
    if reason.starts_with(b"535 ") {
        return Some(Body::AuthFailure(AuthFailure {
            client,
            protocol: "smtp".into(),
            method: method(at),
            reason,
            ..AuthFailure::default()
        }));
    }
    Some(Body::Violation(Violation {
        client,
        violation: reason,
        text: at.remainder(),
        ..Violation::default()
    }))
}

/// The mechanism in `AUTH MECHANISM ...`.
fn method<'a>(at: &mut Scan<'a>) -> &'a BStr {
    match at.has("AUTH ") {
        true => at.while_(|byte| byte != b' '),
        false => b"".into(),
    }
}

const TLS: Rule = rule(
    "courier tls failed",
    tls,
    "courier tcpd/starttls.c, tcpd/libcouriertls.c",
    &[
        "courieresmtpd: STARTTLS failed: ::ffff:192.0.2.10",
        "couriertls: accept: error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher",
        "starttls: connect: error:14077410:SSL routines:SSL23_GET_SERVER_HELLO:sslv3 alert handshake failure",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("courieresmtpd: STARTTLS failed: ") {
        let peer = Peer {
            address: address(at.remainder()),
            ..Peer::default()
        };
        return Some(Body::TlsFailed(TlsFailed {
            inbound: true,
            peer,
            reason: "STARTTLS failed".into(),
        }));
    }
    at.one_of(&["couriertls: ", "starttls: "])?;
    let inbound = at.one_of(&["accept: ", "connect: ", "read: ", "write: "])? != "connect: ";
    Some(Body::TlsFailed(TlsFailed {
        inbound,
        reason: at.remainder(),
        ..TlsFailed::default()
    }))
}

const LIMIT: Rule = rule(
    "courier connection limit",
    limit,
    "courier tcpd/tcpd.c",
    &[
        "Maximum connection limit reached for ::ffff:192.0.2.10",
        "2 maximum active connections.",
        "MAXDAEMONS limit reached",
    ],
);

fn limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let mut ahead = *at;
    if ahead.number::<u32>().is_some() {
        ahead.lit(" maximum active connections.")?;
        ahead.end()?;
        return Some(notice(Kind::ServiceLimitReached, text));
    }
    let words = &[
        "Maximum connection limit reached for ",
        "MAXDAEMONS limit reached",
    ];
    starting(at, Kind::ServiceLimitReached, words)
}
