//! Deliveries that failed, for good (`**`) or for now (`==`), with what the other side said.
//! Source: exim `src/deliver.c` (`failure_log`, `deferral_log`).

use super::delivery::{Address, address, agent, delays, relay};
use super::item::{Items, duration_ms, host};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::{memmem, memrchr};
use model::{Agent, Body, Delivery, DeliveryStatus, EnhancedStatus, Peer, ReplyCode};

pub(crate) const RULES: &[Rule] = &[DEFERRED, FAILED, FAILED_IN_WRAPPER];

const DEFERRED: Rule = rule(
    "exim deferred",
    deferred,
    "exim src/deliver.c (deferral_log), src/macros.h (ERRNO_*)",
    &[
        "1xV2wi-0000aR-0j == bob@example.net R=remote T=remote_smtp defer (-44) H=mx.example.net [192.0.2.25]:25 DT=0s: SMTP error from remote mail server after RCPT TO:<bob@example.net>: 451 4.7.1 Greylisted",
        "1xV2wi-0000aR-0j == bob@example.net <team@example.org> R=remote T=remote_smtp defer (110): Connection timed out H=mx.example.net [192.0.2.25]: SMTP timeout after initial connection",
        "1xV2wi-0000aX-1Q == bob@example.net R=remote T=remote_smtp defer (111): Connection refused DT=0s",
        "1xV2wi-0000aX-1Q == bob@example.net R=remote T=remote_smtp defer (-53): retry time not reached for any host for 'example.net'",
        "1xV2wi-0000aX-1Q == bob@example.net R=remote T=remote_smtp defer (0) H=mx.example.net [192.0.2.25]: SMTP error from remote mail server after initial connection: 450 busy",
        "1xV2wi-0000aX-1Q == bob@example.net routing defer (-51): retry time not reached",
        "1xV2wi-0000aX-1Q == anna@example.org Q=slow R=local T=mail_spool defer (-22): mailbox is full",
    ],
);

fn deferred<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("== ")?;
    let address = address(at)?;
    let mut items = Items::default();
    items.take(at);
    at.has(" routing");
    at.lit(" defer (")?;
    let own = at.has("-");
    let errno: u32 = at.number()?;
    at.lit(")")?;
    // Only the system's errors have words of their own.
    let text = if own || errno == 0 {
        items.take(at);
        if !at.has(": ") {
            at.end()?;
        }
        at.remainder()
    } else {
        system_error(at, &mut items)?
    };
    let reply = reply(text);
    Some(Body::Delivery(Delivery {
        rcpt_to: address.rcpt_to,
        orig_rcpt_to: address.orig_rcpt_to,
        relay: reply.relay.unwrap_or(relay(&items)),
        delays: delays(&items),
        tls: items.tls,
        enhanced: reply.enhanced,
        status: DeliveryStatus::Deferred,
        agent: who_failed(&address, &items, text),
        text,
        code: reply.code,
        remote_reply: reply.code.is_some(),
        suspended: suspended(text),
        ..Delivery::default()
    }))
}

/// Takes `: ERROR`, the system's words for an error number, then items and `: TEXT`; all in one
/// where more than the error is there.
fn system_error<'a>(at: &mut Scan<'a>, items: &mut Items<'a>) -> Option<&'a BStr> {
    if at.end().is_some() {
        return Some(BStr::new(b""));
    }
    at.lit(": ")?;
    let whole = at.remainder();
    let starts = [&b" H="[..], b" DT=", b": "];
    let ends = starts.iter().filter_map(|it| memmem::find(whole, it));
    let len = ends.min().unwrap_or(whole.len());
    let mut behind = at.over(&whole[len..]);
    items.take(&mut behind);
    Some(match behind.end() {
        Some(()) => whole[..len].into(),
        None => whole,
    })
}

/// Whether nobody was contacted this time.
fn suspended(text: &BStr) -> bool {
    const WORDS: &[&str] = &[
        "retry time not reached",
        "Retry time not yet reached",
        "domain is in queue_domains",
        "domain matches queue_domains",
        "queue_smtp_domains",
        "SMTP delivery explicitly queued",
        "concurrency limit reached",
        "reusing SMTP connection skips previous routing defer",
    ];
    WORDS.iter().any(|words| text.contains_str(words))
}

const FAILED: Rule = rule(
    "exim failed",
    failed,
    "exim src/deliver.c (failure_log)",
    &[
        "1xV2wi-0000aR-0j ** bob@example.net F=<anna@example.org> P=<anna@example.org> R=remote T=remote_smtp H=mx.example.net [192.0.2.25] X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=yes: SMTP error from remote mail server after RCPT TO:<bob@example.net>: 550 5.1.1 User unknown DT=0s",
        "1xV2wi-0000aR-0j ** bob@example.net <team@example.org> R=remote T=remote_smtp H=mx.example.net [192.0.2.25]* : SMTP error from remote mail server after end of data: 554-no\\n554 5.7.1 spam",
        "1xV2wi-0000aR-0j ** bob@example.net R=remote T=remote_smtp: SMTP error from remote mail server after RCPT TO:<bob@example.net>: host mx.example.net [192.0.2.25]: 550 no such user",
        "1xV2wi-0000aR-0j ** bob@example.net: retry timeout exceeded",
        "1xV2wi-0000aR-0j ** nobody@example.org: Unrouteable address",
        "1xV2wi-0000aR-0j ** fail@example.org R=aliases : no such alias",
        "1xV2wi-0000aR-0j ** |/usr/bin/filter -x <anna@example.org> R=userforward T=address_pipe: Child process of address_pipe transport returned 1 from command: /usr/bin/filter",
        "1xV2wi-0000aR-0j ** anna@example.org R=lmtp T=dovecot_lmtp : LMTP error after RCPT TO:<anna@example.org>: 552 5.2.2 Quota exceeded",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("** ")?;
    let address = address(at)?;
    let mut items = Items::default();
    items.take(at);
    at.has(" ");
    let text = if at.has(": ") {
        at.remainder()
    } else {
        at.has(":");
        at.end()?;
        BStr::new(b"")
    };
    let text = without_took(text, &mut items);
    let reply = reply(text);
    Some(Body::Delivery(Delivery {
        rcpt_to: address.rcpt_to,
        orig_rcpt_to: address.orig_rcpt_to,
        relay: reply.relay.unwrap_or(relay(&items)),
        connection_use: items.used_before.then_some(2),
        delays: delays(&items),
        tls: items.tls,
        enhanced: reply.enhanced,
        status: failure(text),
        agent: who_failed(&address, &items, text),
        text,
        code: reply.code,
        remote_reply: reply.code.is_some(),
        ..Delivery::default()
    }))
}

/// Who tried. Before a host was chosen the transport's name, which may be any, does not tell a remote
/// one; the error does.
fn who_failed(address: &Address<'_>, items: &Items<'_>, text: &BStr) -> Agent {
    const OF_HOSTS: &[&str] = &[
        "Connection ",
        "Network is ",
        "No route to host",
        "host lookup ",
        "retry time not reached for any host",
        "all hosts ",
        "SMTP ",
    ];
    match agent(address, items) {
        Agent::Local if OF_HOSTS.iter().any(|it| text.contains_str(it)) => Agent::Smtp,
        known => known,
    }
}

/// What Exim puts behind the last error, or alone, when a recipient has been tried for too long.
/// Source: exim `src/retry.c` (`retry_update`).
fn failure(text: &BStr) -> DeliveryStatus {
    match text.ends_with(b"retry timeout exceeded") {
        true => DeliveryStatus::Expired,
        false => DeliveryStatus::Bounced,
    }
}

/// Takes ` DT=T` off the end of a text.
fn without_took<'a>(text: &'a BStr, items: &mut Items<'a>) -> &'a BStr {
    let Some(space) = memrchr(b' ', text) else {
        return text;
    };
    let took = text[space + 1..].strip_prefix(b"DT=");
    match took.and_then(|it| duration_ms(it.into())) {
        Some(ms) => {
            items.took_ms = Some(ms);
            text[..space].into()
        }
        None => text,
    }
}

const FAILED_IN_WRAPPER: Rule = rule(
    "exim failed in wrapper",
    failed_in_wrapper,
    "exim src/deliver.c (mua_wrapper)",
    &[
        "1xV2wi-0000aR-0j ** bob@example.net mua_wrapper forced failure for deferred delivery",
        "1xV2wi-0000aR-0j ** bob@example.net routing yielded a local delivery",
    ],
);

/// What may not happen where a mail program runs Exim as its submission command.
fn failed_in_wrapper<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("** ")?;
    let address = address(at)?;
    at.lit(" ")?;
    let text = at.peek();
    at.one_of(&[
        "mua_wrapper forced failure for deferred delivery",
        "routing yielded a local delivery",
        "routing yielded a deferred delivery",
    ])?;
    at.end()?;
    Some(Body::Delivery(Delivery {
        rcpt_to: address.rcpt_to,
        orig_rcpt_to: address.orig_rcpt_to,
        status: DeliveryStatus::Bounced,
        agent: model::Agent::Error,
        text: text.into(),
        ..Delivery::default()
    }))
}

/// What a text quotes of the other side; all empty where nobody replied.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reply<'a> {
    pub(super) code: Option<ReplyCode>,
    pub(super) enhanced: Option<EnhancedStatus>,
    /// The host, where the text names it (before 4.80).
    pub(super) relay: Option<Peer<'a>>,
}

/// Finds the reply in `SMTP error from remote mail server after COMMAND: [host H [A]: ]CODE ...`.
/// Source: exim `src/transports/smtp.c` (`check_response`), `src/transports/lmtp.c`.
pub(super) fn reply<'a>(text: &'a BStr) -> Reply<'a> {
    const ERRORS: &[&str] = &[
        "SMTP error from remote mail server after ",
        "LMTP error after ",
    ];
    let mut at = Scan::new(text, b"");
    if !ERRORS.iter().any(|it| at.until_str(it).is_some()) {
        return Reply::default();
    }
    let mut found = Reply::default();
    while at.until_str(": ").is_some() {
        if at.peek().starts_with(b"host ") {
            at.lit("host ");
            found.relay = host(&mut at).map(|host| host.peer);
            continue;
        }
        if let Some(code) = at.code()
            && matches!(at.peek().first(), None | Some(b' ' | b'-' | b'\\'))
        {
            found.code = Some(code);
            if !at.has(" ") {
                at.has("-");
            }
            found.enhanced = at.enhanced();
            return found;
        }
    }
    found
}
