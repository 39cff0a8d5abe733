//! solid-pop3d. Source: solid-pop3d `src/authenticate.c`.

use super::{address, refusal};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Login};

pub(crate) const RULES: &[Rule] = &[REFUSED, LOGIN];

const REFUSED: Rule = rule(
    "solid-pop3d login refused",
    refused,
    "solid-pop3d src/authenticate.c",
    &[
        "authentication failed: no such user: root - 203.0.113.9",
        "authentication failed: can't map user name: root - 203.0.113.9",
        "authentication failed for user root - 203.0.113.9",
        "authentication failed for mapped user root - 203.0.113.9",
        "root login not allowed - 203.0.113.9",
        "can't find APOP secret for user anna - 192.0.2.10",
        "APOP authentication failed for user anna - 192.0.2.10",
    ],
);

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const STARTS: &[&str] = &[
        "authentication failed: no such user: ",
        "authentication failed: can't map user name: ",
        "authentication failed for user ",
        "authentication failed for mapped user ",
        "can't find APOP secret for user ",
        "APOP authentication failed for user ",
        "root login not allowed",
    ];
    let text = at.peek();
    let reason = at.one_of(STARTS)?;
    let user = at.until_last(" - ")?;
    let client = address(at.word()?);
    at.end()?;
    let reason = text[..reason.len()].trim_ascii_end();
    let reason = reason.strip_suffix(b":").unwrap_or(reason);
    let user = match user.is_empty() {
        true => BStr::new("root"),
        false => user,
    };
    Some(refusal("pop3", user, client, reason.into()))
}

const LOGIN: Rule = rule(
    "solid-pop3d login",
    login,
    "solid-pop3d src/authenticate.c",
    &["user anna authenticated - 192.0.2.10"],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("user ")?;
    let user = at.until_str(" authenticated - ")?;
    let client = address(at.word()?);
    at.end()?;
    Some(Body::Login(Login {
        protocol: "pop3".into(),
        user,
        client,
        ..Login::default()
    }))
}
