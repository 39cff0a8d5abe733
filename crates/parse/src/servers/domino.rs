//! HCL (Lotus) Domino: its console log, `22-11-2026 08:23:21   smtp: TEXT`.
//!
//! The form of the date is the server's language's; these are the three that are seen.
//! Source: Domino `log.nsf`, fail2ban `filter.d/domino-smtp.conf`.

use super::{address, refusal};
use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp::{Order, digits};
use bstr::BStr;
use model::{AccessAction, AccessCheck, Body, Source};

pub(crate) const RULES: &[Rule] = &[REFUSED, REJECTED];

const REFUSED: Rule = rule(
    "domino login refused",
    refused,
    "Domino SMTP server",
    &[
        "22-11-2026 08:23:21   SMTP Server: Authentication failed for user root ; connecting host 203.0.113.9",
        "[28325:00010-3735542592] 22-11-2026 08:23:21   smtp: root [203.0.113.9] authentication failure using internet password",
        "2026-11-22 08:23:21   smtp: a name with spaces [203.0.113.9] authentication failure using internet password",
        "2026-11-22 08:23:21   smtp: root 203.0.113.9 authentication failure using internet password",
        "2026-11-22 08:23:21   SMTP Server [0D14:0027-1334] Authentication failed for user Bad Name ; connecting host [203.0.113.9]",
    ],
);

/// Reads `[PROCESS] ` where it is there, then a date and three spaces.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let rest = match line.strip_prefix(b"[") {
        Some(inner) => &inner[memchr::memmem::find(inner.get(..40)?, b"] ")? + 2..],
        None => line,
    };
    let (stamp, rest) = digits(rest, Order::YearMonthDay, b'-', b' ')
        .or_else(|| digits(rest, Order::DayMonthYear, b'-', b' '))?;
    let text = rest.strip_prefix(b"   ")?;
    let known = [&b"smtp: "[..], b"SMTP Server"];
    known
        .iter()
        .any(|start| text.starts_with(start))
        .then_some(Header {
            stamp,
            tag: "domino".into(),
            text,
            ..Header::default()
        })
}

fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("smtp: ") {
        let who = at.until_last(" authentication failure using ")?;
        let reason = at.remainder();
        let space = memchr::memrchr(b' ', who)?;
        let client = bare(&who[space + 1..]);
        return Some(refusal("smtp", who[..space].into(), client, reason));
    }
    server(at)?;
    let reason = at.peek();
    at.lit("Authentication failed for user ")?;
    let reason = BStr::new(&reason[.."Authentication failed".len()]);
    let user = at.until_last(" ; connecting host ")?;
    let client = bare(at.word()?);
    at.end()?;
    Some(refusal("smtp", user, client, reason))
}

/// An address with or without brackets.
fn bare(text: &[u8]) -> model::Peer<'_> {
    let inner = text.strip_prefix(b"[").and_then(|it| it.strip_suffix(b"]"));
    address(inner.unwrap_or(text))
}

/// Takes `SMTP Server: ` or `SMTP Server [PROCESS] `.
fn server(at: &mut Scan<'_>) -> Option<()> {
    at.lit("SMTP Server")?;
    if at.has(": ") {
        return Some(());
    }
    at.lit(" [")?;
    at.until_str("] ")?;
    Some(())
}

const REJECTED: Rule = rule(
    "domino connection rejected",
    rejected,
    "Domino SMTP server",
    &[
        "2026-11-22 08:23:21   SMTP Server [000527:000013-0000001227564800] Connection from [203.0.113.9] rejected for policy reasons. IP address of connecting host not found in reverse DNS lookup.",
    ],
);

fn rejected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    server(at)?;
    at.lit("Connection from [")?;
    let client = address(at.until(b']')?);
    at.lit(" rejected for ")?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Access,
        stage: "CONNECT".into(),
        client,
        text: at.remainder(),
        ..AccessCheck::default()
    }))
}
