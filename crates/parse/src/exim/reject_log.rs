//! The lines that follow a rejection in the reject log: envelope and header of what was refused,
//! each field with a letter for its kind before it; and further parts of long syslog entries.
//! Source: exim `src/log.c` (`log_write`, `LOG_REJECT`).

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{AccessAction, Body, ContentCheck, Kind, Notice};

pub(crate) const RULES: &[Rule] = &[FIELD];
pub(crate) const PARTS: &[Rule] = &[CONTINUED];

const FIELD: Rule = rule(
    "exim reject log field",
    field,
    "exim src/log.c (LOG_REJECT), src/structs.h (htype_*)",
    &[
        "Envelope-from: <bob@example.net>",
        "Envelope-to: <anna@example.org>",
        "F From: Bob <bob@example.net>",
        "I Message-ID: <a1@example.net>",
        "  Subject: an offer",
        "P Received: from mail.example.net ([192.0.2.10])",
    ],
);

/// A field of what was refused; no id stands there, the entry's first line has it.
fn field<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let part = if at.peek().starts_with(b"Envelope-") {
        "envelope"
    } else {
        letter(at)?;
        "header"
    };
    let header_name = at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    at.lit(":")?;
    at.has(" ");
    Some(Body::Content(ContentCheck {
        action: AccessAction::Info,
        part: part.into(),
        header_name,
        content: at.remainder(),
        ..ContentCheck::default()
    }))
}

/// Takes the letter for a field's kind, `*` for one that was removed, a space for most, and a space.
fn letter(at: &mut Scan<'_>) -> Option<()> {
    let &[letter, b' ', ref rest @ ..] = at.peek() else {
        return None;
    };
    b"BCFIPRST* ".contains(&letter).then_some(())?;
    *at = at.over(rest);
    Some(())
}

/// Whether a line without stamp is one of these. Letter and name must fit, since a file of another
/// program may hold `F From: ` by chance only, but `  Name: ` often.
pub(super) fn is_header_line(line: &[u8]) -> bool {
    let starts = |words: &[&str]| words.iter().any(|it| line.starts_with(it.as_bytes()));
    match line.first() {
        Some(b'E') => starts(&["Envelope-from: <", "Envelope-to: <"]),
        Some(b'B') => starts(&["B Bcc: "]),
        Some(b'C') => starts(&["C Cc: ", "C CC: "]),
        Some(b'F') => starts(&["F From: ", "F FROM: "]),
        Some(b'I') => starts(&["I Message-ID: ", "I Message-Id: ", "I message-id: "]),
        Some(b'P') => starts(&["P Received: "]),
        Some(b'R') => starts(&["R Reply-To: ", "R Reply-to: "]),
        Some(b'S') => starts(&["S Sender: "]),
        Some(b'T') => starts(&["T To: ", "T TO: "]),
        Some(b' ') => starts(FIELDS),
        _ => false,
    }
}

/// Fields without a letter of their own that nearly every message has.
const FIELDS: &[&str] = &[
    "  Date: ",
    "  Subject: ",
    "  MIME-Version: ",
    "  Content-Type: ",
    "  Content-Transfer-Encoding: ",
    "  DKIM-Signature: ",
    "  User-Agent: ",
    "  Return-Path: ",
    "  In-Reply-To: ",
    "  References: ",
    "  List-Unsubscribe: ",
    "  X-Mailer: ",
    "  X-Priority: ",
    "  X-Spam-",
];

const CONTINUED: Rule = rule(
    "exim continued",
    continued,
    "exim src/log.c (write_syslog)",
    &[
        "[2/3] ple.net for anna@example.org bob@exam",
        "[3\\3] ple.org",
    ],
);

/// A further part of a long entry; host and pid are those of the first.
fn continued<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        text: BStr::new(at.remainder()),
        ..Notice::default()
    }))
}
