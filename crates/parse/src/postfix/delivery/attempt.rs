//! Hosts that could not be used, where the attempt goes on with another one.

use super::reply::quote;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AttemptFailed, Body, Peer};

pub(super) const CONNECT: Rule = rule(
    "smtp connect failed",
    connect,
    "postfix src/smtp/smtp_connect.c",
    &[
        "connect to mx.example.net[192.0.2.25]:25: Connection timed out",
        "connect to mx.example.net[2001:db8::25]:25: Network is unreachable",
        "connect to mx1.example.org[private/dovecot-lmtp]: No such file or directory",
        "connect to mx.example.net[192.0.2.25]: Connection refused (port 25)",
    ],
);

fn connect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("connect to ")?;
    let mut peer = at.peer()?;
    at.lit(": ")?;
    let text = at.remainder();
    if peer.port.is_none() {
        peer.port = port_behind(at.over(text));
    }
    Some(Body::AttemptFailed(AttemptFailed {
        peer,
        text,
        ..AttemptFailed::default()
    }))
}

/// The port as versions before 2.3 write it, behind the reason.
fn port_behind(mut at: Scan<'_>) -> Option<u16> {
    at.until_last(" (port ")?;
    let port = at.number()?;
    at.lit(")")?;
    at.end()?;
    Some(port)
}

pub(super) const REPLY: Rule = rule(
    "smtp attempt refused",
    reply,
    "postfix src/smtp/smtp_trouble.c",
    &[
        "2F922A14CB6: host mx.example.net[192.0.2.25] said: 450 4.2.0 <bob@example.net>: greylisted (in reply to RCPT TO command)",
        "2F922A14CB6: host mx.example.net[192.0.2.25] said: 421-busy 421 busy (in reply to end of DATA command)",
        "2F922A14CB6: host mx.example.net[192.0.2.25]:25 refused to talk to me: 421 4.7.0 too many connections",
        "2F922A14CB6: host mx.example.net[192.0.2.25] refused to talk to me: hello and goodbye",
        "2F922A14CB6: SASL authentication failed; server relay.example.net[192.0.2.26] said: 535 5.7.8 no",
        "2F922A14CB6: TLS is required, but host mx.example.net[192.0.2.25] refused to start TLS: 454 4.7.0 not now",
        "2F922A14CB6: Protocol error: host mx.example.net[192.0.2.25] said: 250 what (in reply to RCPT TO command)",
    ],
);

fn reply<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let text = at.peek();
    let quote = quote(at)?;
    Some(Body::AttemptFailed(AttemptFailed {
        peer: quote.peer,
        code: quote.code,
        enhanced: quote.enhanced,
        text: text.into(),
        ..AttemptFailed::default()
    }))
}

pub(super) const BROKEN: Rule = rule(
    "smtp session broken",
    broken,
    "postfix src/smtp/smtp_trouble.c",
    &[
        "2F922A14CB6: lost connection with mx.example.net[192.0.2.25] while receiving the initial server greeting",
        "2F922A14CB6: lost connection with mx.example.net[192.0.2.25]:25 while sending end of data -- message may be sent more than once",
        "2F922A14CB6: conversation with mx.example.net[192.0.2.25] timed out while sending RCPT TO",
        "2F922A14CB6: local data error while talking to mx.example.net[192.0.2.25]",
    ],
);

fn broken<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let start = at.one_of(&[
        "lost connection with ",
        "conversation with ",
        "local data error while talking to ",
    ])?;
    let peer = at.peer()?;
    match start.as_bytes().first() {
        Some(b'c') => at.lit(" timed out while ")?,
        Some(b'l') if start.starts_with("lost") => at.lit(" while ")?,
        _ => at.end()?,
    }
    Some(Body::AttemptFailed(AttemptFailed {
        peer,
        text: text.into(),
        ..AttemptFailed::default()
    }))
}

pub(super) const UNFIT: Rule = rule(
    "smtp host unfit",
    unfit,
    "postfix src/smtp/smtp_proto.c",
    &[
        "2F922A14CB6: TLS is required, but was not offered by host mx.example.net[192.0.2.25]",
        "2F922A14CB6: TLS is required, but our TLS engine is unavailable",
        "2F922A14CB6: Cannot start TLS: handshake failure",
        "2F922A14CB6: Server certificate not verified",
        "2F922A14CB6: Server certificate not trusted",
        "2F922A14CB6: SASL authentication failed; cannot authenticate to server mx.example.net[192.0.2.25]: no mechanism available",
        "2F922A14CB6: message size 10952040 exceeds size limit 10485760 of server mx.example.net[192.0.2.25]",
        "2F922A14CB6: mail for example.net loops back to myself",
    ],
);

fn unfit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    let text = at.peek();
    let peer = match text.first()? {
        b'T' => {
            at.lit("TLS is required, but ")?;
            if at.has("was not offered by host ") {
                let peer = at.peer()?;
                at.end()?;
                peer
            } else {
                one_to_the_end(at, &["our TLS engine is unavailable", "unavailable"])?
            }
        }
        b'C' => one_to_the_end(at, &["Cannot start TLS: handshake failure"])?,
        b'S' if at.has("SASL authentication failed; cannot authenticate to server ") => {
            let peer = at.peer()?;
            at.lit(": ")?;
            peer
        }
        b'S' => one_to_the_end(
            at,
            &[
                "Server certificate not verified",
                "Server certificate not trusted",
            ],
        )?,
        b'm' if at.has("message size ") => {
            let _bytes: u64 = at.number()?;
            at.lit(" exceeds size limit ")?;
            let _bytes_max: u64 = at.number()?;
            at.lit(" of server ")?;
            let peer = at.peer()?;
            at.end()?;
            peer
        }
        b'm' => {
            at.lit("mail for ")?;
            let name = at.until_last(" loops back to myself")?;
            at.end()?;
            Peer {
                name,
                ..Peer::default()
            }
        }
        _ => return None,
    };
    Some(Body::AttemptFailed(AttemptFailed {
        peer,
        text: text.into(),
        ..AttemptFailed::default()
    }))
}

/// Takes one of some texts that name no host, to the end.
fn one_to_the_end<'a>(at: &mut Scan<'a>, texts: &[&'static str]) -> Option<Peer<'a>> {
    at.one_of(texts)?;
    at.end()?;
    Some(Peer::default())
}
