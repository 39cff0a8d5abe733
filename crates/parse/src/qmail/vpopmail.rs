//! vpopmail's vchkpw: logins to POP3, IMAP and SMTP.
//! Source: vpopmail `vchkpw.c`.

use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::{memchr, memrchr};
use model::{AuthFailure, Body, Kind, Login, Peer};

pub(super) const RULES: &[Rule] = &[LOGIN, FAILED, TROUBLE];

/// Takes `vchkpw-pop3: ` or `vchkpw: `; what it names.
fn service(at: &mut Scan<'_>) -> Option<&'static BStr> {
    at.lit("vchkpw")?;
    let name = match at.has("-") {
        true => at.while_(|byte| byte != b':'),
        false => b"pop3".into(),
    };
    at.lit(": ")?;
    Some(match name.as_bytes() {
        b"pop3" | b"pop3s" => "pop3".into(),
        b"imap" | b"imaps" => "imap".into(),
        b"submission" => "submission".into(),
        b"smtp" | b"smtps" => "smtp".into(),
        _ => "".into(),
    })
}

/// `USER:ADDRESS`; an address of version 6 has colons too, a user has none.
fn user_and_client(text: &BStr) -> Option<(&BStr, Peer<'_>)> {
    let colon = match memrchr(b'@', text) {
        Some(sign) => sign + memchr(b':', &text[sign..])?,
        None => memchr(b':', text)?,
    };
    let client = Peer {
        address: text[colon + 1..].into(),
        ..Peer::default()
    };
    Some((text[..colon].into(), client))
}

const LOGIN: Rule = rule(
    "vchkpw login",
    login,
    "vpopmail vchkpw.c",
    &[
        "vchkpw-smtp: (PLAIN) login success anna@example.org:192.0.2.10",
        "vchkpw-pop3: login success anna@example.org:192.0.2.10",
        "vchkpw-submission: (CRAM-MD5) login success anna@example.org:2001:db8::10",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let protocol = service(at)?;
    let method = match at.has("(") {
        true => at.until_str(") ")?,
        false => b"".into(),
    };
    at.lit("login success ")?;
    let (user, client) = user_and_client(at.remainder())?;
    Some(Body::Login(Login {
        protocol,
        user,
        method,
        client,
        ..Login::default()
    }))
}

const FAILED: Rule = rule(
    "vchkpw failed",
    failed,
    "vpopmail vchkpw.c",
    &[
        "vchkpw-pop3: password fail anna@example.org:192.0.2.10",
        "vchkpw-smtp: password fail (pass: 'hush') anna@example.org:192.0.2.10",
        "vchkpw-pop3: vpopmail user not found eve@example.org:192.0.2.10",
        "vchkpw: null password given anna:192.0.2.10",
        "vchkpw-smtp: system password fail anna:192.0.2.10",
        "vchkpw-imap: imap access denied anna@example.org:192.0.2.10",
        "vchkpw-smtp: invalid user/domain characters anna'@example.org:192.0.2.10",
    ],
);

/// The reason leaves out a password that was logged.
fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let protocol = service(at)?;
    let reason = at.one_of(&[
        "password fail",
        "system password fail",
        "vpopmail user not found",
        "system user not found",
        "user not found",
        "null password given",
        "null user name given",
        "invalid user/domain characters",
        "pop access denied",
        "imap access denied",
        "smtp access denied",
        "webmail access denied",
        "access denied",
        "CRAM-MD5 password fail",
        "APOP password fail",
    ])?;
    at.lit(" ")?;
    if at.has("(pass: '") {
        at.until_last("') ")?;
    }
    let (user, client) = user_and_client(at.remainder())?;
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol,
        user,
        reason: reason.into(),
        ..AuthFailure::default()
    }))
}

const TROUBLE: Rule = rule(
    "vchkpw trouble",
    trouble,
    "vpopmail vchkpw.c",
    &[
        "vchkpw-pop3: setgid 89 failed errno 1 anna@example.org:192.0.2.10",
        "vchkpw-pop3: autocreate dir errno 13 anna@example.org:192.0.2.10",
        "vchkpw-pop3: chdir failed errno 2 anna@example.org:192.0.2.10",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    service(at)?;
    at.one_of(&["setgid ", "setuid ", "autocreate ", "chdir ", "unable to "])?;
    Some(notice(Kind::ServiceError, text))
}
