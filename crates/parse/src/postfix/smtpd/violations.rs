//! Clients that break the protocol.

use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Violation};

pub(super) const PIPELINING: Rule = rule(
    "smtpd pipelining",
    pipelining,
    "postfix src/smtpd/smtpd.c",
    &[
        "improper command pipelining after HELO from unknown[192.0.2.7]",
        r"improper command pipelining after EHLO from unknown[192.0.2.7]: MAIL FROM:<a@example.net>\r\n",
        "4bXyZ10QzKz1r: improper command pipelining after DATA from unknown[192.0.2.7]:41234: x",
    ],
);

fn pipelining<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "improper command pipelining";
    at.lit(WORDS)?;
    at.lit(" after ")?;
    let stage = at.until_str(" from ")?;
    let client = at.peer()?;
    if at.end().is_none() {
        at.lit(":")?;
        at.has(" ");
    }
    Some(Body::Violation(Violation {
        client,
        violation: WORDS.into(),
        stage,
        text: at.remainder(),
        ..Violation::default()
    }))
}

pub(super) const NON_SMTP: Rule = rule(
    "smtpd non-smtp command",
    non_smtp,
    "postfix src/smtpd/smtpd.c",
    &["warning: non-SMTP command from unknown[192.0.2.7]: GET / HTTP/1.1"],
);

fn non_smtp<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "non-SMTP command";
    at.lit(WORDS)?;
    at.lit(" from ")?;
    let client = at.peer()?;
    at.lit(": ")?;
    Some(Body::Violation(Violation {
        client,
        violation: WORDS.into(),
        text: at.remainder(),
        ..Violation::default()
    }))
}

pub(super) const ILLEGAL_ADDRESS: Rule = rule(
    "smtpd illegal address",
    illegal_address,
    "postfix src/smtpd/smtpd.c (extract_addr)",
    &[
        "warning: Illegal address syntax from unknown[192.0.2.7] in RCPT command: <b@example.org",
        "warning: Illegal address syntax from unknown[192.0.2.7] in MAIL command: ",
    ],
);

fn illegal_address<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "Illegal address syntax";
    at.lit(WORDS)?;
    at.lit(" from ")?;
    let client = at.peer()?;
    at.lit(" in ")?;
    let stage = at.word()?;
    at.lit(" command:")?;
    at.has(" ");
    Some(Body::Violation(Violation {
        client,
        violation: WORDS.into(),
        stage,
        text: at.remainder(),
        ..Violation::default()
    }))
}

pub(super) const TOO_LONG: Rule = rule(
    "smtpd request too long",
    too_long,
    "postfix src/smtpd/smtpd_chat.c",
    &["warning: unknown[192.0.2.7]: request longer than 2048: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA..."],
);

fn too_long<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = at.peer()?;
    at.lit(": request longer than ")?;
    let bytes = at.number()?;
    at.lit(": ")?;
    let text = at.remainder();
    Some(Body::Violation(Violation {
        client,
        violation: "request longer than".into(),
        text: text.strip_suffix(b"...").unwrap_or(text).into(),
        bytes: Some(bytes),
        ..Violation::default()
    }))
}

pub(super) const ETRN: Rule = rule(
    "smtpd bad etrn",
    etrn,
    "postfix src/smtpd/smtpd.c (etrn_cmd)",
    &["warning: bad ETRN example..org... from unknown[192.0.2.7]"],
);

fn etrn<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const WORDS: &str = "bad ETRN";
    at.lit(WORDS)?;
    at.lit(" ")?;
    let text = at.until_last("... from ")?;
    let client = at.peer()?;
    at.end()?;
    Some(Body::Violation(Violation {
        client,
        violation: WORDS.into(),
        stage: "ETRN".into(),
        text,
        ..Violation::default()
    }))
}

pub(super) const BDAT: Rule = rule(
    "smtpd bdat",
    bdat,
    "postfix src/smtpd/smtpd.c (bdat_cmd)",
    &[
        "warning: NOQUEUE: null BDAT request from unknown[192.0.2.7]",
        "warning: 4bXyZ10QzKz1r: malformed BDAT command syntax from unknown[192.0.2.7]: x y z",
        "warning: 4bXyZ10QzKz1r: BDAT request from unknown[192.0.2.7] exceeds message size limit",
    ],
);

fn bdat<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let violation = at.one_of(&[
        "null BDAT request",
        "malformed BDAT command syntax",
        "BDAT request",
    ])?;
    at.lit(" from ")?;
    let client = at.peer()?;
    let (violation, text) = match violation {
        "malformed BDAT command syntax" => {
            at.lit(": ")?;
            (violation, at.remainder())
        }
        "BDAT request" => {
            at.lit(" exceeds message size limit")?;
            ("BDAT request exceeds message size limit", BStr::new(b""))
        }
        _ => (violation, BStr::new(b"")),
    };
    at.end()?;
    Some(Body::Violation(Violation {
        client,
        violation: violation.into(),
        stage: "BDAT".into(),
        text,
        ..Violation::default()
    }))
}
