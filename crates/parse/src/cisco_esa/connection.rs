//! Connections in and out. Source: AsyncOS User Guide, "Text Mail Logs".

use super::{connection_out, digits};
use crate::filter::{Shapes, address, has_shape, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    AccessAction, AccessCheck, Body, Connected, Disconnected, Kind, Notice, Peer, SessionAborted,
    Source, Tls, TlsFailed,
};

pub(crate) const RULES: &[Rule] = &[NEW_IN, GROUP, TLS, NEW_OUT, CLOSED, LOST];

const NEW_IN: Rule = rule(
    "esa connection in",
    new_in,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: New SMTP ICID 5 interface Management (192.0.2.7) address 203.0.113.9 reverse dns host mail.example.net verified yes",
        "Info: New SMTP ICID 6 interface Data 1 (192.0.2.7) address 2001:db8::9 reverse dns host unknown verified no",
    ],
);

fn new_in<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("New SMTP ICID ")?;
    at.session = digits(at)?;
    at.lit(" interface ")?;
    let name = at.until_str(" (")?;
    let server = at.until_str(") address ")?;
    let client = at.until_str(" reverse dns host ")?;
    let client = Peer {
        name: at.word()?,
        address: client,
        port: None,
    };
    at.lit(" verified ")?;
    at.one_of(&["yes", "no"])?;
    at.end()?;
    Some(Body::Connected(Connected {
        client,
        server: Peer {
            name,
            address: server,
            port: None,
        },
    }))
}

const GROUP: Rule = rule(
    "esa sender group",
    group,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: ICID 5 ACCEPT SG SUSPECTLIST match sbrs[none] SBRS None",
        "Info: ICID 5 RELAY SG RELAYLIST match 192.0.2.0/24 SBRS not enabled",
        "Info: ICID 5 REJECT SG BLOCKED_LIST match sbrs[-10.0:-3.0] SBRS -4.2 country Australia",
        "Info: ICID 5 TCPREFUSE SG BLOCKED_LIST match 203.0.113.9 SBRS -9.9",
    ],
);

/// What the host access table says of a client.
fn group<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("ICID ")?;
    at.session = digits(at)?;
    at.lit(" ")?;
    let text = at.peek();
    let action = match at.one_of(&["ACCEPT", "RELAY", "REJECT", "TCPREFUSE"])? {
        "ACCEPT" | "RELAY" => AccessAction::Permit,
        "REJECT" => AccessAction::Reject,
        _ => AccessAction::Hangup,
    };
    at.lit(" SG ")?;
    at.until_str(" match ")?;
    Some(Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage: "CONNECT".into(),
        text: text.into(),
        ..AccessCheck::default()
    }))
}

const TLS: Rule = rule(
    "esa tls",
    tls,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: ICID 5 TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384",
        "Info: DCID 8 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384 the.cpq.host",
        "Info: DCID 8 TLS failed: verify error: hostname mismatch",
        "Info: ICID 5 TLS failed: (336109761, 'error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher')",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let inbound = at.has("ICID ");
    at.session = match inbound {
        true => digits(at)?,
        false => connection_out(at)?,
    };
    at.lit(" TLS ")?;
    if at.has("failed: ") || at.has("deferring: ") || at.has("was required but ") {
        return Some(Body::TlsFailed(TlsFailed {
            inbound,
            reason: at.remainder(),
            ..TlsFailed::default()
        }));
    }
    at.lit("success protocol ")?;
    let protocol = at.word()?;
    at.lit(" cipher ")?;
    let cipher = at.word()?;
    let name = if at.has(" ") { at.word()? } else { "".into() };
    at.end()?;
    Some(Body::Tls(Tls {
        inbound,
        peer: Peer {
            name,
            ..Peer::default()
        },
        protocol,
        cipher,
        ..Tls::default()
    }))
}

const NEW_OUT: Rule = rule(
    "esa connection out",
    new_out,
    "AsyncOS User Guide, Text Mail Logs",
    &["Info: New SMTP DCID 8 interface 192.0.2.7 address 192.0.2.10 port 25"],
);

fn new_out<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("New SMTP ")?;
    at.session = connection_out(at)?;
    at.lit(" interface ")?;
    let about = at.until_str(" address ")?;
    let mut peer = address(at.word()?);
    at.lit(" port ")?;
    peer.port = Some(at.number()?);
    at.end()?;
    Some(Body::Notice(Notice {
        peer,
        about,
        ..notice(Kind::ServiceInfo, text)
    }))
}

const CLOSED: Rule = rule(
    "esa connection closed",
    closed,
    "AsyncOS User Guide, Text Mail Logs",
    &[
        "Info: ICID 5 close",
        "Info: DCID 8 close",
        "Info: ICID 5 Receiving Failed: Connection limit exceeded",
    ],
);

fn closed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const OUT: Shapes = &[
        (Kind::ServiceInfo, "DCID # close"),
        (Kind::ServiceInfo, "DCID # *"),
    ];
    let mut ahead = *at;
    if !ahead.has("ICID ") {
        at.session = connection_out(&mut ahead)?;
        return shaped(at, OUT);
    }
    at.session = digits(&mut ahead)?;
    if has_shape(ahead.peek(), " close") {
        return Some(Body::Disconnected(Disconnected::default()));
    }
    let text = at.peek();
    ahead.one_of(&[
        " Receiving Failed: ",
        " Address: ",
        " Delayed HAT REJECT",
        " From: ",
        " To: ",
    ])?;
    Some(Body::Notice(notice(Kind::ServiceWarning, text)))
}

const LOST: Rule = rule(
    "esa connection lost",
    lost,
    "AsyncOS User Guide, Text Mail Logs",
    &["Info: ICID 5 lost", "Info: ICID 5 timeout"],
);

fn lost<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("ICID ")?;
    at.session = digits(at)?;
    at.lit(" ")?;
    let start = at.peek();
    at.one_of(&["lost", "timeout"])?;
    at.end()?;
    Some(Body::SessionAborted(SessionAborted {
        reason: BStr::new(start),
        ..SessionAborted::default()
    }))
}
