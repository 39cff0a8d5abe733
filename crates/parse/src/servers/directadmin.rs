//! DirectAdmin: `2026:11:22-08:23:21: '192.0.2.10' 2 failed login attempts. Account 'anna'`.
//! Source: DirectAdmin `login.log`.

use super::address;
use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp::{Order, digits};
use model::{AuthFailure, Body, Login};

pub(crate) const RULES: &[Rule] = &[LOGIN];

const LOGIN: Rule = rule(
    "directadmin login",
    login,
    "DirectAdmin login.log",
    &[
        "2026:11:22-08:23:21: '203.0.113.9' 2 failed login attempts. Account 'root'",
        "2026:11:22-08:23:21: '203.0.113.9' 5 failed login attempt. Invalid account 'user%2Ename'",
        "2026:11:22-08:23:21: '203.0.113.9' 2 failed login attempts. Account 'anna' via 'admin'",
        "2026:11:22-08:23:21: '192.0.2.10' successful login to 'anna' after 1 attempts",
    ],
);

/// Reads `2026:11:22-08:23:21: `.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = digits(line, Order::YearMonthDay, b':', b'-')?;
    let text = rest.strip_prefix(b": ")?;
    text.starts_with(b"'").then_some(Header {
        stamp,
        tag: "directadmin".into(),
        text,
        ..Header::default()
    })
}

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("'")?;
    let client = address(at.until(b'\'')?);
    at.lit(" ")?;
    if at.has("successful login to '") {
        let user = at.until(b'\'')?;
        at.lit(" after ")?;
        at.number::<u64>()?;
        at.lit(" attempts")?;
        at.end()?;
        return Some(Body::Login(Login {
            protocol: "http".into(),
            user,
            client,
            ..Login::default()
        }));
    }
    let attempts = at.number()?;
    at.lit(" failed login attempt")?;
    at.has("s");
    at.lit(". ")?;
    let reason = at.one_of(&["Invalid account '", "Account '"])?;
    let user = at.until(b'\'')?;
    let invalid = reason.starts_with("Invalid");
    let reason: &[u8] = if invalid { b"Invalid account" } else { b"" };
    Some(Body::AuthFailure(AuthFailure {
        client,
        protocol: "http".into(),
        user,
        reason: reason.into(),
        attempts: Some(attempts),
        ..AuthFailure::default()
    }))
}
