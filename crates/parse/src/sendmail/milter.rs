//! What Milters did, and how Sendmail got on with them.
//! Source: sendmail `sendmail/milter.c`, `sendmail/srvrsmtp.c`.

use super::received::without_brackets;
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AccessAction, AccessCheck, Body, Envelope, Kind, Source};

pub(super) const RULES: &[Rule] = &[DECISION, CHANGE, NAMED, STATE];

const DECISION: Rule = rule(
    "sendmail milter decision",
    decision,
    "sendmail sendmail/milter.c, sendmail/srvrsmtp.c",
    &[
        "6AM8XJBG008146: Milter: from=<bob@x.test>, reject=550 5.7.1 go away",
        "6AM8XJBG008146: Milter: to=<anna@example.org>, reject=451 4.7.1 Greylisting in action",
        "6AM8XJBG008146: Milter: data, reject=550 5.7.1 Virus detected",
        "6AM8XJBG008146: Milter: connect: host=host.example.com, addr=192.0.2.123, rejecting commands",
        "6AM8XJBG008146: Milter: from=<bob@x.test>, discard",
        "6AM8XJBG008146: milter=spamd, action=body, reject=550 5.7.1 Blocked",
        "6AM8XJBG008146: milter=clamav, quarantine=infected",
        "6AM8XJBG008146: Milter: data, discard",
        "6AM8XJBG008146: Milter: helo=x.test, reject=Command rejected",
        "6AM8XJBG008146: milter=greylist, action=mail, tempfail",
    ],
);

fn decision<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let named = at.one_of(&["Milter: ", "milter="])? == "milter=";
    if named {
        at.until_str(", ")?;
    }
    let text = at.peek();
    let (end, action) = verdict(text)?;
    let what: &BStr = text[..end].into();
    let mut check = AccessCheck {
        action,
        source: Source::Milter,
        ..AccessCheck::default()
    };
    stage(what, &mut check);
    *at = at.over(&text[end..]);
    at.has(", ");
    at.one_of(&["reject=", "quarantine="]);
    check.code = at.code();
    at.has(" ");
    check.enhanced = at.enhanced();
    at.has(" ");
    check.text = at.remainder();
    Some(Body::Access(check))
}

/// Where the decision starts, with its comma, and what it is.
fn verdict(text: &[u8]) -> Option<(usize, AccessAction)> {
    const WORDS: &[(&[u8], AccessAction)] = &[
        (b"reject=", AccessAction::Reject),
        (b"rejecting commands", AccessAction::Reject),
        (b"discard", AccessAction::Discard),
        (b"quarantine=", AccessAction::Quarantine),
        (b"tempfail", AccessAction::Reject),
        (b"reject", AccessAction::Reject),
        (b"accepted", AccessAction::Accept),
        (b"accept", AccessAction::Accept),
        (b"continue", AccessAction::Pass),
    ];
    let word = |from: usize| {
        let found = WORDS
            .iter()
            .find(|(word, _)| text[from..].starts_with(word));
        found.map(|(_, action)| *action)
    };
    if let Some(action) = word(0) {
        return Some((0, action));
    }
    let comma = memmem::rfind(text, b", ");
    let mut from = 0;
    while let Some(at) = memmem::find(&text[from..], b", ").map(|it| from + it) {
        if let Some(action) = word(at + 2) {
            return Some((at, action));
        }
        if Some(at) == comma {
            break;
        }
        from = at + 2;
    }
    None
}

/// The command: `from=<...>`, `to=<...>`, `data`, `connect: host=...`, `action=mail`, `cmd=data`.
fn stage<'a>(what: &'a BStr, check: &mut AccessCheck<'a>) {
    let mut at = Scan::new(what, b"");
    let address = |at: &mut Scan<'a>| Some(without_brackets(at.remainder()));
    if at.has("from=") {
        check.stage = "MAIL".into();
        check.envelope = Envelope {
            mail_from: address(&mut at),
            ..Envelope::default()
        };
    } else if at.has("to=") {
        check.stage = "RCPT".into();
        check.envelope = Envelope {
            rcpt_to: address(&mut at),
            ..Envelope::default()
        };
    } else if at.has("helo=") {
        check.stage = "HELO".into();
        check.envelope = Envelope {
            helo: Some(at.remainder()),
            ..Envelope::default()
        };
    } else if at.has("connect: host=") || at.has("connect=") {
        check.stage = "CONNECT".into();
        let name = at.while_(|byte| byte != b',');
        check.client.name = name;
        if at.has(", addr=") {
            check.client.address = at.remainder();
        }
    } else {
        at.one_of(&["action=", "cmd="]);
        check.stage = match at.peek() {
            b"data" => "DATA".into(),
            b"body" | b"header" | b"headers" | b"eoh" | b"eom" => "END-OF-MESSAGE".into(),
            stage => stage.into(),
        };
    }
}

const CHANGE: Rule = rule(
    "sendmail milter change",
    change,
    "sendmail sendmail/milter.c (milter_addheader, milter_chgheader, milter_addrcpt)",
    &[
        "6AM8XJBG008146: Milter add: header: X-Spam-Status: No, score=-1.0",
        "6AM8XJBG008146: Milter insert (1): header: Received-SPF: pass",
        "6AM8XJBG008146: Milter change: header Subject: from hi to [SPAM] hi",
        "6AM8XJBG008146: Milter delete: header X-Spam-Flag: YES",
        "6AM8XJBG008146: Milter (opendkim) add: header: DKIM-Signature: v=1; a=rsa-sha256",
        "6AM8XJBG008146: Milter add: rcpt: archive@example.org",
        "6AM8XJBG008146: Milter delete: rcpt <anna@example.org>",
        "6AM8XJBG008146: Milter message: body replaced",
        "6AM8XJBG008146: Milter accept: message",
        "6AM8XJBG008146: Milter chgfrom: <bob@example.net>",
    ],
);

fn change<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Milter ")?;
    if at.has("(") {
        at.until_str(") ")?;
    }
    match at.one_of(&[
        "add: ",
        "insert (",
        "change: ",
        "change (",
        "delete: ",
        "delete (",
        "chgfrom: ",
        "message: ",
        "accept: ",
    ])? {
        "insert (" | "change (" | "delete (" => {
            at.number::<u32>()?;
            at.lit("): ")?;
        }
        _ => {}
    }
    Some(notice(Kind::ServiceInfo, text))
}

const NAMED: Rule = rule(
    "sendmail milter trouble",
    named,
    "sendmail sendmail/milter.c",
    &[
        "6AM8XJBG008146: Milter (clamav): error connecting to filter: Connection refused by /run/clamav/milter.sock",
        "6AM8XJBG008146: Milter (clamav): to error state",
        "6AM8XJBG008146: Milter (clamav): timeout before data read, where=eom",
        "Milter (opendkim): init success to negotiate",
        "6AM8XJBG008146: milter (spamass): abort_all: trying to close",
    ],
);

fn named<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["Milter (", "milter ("])?;
    at.until_str("): ")?;
    let fine = at.one_of(&[
        "init success",
        "connect",
        "negotiate",
        "time command",
        "aborted",
    ]);
    let kind = match fine {
        Some(_) => Kind::ServiceInfo,
        None => Kind::ServiceWarning,
    };
    Some(notice(kind, text))
}

const STATE: Rule = rule(
    "sendmail milter state",
    state,
    "sendmail sendmail/milter.c",
    &[
        "6AM8XJBG008146: Milter: no active filter",
        "6AM8XJBG008146: Milter: connect to filters",
        "NOQUEUE: Milter: initialization failed, temp failing commands",
        "6AM8XJBG008146: Milter: senders: <bob@example.net>",
        "6AM8XJBG008146: Milter: rcpts: <anna@example.org>",
        "6AM8XJBG008146: Milter: header, Subject: hi",
    ],
);

fn state<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("Milter: ")?;
    let kind = match at.one_of(&[
        "initialization failed",
        "no active filter",
        "connect to filters",
        "senders: ",
        "rcpts: ",
        "header, ",
        "headers, ",
        "init success",
        "pid=",
        "data",
    ])? {
        "initialization failed" => Kind::ServiceError,
        _ => Kind::ServiceInfo,
    };
    Some(notice(kind, text))
}
