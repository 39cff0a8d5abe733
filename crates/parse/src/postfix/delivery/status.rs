//! The status line: one for each recipient and attempt, alike for all agents.

use super::reply::told;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::{memchr, memrchr};
use model::{Agent, Body, Delays, Delivery, DeliveryStatus, Peer};

pub(super) const STATUS: Rule = rule(
    "delivery status",
    status,
    "postfix src/global/log_adhoc.c",
    &[
        "4jXMZG2fzbz1Xf28: to=<bob@example.net>, relay=mx.example.net[192.0.2.25]:25, delay=0.39, delays=0.04/0.08/0.05/0.21, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XyZab12cDz9Qw)",
        "83C17A14284: to=<alice@example.org>, orig_to=<team@example.org>, relay=127.0.0.1[127.0.0.1]:10024, conn_use=3, delay=193, delays=1.2/0/0.1/192, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as AFADAA14CB5)",
        "AFADAA14CB5: to=<alice@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.53, delays=0.18/0.01/0.32/0.02, dsn=2.0.0, status=sent (250 2.0.0 <alice@example.org> jJxbDXqmAms2bwAAg+zDdQ:T2 Saved)",
        "2F922A14CB6: to=<bob@example.net>, relay=none, delay=86400, delays=86370/0.01/30/0, dsn=4.4.1, status=deferred (connect to mx.example.net[2001:db8::25]:25: Connection timed out)",
        "2F922A14CB6: to=<carl@example.net>, relay=mx.example.net[192.0.2.25]:25, delay=1, delays=0.1/0/0.4/0.5, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.25] said: 550-5.1.1 <carl@example.net>: unknown (see our site) 550 5.1.1 bye (in reply to RCPT TO command))",
        "5B5DAA14CBF: to=<anna@example.org>, relay=local, delay=0.1, delays=0.05/0/0/0.05, dsn=2.0.0, status=sent (forwarded as 8F0CEA14CB1)",
        "5B5DAA14CBF: to=<eve@example.org>, relay=local, delay=0.1, delays=0.05/0/0/0.05, dsn=5.1.1, status=SOFTBOUNCE (unknown user: \"eve\")",
        "4jXMZG3Tr8z1Xf2K: to=<bob@example.net>, relay=mx.example.net[192.0.2.25]:25, delay=0.4, delays=0.1/0/0.2/0.1, tls=dane:encrypt, dsn=2.0.0, status=sent (250 2.0.0 6AM8XJBG008146 Message accepted for delivery)",
        "3E1A020087: to=<dora@example.net>, relay=none, delay=0.2, delays=0.2/0/0/0, dsn=4.3.2, status=deferred (delivery temporarily suspended: host mx.example.net[192.0.2.25] refused to talk to me: 421 4.7.0 too many connections)",
        "3E1A020087: to=<\"s p > ace\"@example.net>, relay=dovecot, delay=0.2, delays=0.2/0/0/0, dsn=2.0.0, status=sent (delivered via dovecot service)",
        "3E1A020087: to=<a> b@example.net>, relay=virtual, delay=0.2, delays=0.2/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)",
        "3E1A020087: to=root@mx1.example.org, orig_to=root, relay=local, delay=0.07, delays=0.04/0/0/0.03, dsn=2.0.0, status=sent (delivered to mailbox)",
        "3E1A020087: to=root@example.net, relay=127.0.0.1:2525, delay=0.07, delays=0.04/0/0/0.03, dsn=2.0.0, status=sent (250 Ok)",
        "D5A7B14C: to=<carl@example.net>, orig_to=<carl>, relay=mx.example.net[192.0.2.25], delay=3, status=sent (250 Ok: queued as 0A1B2C3D4E)",
        "586CDA14CBA: to=<frank@example.org>, relay=mx1.example.org[192.0.2.1]:25, delay=0.1, delays=0.1/0/0/0, dsn=2.1.5, status=deliverable (250 2.1.5 Ok)",
        "586CDA14CBA: to=<frank@example.org>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=5.1.1, status=undeliverable-but-not-cached (User unknown in virtual alias table)",
        "586CDA14CBA: to=<team@example.org>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=expanded (alias expanded)",
        "586CDA14CBA: to=<carl@example.net>, relay=mx.example.net[192.0.2.25]:25, delay=4, delays=0/0/1/3, dsn=5.7.1, status=bounced (host mx.example.net[192.0.2.25] said: 550 a text (very long) that was cut he",
    ],
);

fn status<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("to=")?;
    let rcpt_to = recipient(at)?;
    let orig_rcpt_to = if at.has(", orig_to=") {
        Some(recipient(at)?)
    } else {
        None
    };
    at.lit(", relay=")?;
    let relay = relay(at)?;
    let connection_use = if at.has("conn_use=") {
        let uses = at.number()?;
        at.lit(", ")?;
        Some(uses)
    } else {
        None
    };
    let delays = delays(at)?;
    let tls = if at.has("tls=") {
        let features = at.until(b',')?;
        at.lit(" ")?;
        features
    } else {
        BStr::new(b"")
    };
    let enhanced = if at.has("dsn=") {
        let code = at.enhanced()?;
        at.lit(", ")?;
        Some(code)
    } else {
        None
    };
    at.lit("status=")?;
    let status = status_word(at)?;
    let text = text(at.remainder())?;
    let agent = agent(at.program);
    let told = told(status, agent, at.over(text));
    Some(Body::Delivery(Delivery {
        rcpt_to,
        several: false,
        copy: None,
        orig_rcpt_to,
        relay,
        connection_use,
        delays,
        tls,
        enhanced,
        status,
        agent,
        text: text.into(),
        code: told.code,
        remote_reply: told.remote_reply,
        next_queue_id: told.next_queue_id,
        suspended: told.suspended,
    }))
}

/// Takes an address. Without quoting (before Postfix 3.5) it may hold `> `; then it ends where the
/// next item of the line begins.
#[inline]
fn recipient<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let mut ahead = *at;
    if let Some(address) = ahead.angle()
        && ahead.peek().starts_with(b", ")
    {
        *at = ahead;
        return Some(address);
    }
    unquoted(at)
}

/// The slow way: up to the next item, whatever the address holds. Logs that somebody edited may lack
/// the angle brackets.
#[cold]
fn unquoted<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let (nexts, close) = if at.has("<") {
        ([">, orig_to=<", ">, relay="], ">".len())
    } else {
        ([", orig_to=", ", relay="], 0)
    };
    let rest = at.peek();
    let end = nexts.iter().filter_map(|next| rest.find(next)).min()?;
    *at = at.over(&rest[end + close..]);
    Some(rest[..end].into())
}

/// Takes a relay and the `, ` behind it: a host, a service's name, or `none`.
#[inline]
fn relay<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    let written = at.until(b',')?;
    at.lit(" ")?;
    if written == "none" {
        return Some(Peer::default());
    }
    Some(host(written).unwrap_or_else(|| service_or_address(written)))
}

/// A service's name; `address:port` without brackets where somebody edited the log.
fn service_or_address(written: &BStr) -> Peer<'_> {
    let port_behind = |colon: usize| written[colon + 1..].to_str().ok()?.parse().ok();
    match memrchr(b':', written).map(|colon| (colon, port_behind(colon))) {
        Some((colon, Some(port))) => Peer {
            address: written[..colon].into(),
            port: Some(port),
            ..Peer::default()
        },
        _ => Peer {
            name: written,
            ..Peer::default()
        },
    }
}

/// `name[address]` or `name[address]:port`, whole. Read from the end, where the bracket is near.
#[inline]
fn host(written: &BStr) -> Option<Peer<'_>> {
    let written = written.as_bytes();
    let open = memchr(b'[', written)?;
    let behind = &written[open + 1..];
    let (address, port) = match behind.strip_suffix(b"]") {
        Some(address) => (address, None),
        None => {
            let close = behind.iter().rposition(|&byte| byte == b']')?;
            let digits = behind[close + 1..].strip_prefix(b":")?;
            (&behind[..close], Some(digits.to_str().ok()?.parse().ok()?))
        }
    };
    Some(Peer {
        name: written[..open].into(),
        address: address.into(),
        port,
    })
}

/// Takes `delay=T, ` and `delays=T/T/T/T, ` where it is there (Postfix 2.3).
#[inline]
fn delays(at: &mut Scan<'_>) -> Option<Delays> {
    at.lit("delay=")?;
    let total_ms = seconds(at)?;
    at.lit(", ")?;
    let stages_ms = if at.has("delays=") {
        let before_queue = seconds(at)?;
        at.lit("/")?;
        let queue = seconds(at)?;
        at.lit("/")?;
        let connect = seconds(at)?;
        at.lit("/")?;
        let transmit = seconds(at)?;
        at.lit(", ")?;
        Some([before_queue, queue, connect, transmit])
    } else {
        None
    };
    Some(Delays {
        total_ms,
        stages_ms,
    })
}

/// Takes seconds; negative ones, which old versions print after the clock stepped back, are 0.
#[inline]
fn seconds(at: &mut Scan<'_>) -> Option<u64> {
    if at.peek().first() == Some(&b'-') {
        at.lit("-")?;
        at.seconds_ms()?;
        return Some(0);
    }
    at.seconds_ms()
}

/// Takes the status word. `relayed` and `delivered` are only logged for `sendmail -bv`, when nobody
/// gets mail. Source: postfix `src/global/trace.c`.
#[inline]
fn status_word(at: &mut Scan<'_>) -> Option<DeliveryStatus> {
    if at.has("sent") {
        return Some(DeliveryStatus::Sent);
    }
    let word = at.one_of(&[
        "deferred",
        "bounced",
        "SOFTBOUNCE",
        "deliverable",
        "undeliverable-but-not-cached",
        "undeliverable",
        "expanded",
        "relayed",
        "delivered",
    ])?;
    Some(match word {
        "deferred" | "SOFTBOUNCE" => DeliveryStatus::Deferred,
        "bounced" => DeliveryStatus::Bounced,
        "undeliverable" | "undeliverable-but-not-cached" => DeliveryStatus::Undeliverable,
        "expanded" => DeliveryStatus::Expanded,
        _ => DeliveryStatus::Deliverable,
    })
}

/// The text in the outer parentheses, which may hold others; a line that was cut lacks the last.
#[inline]
fn text(rest: &[u8]) -> Option<&[u8]> {
    if rest.is_empty() {
        return Some(rest);
    }
    let inner = rest.strip_prefix(b" (")?;
    Some(inner.strip_suffix(b")").unwrap_or(inner))
}

#[inline]
fn agent(program: &[u8]) -> Agent {
    match program {
        b"smtp" => Agent::Smtp,
        b"lmtp" => Agent::Lmtp,
        b"local" => Agent::Local,
        b"virtual" => Agent::Virtual,
        b"pipe" => Agent::Pipe,
        b"error" | b"retry" | b"qmgr" | b"oqmgr" | b"nqmgr" => Agent::Error,
        b"discard" => Agent::Discard,
        _ => Agent::Other,
    }
}

#[cfg(test)]
#[path = "status/tests.rs"]
mod tests;
