//! perdition, a proxy for IMAP and POP3.
//! Source: perdition `perdition/perdition.c`, `perdition/protocol.c`.

use super::address;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AuthFailure, Body, Kind, Login, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[AUTH, CONNECT, FATAL];

const AUTH: Rule = rule(
    "perdition auth",
    auth,
    "perdition perdition/perdition.c (PERDITION_LOG_AUTH)",
    &[
        "Auth: 203.0.113.9:2274->198.51.100.7:993 client-secure=ssl authorisation_id=NONE authentication_id=\"root\" server=\"imap.example.org:993\" protocol=IMAP4S server-secure=ssl status=\"failed: Re-Authentication Failure\"",
        "Auth: 192.0.2.10:2274->198.51.100.7:143 client-secure=plaintext authorisation_id=NONE authentication_id=\"anna\" server=\"imap.example.org:143\" protocol=IMAP4 server-secure=plaintext status=\"ok\"",
    ],
);

fn auth<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Auth: ")?;
    let (client, server) = ends(at)?;
    at.lit(" client-secure=")?;
    let secure = at.until(b' ')?;
    at.until_str("authentication_id=\"")?;
    let user = at.until_str("\" server=")?;
    at.until_str(" protocol=")?;
    let protocol = match at.until(b' ')? {
        name if name.starts_with(b"IMAP") => "imap",
        name if name.starts_with(b"POP") => "pop3",
        name if name.starts_with(b"MANAGESIEVE") => "sieve",
        _ => "",
    };
    at.until_str("status=\"")?;
    let reason = at.until(b'"')?;
    at.end()?;
    let tls = Some(secure != "plaintext");
    if reason == "ok" {
        return Some(Body::Login(Login {
            protocol: protocol.into(),
            user,
            client,
            server,
            tls,
            ..Login::default()
        }));
    }
    Some(Body::AuthFailure(AuthFailure {
        client,
        server,
        protocol: protocol.into(),
        user,
        reason,
        tls,
        ..AuthFailure::default()
    }))
}

/// Takes `192.0.2.10:2274->198.51.100.7:993`.
fn ends<'a>(at: &mut Scan<'a>) -> Option<(Peer<'a>, Peer<'a>)> {
    let client = at.until_str("->")?;
    let server = at.while_(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'));
    let server = server.strip_suffix(b":").unwrap_or(server);
    Some((with_port(client), with_port(server.into())))
}

fn with_port(text: &BStr) -> Peer<'_> {
    match memchr::memrchr(b':', text) {
        Some(at) => Peer {
            port: crate::json::number(&text[at + 1..]),
            ..address(&text[..at])
        },
        None => address(text),
    }
}

const CONNECT: Rule = rule(
    "perdition connect",
    connect,
    "perdition perdition/perdition.c",
    &[
        "Connect: 192.0.2.10:2274->198.51.100.7:993",
        "Close: 192.0.2.10:2274->198.51.100.7:993 user=\"anna\" received=320 sent=1047",
    ],
);

fn connect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let closes = at.one_of(&["Connect: ", "Close: "])? == "Close: ";
    let (client, server) = ends(at)?;
    if !closes {
        at.end()?;
        return Some(Body::Connected(model::Connected { client, server }));
    }
    at.has(" ");
    Some(Body::Disconnected(model::Disconnected {
        client,
        counts: at.remainder(),
    }))
}

const FATAL: Rule = rule(
    "perdition fatal",
    fatal,
    "perdition perdition/perdition.c",
    &[
        "Fatal Error reading authentication information from client 203.0.113.9:2274->198.51.100.7:993: Exiting child",
        "Fatal error negotiating setup. Exiting child.",
    ],
);

fn fatal<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["Fatal Error ", "Fatal error "])?;
    let mut peer = Peer::default();
    if at.until_str(" client ").is_some() {
        peer = ends(at)?.0;
    }
    at.remainder();
    Some(Body::Notice(Notice {
        kind: Kind::ServiceError,
        peer,
        text: text.into(),
        ..Notice::default()
    }))
}
