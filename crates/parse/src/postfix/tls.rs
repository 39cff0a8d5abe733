//! TLS: what the library shared by smtpd, smtp and tlsproxy tells. No line has a queue id.

use super::notice::{notice, trouble, warning};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, Peer, Tls, TlsFailed};

/// One for each encrypted session, so it is tried before the other tables; its first byte decides.
pub(crate) const FREQUENT: &[Rule] = &[ESTABLISHED];

pub(crate) const RULES: &[Rule] = &[
    HANDSHAKE,
    LIBRARY,
    SETTING_UP,
    VERIFICATION,
    OFFERED,
    SNI,
    TRACE,
    NETWORK,
    UNUSABLE,
    CERTIFICATE,
    TICKET,
];

const ESTABLISHED: Rule = rule(
    "tls established",
    established,
    "postfix src/tls/tls_misc.c",
    &[
        "Anonymous TLS connection established from mail.example.net[192.0.2.7]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256",
        "Anonymous TLS connection established from mail.example.net[192.0.2.7]:41234 to mx1.example.org: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature ECDSA (prime256v1) server-digest SHA256",
        "Anonymous TLS connection established from [2001:db8::7]:41234: TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)",
        "Trusted TLS connection established to mx.example.net[192.0.2.25]:25: TLSv1.2 with cipher ECDHE-RSA-AES128-SHA (128/128 bits)",
        "Verified TLS connection reused to mx.example.net[192.0.2.25]:25: TLSv1.3 with cipher TLS_AES_128_GCM_SHA256 (128/128 bits) key-exchange ECDHE (P-256) server-signature RSA-PSS (2048 bit raw public key) server-digest SHA256",
        "Untrusted TLS connection established to mx.example.net[2001:db8::25]:25: TLSv1.2 with cipher ADH-AES256-SHA (256/256 bits)",
        "TLS connection established from mail.example.net[192.0.2.7]: TLSv1 with cipher DHE-RSA-AES256-SHA (256/256 bits)",
        "TLS connection established to mx.example.net: TLSv1 with cipher DHE-RSA-AES256-SHA (256/256 bits)",
    ],
);

fn established<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let trust = match at.peek().first()? {
        b'A' => "Anonymous",
        b'U' => "Untrusted",
        b'T' if at.peek().starts_with(b"Trusted") => "Trusted",
        b'V' => "Verified",
        b'T' => "",
        _ => return None,
    };
    if !trust.is_empty() {
        at.lit(trust)?;
        at.lit(" ")?;
    }
    at.lit("TLS connection ")?;
    let action = at.one_of(&["established", "reused"])?;
    at.lit(" ")?;
    let inbound = direction(at)?;
    let peer = peer_or_name(at)?;
    let sni = if at.has(" to ") {
        at.until_str(": ")?
    } else {
        at.lit(": ")?;
        BStr::new(b"")
    };
    let protocol = at.until(b' ')?;
    at.lit("with cipher ")?;
    let cipher = at.until(b' ')?;
    at.lit("(")?;
    let bits_used = at.number()?;
    at.lit("/")?;
    let bits_total = at.number()?;
    at.lit(" bits)")?;
    at.has(" ");
    Some(Body::Tls(Tls {
        inbound,
        peer,
        trust: trust.into(),
        action: action.into(),
        sni,
        protocol,
        cipher,
        bits_used,
        bits_total,
        details: at.remainder(),
    }))
}

/// Takes `from ` (we are the server) or `to `.
#[inline]
fn direction(at: &mut Scan<'_>) -> Option<bool> {
    if at.has("from ") {
        return Some(true);
    }
    at.lit("to ")?;
    Some(false)
}

/// Takes a peer, before Postfix 2.5 often without address; the `: ` behind it stays.
#[inline]
fn peer_or_name<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    if let Some(peer) = at.peer() {
        return Some(peer);
    }
    let name = at.while_(|byte| !matches!(byte, b':' | b' '));
    (!name.is_empty()).then(|| Peer {
        name,
        ..Peer::default()
    })
}

/// Whether a program is the server in its TLS sessions, where the line does not say.
fn is_server(program: &[u8]) -> bool {
    matches!(program, b"smtpd" | b"tlsproxy" | b"postscreen")
}

const HANDSHAKE: Rule = rule(
    "tls handshake failed",
    handshake,
    "postfix src/tls/tls_server.c",
    &[
        "SSL_accept error from unknown[192.0.2.9]: lost connection",
        "SSL_accept error from unknown[192.0.2.9]:41234: -1",
        "SSL_connect error to mx.example.net[192.0.2.25]:25: Connection reset by peer",
        "SSL_connect error to mx.example.net: -1",
    ],
);

fn handshake<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SSL_")?;
    at.one_of(&["accept error ", "connect error "])?;
    let inbound = direction(at)?;
    let peer = peer_or_name(at)?;
    at.lit(": ")?;
    Some(Body::TlsFailed(TlsFailed {
        inbound,
        peer,
        reason: at.remainder(),
    }))
}

const LIBRARY: Rule = rule(
    "tls library problem",
    library,
    "postfix src/tls/tls_misc.c",
    &[
        "warning: TLS library problem: error:0A000416:SSL routines::sslv3 alert certificate unknown:../ssl/record/rec_layer_s3.c:1605:SSL alert number 46:",
        "warning: TLS library problem: 4711:error:14094412:SSL routines:SSL3_READ_BYTES:sslv3 alert bad certificate:s3_pkt.c:1086:SSL alert number 42:",
        "warning: TLS library problem: out of memory",
    ],
);

/// The reason is that of the error stack, `error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA:`.
fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("TLS library problem: ")?;
    let mut stack = *at;
    let reason = reason_in_stack(&mut stack).unwrap_or_else(|| at.remainder());
    Some(Body::TlsFailed(TlsFailed {
        inbound: is_server(at.program),
        peer: Peer::default(),
        reason,
    }))
}

fn reason_in_stack<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.while_(|byte| byte.is_ascii_digit());
    at.has(":");
    at.lit("error:")?;
    let _code = at.until(b':')?;
    let _library = at.until(b':')?;
    let _function = at.until(b':')?;
    at.until(b':')
}

const SETTING_UP: Rule = rule(
    "tls setting up",
    setting_up,
    "postfix src/tls/tls_server.c",
    &[
        "setting up TLS connection from mail.example.net[192.0.2.7]",
        "setting up TLS connection to mx.example.net[192.0.2.25]:25",
        "setting up TLS connection to mx.example.net",
    ],
);

fn setting_up<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("setting up TLS connection ")?;
    direction(at)?;
    let peer = peer_or_name(at)?;
    at.end()?;
    Some(Body::Notice(Notice {
        peer,
        text: text.into(),
        ..Notice::default()
    }))
}

const VERIFICATION: Rule = rule(
    "tls verification failed",
    verification,
    "postfix src/tls/tls_verify.c",
    &[
        "certificate verification failed for mx.example.net[192.0.2.25]:25: untrusted issuer /C=XX/O=Example/CN=Example CA",
        "certificate verification failed for mx.example.net[192.0.2.25]:25: self-signed certificate",
        "server certificate verification failed for mx.example.net[192.0.2.25]:25: certificate has expired",
        "client certificate verification failed for mail.example.net[192.0.2.7]: num=7:certificate signature failure",
        "certificate verification failed for mx.example.net:certificate has expired",
        "certificate peer name verification failed for mx.example.net[192.0.2.25]:25: CommonName mis-match: other.example.net",
    ],
);

fn verification<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let of = at.one_of(&["certificate ", "server ", "client "])?;
    if of != "certificate " {
        at.lit("certificate ")?;
    }
    at.has("peer name ");
    at.lit("verification failed for ")?;
    let peer = peer_or_name(at)?;
    at.lit(":")?;
    at.has(" ");
    Some(Body::TlsFailed(TlsFailed {
        inbound: of == "client " || of == "certificate " && is_server(at.program),
        peer,
        reason: at.remainder(),
    }))
}

const OFFERED: Rule = rule(
    "tls offered",
    offered,
    "postfix src/smtp/smtp_proto.c",
    &["Host offered STARTTLS: [mx.example.net]"],
);

fn offered<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Host offered STARTTLS: [")?;
    let name = at.until(b']')?;
    at.end()?;
    Some(Body::Notice(Notice {
        peer: Peer {
            name,
            ..Peer::default()
        },
        ..Notice::default()
    }))
}

const SNI: Rule = rule(
    "tls SNI not matched",
    sni,
    "postfix src/tls/tls_certkey.c",
    &["TLS SNI www.example.org from mail.example.net[192.0.2.7] not matched, using default chain"],
);

fn sni<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("TLS SNI ")?;
    let about = at.word()?;
    at.lit(" from ")?;
    let peer = at.peer()?;
    at.lit(" not matched, using default chain")?;
    at.end()?;
    Some(Body::Notice(Notice {
        peer,
        about,
        ..Notice::default()
    }))
}

const TRACE: Rule = rule(
    "tls trace saved",
    trace,
    "postfix src/tls/tls_misc.c",
    &["TLS protocol trace for mail.example.net[192.0.2.7] saved to /var/spool/postfix/trace/1"],
);

fn trace<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("TLS protocol trace for ")?;
    let peer = at.peer()?;
    at.lit(" saved to ")?;
    Some(Body::Notice(Notice {
        peer,
        about: at.remainder(),
        ..Notice::default()
    }))
}

const NETWORK: Rule = rule(
    "tls network error",
    network,
    "postfix src/tls/tls_bio_ops.c",
    &[
        "warning: network_biopair_interop: error reading 5 bytes from the network: Connection reset by peer",
        "warning: network_biopair_interop: error writing 37 bytes to the network: Broken pipe",
    ],
);

fn network<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    warning(at)?;
    at.lit("network_biopair_interop: ")?;
    Some(Body::TlsFailed(TlsFailed {
        inbound: is_server(at.program),
        peer: Peer::default(),
        reason: at.remainder(),
    }))
}

const UNUSABLE: Rule = rule(
    "tls unusable",
    unusable,
    "postfix src/tls/tls_certkey.c",
    &[
        "cannot load Certificate Authority data: disabling TLS support",
        "warning: cannot get RSA certificate from file \"/etc/postfix/cert.pem\": disabling TLS support",
        "warning: cannot get RSA private key from file /etc/postfix/key.pem: disabling TLS support",
        "warning: No server certs available. TLS won't be enabled",
        "error: TLS engine is unavailable",
    ],
);

fn unusable<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("cannot load Certificate Authority data") {
        return notice(Kind::ServiceError, BStr::new(b""), text.into());
    }
    trouble(at)?;
    let about = if at.has("cannot get ") {
        at.one_of(&["RSA ", "DSA ", "ECDSA "])?;
        at.one_of(&["certificate from file ", "private key from file "])?;
        at.until_last(": disabling TLS support")?
    } else {
        at.one_of(&[
            "No server certs available. TLS won't be enabled",
            "TLS engine is unavailable",
        ])?;
        BStr::new(b"")
    };
    at.end()?;
    notice(Kind::ServiceError, about, text.into())
}

const CERTIFICATE: Rule = rule(
    "tls certificate",
    certificate,
    "postfix src/tls/tls_client.c",
    &[
        "mx.example.net[192.0.2.25]:25: subject_CN=mx.example.net, issuer=Example CA, fingerprint=00:11:22, pkey_fingerprint=33:44:55",
        "mx.example.net[192.0.2.25]:25: Trusted: subject_CN=mx.example.net, issuer=Example CA, fingerprint=00:11:22",
        "Verified: subject_CN=mx.example.net, issuer=Example CA",
        "Unverified: subject_CN=mx.example.net, issuer=Example CA",
    ],
);

fn certificate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let mut peer = Peer::default();
    if at.one_of(&["Verified: ", "Unverified: "]).is_none() {
        peer = at.peer()?;
        at.lit(": ")?;
        at.one_of(&["Trusted: ", "Untrusted: ", "Verified: "]);
    }
    at.lit("subject_CN=")?;
    let about = at.until_str(", issuer")?;
    at.one_of(&["=", "_CN="])?;
    Some(Body::Notice(Notice {
        peer,
        about,
        text: at.remainder(),
        ..Notice::default()
    }))
}

const TICKET: Rule = rule(
    "tls session ticket",
    ticket,
    "postfix src/tls/tls_server.c",
    &[
        "mail.example.net[192.0.2.7]: Issuing session ticket, key expiration: 1795335894",
        "mail.example.net[192.0.2.7]: Decrypting session ticket, key expiration: 1795335894",
    ],
);

fn ticket<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let peer = at.peer()?;
    at.lit(": ")?;
    let text = at.peek();
    at.one_of(&["Issuing session ticket", "Decrypting session ticket"])?;
    let number = if at.has(", key expiration: ") {
        at.number()
    } else {
        None
    };
    Some(Body::Notice(Notice {
        peer,
        number,
        text: text.into(),
        ..Notice::default()
    }))
}
