//! The line with which a message is in the queue.

use super::peer;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::memchr;
use model::{Body, Peer, Received};

pub(super) const RULES: &[Rule] = &[RECEIVED, CLONE];

const RECEIVED: Rule = rule(
    "sendmail from",
    received,
    "sendmail sendmail/headers.c (logsender)",
    &[
        "6AM8XJIE008151: from=<alice@example.org>, size=96, class=0, nrcpts=3, msgid=<s3@example.org>, proto=ESMTP, daemon=MTA, relay=localhost [127.0.0.1]",
        "6AM8XJBG008146: from=root, size=28, class=0, nrcpts=3, msgid=<202611220833.6AM8XJBG008146@mx1.example.org>, relay=root@localhost",
        "6AM8XJBG008147: from=<bob@example.net>, size=0, class=0, nrcpts=0, bodytype=8BITMIME, proto=ESMTP, daemon=MTA, relay=mx.example.net [192.0.2.25] (may be forged)",
        "6AM8XJBG008148: from=<>, size=3575, class=0, nrcpts=1, proto=ESMTP, daemon=MTA-v6, auth=PLAIN, relay=[IPv6:2001:db8::25]",
        "LAA12345: from=<bob@example.net>, size=1200, class=0, pri=31200, nrcpts=1, msgid=<a1@example.net>, proto=SMTP, relay=bob@mx.example.net [192.0.2.25]",
        "2s8fy1kgf4-1: from=<bob@example.net>, size=1200, class=0, nrcpts=1, msgid=<a1@example.net>, proto=ESMTPS, daemon=MTA, tls_verify=NO, auth=NONE, relay=mx.example.net [192.0.2.25]",
    ],
);

fn received<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.queue_id?;
    at.lit("from=")?;
    let mail_from = without_brackets(at.until_str(", size=")?);
    let size = at.number()?;
    at.lit(", class=")?;
    at.has("-");
    at.number::<u32>()?;
    if at.has(", pri=") {
        at.number::<u64>()?;
    }
    at.lit(", nrcpts=")?;
    let mut it = Received {
        mail_from,
        size: Some(size),
        recipients: Some(at.number()?),
        ..Received::default()
    };
    while !at.peek().is_empty() {
        at.lit(", ")?;
        let key = at.until(b'=')?;
        match key.as_bytes() {
            b"relay" => origin(at, &mut it)?,
            b"msgid" => it.message_id = Some(message_id(at)?),
            b"proto" => it.protocol = value(at),
            b"auth" => it.sasl_method = named(value(at)),
            b"tls_version" => it.tls = named(value(at)),
            key if is_key(key) => drop(value(at)),
            _ => return None,
        }
    }
    Some(Body::Received(Box::new(it)))
}

/// Whether a text can be a key; patched versions have more of them.
pub(super) fn is_key(key: &[u8]) -> bool {
    !key.is_empty() && key.iter().all(|it| it.is_ascii_lowercase() || *it == b'_')
}

/// Takes a value up to the next comma or the end.
pub(super) fn value<'a>(at: &mut Scan<'a>) -> &'a BStr {
    at.while_(|byte| byte != b',')
}

/// `NONE` is nothing.
pub(super) fn named(value: &BStr) -> &BStr {
    if value == "NONE" { b"".into() } else { value }
}

/// Takes a Message-ID, which may hold commas.
fn message_id<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let mut end = 0;
    loop {
        end += memchr(b',', &text[end..]).unwrap_or(text.len() - end);
        let is_next = |key: &&[u8]| text[end..].starts_with(key);
        let keys: [&[u8]; 6] = [
            b", bodytype=",
            b", proto=",
            b", daemon=",
            b", tls_",
            b", auth=",
            b", relay=",
        ];
        if end == text.len() || keys.iter().any(is_next) {
            *at = at.over(&text[end..]);
            return Some(text[..end].into());
        }
        end += 1;
    }
}

/// Takes who handed the message in: a host, or a user of this one.
fn origin<'a>(at: &mut Scan<'a>, it: &mut Received<'a>) -> Option<()> {
    let text = at.remainder();
    if text == "[RESPONSE]" {
        return Some(());
    }
    // `IDENT:user@host` or `user@host`: what the client's ident service or our own user says.
    let (user, host) = match memchr(b'@', text) {
        Some(sign) => (&text[..sign], &text[sign + 1..]),
        None => (&text[..0], text),
    };
    if memchr(b'[', host).is_some() {
        it.client = peer::client(&mut at.over(host))?;
    } else if host == b"localhost" || host.is_empty() {
        it.local_user = user.strip_prefix(b"IDENT:").unwrap_or(user).into();
    } else {
        it.client = Peer {
            name: host,
            ..Peer::default()
        };
    }
    Some(())
}

/// An address of the envelope; the shell's users give theirs without brackets.
pub(super) fn without_brackets(address: &BStr) -> &BStr {
    let inner = address
        .strip_prefix(b"<")
        .and_then(|it| it.strip_suffix(b">"));
    inner.map_or(address, BStr::new)
}

const CLONE: Rule = rule(
    "sendmail clone",
    clone,
    "sendmail sendmail/deliver.c (sendall)",
    &["6AM8XJBG008146: 6AM8XJBH008146: clone: owner=owner-list@example.org"],
);

/// An envelope split off for the owner of a list: it goes on under a queue id of its own.
fn clone<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let orig_queue_id = at.queue_id;
    at.queue_id = Some(super::id(at)?);
    at.lit(": clone: owner=")?;
    Some(Body::Received(Box::new(Received {
        mail_from: without_brackets(at.remainder()),
        orig_queue_id: Some(orig_queue_id?),
        ..Received::default()
    })))
}
