//! SpamAssassin: spamd's results, and what it and its helpers (spamass-milter) tell of themselves.
//!
//! Texts start with what the line is about (`spamd: `, `prefork: `, `dns: `). A child of spamd takes
//! one message at a time: its process id ties the lines from `connection from` to `result`.
//! Source: SpamAssassin `spamd/spamd.raw`, `lib/Mail/SpamAssassin/Logger.pm`.

mod milter;
mod plugin;
mod result;
mod service;

use crate::filter::trimmed;
use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Body, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("spamd", result::RULES),
    ("spamd", service::RULES),
    // Its samples are of spamd's own file.
    ("", plugin::RULES),
    ("spamass-milter", milter::RULES),
];

/// `Sun Nov 22 08:33:19 2026 [1234] info: `. Source: SpamAssassin `Logger/File.pm`.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, text) = stamp::ctime(line)?;
    let mut at = Scan::new(text, b"");
    at.lit("[")?;
    let pid = at.number()?;
    at.lit("] ")?;
    let text = at.peek();
    severity(&mut at)?;
    Some(Header {
        stamp,
        tag: BStr::new("spamd"),
        pid: Some(pid),
        text,
        ..Header::default()
    })
}

/// Takes a text apart: severity, where spamd's own file has it, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(trimmed(at.peek()));
    severity(at);
    first_match(&[result::RULES, service::RULES, plugin::RULES], at)
}

/// The lines of spamass-milter.
pub(crate) fn milter_text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    first_match(&[milter::RULES], at)
}

fn severity(at: &mut Scan<'_>) -> Option<()> {
    at.severity = match at.one_of(&["info: ", "warn: ", "error: ", "dbg: "])? {
        "warn: " => Severity::Warning,
        "error: " => Severity::Error,
        "dbg: " => Severity::Debug,
        _ => Severity::Info,
    };
    Some(())
}

#[cfg(test)]
mod tests;
