//! Mailu's administration, which checks logins for its other parts.
//! Source: mailu `core/admin/mailu/limiter.py`, Flask's log format.

use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{AuthFailure, Body, Peer};

pub(crate) const RULES: &[Rule] = &[LIMITED];

const LIMITED: Rule = rule(
    "mailu rate limited",
    limited,
    "mailu core/admin/mailu/internal/views/auth.py",
    &[
        "[2026-11-22 08:23:21,123] WARNING in limiter: Authentication attempt from 203.0.113.9 has been rate-limited.",
        "[2026-11-22 08:23:21,123] WARNING in limiter: Authentication attempt from 203.0.113.9 for anna@example.org has been rate-limited.",
    ],
);

/// Reads `[2026-11-22 08:23:21,123] LEVEL in MODULE: `.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = stamp::iso(line.strip_prefix(b"[")?)?;
    let text = rest.strip_prefix(b"] ")?;
    let mut at = Scan::new(text, b"");
    let level = at.until_str(" in ")?;
    level.iter().all(u8::is_ascii_uppercase).then_some(())?;
    Some(Header {
        stamp,
        tag: "mailu-admin".into(),
        text,
        ..Header::default()
    })
}

fn limited<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("WARNING in limiter: Authentication attempt from ")?;
    at.severity = model::Severity::Warning;
    let address = at.word()?;
    let user = match at.has(" for ") {
        true => at.until_last(" has been ")?,
        false => {
            at.lit(" has been ")?;
            BStr::new(b"")
        }
    };
    let reason = at.remainder().strip_suffix(b".")?;
    (reason == b"rate-limited").then_some(())?;
    Some(Body::AuthFailure(AuthFailure {
        client: Peer {
            address,
            ..Peer::default()
        },
        user,
        reason: reason.into(),
        ..AuthFailure::default()
    }))
}
