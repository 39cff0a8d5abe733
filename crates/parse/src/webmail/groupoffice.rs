//! Group-Office: `[2026-11-22 08:23:21]LOGIN FAILED for user: "anna" from IP: 192.0.2.10`.
//! Source: groupoffice `www/go/base/model/User.php`, `GO_Base_Session`.

use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp;
use model::{AuthFailure, Body, Login, Peer};

pub(crate) const RULES: &[Rule] = &[LOGIN];

const LOGIN: Rule = rule(
    "groupoffice login",
    login,
    "groupoffice www/go/base/Session.php (login)",
    &[
        "[2026-11-22 08:23:21]LOGIN FAILED for user: \"root\" from IP: 203.0.113.9",
        "[2026-11-22 08:23:21]LOGIN SUCCESS for user: \"anna\" from IP: 192.0.2.10",
    ],
);

/// Reads `[2026-11-22 08:23:21]LOGIN `.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = stamp::iso(line.strip_prefix(b"[")?)?;
    let text = rest.strip_prefix(b"]")?;
    text.starts_with(b"LOGIN ").then_some(Header {
        stamp,
        tag: "groupoffice".into(),
        text,
        ..Header::default()
    })
}

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("LOGIN ")?;
    let result = at.one_of(&["FAILED", "SUCCESS"])?;
    at.lit(" for user: \"")?;
    let user = at.until_last("\" from IP: ")?;
    let client = Peer {
        address: at.word()?,
        ..Peer::default()
    };
    at.end()?;
    let protocol = "http".into();
    Some(match result {
        "SUCCESS" => Body::Login(Login {
            protocol,
            user,
            client,
            ..Login::default()
        }),
        _ => Body::AuthFailure(AuthFailure {
            client,
            protocol,
            user,
            ..AuthFailure::default()
        }),
    })
}
