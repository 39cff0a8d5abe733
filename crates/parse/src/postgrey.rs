//! postgrey, a policy service that greylists. Source: postgrey `postgrey` 1.31 to 1.37.

use crate::filter::{Shapes, address, name_and_address, net_server, notice, queue_id, shaped};
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem};
use model::{AccessAction, AccessCheck, Body, Envelope, Kind, Notice, Peer, Source};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[("postgrey", RULES)];

const RULES: &[Rule] = &[ACTION, DELAYED, WHITELISTED, SERVICE, SERVER];

/// Takes a text apart: queue id, where Postfix had one by then, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    *at = at.over(at.peek().trim_ascii_end());
    queue_id(at);
    first_match(&[RULES], at)
}

const ACTION: Rule = rule(
    "postgrey action",
    action,
    "postgrey postgrey (mylog_action)",
    &[
        "action=greylist, reason=new, client_name=mail.example.net, client_address=203.0.113.9, sender=bob@example.net, recipient=anna@example.org",
        "4jXNLn0rVKzyQd: action=greylist, reason=early-retry (10s missing), client_name=mail.example.net, client_address=203.0.113.9/32, recipient=anna@example.org",
        "action=pass, reason=triplet found, delay=312, client_name=unknown, client_address=2001:db8::9, sender=bob@example.net, recipient=anna@example.org",
        "action=pass, reason=client whitelist, client_name=mail.example.net, client_address=203.0.113.9, sender=bob@example.net, recipient=anna@example.org",
    ],
);

/// A key without a value is left out; without `sender` it was the null sender.
fn action<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("action=")?;
    let action = match at.one_of(&["greylist, ", "pass, "])? {
        "pass, " => AccessAction::Pass,
        _ => AccessAction::Greylist,
    };
    let rest = at.peek();
    let len =
        memmem::find(rest, b"client_name=").or_else(|| memmem::find(rest, b"client_address="))?;
    let reason = rest[..len].strip_suffix(b", ")?;
    *at = at.over(&rest[len..]);
    let mut check = AccessCheck {
        action,
        source: Source::Policy,
        stage: BStr::new("RCPT"),
        text: reason.strip_prefix(b"reason=").unwrap_or(reason).into(),
        envelope: Envelope {
            mail_from: Some(BStr::new("")),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    };
    let mut more = true;
    while more {
        let key = at.until(b'=')?;
        let value = value(at);
        more = at.has(", ");
        match &**key {
            b"client_name" => check.client.name = value,
            b"client_address" => check.client.address = without_mask(value),
            b"sender" => check.envelope.mail_from = Some(value),
            b"recipient" => check.envelope.rcpt_to = Some(value),
            _ => return None,
        }
    }
    at.end()?;
    Some(Body::Access(check))
}

/// Takes up to the next key.
fn value<'a>(at: &mut Scan<'a>) -> &'a BStr {
    let text = at.peek();
    let ends = [&b", client_address="[..], b", sender=", b", recipient="];
    let len = ends
        .iter()
        .filter_map(|end| memmem::find(text, end))
        .min()
        .unwrap_or(text.len());
    *at = at.over(&text[len..]);
    text[..len].into()
}

/// `203.0.113.9/32` is the address.
fn without_mask(address: &BStr) -> &BStr {
    let len = memchr(b'/', address).unwrap_or(address.len());
    address[..len].into()
}

const DELAYED: Rule = rule(
    "postgrey delayed",
    delayed,
    "postgrey postgrey (before 1.32)",
    &[
        "delayed 312 seconds: client=203.0.113.9, from=bob@example.net, to=anna@example.org",
        "delayed 312 seconds: client=203.0.113.9, from=, to=anna@example.org",
    ],
);

fn delayed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("delayed ")?;
    at.number::<u64>()?;
    let reason = &text[..text.len() - at.peek().len()];
    at.lit(" seconds: client=")?;
    let client = at.until_str(", from=")?;
    let mail_from = at.until_str(", to=")?;
    let rcpt_to = at.remainder();
    Some(Body::Access(AccessCheck {
        action: AccessAction::Pass,
        source: Source::Policy,
        stage: BStr::new("RCPT"),
        client: address(client),
        text: reason.into(),
        envelope: Envelope {
            mail_from: Some(mail_from),
            rcpt_to: Some(rcpt_to),
            ..Envelope::default()
        },
        ..AccessCheck::default()
    }))
}

const WHITELISTED: Rule = rule(
    "postgrey whitelisted",
    whitelisted,
    "postgrey postgrey (smtpd_access_policy)",
    &[
        "whitelisted: mail.example.net[203.0.113.9]",
        "whitelisted: unknown[203.0.113.9/32]",
        "whitelisted: 203.0.113.9",
    ],
);

/// A client that came back often enough is greylisted no more.
fn whitelisted<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("whitelisted: ")?;
    let mut whole = *at;
    let peer = match name_and_address(at) {
        Some(peer) => Peer {
            address: without_mask(peer.address),
            ..peer
        },
        None => {
            let client = whole.word()?;
            *at = whole;
            address(without_mask(client))
        }
    };
    at.end()?;
    Some(Body::Notice(Notice {
        peer,
        ..notice(Kind::ServiceInfo, text)
    }))
}

const SERVICE: Rule = rule(
    "postgrey service",
    service,
    "postgrey postgrey",
    &[
        "cleaning up old logs...",
        "rm /var/lib/postgrey/log.0000000001",
        "cleaning up old entries...",
        "cleaning main database finished. before: 120, after: 98",
        "HUP received: reloading whitelists...",
        "Exiting!",
        "WARNING: Use of uninitialized value at /usr/sbin/postgrey line 1.",
        "FATAL: ERROR: can't create DB environment: Permission denied",
        "ignoring garbage: <x>",
        "unrecognized request type: 'x'",
    ],
);

fn service<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const SHAPES: Shapes = &[
        (Kind::ServiceInfo, "cleaning up old ~"),
        (Kind::ServiceInfo, "rm *"),
        (
            Kind::ServiceStatistics,
            "cleaning ~ database finished. before: #, after: #",
        ),
        (
            Kind::ServiceReloaded,
            "HUP received: reloading whitelists...",
        ),
        (Kind::ServiceStopped, "Exiting!"),
        (Kind::ServiceWarning, "WARNING: *"),
        (Kind::ServiceError, "FATAL: *"),
        (Kind::ServiceWarning, "ignoring garbage: <*>"),
        (Kind::ServiceWarning, "unrecognized request type: '*'"),
        (
            Kind::ServiceWarning,
            "correcting date for first seen in the future!",
        ),
    ];
    shaped(at, SHAPES)
}

const SERVER: Rule = rule(
    "postgrey server",
    server,
    "Net::Server lib/Net/Server.pm",
    &[
        "2026/11/22-08:23:21 postgrey (type Net::Server::Multiplex) starting! pid(1234)",
        "Binding to TCP port 10023 on host 127.0.0.1 with IPv4",
        "Binding to UNIX socket file \"/var/spool/postfix/postgrey/socket\"",
        "Setting gid to \"115 115\"",
        "Process Backgrounded",
    ],
);

fn server<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    net_server(at)
}

#[cfg(test)]
mod tests;
