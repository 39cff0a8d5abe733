//! TLS that fails, at either side. Source: exim `src/tls.c`, `src/tls-openssl.c`, `src/tls-gnu.c`.

use super::item::{Items, client, host};
use super::starting;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{Body, Kind, Peer, TlsFailed};

pub(crate) const RULES: &[Rule] = &[IN_SESSION, TO_HOST, VERIFY, SESSION, DANE, SETUP];

const IN_SESSION: Rule = rule(
    "exim tls error",
    in_session,
    "exim src/tls-openssl.c, src/tls-gnu.c (tls_error)",
    &[
        "TLS error on connection from mail.example.net (mx.example.net) [192.0.2.10]:36192 I=[192.0.2.1]:25 (SSL_accept): error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher",
        "TLS error on connection from [192.0.2.10]:36192 SSL_accept: TCP connection closed by peer",
        "TLS error on connection from (mx.example.net) [192.0.2.10] (recv): The TLS connection was non-properly terminated.",
    ],
);

fn in_session<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("TLS error on connection from ")?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.lit(" ")?;
    let reason = at.peek();
    if at.has("(") {
        at.until_str(")")?;
    }
    at.until_str(":")?;
    Some(Body::TlsFailed(TlsFailed {
        inbound: true,
        peer: client.peer,
        reason: reason.into(),
    }))
}

const TO_HOST: Rule = rule(
    "exim tls error to host",
    to_host,
    "exim src/tls-openssl.c, src/tls-gnu.c (tls_error), src/transports/smtp.c",
    &[
        "1xV2wi-0000aR-0j H=mx.example.net [192.0.2.25] TLS error on connection (gnutls_handshake): timed out",
        "1xV2wi-0000aR-0j H=mx.example.net [192.0.2.25]:25 TLS session: (SSL_connect): error:0A000086:SSL routines::certificate verify failed",
        "1xV2wi-0000aR-0j TLS error on connection to mx.example.net [192.0.2.25] (SSL_connect): timed out",
        "1xV2wi-0000aR-0j DANE attempt failed; TLS connection to mx.example.net [192.0.2.25]: (SSL_connect): error",
    ],
);

fn to_host<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let start = at.one_of(&[
        "H=",
        "TLS error on connection to ",
        "DANE attempt failed; TLS connection to ",
    ])?;
    let host = host(at)?;
    if start == "H=" {
        at.has(":");
        at.one_of(&[" TLS error on connection ", " TLS session: "])?;
    } else {
        at.one_of(&[" ", ": "])?;
    }
    Some(outbound(host.peer, at.peek()))
}

fn outbound<'a>(peer: Peer<'a>, reason: &'a [u8]) -> Body<'a> {
    Body::TlsFailed(TlsFailed {
        inbound: false,
        peer,
        reason: reason.into(),
    })
}

const VERIFY: Rule = rule(
    "exim certificate error",
    verify,
    "exim src/tls-openssl.c (verify_callback)",
    &[
        "1xV2wi-0000aR-0j [192.0.2.25] SSL verify error: depth=0 error=self signed certificate cert=/CN=mx.example.net",
        "1xV2wi-0000aR-0j [192.0.2.25] SSL verify error: certificate name mismatch: DN=\"/CN=mx.example.net\" H=\"mail.example.net\"",
        "SSL verify error: depth=0 error=certificate revoked cert=/CN=client.example.net",
    ],
);

/// The certificate of the other side; the connection may go on without trust.
fn verify<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let peer = if at.peek().first() == Some(&b'[') {
        let peer = host(at)?.peer;
        at.lit(" ")?;
        peer
    } else {
        Peer::default()
    };
    at.lit("SSL verify error: ")?;
    let reason = at.peek();
    at.one_of(&["depth=", "certificate name mismatch: "])?;
    Some(Body::TlsFailed(TlsFailed {
        inbound: peer.is_empty(),
        peer,
        reason: reason.into(),
    }))
}

const SESSION: Rule = rule(
    "exim tls session",
    |at| {
        at.lit("TLS session: ")?;
        Some(outbound(Peer::default(), at.peek()))
    },
    "exim src/tls.c, src/transports/smtp.c (4.92 and later)",
    &[
        "1xV2wi-0000aR-0j TLS session: (SSL_connect): error:0A000086:SSL routines::certificate verify failed",
        "1xV2wi-0000aR-0j TLS session: (certificate verification failed): delivering unencrypted to H=mx.example.net [192.0.2.25] (not in hosts_require_tls)",
    ],
);

const DANE: Rule = rule(
    "exim dane error",
    |at| {
        at.lit("DANE error: ")?;
        Some(outbound(Peer::default(), at.peek()))
    },
    "exim src/transports/smtp.c",
    &["1xV2wi-0000aR-0j DANE error: TLSA lookup for mx.example.net not DNSSEC"],
);

const SETUP: Rule = rule(
    "exim tls setup",
    |at| {
        starting(
            at,
            Kind::ServiceWarning,
            &[
                "Warning: No server certificate defined; will use a selfsigned one.",
                "WARNING: deprecated Diffie-Hellman parameter ",
                "Server certificate revoked",
                "Required TLS certificate status not received",
                "OCSP dates invalid",
                "TLS error (",
                "TLS certificate verification failed",
                " Suggested action: either install a certificate or change tls_advertise_hosts option",
            ],
        )
    },
    "exim src/tls-openssl.c, src/tls-gnu.c, src/tls.c",
    &[
        "Warning: No server certificate defined; will use a selfsigned one.",
        "1xV2wi-0000aR-0j Required TLS certificate status not received",
        "TLS error (SSL_CTX_use_PrivateKey_file file=/etc/exim4/exim.key): error:0200100D:system library",
    ],
);
