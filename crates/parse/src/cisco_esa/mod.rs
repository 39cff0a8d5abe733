//! Cisco Secure Email Gateway (ESA, IronPort): text mail logs and consolidated events.
//!
//! Numbers tie the lines: `MID` is the message, the event's queue id; `ICID` and `DCID` are the
//! connections in and out, the event's session; `RID` is a recipient within its message. All count up
//! and begin anew only when the counters are reset.
//! Source: Cisco AsyncOS User Guide, "Logging" ("Text Mail Logs", "Consolidated Event Logs").

mod connection;
mod delivery;
mod event;
mod message;
mod verdict;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Body, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("mail_logs", connection::RULES),
    // Its samples are of files too.
    ("", message::RULES),
    ("mail_logs", verdict::RULES),
    ("mail_logs", delivery::RULES),
    ("", event::RULES),
];

/// The name under which an appliance sends its text mail log, unless set otherwise.
const PROGRAM: &str = "mail_logs";

/// `Sun Nov 22 08:33:19 2026 Info: MID ...`, or the whole of a consolidated event.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    if line.starts_with(event::START) {
        return Some(Header {
            stamp: event::stamp(line).unwrap_or_default(),
            tag: BStr::new(PROGRAM),
            text: line,
            ..Header::default()
        });
    }
    let (stamp, text) = stamp::ctime(line)?;
    let mut at = Scan::new(text, b"");
    severity(&mut at)?;
    at.one_of(STARTS)?;
    Some(Header {
        stamp,
        tag: BStr::new(PROGRAM),
        text,
        ..Header::default()
    })
}

/// How lines of a text mail log start.
const STARTS: &[&str] = &[
    "MID ",
    "ICID ",
    "DCID ",
    "New SMTP ",
    "Start MID ",
    "Message ",
    "Delivery start ",
    "Bounced: ",
    "Delayed: ",
    "Rejected by ",
    "Dropped by ",
];

/// Whether a text without a program is a consolidated event.
pub(crate) fn is_event(text: &[u8]) -> bool {
    text.starts_with(event::START)
}

/// Whether a program is a text mail log's.
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    program.ends_with(b"mail_logs")
}

/// Takes a text apart: severity, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    if is_event(at.peek()) {
        return first_match(&[event::RULES], at);
    }
    severity(at);
    first_match(
        &[
            message::RULES,
            connection::RULES,
            verdict::RULES,
            delivery::RULES,
        ],
        at,
    )
}

fn severity(at: &mut Scan<'_>) -> Option<()> {
    at.severity = match at.one_of(&[
        "Info: ",
        "Warning: ",
        "Critical: ",
        "Alert: ",
        "Debug: ",
        "Trace: ",
    ])? {
        "Info: " => Severity::Info,
        "Warning: " => Severity::Warning,
        "Critical: " | "Alert: " => Severity::Error,
        _ => Severity::Debug,
    };
    Some(())
}

/// Takes `MID N `; N is the queue id.
fn message_number(at: &mut Scan<'_>) -> Option<()> {
    at.lit("MID ")?;
    at.queue_id = Some(digits(at)?);
    at.lit(" ")
}

/// Takes `DCID 8`: connections in and out are counted apart.
fn connection_out<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    at.lit("DCID ")?;
    let number = digits(at)?;
    Some(text[.."DCID ".len() + number.len()].into())
}

/// Takes a number as written.
fn digits<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let number = at.while_(|byte| byte.is_ascii_digit());
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests;
