//! Tlsproxy's own lines; the handshakes themselves are told as everywhere.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Peer, SessionAborted, TlsFailed};

pub(super) const HANDSHAKE_FAILED: Rule = rule(
    "tlsproxy handshake failed",
    handshake_failed,
    "postfix src/tlsproxy/tlsproxy.c",
    &[
        "TLS handshake failed for service=smtpd peer=[192.0.2.7]:36942",
        "TLS handshake failed for service=smtp peer=mx.example.net[192.0.2.7]:25",
    ],
);

fn handshake_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "TLS handshake failed";
    at.lit(WORDS)?;
    at.lit(" for service=")?;
    let service = at.word()?;
    at.lit(" peer=")?;
    let peer = peer_or_name(at)?;
    at.end()?;
    Some(Body::TlsFailed(TlsFailed {
        inbound: service == "smtpd",
        peer,
        reason: WORDS.into(),
    }))
}

/// Takes `name[address]:port`, or what else a client of tlsproxy calls its peer.
fn peer_or_name<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    if let Some(peer) = at.peer() {
        return Some(peer);
    }
    Some(Peer {
        name: at.word()?,
        ..Peer::default()
    })
}

pub(super) const STREAM: Rule = rule(
    "tlsproxy stream",
    stream,
    "postfix src/tlsproxy/tlsproxy.c",
    &[
        "warning: ciphertext read/write timeout for [192.0.2.7]:36942",
        "warning: ciphertext read/write error for [192.0.2.7]:36942",
        "warning: deadlock on ciphertext stream for [192.0.2.7]:36942",
        "warning: deadlock on plaintext stream for [192.0.2.7]:36942",
    ],
);

fn stream<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = at.one_of(&[
        "ciphertext read/write timeout",
        "ciphertext read/write error",
        "deadlock on ciphertext stream",
        "deadlock on plaintext stream",
    ])?;
    at.lit(" for ")?;
    let client = peer_or_name(at)?;
    at.end()?;
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason: reason.into(),
        stage: BStr::new(b""),
        bytes: None,
        after_ms: None,
    }))
}
