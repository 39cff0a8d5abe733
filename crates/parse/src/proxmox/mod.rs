//! Proxmox Mail Gateway: what its filter decided for each recipient, and its other daemons.
//!
//! A message has an id of the filter's own, the event's session, from `new mail` to `processing
//! time`; the MTA sees it in the reply, `250 2.5.0 OK (ID)` or `554 5.7.1 Rejected for policy reasons
//! (ID)`. What was let pass got the queue id in `accept mail to`.
//! Source: pmg-api `src/bin/pmg-smtp-filter`, `src/PMG/RuleDB/*.pm`, `src/PMG/Utils.pm`.

mod daemon;

use crate::filter::{Shapes, decimal, notice, shaped};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{Body, Kind, MessageIdLogged, Notice, Verdict};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] =
    &[("pmg-smtp-filter", FILTER), ("pmgpolicy", daemon::RULES)];

const FILTER: &[Rule] = &[
    NEW,
    SCORE,
    ACCEPTED,
    BLOCKED,
    QUARANTINED,
    COPIED,
    TIME,
    TROUBLE,
    CONTENT,
];

/// Whether a program is one of the gateway's.
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    program.starts_with(b"pmg")
}

/// Takes a text apart: the filter's id, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let text = at.peek().trim_ascii_end();
    // A line feed at the end of a header, as rsyslog writes it.
    *at = at.over(text.strip_suffix(b"#012").unwrap_or(text));
    filter_id(at);
    first_match(&[FILTER, daemon::RULES], at)
}

/// Takes `ID: `, capital hexadecimal digits.
fn filter_id(at: &mut Scan<'_>) {
    let mut ahead = *at;
    let id = ahead.while_(|byte| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F'));
    if id.len() >= FILTER_ID_BYTES_MIN && ahead.has(": ") {
        ahead.session = id;
        *at = ahead;
    }
}

/// Cluster node, process and time, each in hexadecimal.
const FILTER_ID_BYTES_MIN: usize = 10;

/// What a line of one message needs.
fn of_message(at: &Scan<'_>) -> Option<()> {
    (!at.session.is_empty()).then_some(())
}

const NEW: Rule = rule(
    "pmg-smtp-filter new mail",
    new,
    "pmg-api src/bin/pmg-smtp-filter (handle_smtp)",
    &[
        "20A9560092030F3374: new mail message-id=<a1@example.net>",
        "20A9560092030F3374: new mail message-id=<a1@example.net>#012",
        "20A9560092030F3374: new mail message-id=",
    ],
);

fn new<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    at.lit("new mail message-id=")?;
    Some(Body::MessageId(MessageIdLogged {
        message_id: at.remainder(),
        resent: false,
        size: None,
    }))
}

const SCORE: Rule = rule(
    "pmg-smtp-filter score",
    score,
    "pmg-api src/PMG/RuleDB/Spam.pm",
    &[
        "20A9560092030F3374: SA score=1/5 time=3.500 bayes=undefined autolearn=no autolearn_force=no hits=AWL(0.270),DKIM_SIGNED(0.1)",
        "20A9560092030F3374: SA score=0/5 time=0.328 bayes=0.00 autolearn=disabled hits=",
    ],
);

/// Told before any rule has decided.
fn score<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    at.lit("SA score=")?;
    let score = decimal(at.until(b'/')?);
    let required = decimal(at.word()?);
    at.lit(" time=")?;
    let took_ms = Some(at.seconds_ms()?);
    at.lit(" bayes=")?;
    at.until_str(" hits=")?;
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        score,
        required,
        took_ms,
        tests: at.remainder(),
        ..Verdict::default()
    })))
}

/// Takes `TO> ` of `accept mail to <TO> `.
fn recipient<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.until_str("> ").or_else(|| at.until_str(">"))
}

/// Takes `(rule: NAME)` or `(rule: NAME, QID)` and the end.
fn by_rule<'a>(at: &mut Scan<'a>, found: &mut Verdict<'a>, has_id: bool) -> Option<()> {
    at.lit("(rule: ")?;
    let text = at.remainder().strip_suffix(b")")?;
    *at = at.over(&[]);
    match memmem::rfind(text, b", ") {
        Some(comma) if has_id => {
            found.decided_by = text[..comma].into();
            found.queued_as = text[comma + 2..].into();
        }
        _ => found.decided_by = text.into(),
    }
    Some(())
}

const ACCEPTED: Rule = rule(
    "pmg-smtp-filter accepted",
    accepted,
    "pmg-api src/PMG/RuleDB/Accept.pm",
    &[
        "20A9560092030F3374: accept mail to <anna@example.org> (A673520AB5) (rule: default-accept)",
        "20A9560092030F3374: accept mail to <anna@example.org> (rule: default-accept, A673520AB5)",
    ],
);

fn accepted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    let start = at.peek();
    at.lit("accept mail to <")?;
    let mut found = Verdict {
        passed: true,
        category: start[..b"accept".len()].into(),
        recipients: recipient(at)?,
        ..Verdict::default()
    };
    if at.peek().starts_with(b"(rule: ") {
        by_rule(at, &mut found, true)?;
    } else {
        at.lit("(")?;
        found.queued_as = at.until_str(") ")?;
        by_rule(at, &mut found, false)?;
    }
    Some(Body::Verdict(Box::new(found)))
}

const BLOCKED: Rule = rule(
    "pmg-smtp-filter blocked",
    blocked,
    "pmg-api src/PMG/RuleDB/Block.pm",
    &["20A9560092030F3374: block mail to <anna@example.org> (rule: Block Viruses)"],
);

fn blocked<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    let start = at.peek();
    at.lit("block mail to <")?;
    let mut found = Verdict {
        category: start[..b"block".len()].into(),
        recipients: recipient(at)?,
        ..Verdict::default()
    };
    by_rule(at, &mut found, false)?;
    Some(Body::Verdict(Box::new(found)))
}

const QUARANTINED: Rule = rule(
    "pmg-smtp-filter quarantined",
    quarantined,
    "pmg-api src/PMG/RuleDB/Quarantine.pm, src/PMG/RuleDB/Remove.pm",
    &[
        "20A9560092030F3374: moved mail for <anna@example.org> to spam quarantine - 20A9460092030F3375 (rule: Quarantine/Mark Spam (Level 3))",
        "20A9560092030F3374: moved mail for <anna@example.org> to attachment quarantine - 20A9460092030F3375 (rule: Attachments)",
        "20A9560092030F3374: moved mail for <anna@example.org> to virus quarantine - 20A9460092030F3375",
    ],
);

/// From an attachment quarantine the message goes on without its attachments.
fn quarantined<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    at.lit("moved mail for <")?;
    let recipients = at.until_str("> to ")?;
    let start = at.peek();
    let word = at.one_of(&["spam", "virus", "attachment"])?;
    at.lit(" quarantine - ")?;
    let mut found = Verdict {
        passed: word == "attachment",
        category: start[..word.len() + b" quarantine".len()].into(),
        recipients,
        quarantine: at.word()?,
        ..Verdict::default()
    };
    if at.has(" ") {
        by_rule(at, &mut found, false)?;
    }
    at.end()?;
    Some(Body::Verdict(Box::new(found)))
}

const COPIED: Rule = rule(
    "pmg-smtp-filter copied",
    copied,
    "pmg-api src/PMG/RuleDB/BCC.pm, src/PMG/RuleDB/Notify.pm",
    &[
        "20A9560092030F3374: bcc to <archive@example.org> (rule: Archive, A673520AB5)",
        "20A9560092030F3374: notify <admin@example.org> (rule: Block Viruses, A673520AB5)",
    ],
);

fn copied<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    let start = at.peek();
    let word = at.one_of(&["bcc ", "notify "])?;
    at.one_of(&["mail to ", "to "]);
    at.lit("<")?;
    let mut found = Verdict {
        passed: true,
        category: start[..word.len() - 1].into(),
        recipients: recipient(at)?,
        ..Verdict::default()
    };
    by_rule(at, &mut found, true)?;
    Some(Body::Verdict(Box::new(found)))
}

const TIME: Rule = rule(
    "pmg-smtp-filter time",
    time,
    "pmg-api src/bin/pmg-smtp-filter (handle_smtp)",
    &["20A9560092030F3374: processing time: 3.748 seconds (3.5, 0.137, 0)"],
);

/// The end of the filter's work on a message: altogether, SpamAssassin, virus scan, own script.
fn time<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    of_message(at)?;
    let text = at.peek();
    at.lit("processing time: ")?;
    let ms = at.seconds_ms()?;
    at.lit(" seconds (")?;
    at.until(b')')?;
    at.end()?;
    Some(Body::Notice(Notice {
        number: Some(ms),
        ..notice(Kind::ServiceStatistics, text)
    }))
}

const TROUBLE: Rule = rule(
    "pmg-smtp-filter trouble",
    trouble,
    "pmg-api src/PMG/RuleDB/*.pm, src/PMG/Utils.pm",
    &[
        "20A9560092030F3374: reinject mail to <anna@example.org> (rule: default-accept) failed",
        "20A9560092030F3374: virus detected: Win.Test.EICAR_HDB-1 (clamav)",
        "20A9560092030F3374: unpack failed - timeout",
        "20A9560092030F3374: notify <admin@example.org> failed (rule: x)",
    ],
);

fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceError, "reinject mail to <*> (rule: *) failed"),
        (Kind::ServiceError, "~ * failed (rule: *)"),
        (Kind::ServiceWarning, "unpack failed - *"),
        (Kind::ServiceWarning, "unpack archive failed (# ms) - *"),
        (Kind::ServiceError, "error during *"),
    ];
    of_message(at)?;
    let text = at.peek();
    if !at.has("virus detected: ") {
        return shaped(at, SHAPES);
    }
    let about = at.until_last(" (")?;
    Some(Body::Notice(Notice {
        about,
        ..notice(Kind::ServiceWarning, text)
    }))
}

const CONTENT: Rule = rule(
    "pmg-smtp-filter content",
    content,
    "pmg-api src/bin/pmg-smtp-filter (unpack_entity)",
    &[
        "20A9560092030F3374: found archive 'a.zip' (application/zip)",
        "20A9560092030F3374: unpack archive 'a.zip' done (12 ms)",
    ],
);

fn content<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "found archive '*' (*)"),
        (Kind::ServiceInfo, "unpack archive '*' done (# ms)"),
    ];
    of_message(at)?;
    shaped(at, SHAPES)
}

#[cfg(test)]
mod tests;
