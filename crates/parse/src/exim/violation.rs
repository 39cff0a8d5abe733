//! Clients that break the protocol. Source: exim `src/smtp_in.c` (`synprot_error`,
//! `smtp_setup_msg`, `smtp_start_session`).

use super::item::{Items, client};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{Body, Violation};

pub(crate) const RULES: &[Rule] = &[COMMAND, TOO_SOON, GREETED];

const COMMAND: Rule = rule(
    "exim protocol error",
    command,
    "exim src/smtp_in.c (synprot_error)",
    &[
        "SMTP protocol error in \"AUTH LOGIN\" H=(x.test) [192.0.2.10]:4816 I=[192.0.2.1]:25 Ci=8003 AUTH command used when not advertised",
        "SMTP syntax error in \"MAIL FROM:<a b>\" H=[192.0.2.10] malformed address: b> may not follow <a",
        "SMTP protocol error in \"DATA\" U=anna valid RCPT command must precede DATA",
    ],
);

fn command<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["SMTP protocol error", "SMTP syntax error"])?;
    let violation = &text[..text.len() - at.peek().len()];
    at.lit(" in \"")?;
    // The command may hold all that stands behind it.
    let stage = up_to_last(at, &["\" H=", "\" U="])?;
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.lit(" ")?;
    Some(Body::Violation(Violation {
        client: client.peer,
        violation: violation.into(),
        stage,
        text: at.remainder(),
        ..Violation::default()
    }))
}

/// Takes all before the last of one of some words, and the quote that those start with.
fn up_to_last<'a>(at: &mut Scan<'a>, words: &[&str]) -> Option<&'a BStr> {
    let text = at.peek();
    let ends = words
        .iter()
        .filter_map(|it| memmem::rfind(text, it.as_bytes()));
    let end = ends.max()?;
    *at = at.over(&text[end + "\" ".len()..]);
    Some(text[..end].into())
}

const TOO_SOON: Rule = rule(
    "exim synchronization error",
    too_soon,
    "exim src/smtp_in.c (smtp_setup_msg, smtp_start_session)",
    &[
        "SMTP protocol synchronization error (input sent without waiting for greeting): rejected connection from H=[192.0.2.10]:25936 I=[192.0.2.1]:25 input=\"GET / HTTP/1.1\\r\\n\\r\\n\"",
        "SMTP protocol synchronization error (next input sent too soon: pipelining was not advertised): rejected \"RSET\" H=(x.test) [192.0.2.10] next input=\"QUIT\\r\\n\" (6 bytes)",
    ],
);

fn too_soon<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("SMTP protocol synchronization error (")?;
    at.until(b')')?;
    let violation = &text[..text.len() - at.peek().len()];
    at.lit(": rejected ")?;
    let stage = if at.has("connection from ") {
        BStr::new("CONNECT")
    } else {
        at.lit("\"")?;
        at.until_str("\" ")?
    };
    let client = client(at)?;
    let mut items = Items::default();
    items.take(at);
    at.one_of(&[" next input=\"", " input=\""])?;
    let input = at.remainder();
    Some(Body::Violation(Violation {
        client: client.peer,
        violation: violation.into(),
        stage,
        text: without_quote(input),
        ..Violation::default()
    }))
}

/// What stands before the closing quote; what is missing of it the log leaves out.
fn without_quote(input: &BStr) -> &BStr {
    match memchr::memrchr(b'"', input) {
        Some(quote) => input[..quote].into(),
        None => input,
    }
}

const GREETED: Rule = rule(
    "exim banner echoed",
    |at| {
        if at.has("Ci=") {
            at.until(b' ')?;
        }
        let violation = at.peek();
        at.lit("SMTP peer appears to have seen our banner")?;
        Some(Body::Violation(Violation {
            violation: violation.into(),
            ..Violation::default()
        }))
    },
    "exim src/smtp_in.c",
    &["Ci=30416 SMTP peer appears to have seen our banner"],
);
