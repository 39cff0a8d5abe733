//! The outbound queue: deliveries, deferrals, bounces.
//! Source: Haraka `outbound/hmail.js`.

use super::core::next_queue_id;
use super::facts::{Facts, facts, number};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    Agent, Body, Delays, Delivery, DeliveryStatus, Kind, Notice, Notification, Peer, ReplyCode,
};

pub(crate) const RULES: &[Rule] = &[DELIVERED, FAILED, RETRY, BOUNCE, WORK];

/// The event of a message of this origin and its facts, as JSON has them apart.
pub(super) fn event<'a>(message: &'a BStr, facts: &Facts<'a>) -> Option<Body<'a>> {
    if !facts.response.is_empty() && (message.is_empty() || message.starts_with(b"delivered")) {
        return Some(sent(facts));
    }
    let at = Scan::new(message, b"outbound");
    None.or_else(|| failed(&mut at.clone()))
        .or_else(|| retry(&mut at.clone()))
        .or_else(|| bounce(&mut at.clone()))
        .or_else(|| work(&mut at.clone()))
}

const DELIVERED: Rule = rule(
    "haraka delivered",
    delivered,
    "haraka outbound/hmail.js (delivered)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] delivered file=1795335894375_1795335894375_0_4242_AbCdEf_1_mx1.example.org domain=example.net host=mx.example.net ip=192.0.2.25 port=25 mode=SMTP tls=Y auth=N response=\"2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52\" delay=0.512 fails=0 rcpts=1/0/0",
        "level=NOTICE uuid=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1 origin=outbound message=\"delivered file\"=1795335894375_1_mx1 domain=example.net host=store.example.net ip=192.0.2.25 port=24 mode=LMTP tls=N auth=N response=OK delay=12 fails=1 rcpts=1/0/0",
    ],
);

fn delivered<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.has("\"");
    at.lit("delivered file")?;
    at.has("\"");
    at.lit("=")?;
    at.word()?;
    Some(sent(&facts(at)?))
}

/// Who got it is told by the domain only: all recipients of the copy but those of the lines before.
fn sent<'a>(facts: &Facts<'a>) -> Body<'a> {
    let name = match facts.host.is_empty() {
        true => facts.domain,
        false => facts.host,
    };
    Body::Delivery(Delivery {
        rcpt_to: facts.domain,
        relay: Peer {
            name,
            address: facts.ip,
            port: number(facts.port),
        },
        delays: Delays {
            total_ms: Scan::new(facts.delay, b"").seconds_ms().unwrap_or(0),
            stages_ms: None,
        },
        status: DeliveryStatus::Sent,
        agent: match facts.mode == "LMTP" {
            true => Agent::Lmtp,
            false => Agent::Smtp,
        },
        enhanced: Scan::new(facts.response, b"").enhanced(),
        text: facts.response,
        remote_reply: true,
        next_queue_id: next_queue_id(facts.response),
        ..Delivery::default()
    })
}

const FAILED: Rule = rule(
    "haraka recipient failed",
    failed,
    "haraka outbound/hmail.js (process_delivery)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] recipient <bob@example.net> deferred: 450 4.2.0 greylisted",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] recipient <bob@example.net> rejected: 550 5.1.1 no such user",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let quote = at.has("\"");
    at.lit("recipient <")?;
    let rcpt_to = at.until(b'>')?;
    let word = at.one_of(&[" deferred: ", " rejected: "])?;
    let text = unquoted(at, quote)?;
    let status = match word {
        " deferred: " => DeliveryStatus::Deferred,
        _ => DeliveryStatus::Bounced,
    };
    Some(Body::Delivery(Delivery {
        rcpt_to,
        ..failure(status, text)
    }))
}

const RETRY: Rule = rule(
    "haraka retry",
    retry,
    "haraka outbound/hmail.js (deferred_respond)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Temp failing 1795335894375_1_mx1 for 64 seconds: Tried all MXs",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Temp failing 1795335894375_1_mx1 for 64 seconds: Upstream error: 450 4.2.0 greylisted",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Temp failing 1795335894375_1_mx1 for 64 seconds: Some recipients temp failed: <bob@example.net>",
    ],
);

/// All recipients of a copy, which the line does not name, are tried again.
fn retry<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let quote = at.has("\"");
    at.lit("Temp failing ")?;
    let about = at.word()?;
    at.lit(" for ")?;
    let seconds = at.number()?;
    at.lit(" seconds: ")?;
    let text = unquoted(at, quote)?;
    if text.starts_with(b"Some recipients temp failed: ") {
        return Some(Body::Notice(Notice {
            kind: Kind::ServiceInfo,
            about,
            number: Some(seconds),
            text,
            ..Notice::default()
        }));
    }
    Some(Body::Delivery(failure(DeliveryStatus::Deferred, text)))
}

/// The rest, without the quote that logfmt puts behind it.
fn unquoted<'a>(at: &mut Scan<'a>, quote: bool) -> Option<&'a BStr> {
    let text = at.remainder();
    match quote {
        true => Some(text.strip_suffix(b"\"")?.into()),
        false => Some(text),
    }
}

fn failure<'a>(status: DeliveryStatus, text: &'a BStr) -> Delivery<'a> {
    let mut reply = Scan::new(text, b"");
    reply.has("Upstream error: ");
    let code = reply.code();
    reply.has(" ");
    Delivery {
        status,
        agent: Agent::Smtp,
        code,
        enhanced: code.and_then(|ReplyCode(_)| reply.enhanced()),
        text,
        remote_reply: code.is_some(),
        ..Delivery::default()
    }
}

const BOUNCE: Rule = rule(
    "haraka bounce",
    bounce,
    "haraka outbound/hmail.js (bounce, double_bounce)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] bouncing mail: 550 5.1.1 no such user",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] bouncing mail: Some recipients failed: <eve@example.net>",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] bouncing mail: Too many failures (Tried all MXs)",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] bouncing mail: Too many failures (Some recipients temp failed: <bob@example.net>, <carl@example.net>)",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Double bounce: Mail was already a bounce",
    ],
);

/// Recipients that were refused one by one have lines before; else it is for all of the copy.
fn bounce<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let quote = at.has("\"");
    if at.has("Double bounce: ") {
        return Some(Body::Notification(Notification {
            reason: unquoted(at, quote)?,
            ..Notification::default()
        }));
    }
    at.lit("bouncing mail: ")?;
    let text = unquoted(at, quote)?;
    if text.starts_with(b"Some recipients failed: ") {
        return Some(Body::Notice(Notice {
            kind: Kind::DsnSent,
            text,
            ..Notice::default()
        }));
    }
    if !text.starts_with(b"Too many failures (") {
        return Some(Body::Delivery(failure(DeliveryStatus::Bounced, text)));
    }
    let mut it = failure(DeliveryStatus::Expired, text);
    let mut named = at.over(text);
    if named.until_str("Some recipients temp failed: ").is_some() {
        it.rcpt_to = named.until_last(")")?;
        it.several = true;
    }
    Some(Body::Delivery(it))
}

const WORK: Rule = rule(
    "haraka outbound work",
    work,
    "haraka outbound/hmail.js, outbound/index.js, outbound/queue.js",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Attempting to deliver to: mx.example.net:25 (0) (mx.example.net)",
        "[INFO] [-] [outbound] Loading outbound queue from /srv/haraka/queue",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1.1] [outbound] Processing delivery for domain: example.net",
    ],
);

fn work<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const STARTS: &[&str] = &[
        "Attempting to deliver to: ",
        "Looking up ",
        "Loading outbound queue",
        "Loading the queue",
        "Processing domain",
        "Processing delivery",
        "Transaction contained no recipients",
        "Adding missing headers",
        "Converting /",
    ];
    let text = at.peek();
    at.has("\"");
    at.one_of(STARTS)?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        text: text.into(),
        ..Notice::default()
    }))
}
