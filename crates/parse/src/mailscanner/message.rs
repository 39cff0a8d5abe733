//! What MailScanner tells of one message. Source: MailScanner `Message.pm`, `Postfix.pm`,
//! `SweepViruses.pm`, `SweepContent.pm`.

use super::queue_id;
use crate::filter::{Shapes, address, decimal, has_shape, notice, shaped};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{Body, Kind, Notice, Verdict};

pub(crate) const RULES: &[Rule] = &[
    SPAM,
    REQUEUED,
    ACTIONS,
    INFECTED,
    VIRUS,
    PHISHING,
    NOT_CHECKED,
    QUARANTINED,
    OTHER,
];

const SPAM: Rule = rule(
    "mailscanner spam",
    spam,
    "MailScanner Message.pm (IsSpam)",
    &[
        "Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) to example.org is spam, SpamAssassin (not cached, score=7.181, required 4, BAYES_99 3.50, HTML_MESSAGE 0.00)",
        "Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) to example.org,example.com is not spam, SpamAssassin (cached, score=-1.2, required 4, autolearn=not spam, DKIM_VALID -0.21",
        "Message 4jXNLn0rVKzyQd from 203.0.113.9 () to example.org is spam (blacklisted)",
        "Message 6AM8aBcD012345 from 2001:db8::9 (bob@example.net) to example.org is not spam (whitelisted)",
        "Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) to example.org is spam, RBL, SpamAssassin (score=7.181, required 4)",
        "Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) is whitelisted",
    ],
);

/// Recipients are told by their domains. A long line may end within the tests.
fn spam<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Message ")?;
    let id = at.word()?;
    at.lit(" from ")?;
    let client = at.word()?;
    at.lit(" (")?;
    let mail_from = at.until_str(") ")?;
    let recipients = if at.has("to ") {
        let recipients = at.word()?;
        at.lit(" ")?;
        recipients
    } else {
        BStr::new("")
    };
    at.lit("is ")?;
    let report = at.remainder();
    let mut found = Verdict {
        queue_id: Some(queue_id(id)),
        client: address(client),
        mail_from: Some(mail_from),
        recipients,
        ..Verdict::default()
    };
    read_report(at.over(report), &mut found)?;
    at.queue_id = found.queue_id;
    Some(Body::Verdict(Box::new(found)))
}

/// Takes `[not ]spam, LIST, SpamAssassin (...)` or `spam (blacklisted)`.
fn read_report<'a>(mut at: Scan<'a>, found: &mut Verdict<'a>) -> Option<()> {
    let start = at.peek();
    let word = at.one_of(&["not spam", "spam", "whitelisted", "blacklisted"])?;
    found.category = start[..word.len()].into();
    found.passed = !matches!(word, "spam" | "blacklisted");
    if at.has(" (") {
        found.decided_by = at.until(b')')?;
        return Some(());
    }
    if at.until_str("SpamAssassin (").is_none() {
        found.tests = at.peek().strip_prefix(b", ").unwrap_or(at.peek()).into();
        return Some(());
    }
    let inner = at.peek();
    let inner = inner.strip_suffix(b")").unwrap_or(inner);
    let mut values = at.over(inner);
    if values.until_str("score=").is_some() {
        found.score = decimal(values.while_(|byte| byte != b','));
        if values.has(", required ") {
            found.required = decimal(values.while_(|byte| byte != b','));
            values.has(", ");
        }
        found.tests = values.remainder();
    } else {
        // `timed out`, `too large`: nothing scored.
        found.decided_by = inner.into();
    }
    Some(())
}

const REQUEUED: Rule = rule(
    "mailscanner requeued",
    requeued,
    "MailScanner Postfix.pm, Message.pm (DeliverUninfected)",
    &[
        "Requeue: 4jXNLn0rVKzyQd.A1B2C to 4jXNLp07Ncz3wYP",
        "Requeue: 3F2A1C0D12.A1B2C to 4F2A1C0D12",
    ],
);

/// The message left the hold queue under a new queue id.
fn requeued<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Requeue: ")?;
    let id = queue_id(at.word()?);
    at.lit(" to ")?;
    let queued_as = at.word()?;
    at.end()?;
    at.queue_id = Some(id);
    Some(Body::Verdict(Box::new(Verdict {
        passed: true,
        category: "requeue".into(),
        queue_id: Some(id),
        queued_as,
        ..Verdict::default()
    })))
}

const ACTIONS: Rule = rule(
    "mailscanner actions",
    actions,
    "MailScanner Message.pm (HandleHamAndSpam)",
    &[
        "Spam Actions: message 4jXNLn0rVKzyQd.A1B2C actions are store,deliver",
        "Non-Spam Actions: message 4jXNLn0rVKzyQd.A1B2C actions are deliver,header",
        "High Spam Actions: message 6AM8aBcD012345 actions are delete",
    ],
);

fn actions<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let start = at.peek();
    at.until_str("Spam Actions: message ")
        .or_else(|| at.until_str("MCP Actions: message "))?;
    let category = &start[..memmem::find(start, b" Actions: ")?];
    if category.len() > b"Non-High Spam".len() {
        return None;
    }
    let id = queue_id(at.word()?);
    at.lit(" actions are ")?;
    let actions = at.remainder();
    at.queue_id = Some(id);
    let passed = ["deliver", "forward", "custom"]
        .iter()
        .any(|action| memmem::find(actions, action.as_bytes()).is_some());
    Some(Body::Verdict(Box::new(Verdict {
        passed,
        category: category.into(),
        actions,
        queue_id: Some(id),
        ..Verdict::default()
    })))
}

const INFECTED: Rule = rule(
    "mailscanner infected",
    infected,
    "MailScanner MessageBatch.pm, SweepViruses.pm",
    &["Infected message 4jXNLn0rVKzyQd.A1B2C came from 203.0.113.9"],
);

fn infected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let start = at.peek();
    at.lit("Infected message ")?;
    let id = queue_id(at.word()?);
    at.lit(" came from ")?;
    let client = address(at.word()?);
    at.end()?;
    at.queue_id = Some(id);
    Some(Body::Verdict(Box::new(Verdict {
        category: start[..b"Infected".len()].into(),
        client,
        queue_id: Some(id),
        ..Verdict::default()
    })))
}

const VIRUS: Rule = rule(
    "mailscanner virus",
    virus,
    "MailScanner SweepViruses.pm",
    &[
        "Clamd::INFECTED:: Win.Test.EICAR_HDB-1 :: ./4jXNLn0rVKzyQd.A1B2C/eicar.com",
        "ClamAVModule::INFECTED:: Win.Test.EICAR_HDB-1:: ./4jXNLn0rVKzyQd.A1B2C/",
    ],
);

fn virus<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["Clamd", "ClamAVModule", "Avast", "Sophos"])?;
    at.lit("::INFECTED::")?;
    at.has(" ");
    let found = at.until_str(":: ./")?;
    let id = queue_id(at.until(b'/')?);
    at.queue_id = Some(id);
    Some(Body::Verdict(Box::new(Verdict {
        category: "INFECTED".into(),
        found: found.trim_ascii_end().into(),
        queue_id: Some(id),
        ..Verdict::default()
    })))
}

const PHISHING: Rule = rule(
    "mailscanner content",
    phishing,
    "MailScanner Message.pm, SweepContent.pm, SweepOther.pm",
    &[
        "Found phishing fraud from https://x.test/ claiming to be bank.example.com in 4jXNLn0rVKzyQd.A1B2C",
        "Found ip-based phishing fraud from 192.0.2.9 in 4jXNLn0rVKzyQd.A1B2C",
        "Content Checks: Detected and have disarmed web bug, phishing tags in HTML message in 4jXNLn0rVKzyQd.A1B2C from bob@example.net",
        "Filename Checks: Windows/DOS Executable (4jXNLn0rVKzyQd.A1B2C a.exe)",
        "Filetype Checks: No executables (6AM8aBcD012345 a.exe)",
        "HTML Img tag found in message 4jXNLn0rVKzyQd.A1B2C from bob@example.net",
        "Expanding TNEF archive at /var/spool/MailScanner/incoming/1/4jXNLn0rVKzyQd.A1B2C/winmail.dat",
    ],
);

fn phishing<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: &[(&str, &str)] = &[
        ("Found phishing fraud from * in ~", " in "),
        ("Found ip-based phishing fraud from * in ~", " in "),
        ("Content Checks: *message in ~ from *", "message in "),
        ("Content Checks: *message ~ from *", "message "),
        ("Filename Checks: *(~ *)", "("),
        ("Filetype Checks: *(~ *)", "("),
        ("HTML * found in message ~ from *", " found in message "),
        ("Expanding TNEF archive at */*/*", ""),
    ];
    let text = at.peek();
    let (_, before_id) = SHAPES.iter().find(|(shape, _)| has_shape(text, shape))?;
    if !before_id.is_empty() {
        at.until_last(before_id)?;
        let id = at.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
        at.queue_id = Some(queue_id(id)).filter(|id| !id.is_empty());
    }
    Some(Body::Notice(notice(Kind::ServiceWarning, text)))
}

const NOT_CHECKED: Rule = rule(
    "mailscanner not checked",
    not_checked,
    "MailScanner Message.pm (IsSpam)",
    &[
        "Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) is too big for spam checks (300000 > 200000 bytes)",
        "Message 4jXNLn0rVKzyQd.A1B2C from 203.0.113.9 (bob@example.net) to example.org is too big for spam checks",
    ],
);

fn not_checked<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    has_shape(text, "Message ~ from ~ (*) *is too big for spam checks*").then_some(())?;
    at.lit("Message ")?;
    at.queue_id = Some(queue_id(at.word()?));
    Some(Body::Notice(notice(Kind::ServiceInfo, text)))
}

const QUARANTINED: Rule = rule(
    "mailscanner stored",
    quarantined,
    "MailScanner Quarantine.pm, Message.pm",
    &[
        "Saved entire message to /var/spool/MailScanner/quarantine/20261122/4jXNLn0rVKzyQd.A1B2C",
        "Saved infected \"eicar.com\" to /var/spool/MailScanner/quarantine/20261122/4jXNLn0rVKzyQd.A1B2C",
        "Quarantined message 4jXNLn0rVKzyQd.A1B2C as it caused MailScanner to crash several times",
    ],
);

fn quarantined<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let id = if at.has("Quarantined message ") {
        let id = at.word()?;
        at.lit(" as it caused MailScanner to crash")?;
        id
    } else {
        at.lit("Saved ")?;
        at.one_of(&["entire message to ", "infected \"", "archive copies of "])?;
        at.until_last("/")?;
        at.word()?
    };
    at.queue_id = Some(queue_id(id));
    Some(Body::Notice(Notice {
        about: id,
        ..notice(Kind::QuarantineStored, text)
    }))
}

const OTHER: Rule = rule(
    "mailscanner message",
    other,
    "MailScanner *.pm, MailWatch",
    &[
        "SpamAssassin cache hit for message 4jXNLn0rVKzyQd.A1B2C",
        "Message 4jXNLn0rVKzyQd.A1B2C added TNEF contents a.doc",
        "Logging message 4jXNLn0rVKzyQd.A1B2C to SQL",
        "4jXNLn0rVKzyQd.A1B2C: Logged to MailWatch SQL",
        "Delivery of nonspam: message 4jXNLn0rVKzyQd.A1B2C from bob@example.net to anna@example.org with subject x",
    ],
);

fn other<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "SpamAssassin cache hit for message ~"),
        (Kind::ServiceInfo, "Message ~ added TNEF contents *"),
        (Kind::ServiceInfo, "Message ~ from ~ (*) * watermark*"),
        (Kind::ServiceInfo, "Logging message ~ to SQL"),
        (Kind::ServiceInfo, "~: Logged to MailWatch SQL"),
        (
            Kind::ServiceInfo,
            "Delivery of ~ message ~ from * to * with subject *",
        ),
        (Kind::ServiceInfo, "Deleted message ~*"),
    ];
    shaped(at, SHAPES)
}
