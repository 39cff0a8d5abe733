//! The form of 3.11 on: `event=NAME key=value ...`.
//! Source: cyrus-imapd `lib/logfmt.c`, `imap/auditlog.c`.

use super::audit::Facts;
use super::{client, protocol};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{AuthFailure, Body, Kind, Login, Notice, Peer};

pub(super) const RULES: &[Rule] = &[EVENT];

const EVENT: Rule = rule(
    "cyrus event",
    event,
    "cyrus-imapd lib/logfmt.c",
    &[
        "event=login.good r.sessionid=mx1-1234-1795335894-1 r.clienthost=\"mail.example.net [192.0.2.10]\" u.username=anna login.mech=PLAIN login.tls=1",
        "event=login.bad r.sessionid=mx1-1234-1795335894-1 r.clienthost=192.0.2.10 u.username=eve login.mech=PLAIN error=\"authentication failure\"",
        "event=auditlog.append r.sessionid=mx1-1234-1795335894-1 mbox.name=user.anna msg.imapuid=42 msg.id=\"<a1@example.net>\" msg.size=1234",
        "event=auditlog.traffic r.sessionid=mx1-1234-1795335894-1 bytes.in=12 bytes.out=34",
        "event=mailbox.repack r.sessionid=mx1-1234-1795335894-1 mbox.name=user.anna",
    ],
);

fn event<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("event=")?;
    let name = value(at)?;
    (!name.is_empty()).then_some(())?;
    let (mut facts, mut login) = (Facts::default(), LoginFacts::default());
    while !at.peek().is_empty() {
        at.lit(" ")?;
        let key = at.until(b'=')?;
        let value = value(at)?;
        facts.set(key, value);
        login.set(key, value);
    }
    at.session = facts.session;
    let protocol = protocol(at.program);
    match name.as_bytes() {
        b"login.good" => Some(Body::Login(Login {
            protocol,
            user: login.user,
            method: login.method,
            client: login.client,
            tls: login.tls,
            ..Login::default()
        })),
        b"login.bad" => Some(Body::AuthFailure(AuthFailure {
            protocol,
            user: login.user,
            method: login.method,
            client: login.client,
            reason: login.error,
            tls: login.tls,
            ..AuthFailure::default()
        })),
        name => match name.strip_prefix(b"auditlog.") {
            Some(action) => facts.body(action.as_bstr(), protocol, text),
            None => Some(Body::Notice(Notice {
                kind: Kind::ServiceInfo,
                about: name.as_bstr(),
                text: text.into(),
                ..Notice::default()
            })),
        },
    }
}

/// What the line of a login tells.
#[derive(Default)]
struct LoginFacts<'a> {
    user: &'a BStr,
    method: &'a BStr,
    client: Peer<'a>,
    tls: Option<bool>,
    error: &'a BStr,
}

impl<'a> LoginFacts<'a> {
    fn set(&mut self, key: &BStr, value: &'a BStr) {
        match key.as_bytes() {
            b"u.username" => self.user = value,
            b"login.mech" => self.method = value,
            b"login.tls" => self.tls = Some(value == "1"),
            b"error" => self.error = value,
            b"r.clienthost" => self.client = host(value),
            _ => {}
        }
    }
}

/// `HOST [ADDRESS]`, or an address alone.
fn host(text: &BStr) -> Peer<'_> {
    match text.contains(&b'[') {
        true => client(&mut Scan::new(text, b"")).unwrap_or_default(),
        false => Peer {
            address: text,
            ..Peer::default()
        },
    }
}

/// Takes a value, bare or quoted; escapes are left as written.
fn value<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    if !at.has("\"") {
        return Some(at.while_(|byte| byte != b' '));
    }
    let text = at.peek();
    let mut end = 0;
    loop {
        match text.get(end)? {
            b'\\' => end += 2,
            b'"' => break,
            _ => end += 1,
        }
    }
    *at = at.over(&text[end + 1..]);
    Some(text[..end].into())
}
