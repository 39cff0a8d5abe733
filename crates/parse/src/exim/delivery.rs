//! Deliveries that went well: `=>`, `->` (another recipient in the same transaction), `>>`
//! (cutthrough), `*>` (nothing done, `exim -N`). Source: exim `src/deliver.c` (`delivery_log`).

use super::item::Items;
use crate::postfix::told;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::{memchr_iter, memmem, memrchr};
use model::{
    AccessAction, AccessCheck, Agent, Body, Delays, Delivery, DeliveryStatus, EnhancedStatus, Peer,
    Source,
};

pub(crate) const RULES: &[Rule] = &[DISCARDED, DELIVERED];

const DELIVERED: Rule = rule(
    "exim delivered",
    delivered,
    "exim src/deliver.c (delivery_log, string_log_address)",
    &[
        "1xV2wi-0000aJ-00 => ext@example.net <team@example.org> F=<bob@example.net> P=<bob@example.net> R=remote T=remote_smtp S=4120 H=mx.example.net [192.0.2.25]:25* I=[192.0.2.1]:40112 X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes DN=\"CN=mx.example.net\" L K C=\"250 2.0.0 Ok: queued as 4XyZab12cDz9Qw\" QT=1m2s DT=0.304s",
        "1xV2wi-0000aJ-00 -> carl@example.net R=remote T=remote_smtp H=mx.example.net [2001:db8::25] PRX=[192.0.2.9]:1080 TFO* PRDR DKIM=example.org:s1 C=\"250- \\\"ok\\\"\\\\n250 OK id=1xV2wj-0000dl-2f\"",
        "1xV2wk-0000e7-1o => anna <anna@example.org> R=local_user T=mail_spool S=900 QT=0s DT=0s",
        "1xV2wk-0000e7-1o => /var/mail/anna (list@example.org, team@example.org) <all@example.org> R=userforward T=address_file",
        "1xV2wk-0000e7-1o => |/usr/bin/filter -f bob@example.net T=x <anna@example.org> R=userforward T=address_pipe",
        "1xV2wk-0000e7-1o => anna@example.org R=lmtp T=dovecot_lmtp C=\"250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ Saved\"",
        "1xV2wk-0000e7-1o => >bob@example.net <anna@example.org> R=userforward T=address_reply ST=copy (Connection refused)",
        "1xV2wi-0000aj-2t => :blackhole: <hole@example.org> R=aliases",
        "1xV2wi-0000aj-2t *> bob@example.net R=remote T=remote_smtp H=mx.example.net [192.0.2.25] C=\"delivery bypassed by -N option\"",
        "1xV2wi-0000aj-2t >> bob@example.net R=remote T=remote_smtp H=mx.example.net [192.0.2.25] C=\"250 OK\"",
    ],
);

fn delivered<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let flag = at.one_of(&["=> ", "-> ", ">> ", "*> "])?;
    let address = address(at)?;
    let mut items = Items::default();
    items.take(at);
    at.end()?;
    let agent = if flag == "*> " {
        Agent::Discard
    } else {
        agent(&address, &items)
    };
    let told = told(
        DeliveryStatus::Sent,
        agent,
        at.over(items.reply.unwrap_or_default()),
    );
    let text = items.reply.unwrap_or(address.handler);
    Some(Body::Delivery(Delivery {
        rcpt_to: address.rcpt_to,
        orig_rcpt_to: address.orig_rcpt_to,
        relay: relay(&items),
        connection_use: items.used_before.then_some(2),
        delays: delays(&items),
        tls: items.tls,
        enhanced: items.reply.and_then(enhanced),
        status: DeliveryStatus::Sent,
        agent,
        text,
        code: told.code,
        remote_reply: told.remote_reply,
        next_queue_id: told.next_queue_id,
        ..Delivery::default()
    }))
}

/// The enhanced status behind the code of a reply.
fn enhanced(reply: &BStr) -> Option<EnhancedStatus> {
    let mut at = Scan::new(reply, b"");
    at.code()?;
    at.one_of(&[" ", "-"])?;
    at.enhanced()
}

const DISCARDED: Rule = rule(
    "exim discarded",
    discarded,
    "exim src/deliver.c (system filter), src/receive.c",
    &[
        "1xV2wi-0000aj-2t => discarded (system filter)",
        "1xV2wi-0000aj-2t => blackhole (RCPT ACL discarded recipients): no such user",
    ],
);

/// All recipients dropped at once, which are not named.
fn discarded<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("=> ")?;
    let text = at.peek();
    at.one_of(&["discarded (", "blackhole ("])?;
    at.until(b')')?;
    Some(Body::Access(AccessCheck {
        action: AccessAction::Discard,
        source: Source::Access,
        text: text.into(),
        ..AccessCheck::default()
    }))
}

/// An address as deliveries name it: `FINAL[ (PARENT, ...)][ <ORIGINAL>]`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Address<'a> {
    pub(super) rcpt_to: &'a BStr,
    pub(super) orig_rcpt_to: Option<&'a BStr>,
    /// Pipe, file, reply or `:blackhole:` that took the place of an address; empty for others.
    pub(super) handler: &'a BStr,
}

/// Takes an address, up to the items, the text behind it, or the end.
#[inline]
pub(super) fn address<'a>(at: &mut Scan<'a>) -> Option<Address<'a>> {
    let text = at.peek();
    let len = address_len(text);
    let written = &text[..len];
    *at = at.over(&text[len..]);
    let (last, original) = match written.strip_suffix(b">").map(|it| (it, memrchr(b'<', it))) {
        Some((inner, Some(open))) if open > 0 && inner[open - 1] == b' ' => {
            (&written[..open - 1], Some(BStr::new(&inner[open + 1..])))
        }
        _ => (written, None),
    };
    if last.is_empty() {
        return None;
    }
    Some(sorted(without_parents(last), original))
}

/// Where an address ends: at ` KEY=`, at what says that it was put off, or at `: `. A pipe's command
/// may hold all of that, so that of those the original address, which follows them, is the mark.
#[inline]
fn address_len(text: &[u8]) -> usize {
    let mut from = 0;
    if matches!(text.first(), Some(b'|' | b'"' | b'/' | b'>' | b':')) {
        from = memmem::find(text, b"> R=")
            .or_else(|| memmem::find(text, b"> T="))
            .unwrap_or(0);
    }
    for space in memchr_iter(b' ', &text[from..]) {
        let space = from + space;
        if text[..space].ends_with(b":") && text[space - 1..].starts_with(b": ") {
            // `:blackhole: <a@b>` is an address.
            if text[0] != b':' || space > b":blackhole:".len() {
                return space - 1;
            }
        }
        if starts_items(&text[space + 1..]) {
            return space;
        }
    }
    text.len()
}

fn starts_items(text: &[u8]) -> bool {
    match text {
        [b'R' | b'T' | b'S' | b'H' | b'Q', b'=', ..] => true,
        [b'F' | b'P', b'=', b'<', ..] => true,
        [b'Q' | b'D', b'T', b'=', ..] => true,
        [b'd', ..] => text.starts_with(b"defer ("),
        [b'r', ..] => text.starts_with(b"routing defer (") || text.starts_with(b"routing yielded"),
        [b'm', ..] => text.starts_with(b"mua_wrapper "),
        [b':', b' ', ..] => true,
        _ => false,
    }
}

/// Leaves out `(PARENT, ...)` between an address and its original.
fn without_parents(written: &[u8]) -> &[u8] {
    match memmem::rfind(written, b" (") {
        Some(open) if written.ends_with(b")") && open > 0 => &written[..open],
        _ => written,
    }
}

/// Which of the two is the recipient: of local deliveries the first is often the local part of the
/// second, and what is no address (a pipe, a file) leaves the second only.
fn sorted<'a>(last: &'a [u8], original: Option<&'a BStr>) -> Address<'a> {
    let last = BStr::new(last);
    let Some(original) = original else {
        return Address {
            rcpt_to: last,
            ..Address::default()
        };
    };
    let is_handler = matches!(last.first(), Some(b'|' | b'/' | b'>' | b':'))
        || last == "discarded"
        || last.starts_with(b"save ");
    if is_handler {
        return Address {
            rcpt_to: original,
            orig_rcpt_to: None,
            handler: last,
        };
    }
    let is_local_part = original
        .strip_prefix(last.as_bytes())
        .is_some_and(|it| it.starts_with(b"@"));
    if is_local_part {
        return Address {
            rcpt_to: original,
            ..Address::default()
        };
    }
    Address {
        rcpt_to: last,
        orig_rcpt_to: Some(original),
        ..Address::default()
    }
}

/// Who delivered, as far as address, host, reply and the transport's name tell: names are of the
/// postmaster's choice, and the driver is not logged. Only LMTP and SMTP have a reply.
pub(super) fn agent(address: &Address<'_>, items: &Items<'_>) -> Agent {
    let transport = items.transport;
    if address.handler == ":blackhole:" || address.handler == "discarded" {
        return Agent::Discard;
    }
    if transport.is_empty() {
        return Agent::Error;
    }
    if transport.contains_str("lmtp") || items.reply.is_some_and(|it| it.ends_with(b" Saved")) {
        return Agent::Lmtp;
    }
    if !items.host.peer.address.is_empty() {
        return Agent::Smtp;
    }
    match address.handler.first() {
        Some(b'|') => Agent::Pipe,
        Some(b'>') => Agent::Other,
        Some(_) => Agent::Local,
        None if items.reply.is_some() => Agent::Lmtp,
        None if transport.contains_str("smtp") => Agent::Smtp,
        None if transport.contains_str("pipe") => Agent::Pipe,
        None => Agent::Local,
    }
}

/// The next hop; without one the transport.
pub(super) fn relay<'a>(items: &Items<'a>) -> Peer<'a> {
    if items.host.peer.address.is_empty() {
        return Peer {
            name: items.transport,
            ..Peer::default()
        };
    }
    items.host.peer
}

/// Exim tells the time on the queue and, of it, that of the delivery.
pub(super) fn delays(items: &Items<'_>) -> Delays {
    let total_ms = items.queue_ms.or(items.took_ms).unwrap_or(0);
    let stages_ms = match (items.queue_ms, items.took_ms) {
        (Some(total), Some(took)) => Some([0, total.saturating_sub(took), 0, took]),
        _ => None,
    };
    Delays {
        total_ms,
        stages_ms,
    }
}
