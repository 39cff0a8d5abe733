//! MailScanner: verdicts on the messages of the MTA's hold queue, and its batches.
//!
//! With Postfix an id is the queue id with a `.` and five hexadecimal digits behind it; the event has
//! the queue id alone. What passes goes into the queue anew under the id that `Requeue:` tells.
//! Source: MailScanner `common/usr/share/MailScanner/perl/MailScanner/*.pm`.

mod batch;
mod message;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr;
use model::Body;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("MailScanner", message::RULES),
    ("MailScanner", batch::RULES),
];

/// Takes a text apart.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    first_match(&[message::RULES, batch::RULES], at)
}

/// The queue id of `QID.A1B2C`.
fn queue_id(id: &BStr) -> &BStr {
    let len = memchr(b'.', id).unwrap_or(id.len());
    id[..len].into()
}

#[cfg(test)]
mod tests;
