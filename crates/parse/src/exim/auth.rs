//! Logins that fail; of those that succeed `A=` tells in other lines.
//! Source: exim `src/smtp_in.c` (`smtp_in_auth`), `src/transports/smtp.c` (`try_authenticator`).

use super::item::{Items, client, host};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AttemptFailed, AuthFailure, Body};

pub(crate) const RULES: &[Rule] = &[FAILED, FAILED_AT_SERVER, SERVICE];

const FAILED: Rule = rule(
    "exim auth failed",
    failed,
    "exim src/smtp_in.c (smtp_in_auth)",
    &[
        "dovecot_login authenticator failed for mail.example.net (User) [192.0.2.10]:41556 I=[192.0.2.1]:25 Ci=30416: 535 Incorrect authentication data (set_id=anna@example.org)",
        "plain authenticator failed for H=(x.test) [192.0.2.10] U=anna: 535 Incorrect authentication data",
        "plain authenticator failed for (x.test) [192.0.2.10]: 435 Unable to authenticate at present (set_id=anna): lookup failed",
        "login authenticator failed for (x.test) [192.0.2.10]: 501 Invalid base64 data",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let method = at.word()?;
    at.lit(" authenticator failed for ")?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.lit(": ")?;
    let reason = at.peek();
    at.code()?;
    let told = at.until_str(" (set_id=").map(|words| words.len());
    let mut user = BStr::new(b"");
    let mut reason = BStr::new(reason);
    if let Some(len) = told {
        user = account(at)?;
        // What follows the account belongs to the reason.
        if at.end().is_some() {
            reason = reason[..CODE_LEN + len].into();
        }
    }
    let aborted = reason.ends_with(b"Authentication cancelled");
    Some(Body::AuthFailure(AuthFailure {
        client: client.peer,
        server: items.server,
        helo: client.helo,
        protocol: "smtp".into(),
        method,
        user,
        reason,
        aborted,
        tls: (!items.tls.is_empty()).then_some(true),
        ..AuthFailure::default()
    }))
}

/// Digits of a reply code.
const CODE_LEN: usize = 3;

/// Takes an account and the parenthesis behind it; the client chose it, and it may hold others.
fn account<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    if let Some(account) = text.strip_suffix(b")") {
        *at = at.over(&[]);
        return Some(account.into());
    }
    at.until_str("):")
}

const FAILED_AT_SERVER: Rule = rule(
    "exim auth failed at server",
    failed_at_server,
    "exim src/transports/smtp.c (try_authenticator)",
    &[
        "1xV2wi-0000ai-2r plain authenticator failed H=mx.example.net [192.0.2.25] 535 Incorrect authentication data",
    ],
);

/// We could not log in at another server.
fn failed_at_server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.word()?;
    at.one_of(&[
        " authenticator failed H=",
        " authenticator cancelled authentication H=",
    ])?;
    let host = host(at)?;
    at.lit(" ")?;
    let code = at.code();
    at.has(" ");
    let enhanced = at.enhanced();
    Some(Body::AttemptFailed(AttemptFailed {
        peer: host.peer,
        code,
        enhanced,
        text: text.into(),
        ..AttemptFailed::default()
    }))
}

const SERVICE: Rule = rule(
    "exim auth service",
    |at| {
        let text = at.peek();
        at.word()?;
        at.lit(" authenticator (")?;
        at.until_str("):")?;
        Some(super::notice(model::Kind::ServiceError, text))
    },
    "exim src/auths/cyrus_sasl.c",
    &["sasl2 authenticator (PLAIN): Cyrus SASL permanent failure: generic failure"],
);
