//! ClamAV: what its Milter, its scanner and clamsmtp found, and the updates of its signatures.
//!
//! In their own files (`Sun Nov 22 08:33:19 2026 -> TEXT`) nothing tells the programs apart; those
//! lines have the program `clamav`.
//! Source: ClamAV `common/output.c`.

mod milter;
mod scanner;
mod smtp;
mod update;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Body, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("clamav-milter", milter::RULES),
    ("clamd", scanner::RULES),
    // Its samples are of its own file.
    ("", update::RULES),
    ("clamsmtpd", smtp::RULES),
];

/// `Sun Nov 22 08:33:19 2026 -> `.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, text) = stamp::ctime(line)?;
    Some(Header {
        stamp,
        tag: BStr::new("clamav"),
        text: text.strip_prefix(b"-> ")?,
        ..Header::default()
    })
}

/// Takes a text apart: severity, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    at.severity = match at.one_of(&["WARNING: ", "ERROR: ", "^", "!"]) {
        Some("WARNING: " | "^") => Severity::Warning,
        Some(_) => Severity::Error,
        None => Severity::Info,
    };
    first_match(
        match at.program {
            b"clamav-milter" => &[milter::RULES],
            b"freshclam" => &[update::RULES],
            b"clamsmtpd" | b"clamsmtp" => &[smtp::RULES],
            b"clamd" => &[scanner::RULES],
            _ => &[scanner::RULES, milter::RULES, update::RULES],
        },
        at,
    )
}

#[cfg(test)]
mod tests;
