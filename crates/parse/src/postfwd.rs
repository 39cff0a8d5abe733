//! postfwd, a policy service with rules of its own. Source: postfwd `sbin/postfwd` 1.35 to 3.

use crate::filter::{Shapes, net_server, shaped};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use model::{AccessAction, AccessCheck, Body, Envelope, Kind, Source};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("postfwd", RULES)];

const RULES: &[Rule] = &[DECIDED, SERVICE, SERVER];

/// Whether a tag's label is postfwd's: `postfwd`, `postfwd2/policy`, `postfwd3`.
#[inline]
pub(crate) fn is_own(label: &[u8]) -> bool {
    matches!(label, b"postfwd" | b"postfwd1" | b"postfwd2" | b"postfwd3")
}

/// Takes a text apart.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    first_match(&[RULES], at)
}

const DECIDED: Rule = rule(
    "postfwd decided",
    decided,
    "postfwd sbin/postfwd (smtpd_access_policy)",
    &[
        "[RULES] rule=5, id=R-001, client=mail.example.net[203.0.113.9], sender=<bob@example.net>, recipient=<anna@example.org>, helo=<mail.example.net>, proto=ESMTP, state=RCPT, delay=0s, hits=R-000;R-001, action=REJECT listed: 1, 2",
        "[CACHE] rule=5, id=R-001, queue=4jXNLn0rVKzyQd, client=unknown[2001:db8::9], user=anna, sender=<>, helo=<x>, proto=ESMTP, state=END-OF-MESSAGE, delay=0.01s, hits=R-001, action=DUNNO",
        "[RULES] rule=1, id=RATE, client=mail.example.net[203.0.113.9], sender=<bob@example.net>, recipient=<anna@example.org>, helo=<x>, proto=ESMTP, state=RCPT, rate=rate/5/2.10s, delay=0.00s, hits=RATE, action=450 4.7.1 too many",
    ],
);

fn decided<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["[RULES] ", "[CACHE] "])?;
    at.lit("rule=")?;
    at.until_str(", id=")?;
    at.until_str(", ")?;
    if at.has("queue=") {
        at.queue_id = Some(at.until_str(", ")?);
    }
    at.lit("client=")?;
    let mut check = AccessCheck {
        source: Source::Policy,
        client: at.peer()?,
        ..AccessCheck::default()
    };
    at.lit(", ")?;
    envelope(at, &mut check.envelope)?;
    check.stage = at.until_str(", ")?;
    at.until_str("hits=")?;
    at.until_str(", action=")?;
    let text = at.peek();
    check.action = action(at);
    check.code = at.code();
    if check.code.is_some() && at.has(" ") {
        check.enhanced = at.enhanced();
        at.has(" ");
    }
    check.text = if check.code.is_some() {
        at.remainder()
    } else {
        text.into()
    };
    Some(Body::Access(check))
}

/// Takes `[user=U, ]sender=<S>, [recipient=<R>, ]helo=<H>, proto=P, state=`.
fn envelope<'a>(at: &mut Scan<'a>, found: &mut Envelope<'a>) -> Option<()> {
    if at.has("user=") {
        found.sasl_username = Some(at.until_str(", ")?);
    }
    at.lit("sender=<")?;
    found.mail_from = Some(at.until_str(">, ")?);
    if at.has("recipient=<") {
        found.rcpt_to = Some(at.until_str(">, ")?);
    }
    at.lit("helo=<")?;
    found.helo = Some(at.until_str(">, ")?);
    at.lit("proto=")?;
    found.protocol = Some(at.until_str(", state=")?);
    Some(())
}

/// What a word of access(5) does. Source: postfix access(5).
fn action(at: &Scan<'_>) -> AccessAction {
    let word = at.peek();
    let starts = |name: &str| {
        word.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    };
    match word.first() {
        Some(b'4') => return AccessAction::Delay,
        Some(b'5') => return AccessAction::Reject,
        _ => {}
    }
    const WORDS: &[(&str, AccessAction)] = &[
        ("DUNNO", AccessAction::Pass),
        ("REJECT", AccessAction::Reject),
        ("DEFER", AccessAction::Delay),
        ("OK", AccessAction::Permit),
        ("PERMIT", AccessAction::Permit),
        ("PREPEND", AccessAction::Prepend),
        ("WARN", AccessAction::Warn),
        ("INFO", AccessAction::Info),
        ("HOLD", AccessAction::Hold),
        ("DISCARD", AccessAction::Discard),
        ("FILTER", AccessAction::Filter),
        ("REDIRECT", AccessAction::Redirect),
        ("BCC", AccessAction::Bcc),
        ("GREYLIST", AccessAction::Greylist),
    ];
    let known = WORDS.iter().find(|(name, _)| starts(name));
    // What is none of these is a restriction, such as a greylisting service, that Postfix goes on to.
    known.map_or(AccessAction::Filter, |&(_, action)| action)
}

const SERVICE: Rule = rule(
    "postfwd service",
    service,
    "postfwd sbin/postfwd",
    &[
        "postfwd 1.35 starting",
        "postfwd 1.35 terminated",
        "[STATS] Counters: 12 seconds uptime",
        "[RULES] rule=5, id=R-001, note: x",
        "[DNSBL] dns timeout",
        "[CLEANUP] needed 0.01 seconds for request cleanup",
        "setting new score 5 with action=\"REJECT\"",
        "ignoring invalid /etc/postfix/postfwd.cf line 3: \"x\"",
        "warning: x",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStarted, "postfwd* # starting*"),
        (Kind::ServiceStarted, "postfwd* ~ starting*"),
        (Kind::ServiceStarted, "postfwd* ~ ready for input"),
        (Kind::ServiceStopped, "postfwd* ~ terminated"),
        (Kind::ServiceStopped, "terminating*"),
        (Kind::ServiceStatistics, "[STATS] *"),
        (Kind::ServiceInfo, "[RULES] *"),
        (Kind::ServiceInfo, "[RATES] *"),
        (Kind::ServiceInfo, "[SCORE] *"),
        (Kind::ServiceInfo, "[CACHE] *"),
        (Kind::ServiceInfo, "[CLEANUP] *"),
        (Kind::ServiceInfo, "[DNSBL] *"),
        (Kind::ServiceInfo, "[DNSQUERY] *"),
        (Kind::ServiceInfo, "[SENDDNS] *"),
        (Kind::ServiceInfo, "[PLUGIN] *"),
        (Kind::ServiceInfo, "[MAIL] *"),
        (Kind::ServiceInfo, "[SENDMAIL] *"),
        (Kind::ServiceInfo, "[DUMP] *"),
        (Kind::ServiceInfo, "setting new score ~ with action=\"*\""),
        (Kind::ServiceInfo, "redefined score ~ with action=\"*\""),
        (Kind::ServiceInfo, "loaded: *"),
        (Kind::ServiceInfo, "Saved # rates to *"),
        (Kind::ServiceInfo, "Fetched # rates from *"),
        (Kind::ServiceWarning, "ignoring invalid * line #*"),
        (Kind::ServiceWarning, "warning: *"),
        (Kind::ServiceError, "critical: *"),
        (Kind::ServiceError, "error: *"),
        (Kind::ServiceError, "FATAL: *"),
    ];
    shaped(at, SHAPES)
}

const SERVER: Rule = rule(
    "postfwd server",
    server,
    "Net::Server lib/Net/Server.pm",
    &["Binding to TCP port 10040 on host 127.0.0.1 with IPv4"],
);

fn server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    net_server(at)
}
