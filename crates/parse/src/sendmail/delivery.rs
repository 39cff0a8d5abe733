//! Attempts: one line for all recipients that were handed over together.

use super::peer;
use super::received::{is_key, named, value, without_brackets};
use crate::postfix::accepted_as;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memmem;
use model::{Agent, Body, Delays, Delivery, DeliveryStatus, EnhancedStatus, Peer, ReplyCode};

pub(super) const RULES: &[Rule] = &[DELIVERY];

const DELIVERY: Rule = rule(
    "sendmail to",
    delivery,
    "sendmail sendmail/deliver.c (logdelivery)",
    &[
        "6AM8XJIE008151: to=<ok@remote.test>, ctladdr=<alice@example.org> (1000/1000), delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=90096, relay=mx.remote.test. [192.0.2.25], dsn=2.0.0, stat=Sent (2.0.0 Ok: queued as 4XyZab12cDz9Qw)",
        "6AM8XJIE008151: to=<a@remote.test>,<b@remote.test>, delay=1+02:03:04, xdelay=00:00:10, mailer=esmtp, pri=90096, relay=[192.0.2.25] [192.0.2.25], dsn=4.3.0, reply=451 4.7.1 Greylisting in action, please come back later, stat=Deferred: 451 4.7.1 Greylisting in action, please come back later",
        "6AM8XJIE008151: to=<nouser@remote.test>, delay=00:00:00, xdelay=00:00:00, mailer=esmtp, pri=90096, relay=mx.remote.test. [IPv6:2001:db8::25], dsn=5.1.1, reply=550 5.1.1 <nouser@remote.test>: Recipient address rejected, stat=User unknown",
        "6AM8XJKW008178: to=\"|/bin/cat\", ctladdr=<pp@example.org> (8/0), delay=00:00:00, xdelay=00:00:00, mailer=prog, pri=30339, dsn=2.0.0, stat=Sent",
        "6AM8XJKW008178: to=<a@remote.test>,<b@remote.test>, [more], ctladdr=<anna@example.org> (1000/1000), delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=90096, relay=mx.remote.test. [192.0.2.25], dsn=2.0.0, stat=Sent (ok)",
        "6AM8XJKW008178: to=root, delay=00:00:00, mailer=relay, pri=30028, stat=queued",
        "LAA12345: to=<bob@example.net>, delay=00:00:02, xdelay=00:00:01, mailer=esmtp, relay=mx.example.net. [192.0.2.25], stat=Sent (OK id=1uBcDe-0001Ab-2C)",
        "6AM8XJKW008179: to=<bob@example.net>, delay=5+00:00:01, xdelay=00:00:00, mailer=esmtp, pri=7890000, relay=mx.example.net., dsn=4.4.7, ntries=120, stat=Cannot send message for 5 days",
        "6AM8XJKW008181: to=<anna@example.org>, delay=00:00:01, pri=30900, stat=looks like spam",
        "6AM8XJKW008182: to=<anna@example.org>, delay=00:00:01, pri=30900, stat=discarded",
        "6AM8XJKW008180: to=anna@example.org, ctladdr=root (0/0), delay=00:00:00, pri=30028, quarantine=by hand, dsn=4.7.1, stat=quarantined",
    ],
);

fn delivery<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("to=")?;
    let rcpt_to = until_key(at, &[b", ctladdr=", b", delay="])?;
    // The others follow in lines of their own.
    let rcpt_to = rcpt_to.strip_suffix(b", [more]").map_or(rcpt_to, BStr::new);
    if at.has(", ctladdr=") {
        until_key(at, &[b", delay="])?;
    }
    at.lit(", delay=")?;
    let total_ms = duration_ms(at)?;
    let mut it = Trailer::default();
    while it.stat.is_none() {
        at.lit(", ")?;
        it.field(at)?;
    }
    let stat = it.stat?;
    let status = status(stat, it.enhanced);
    let told = told(at, stat, it.reply);
    let several = rcpt_to.contains(&b',');
    Some(Body::Delivery(Delivery {
        rcpt_to: match several {
            true => rcpt_to,
            false => without_brackets(rcpt_to),
        },
        several,
        relay: it.relay,
        delays: Delays {
            total_ms,
            stages_ms: None,
        },
        tls: it.tls,
        enhanced: it.enhanced,
        status,
        agent: match stat == DISCARDED {
            true => Agent::Discard,
            false => agent(it.mailer, &it.relay),
        },
        text: it.reply.unwrap_or(stat),
        code: told.code,
        remote_reply: told.remote_reply,
        next_queue_id: told.next_queue_id,
        ..Delivery::default()
    }))
}

/// What follows the delay.
#[derive(Default)]
struct Trailer<'a> {
    mailer: &'a BStr,
    tls: &'a BStr,
    relay: Peer<'a>,
    enhanced: Option<EnhancedStatus>,
    reply: Option<&'a BStr>,
    stat: Option<&'a BStr>,
}

impl<'a> Trailer<'a> {
    /// Takes `KEY=VALUE`; the last one is `stat`, which holds any text.
    fn field(&mut self, at: &mut Scan<'a>) -> Option<()> {
        let key = at.until(b'=')?;
        match key.as_bytes() {
            b"xdelay" => drop(duration_ms(at)?),
            b"mailer" => self.mailer = value(at),
            b"pri" => {
                at.has("-");
                at.number::<u64>()?;
            }
            b"relay" => self.relay = peer::relay(until_key(at, RELAY_ENDS)?),
            b"dsn" => self.enhanced = Some(at.enhanced()?),
            b"ntries" => drop(at.number::<u64>()?),
            b"quarantine" | b"stage" => drop(until_key(at, RELAY_ENDS)?),
            b"reply" => self.reply = Some(until_key(at, &[b", stat="])?),
            b"stat" => self.stat = Some(at.remainder()),
            b"tls_version" => self.tls = named(value(at)),
            key if is_key(key) => drop(value(at)),
            _ => return None,
        }
        Some(())
    }
}

const RELAY_ENDS: &[&[u8]] = &[
    b", dsn=",
    b", ntries=",
    b", stage=",
    b", reply=",
    b", quarantine=",
    b", tls_",
    b", stat=",
];

/// Takes everything before the first of some keys, which stays.
fn until_key<'a>(at: &mut Scan<'a>, keys: &[&[u8]]) -> Option<&'a BStr> {
    let text = at.peek();
    let mut from = 0;
    loop {
        let comma = from + memmem::find(&text[from..], b", ")?;
        if keys.iter().any(|key| text[comma..].starts_with(key)) {
            *at = at.over(&text[comma..]);
            return Some(text[..comma].into());
        }
        from = comma + 2;
    }
}

/// Takes `[D+]HH:MM:SS` as milliseconds. Source: sendmail `sendmail/convtime.c` (`pintvl`).
pub(super) fn duration_ms(at: &mut Scan<'_>) -> Option<u64> {
    let mut days = 0;
    let mut hours: u64 = at.number()?;
    if at.has("+") {
        days = hours;
        hours = at.number()?;
    }
    at.lit(":")?;
    let minutes: u64 = at.number()?;
    at.lit(":")?;
    let seconds: u64 = at.number()?;
    let hours = days.checked_mul(24)?.checked_add(hours)?;
    let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
    minutes
        .checked_mul(60)?
        .checked_add(seconds)?
        .checked_mul(1000)
}

/// `stat=` of what a Milter or ruleset dropped. Source: sendmail `sendmail/deliver.c` (`sendall`).
const DISCARDED: &str = "discarded";

/// The enhanced status tells more than the words, some of which name the cause of a deferral only.
fn status(stat: &BStr, enhanced: Option<EnhancedStatus>) -> DeliveryStatus {
    if stat.starts_with(b"Sent") || stat == DISCARDED {
        return DeliveryStatus::Sent;
    }
    let gave_up = memmem::find(stat, b"Cannot send message for ").is_some()
        || memmem::find(stat, b"could not be delivered for ").is_some();
    if gave_up {
        return DeliveryStatus::Expired;
    }
    let waits = stat.starts_with(b"Deferred")
        || stat.starts_with(b"queued")
        || stat.starts_with(b"quarantined");
    match enhanced {
        _ if waits => DeliveryStatus::Deferred,
        Some(EnhancedStatus { class: 4, .. }) => DeliveryStatus::Deferred,
        Some(EnhancedStatus { class: 2, .. }) => DeliveryStatus::Sent,
        _ => DeliveryStatus::Bounced,
    }
}

/// What the other side said.
struct Told<'a> {
    code: Option<ReplyCode>,
    remote_reply: bool,
    next_queue_id: Option<&'a BStr>,
}

/// `Sent (REPLY)` has the reply without its code, `Deferred: REPLY` with it.
fn told<'a>(at: &Scan<'a>, stat: &'a BStr, reply: Option<&'a BStr>) -> Told<'a> {
    let mut sent = at.over(stat);
    if sent.has("Sent (") {
        let reply = sent.peek();
        let reply = reply.strip_suffix(b")").unwrap_or(reply);
        return Told {
            code: None,
            remote_reply: true,
            next_queue_id: accepted_as(at.over(reply)),
        };
    }
    let mut words = at.over(reply.unwrap_or(stat));
    words.has("Deferred: ");
    let code = words.code();
    Told {
        code,
        remote_reply: code.is_some() || reply.is_some(),
        next_queue_id: None,
    }
}

/// Who tried, by the mailer's usual names. Source: sendmail `cf/mailer/*.m4`.
fn agent(mailer: &BStr, relay: &Peer<'_>) -> Agent {
    match mailer.as_bytes() {
        b"esmtp" | b"smtp" | b"smtp8" | b"dsmtp" | b"relay" => Agent::Smtp,
        b"local" | b"procmail" | b"*file*" | b"*include*" => Agent::Local,
        b"prog" => Agent::Pipe,
        b"lmtp" | b"cyrus" | b"cyrusv2" | b"cyrusbb" => Agent::Lmtp,
        b"discard" => Agent::Discard,
        b"" | b"error" => Agent::Error,
        name if name.ends_with(b"lmtp") => Agent::Lmtp,
        _ if relay.is_empty() => Agent::Pipe,
        _ => Agent::Smtp,
    }
}
