//! SQLgrey, a policy service that greylists: `TYPE: TEXT`. Source: SQLgrey `sqlgrey` 1.8.

use crate::filter::{Shapes, address, net_server, notice, shaped};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use memchr::memmem;
use model::{AccessAction, AccessCheck, Body, Envelope, Kind, Notice, Source};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("sqlgrey", RULES)];

const RULES: &[Rule] = &[GREYLISTED, KNOWN, LISTED, SPAM, SERVICE, SERVER];

/// Takes a text apart.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    first_match(&[RULES], at)
}

const GREYLISTED: Rule = rule(
    "sqlgrey greylisted",
    greylisted,
    "SQLgrey sqlgrey (smtpd_access_policy)",
    &[
        "grey: new: 203.0.113(203.0.113.9), bob@example.net -> anna@example.org",
        "grey: early reconnect: 203.0.113.9(203.0.113.9), bob@example.net -> anna@example.org",
        "grey: throttling: 203.0.113(203.0.113.9), @ -> anna@example.org",
        "grey: reconnect ok: 203.0.113(203.0.113.9), bob@example.net -> anna@example.org (00:12:31)",
    ],
);

fn greylisted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("grey: ")?;
    let start = at.peek();
    let words = at.one_of(&["new", "early reconnect", "throttling", "reconnect ok"])?;
    at.lit(": ")?;
    at.until(b'(')?;
    let client = address(at.until_str("), ")?);
    let mail_from = at.until_str(" -> ")?;
    let rcpt_to = at.word()?;
    if words == "reconnect ok" {
        at.lit(" (")?;
        at.until(b')')?;
    }
    at.end()?;
    let is_null = *mail_from == "@" || *mail_from == "-undef-@-undef-";
    Some(Body::Access(AccessCheck {
        action: match words {
            "reconnect ok" => AccessAction::Pass,
            _ => AccessAction::Greylist,
        },
        source: Source::Policy,
        stage: "RCPT".into(),
        client,
        text: start[..words.len()].into(),
        envelope: Envelope {
            mail_from: Some(if is_null { "".into() } else { mail_from }),
            rcpt_to: Some(rcpt_to),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

const KNOWN: Rule = rule(
    "sqlgrey known",
    known,
    "SQLgrey sqlgrey (smtpd_access_policy)",
    &[
        "grey: domain awl match: updating 203.0.113(203.0.113.9), example.net",
        "grey: from awl match: updating 203.0.113.9(203.0.113.9), bob@example.net(bob@example.net)",
    ],
);

/// Let pass for having passed before.
fn known<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("grey: ")?;
    let start = at.peek();
    let words = at.one_of(&["domain awl match", "from awl match"])?;
    at.lit(": updating ")?;
    at.until(b'(')?;
    let client = address(at.until_str("), ")?);
    let sender = at.remainder();
    let mut envelope = Envelope::default();
    if words == "from awl match"
        && let Some(len) = memmem::find(sender, b"(")
    {
        let full = sender[len + 1..].strip_suffix(b")")?;
        envelope.mail_from = Some(full.into());
    }
    Some(Body::Access(AccessCheck {
        action: AccessAction::Pass,
        source: Source::Policy,
        stage: "RCPT".into(),
        client,
        text: start[..words.len()].into(),
        envelope,
        ..AccessCheck::default()
    }))
}

const LISTED: Rule = rule(
    "sqlgrey listed",
    listed,
    "SQLgrey sqlgrey",
    &[
        "grey: domain awl: 203.0.113, example.net added",
        "grey: from awl: 203.0.113.9, bob@example.net added",
        "whitelist: 203.0.113.9 in static whitelist",
        "whitelist: mail.example.net: match static whitelist regexp",
        "optin: greylisting active for anna@example.org",
        "grey: unknown RDNS: 203.0.113.9",
    ],
);

fn listed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "grey: domain awl: ~ ~ added"),
        (Kind::ServiceInfo, "grey: from awl: ~ ~ added"),
        (Kind::ServiceInfo, "grey: unknown RDNS: ~"),
        (Kind::ServiceInfo, "grey: identified * pattern*"),
        (Kind::ServiceInfo, "grey: unknown pattern: *"),
        (Kind::ServiceInfo, "whitelist: *"),
        (Kind::ServiceInfo, "optin: *"),
        (Kind::ServiceWarning, "martians: *"),
    ];
    shaped(at, SHAPES)
}

const SPAM: Rule = rule(
    "sqlgrey not retried",
    spam,
    "SQLgrey sqlgrey (cleanup)",
    &["spam: 203.0.113.9: bob@example.net -> anna@example.org at 2026-11-21 08:23:21"],
);

/// A sender that never came back: told a day later.
fn spam<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("spam: ")?;
    let text = at.peek();
    let peer = address(at.until_str(": ")?);
    at.until_str(" -> ")?;
    at.until_last(" at ")?;
    Some(Body::Notice(Notice {
        peer,
        ..notice(Kind::ServiceInfo, text)
    }))
}

const SERVICE: Rule = rule(
    "sqlgrey service",
    service,
    "SQLgrey sqlgrey",
    &[
        "perf: spent 0s cleaning: from_awl (0) domain_awl (0) connect (12)",
        "dbaccess: error: couldn't access connect table: gone away",
        "dbaccess: Using DBIx:DBCluster",
        "conf: warning: /etc/sqlgrey/clients_ip_whitelist.local not found or unreadable",
        "conf: reloading static whitelists and smart regexps",
        "system: couldn't fork child: no cleanup!",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceStatistics, "perf: *"),
        (Kind::ServiceError, "dbaccess: error: *"),
        (Kind::ServiceError, "dbaccess: can't connect *"),
        (Kind::ServiceWarning, "dbaccess: warning: *"),
        (Kind::ServiceInfo, "dbaccess: *"),
        (Kind::ServiceWarning, "conf: warning: *"),
        (Kind::ServiceWarning, "conf: unrecognised line in *"),
        (Kind::ServiceError, "conf: error: *"),
        (Kind::ServiceReloaded, "conf: reloading *"),
        (Kind::ServiceInfo, "conf: *"),
        (Kind::ServiceError, "grey: error: *"),
        (Kind::ServiceError, "system: couldn't fork child: *"),
        (Kind::ServiceInfo, "system: *"),
        (Kind::ServiceInfo, "mail: *"),
    ];
    shaped(at, SHAPES)
}

const SERVER: Rule = rule(
    "sqlgrey server",
    server,
    "Net::Server lib/Net/Server.pm",
    &[
        "2026/11/22-08:23:21 sqlgrey (type Net::Server::Multiplex) starting! pid(1234)",
        "Binding to TCP port 2501 on host localhost",
    ],
);

fn server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    net_server(at)
}
