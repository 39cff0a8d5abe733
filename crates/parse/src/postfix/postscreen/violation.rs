//! Clients that break the protocol. Since 2.10 (pipelining: 2.9) the command before is told.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Peer, Violation};

pub(super) const PREGREET: Rule = rule(
    "postscreen pregreet",
    pregreet,
    "postfix src/postscreen/postscreen_early.c",
    &[
        r"PREGREET 11 after 0.23 from [192.0.2.7]:59187: EHLO User\r\n",
        r"PREGREET 14 after 1 from [2001:db8::7]:48878: \026\003\001",
    ],
);

fn pregreet<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("PREGREET ")?;
    let bytes = at.number()?;
    at.lit(" after ")?;
    let after_ms = at.seconds_ms()?;
    at.lit(" from ")?;
    let client = at.peer()?;
    at.lit(":")?;
    at.has(" ");
    Some(Body::Violation(Violation {
        client,
        violation: "PREGREET".into(),
        stage: BStr::new(b""),
        text: at.remainder(),
        bytes: Some(bytes),
        after_ms: Some(after_ms),
    }))
}

/// A violation in an SMTP session.
fn violation<'a>(
    client: Peer<'a>,
    violation: &'static str,
    stage: &'a BStr,
    text: &'a BStr,
) -> Option<Body<'a>> {
    Some(Body::Violation(Violation {
        client,
        violation: violation.into(),
        stage,
        text,
        ..Violation::default()
    }))
}

pub(super) const PIPELINING: Rule = rule(
    "postscreen pipelining",
    pipelining,
    "postfix src/postscreen/postscreen_smtpd.c",
    &[
        r"COMMAND PIPELINING from [192.0.2.7]:36942 after HELO: QUIT\r\n",
        "COMMAND PIPELINING from [192.0.2.7]:36942",
    ],
);

fn pipelining<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("COMMAND PIPELINING from ")?;
    let client = at.peer()?;
    let (stage, text) = stage_and_text(at)?;
    violation(client, "COMMAND PIPELINING", stage, text)
}

/// Takes ` after CMD: TEXT` to the end, or nothing at the end.
fn stage_and_text<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, &'a BStr)> {
    if at.end().is_some() {
        return Some(Default::default());
    }
    at.lit(" after ")?;
    let stage = at.until(b':')?;
    at.has(" ");
    Some((stage, at.remainder()))
}

pub(super) const NON_SMTP: Rule = rule(
    "postscreen non-smtp command",
    non_smtp,
    "postfix src/postscreen/postscreen_smtpd.c",
    &[
        "NON-SMTP COMMAND from [192.0.2.7]:36942 after CONNECT: GET / HTTP/1.1",
        "NON-SMTP COMMAND from [192.0.2.7]:36942 GET / HTTP/1.1",
    ],
);

fn non_smtp<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "NON-SMTP COMMAND";
    at.lit(WORDS)?;
    at.lit(" from ")?;
    let client = at.peer()?;
    if at.peek().starts_with(b" after ") {
        let (stage, text) = stage_and_text(at)?;
        return violation(client, WORDS, stage, text);
    }
    at.lit(" ")?;
    violation(client, WORDS, BStr::new(b""), at.remainder())
}

pub(super) const BARE_NEWLINE: Rule = rule(
    "postscreen bare newline",
    bare_newline,
    "postfix src/postscreen/postscreen_smtpd.c",
    &[
        "BARE NEWLINE from [192.0.2.7]:36942 after HELO",
        "BARE NEWLINE from [192.0.2.7]:36942",
    ],
);

fn bare_newline<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "BARE NEWLINE";
    at.lit(WORDS)?;
    client_and_stage(at, WORDS)
}

/// Takes ` from [ADDRESS]:PORT after CMD` or without the command.
fn client_and_stage<'a>(at: &mut Scan<'a>, words: &'static str) -> Option<Body<'a>> {
    at.lit(" from ")?;
    let client = at.peer()?;
    if at.end().is_none() {
        at.lit(" after ")?;
    }
    violation(client, words, at.remainder(), BStr::new(b""))
}

pub(super) const COMMAND_LIMIT: Rule = rule(
    "postscreen command limit",
    command_limit,
    "postfix src/postscreen/postscreen_smtpd.c",
    &[
        "COMMAND TIME LIMIT from [192.0.2.7]:36942 after STARTTLS",
        "COMMAND COUNT LIMIT from [192.0.2.7]:36942 after NOOP",
        "COMMAND LENGTH LIMIT from [192.0.2.7]:36942",
    ],
);

fn command_limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = at.one_of(&[
        "COMMAND TIME LIMIT",
        "COMMAND COUNT LIMIT",
        "COMMAND LENGTH LIMIT",
    ])?;
    client_and_stage(at, words)
}

pub(super) const NO_RECIPIENT: Rule = rule(
    "postscreen no recipient",
    no_recipient,
    "postfix src/postscreen/postscreen_smtpd.c (3.5)",
    &[
        "DATA without valid RCPT from [192.0.2.7]:36942",
        "BDAT without valid RCPT from [192.0.2.7]:36942",
    ],
);

fn no_recipient<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let stage = at.one_of(&["DATA", "BDAT"])?;
    at.lit(" without valid RCPT from ")?;
    let client = at.peer()?;
    at.end()?;
    violation(client, "without valid RCPT", stage.into(), BStr::new(b""))
}
