//! Sendmail: the MTA, its submission queue, and the `sendmail` command.
//!
//! A text starts with the queue id or `NOQUEUE`, or with neither. Source: sendmail
//! `sendmail/headers.c`, `sendmail/deliver.c`, `sendmail/srvrsmtp.c`; `sendmail/err.c` and
//! `libsm/syslogio.c` for the order of what stands before.

mod auth;
mod daemon;
mod delivery;
mod message;
mod milter;
mod peer;
mod received;
mod ruleset;
mod session;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use model::Body;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("sm-mta", delivery::RULES),
    ("sm-mta", received::RULES),
    ("sm-mta", message::RULES),
    ("sm-mta", ruleset::RULES),
    ("sm-mta", auth::RULES),
    ("sm-mta", session::RULES),
    ("sm-mta", milter::RULES),
    ("sendmail", daemon::RULES),
];

const ALL: &[&[Rule]] = &[
    delivery::RULES,
    received::RULES,
    message::RULES,
    ruleset::RULES,
    auth::RULES,
    session::RULES,
    milter::RULES,
    daemon::RULES,
];

/// Whether a program is Sendmail under the name that a system or an administrator gives it (`-L`).
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    program.starts_with(b"sm-")
        || program.starts_with(b"sendmail-")
        || matches!(program, b"newaliases" | b"mailq" | b"sendmail.sendmail")
}

/// Takes a text apart: queue id, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    queue_id(at);
    first_match(ALL, at)
}

/// Takes `QID: ` or `NOQUEUE: `.
#[inline]
fn queue_id(at: &mut Scan<'_>) {
    if at.has("NOQUEUE: ") {
        at.noqueue = true;
        return;
    }
    let mut ahead = *at;
    if let Some(id) = id(&mut ahead)
        && ahead.has(": ")
    {
        ahead.queue_id = Some(id);
        *at = ahead;
    }
}

/// The shortest ids are those of 8.9: three letters and the process id.
const QUEUE_ID_BYTES_MIN: usize = 7;
/// 8 of time and sequence, up to 10 of process id; Proofpoint's have up to 15.
const QUEUE_ID_BYTES_MAX: usize = 24;

/// Takes a queue id: letters and digits that end in digits; Proofpoint's sendmail has `-N` behind.
/// Source: sendmail `sendmail/queue.c` (`assign_queueid`).
#[inline]
fn id<'a>(at: &mut Scan<'a>) -> Option<&'a bstr::BStr> {
    let id = at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !(QUEUE_ID_BYTES_MIN..=QUEUE_ID_BYTES_MAX).contains(&id.len()) {
        return None;
    }
    let numbered = match id.iter().position(|&byte| byte == b'-') {
        Some(dash) => dash > 6 && id.len() > dash + 1,
        None => true,
    };
    let digits = id.iter().rev().take_while(|it| it.is_ascii_digit()).count();
    let enough = if id.contains(&b'-') { 1 } else { 3 };
    (numbered && digits >= enough).then_some(id)
}

#[cfg(test)]
mod tests;
