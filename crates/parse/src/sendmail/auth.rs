//! Logins and encryption.
//! Source: sendmail `sendmail/srvrsmtp.c`, `sendmail/usersmtp.c`, `sendmail/tls.c`.

use super::peer;
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Kind, Login, Peer, Severity, Tls, TlsFailed};

pub(super) const RULES: &[Rule] = &[STARTTLS, CERTIFICATE, TLS_ERROR, AUTH, AUTH_FAILURE];

const STARTTLS: Rule = rule(
    "sendmail tls",
    starttls,
    "sendmail sendmail/tls.c (tls_get_info)",
    &[
        "STARTTLS=server, relay=mx.example.net [192.0.2.25], version=TLSv1.3, verify=NO, cipher=TLS_AES_256_GCM_SHA384, bits=256/256",
        "6AM8XJBG008146: STARTTLS=client, relay=mx.example.net., version=TLSv1.2, verify=FAIL, cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256/256",
        "STARTTLS=client, relay=[192.0.2.25], version=TLSv1/SSLv3, verify=OK, cipher=DHE-RSA-AES256-SHA, bits=256/256",
    ],
);

fn starttls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("STARTTLS=")?;
    let inbound = at.one_of(&["server, ", "client, "])? == "server, ";
    at.lit("relay=")?;
    let peer = host(at.until_str(", version=")?, inbound);
    let protocol = at.until_str(", verify=")?;
    let trust = at.until_str(", cipher=")?;
    let cipher = at.until_str(", bits=")?;
    let bits_used = at.number()?;
    at.lit("/")?;
    let bits_total = at.number()?;
    Some(Body::Tls(Tls {
        inbound,
        peer,
        trust,
        action: "established".into(),
        protocol,
        cipher,
        bits_used,
        bits_total,
        ..Tls::default()
    }))
}

/// The other side, by the forms for clients or for next hops.
fn host(text: &BStr, inbound: bool) -> Peer<'_> {
    let client = || peer::client(&mut Scan::new(text, b""));
    match inbound {
        true => client().unwrap_or_else(|| peer::relay(text)),
        false => peer::relay(text),
    }
}

const TLS_ERROR: Rule = rule(
    "sendmail tls failed",
    tls_error,
    "sendmail sendmail/tls.c, sendmail/srvrsmtp.c, sendmail/deliver.c",
    &[
        "STARTTLS=server, error: accept failed=-1, reason=wrong version number, SSL_error=1, errno=0, retry=-1, relay=host.example.com [192.0.2.123]",
        "6AM8XJBG008146: STARTTLS=client, error: connect failed=-1, reason=unknown protocol, SSL_error=1, errno=0, retry=-1",
        "STARTTLS=server: 12345:error:1408F10B:SSL routines:ssl3_get_record:wrong version number:s3_pkt.c:337:",
        "STARTTLS=client, relay=mx.example.net., info: fds=9/8, err=2",
        "ruleset=tls_server, arg1=SOFTWARE, relay=mx.example.net, reject=403 4.7.0 TLS handshake failed.",
    ],
);

fn tls_error<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("ruleset=tls_") {
        let inbound = at.until(b',')?.starts_with(b"client");
        at.until_str(", relay=")?;
        let peer = host(at.until_str(", reject=")?, inbound);
        let reason = at.remainder();
        return Some(Body::TlsFailed(TlsFailed {
            inbound,
            peer,
            reason,
        }));
    }
    at.lit("STARTTLS=")?;
    let inbound = at.one_of(&["server", "client"])? == "server";
    at.one_of(&[", ", ": "])?;
    if at.has("init=") {
        return None;
    }
    if at.has("relay=") {
        at.until_str(", info: ")?;
        return Some(notice(Kind::ServiceInfo, text));
    }
    let reason = at.remainder();
    let host = memmem::find(reason, b", relay=").map(|end| {
        let relay = reason[end + b", relay=".len()..].into();
        (host(relay, inbound), reason[..end].into())
    });
    let (peer, reason) = host.unwrap_or((Peer::default(), reason));
    let reason = reason.strip_prefix(b"error: ").map_or(reason, BStr::new);
    Some(Body::TlsFailed(TlsFailed {
        inbound,
        peer,
        reason,
    }))
}

const AUTH: Rule = rule(
    "sendmail login",
    auth,
    "sendmail sendmail/srvrsmtp.c, sendmail/usersmtp.c",
    &[
        "AUTH=server, relay=host.example.com [192.0.2.123], authid=anna@example.org, mech=PLAIN, bits=0",
        "6AM8XJBG008146: AUTH=server, relay=[192.0.2.123], authid=anna, mech=LOGIN, bits=256",
        "AUTH=client, relay=mx.example.net., mech=DIGEST-MD5, bits=128",
        "AUTH=client, available mechanisms do not fulfill requirements",
    ],
);

fn auth<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("AUTH=client, ") {
        return Some(notice(Kind::ServiceInfo, text));
    }
    at.lit("AUTH=server, relay=")?;
    let client = host(at.until_str(", authid=")?, true);
    let user = at.until_str(", mech=")?;
    let method = at.until_str(", bits=")?;
    at.number::<u32>()?;
    Some(Body::Login(Login {
        protocol: "smtp".into(),
        user,
        method,
        client,
        ..Login::default()
    }))
}

const AUTH_FAILURE: Rule = rule(
    "sendmail login failed",
    auth_failure,
    "sendmail sendmail/srvrsmtp.c (CMDAUTH)",
    &[
        "6AM8XJBG008146: AUTH failure (LOGIN): authentication failure (-13) SASL(-13): authentication failure: checkpass failed, relay=host.example.com [192.0.2.123]",
        "6AM8XJBG008146: AUTH failure (PLAIN): user not found (-20) SASL(-13): user not found: checkpass failed, user=anna@example.org, relay=[192.0.2.123]",
        "6AM8XJBG008146: AUTH failure (CRAM-MD5): user not found (-20) SASL(-13): user not found: no secret in database",
    ],
);

fn auth_failure<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("AUTH failure (")?;
    let method = at.until_str("): ")?;
    let (reason, client) = match at.until_last(", relay=") {
        Some(reason) => (reason, host(at.remainder(), true)),
        None => (at.remainder(), Peer::default()),
    };
    let (reason, user) = match memmem::rfind(reason, b", user=") {
        Some(end) => (reason[..end].into(), reason[end + 7..].into()),
        None => (reason, BStr::new(b"")),
    };
    at.severity = Severity::Warning;
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: "smtp".into(),
        method,
        user,
        reason,
        ..AuthFailure::default()
    }))
}

const CERTIFICATE: Rule = rule(
    "sendmail certificate",
    certificate,
    "sendmail sendmail/tls.c (tls_verify_log, tls_get_info)",
    &[
        "STARTTLS=server, cert-subject=/CN=mx.example.net, cert-issuer=/CN=x.test, verifymsg=ok",
        "STARTTLS: TLS cert verify: depth=1 /CN=x.test, state=0, reason=self signed certificate",
        "STARTTLS: x509 cert verify: depth=0 /CN=x.test, state=0, reason=unable to get certificate",
    ],
);

fn certificate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("STARTTLS")?;
    if at.has("=") {
        at.one_of(&["server, ", "client, "])?;
        at.lit("cert-subject=")?;
    } else {
        at.one_of(&[": TLS cert verify: ", ": x509 cert verify: "])?;
    }
    Some(notice(Kind::ServiceInfo, text))
}
