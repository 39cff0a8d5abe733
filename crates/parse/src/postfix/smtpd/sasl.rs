//! Logins that fail. A login that succeeds is told by `client=..., sasl_username=...`.

use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AuthFailure, Body, Kind, Notice};

pub(super) const FAILED: Rule = rule(
    "smtpd sasl failed",
    failed,
    "postfix src/smtpd/smtpd_sasl_glue.c, src/smtpd/smtpd_sasl_proto.c",
    &[
        "warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
        "warning: unknown[192.0.2.7]: SASL PLAIN authentication failed: ",
        "warning: unknown[192.0.2.7]: SASL PLAIN authentication failed:",
        "warning: unknown[192.0.2.7]: SASL LOGIN authentication failed",
        "warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=anna@example.org",
        "warning: unknown[2001:db8::7]:41234: SASL PLAIN authentication failed: UGFzc3dvcmQ6, sasl_username=(unavailable)",
        "warning: unknown[192.0.2.7]: SASL CRAM-MD5 authentication aborted",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = at.peer()?;
    at.lit(": SASL ")?;
    let method = at.until_str(" authentication ")?;
    let aborted = at.has("aborted");
    if !aborted {
        at.lit("failed")?;
    }
    let (reason, user) = reason_and_user(at)?;
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: "smtp".into(),
        method,
        user,
        reason,
        aborted,
        ..AuthFailure::default()
    }))
}

/// Takes `: REASON, sasl_username=USER`, or as much of it as there is.
fn reason_and_user<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, &'a BStr)> {
    if at.end().is_some() {
        return Some(Default::default());
    }
    at.lit(":")?;
    at.has(" ");
    match at.until_last(", sasl_username=") {
        Some(reason) => {
            at.has("(unavailable)");
            Some((reason, at.remainder()))
        }
        None => Some((at.remainder(), BStr::new(b""))),
    }
}

// Not an `AuthFailure`: the same attempt is told with its client by the line that follows.
pub(super) const LIBRARY: Rule = rule(
    "smtpd sasl library",
    library,
    "postfix src/xsasl/xsasl_cyrus_log.c",
    &[
        "warning: SASL authentication failure: Password verification failed",
        "warning: SASL authentication problem: unable to open Berkeley db",
        "SASL authentication info: no user in db",
    ],
);

fn library<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SASL authentication ")?;
    let level = at.one_of(&[
        "failure: ",
        "problem: ",
        "info: ",
        "debug: ",
        "trace: ",
        "pass: ",
    ])?;
    let kind = match level {
        "failure: " | "problem: " => Kind::ServiceWarning,
        _ => Kind::ServiceInfo,
    };
    notice(kind, "SASL authentication".into(), at.remainder())
}

pub(super) const BACKEND: Rule = rule(
    "smtpd sasl backend",
    backend,
    "postfix src/xsasl/xsasl_dovecot_server.c, src/xsasl/xsasl_cyrus_server.c",
    &[
        "warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: No such file or directory",
        "warning: SASL: Connect to private/auth failed: Connection refused",
        "warning: SASL: Couldn't send handshake: Broken pipe",
        "warning: SASL: Protocol version mismatch (2 vs. 1)",
        "warning: SASL per-process initialization failed: generic failure",
        "warning: SASL per-connection server initialization: no mechanism available",
    ],
);

fn backend<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("SASL")?;
    let mut service = BStr::new(b"");
    if at.has(": Connect to ") {
        at.has("Dovecot auth socket ");
        service = quoted(at.until_str(" failed: ")?);
    } else {
        at.one_of(&[
            ": Couldn't send handshake: ",
            ": Protocol version mismatch ",
            " per-process initialization failed: ",
            " per-connection server initialization: ",
            " per-connection security setup; ",
        ])?;
    }
    Some(Body::Notice(Notice {
        kind: Kind::ServiceError,
        about: "SASL".into(),
        service,
        text: at.remainder(),
        ..Notice::default()
    }))
}

/// Without the single quotes round it.
fn quoted(text: &BStr) -> &BStr {
    let inner = text
        .strip_prefix(b"'")
        .and_then(|text| text.strip_suffix(b"'"));
    inner.unwrap_or(text).into()
}

pub(super) const NO_MECHANISMS: Rule = rule(
    "smtpd sasl mechanisms",
    no_mechanisms,
    "postfix src/smtpd/smtpd_sasl_glue.c",
    &[
        "fatal: no SASL authentication mechanisms",
        "warning: xsasl_cyrus_server_get_mechanism_list: no applicable SASL mechanisms",
        "warning: smtpd_sasl_auth_enable is true, but SASL support is not compiled in",
    ],
);

fn no_mechanisms<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.has("xsasl_cyrus_server_get_mechanism_list: ");
    at.one_of(&[
        "no SASL authentication mechanisms",
        "no applicable SASL mechanisms",
        "smtpd_sasl_auth_enable is true, but SASL support is not compiled in",
    ])?;
    at.end()?;
    notice(Kind::ServiceError, "SASL mechanisms".into(), BStr::new(b""))
}
