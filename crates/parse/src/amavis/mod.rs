//! amavis: verdicts of the content filter, and what it tells on the way to them.
//!
//! Each line of a check starts with `(AM_ID) `, then `(!)` or `(!!)` where something is wrong.
//! Source: amavis `lib/Amavis/Log.pm`.

mod check;
mod daemon;
mod trouble;
mod verdict;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use model::{Body, Kind, Notice, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("amavis", verdict::RULES),
    ("amavis", check::RULES),
    ("amavis", trouble::RULES),
    ("amavis", daemon::RULES),
];

/// Takes a text apart: id of the check and severity, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    filter_id(at);
    severity(at);
    first_match(
        &[verdict::RULES, check::RULES, trouble::RULES, daemon::RULES],
        at,
    )
}

/// Takes `(PID-NN) ` or `(PID-NN-K) `.
#[inline]
fn filter_id(at: &mut Scan<'_>) -> Option<()> {
    let mut ahead = *at;
    ahead.lit("(")?;
    let id = ahead.while_(|byte| byte.is_ascii_digit() || byte == b'-');
    ahead.lit(") ")?;
    id.contains(&b'-').then_some(())?;
    ahead.session = id;
    *at = ahead;
    Some(())
}

/// Takes `(!)`, log level -1, or `(!!)`, level -2 and worse.
#[inline]
fn severity(at: &mut Scan<'_>) {
    if at.has("(!!)") {
        at.severity = Severity::Error;
    } else if at.has("(!)") {
        at.severity = Severity::Warning;
    }
}

/// A notice with a text.
fn notice(kind: Kind, text: &[u8]) -> Notice<'_> {
    Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    }
}

/// A notice whose text is what is left, if it starts with one of some words.
fn starting<'a>(at: &mut Scan<'a>, kind: Kind, words: &[&'static str]) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(words)?;
    Some(Body::Notice(notice(kind, text)))
}

#[cfg(test)]
mod tests;
