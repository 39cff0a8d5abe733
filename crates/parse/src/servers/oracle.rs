//! Oracle Communications Messaging Server (iPlanet, Sun JES): connection records of `LOG_FORMAT=4`.
//! Source: Messaging Server System Administrator's Guide, "MTA Transaction and Connection Log".

use super::address;
use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Connected, Disconnected, Kind, Login, Notice, Peer};

pub(crate) const RULES: &[Rule] = &[CONNECTION];

const CONNECTION: Rule = rule(
    "oracle connection",
    connection,
    "Oracle Communications Messaging Server, LOG_FORMAT=4, LOG_CONNECTION",
    &[
        "<co ts=\"2026-11-22T08:23:21.94\" pi=\"72a9.3b4.3774\" sc=\"tcp_submit\" dr=\"+\" ac=\"U\" tr=\"TCP|198.51.100.7|465|192.0.2.10|60766\" ap=\"SMTP/TLS-128-RC4\" mi=\"Authentication successful - switched to channel tcp_submit\" us=\"anna@example.org\" di=\"235 2.7.0 LOGIN authentication successful.\"/>",
        "<co ts=\"2026-11-22T08:23:21.99\" pi=\"72aa.17f0.25622\" sc=\"tcp_local\" dr=\"+\" ac=\"U\" tr=\"TCP|198.51.100.7|25|203.0.113.9|4299\" ap=\"SMTP\" mi=\"Bad password\" us=\"root@example.org\" di=\"535 5.7.8 Bad username or password (Authentication failed).\"/>",
        "<co ts=\"2026-11-22T08:23:21.99\" pi=\"72aa.17f0.25622\" sc=\"tcp_local\" dr=\"+\" ac=\"O\" tr=\"TCP|198.51.100.7|25|192.0.2.25|4299\" ap=\"SMTP\"/>",
        "<co ts=\"2026-11-22T08:23:21.99\" pi=\"72aa.17f0.25622\" sc=\"tcp_local\" dr=\"+\" ac=\"C\" tr=\"TCP|198.51.100.7|25|192.0.2.25|4299\" ap=\"SMTP\"/>",
    ],
);

/// Reads the time in `<co ts="...`.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, _) = stamp::iso(line.strip_prefix(b"<co ts=\"")?)?;
    Some(Header {
        stamp,
        tag: "oracle-ims".into(),
        text: line,
        ..Header::default()
    })
}

fn connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("<co ")?;
    at.remainder().strip_suffix(b"/>")?;
    at.session = value(text, " pi=\"");
    let (server, client) = ends(value(text, " tr=\""))?;
    let user = value(text, " us=\"");
    let reason = value(text, " mi=\"");
    let protocol = match value(text, " ap=\"") {
        name if name.starts_with(b"SMTP") || name.starts_with(b"ESMTP") => "smtp",
        _ => "",
    };
    Some(match &**value(text, " ac=\"") {
        b"O" => Body::Connected(Connected { client, server }),
        b"C" => Body::Disconnected(Disconnected {
            client,
            counts: BStr::new(b""),
        }),
        b"U" if reason.starts_with(b"Authentication successful") => Body::Login(Login {
            protocol: protocol.into(),
            user,
            client,
            server,
            ..Login::default()
        }),
        b"U" => Body::AuthFailure(AuthFailure {
            client,
            server,
            protocol: protocol.into(),
            user,
            reason,
            ..AuthFailure::default()
        }),
        _ => Body::Notice(Notice {
            kind: Kind::ServiceInfo,
            peer: client,
            text: value(text, " di=\""),
            ..Notice::default()
        }),
    })
}

/// The value of an attribute; empty where it is not there.
fn value<'a>(text: &'a [u8], start: &str) -> &'a BStr {
    let value = memmem::find(text, start.as_bytes()).map(|at| &text[at + start.len()..]);
    let value = value.and_then(|value| value.split(|byte| *byte == b'"').next());
    value.unwrap_or_default().into()
}

/// `TCP|SERVER|PORT|CLIENT|PORT`.
fn ends(text: &BStr) -> Option<(Peer<'_>, Peer<'_>)> {
    let mut parts = text.strip_prefix(b"TCP|")?.split(|byte| *byte == b'|');
    let mut next = || -> Option<Peer<'_>> {
        let host = parts.next()?;
        Some(Peer {
            port: crate::json::number(parts.next()?),
            ..address(host)
        })
    };
    Some((next()?, next()?))
}
