//! Logins.
//! Source: cyrus-imapd `imap/imapd.c`, `imap/pop3d.c`, `imap/lmtpengine.c`, `timsieved/parser.c`,
//! `imap/httpd.c`.

use super::{client, protocol};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AuthFailure, Body, Login};

pub(super) const RULES: &[Rule] = &[LOGIN, FAILED];

const LOGIN: Rule = rule(
    "cyrus login",
    login,
    "cyrus-imapd imap/imapd.c (cmd_login, cmd_authenticate)",
    &[
        "login: mail.example.net [192.0.2.10] anna@example.org plaintext+TLS User logged in SESSIONID=<cyrus-1234-1795335894-1-1234567890123456789>",
        "login: [2001:db8::10] anna CRAM-MD5 User logged in",
        "login: mail.example.net[192.0.2.10] anna+Junk nopassword User logged in SESSIONID=<mx1-1234-1795335894-1>",
        "login: mail.example.net [192.0.2.10] anonymous guest@example.net",
        "login: localhost postman EXTERNAL User logged in",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("login: ")?;
    let client = client(at)?;
    at.lit(" ")?;
    let user = at.word()?;
    at.lit(" ")?;
    let word = at.word()?;
    let (method, tls) = match word.strip_suffix(b"+TLS") {
        Some(method) => (method.into(), Some(true)),
        None => (word, None),
    };
    if !at.has(" User logged in") {
        (user == "anonymous").then_some(())?;
    }
    if at.has(" SESSIONID=<") {
        at.session = at.until(b'>')?;
    }
    at.end()?;
    Some(Body::Login(Login {
        protocol: protocol(at.program),
        user,
        method: if user == "anonymous" {
            b"".into()
        } else {
            method
        },
        client,
        tls,
        ..Login::default()
    }))
}

const FAILED: Rule = rule(
    "cyrus login failed",
    failed,
    "cyrus-imapd imap/imapd.c (cmd_login, cmd_authenticate)",
    &[
        "badlogin: mail.example.net [192.0.2.10] plaintext (eve@example.org) [SASL(-13): authentication failure: checkpass failed]",
        "badlogin: mail.example.net [192.0.2.10] plaintext eve@example.org SASL(-13): authentication failure: checkpass failed",
        "badlogin: mail.example.net[192.0.2.10] OTP [SASL(-13): authentication failure: External SSF not good enough]",
        "badlogin: [192.0.2.10] plaintext (eve) invalid user",
        "badlogin: mail.example.net [192.0.2.10] anonymous login refused",
        "badlogin: mail.example.net [192.0.2.10] PLAIN [SASL(-13): user not found: Password verification failed]",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("badlogin: ")?;
    let client = client(at)?;
    at.lit(" ")?;
    let method = at.word()?;
    at.lit(" ")?;
    let user = if at.has("(") {
        at.until_str(") ")?
    } else if at.peek().starts_with(b"[") || method == "anonymous" {
        BStr::new(b"")
    } else {
        let user = at.word()?;
        at.has(" ");
        user
    };
    let reason = at.remainder();
    let inner = reason
        .strip_prefix(b"[")
        .and_then(|it| it.strip_suffix(b"]"));
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: protocol(at.program),
        method,
        user,
        reason: inner.map_or(reason, |it| it.as_bstr()),
        ..AuthFailure::default()
    }))
}
