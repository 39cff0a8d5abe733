//! What the server itself tells of connections and transactions.
//! Source: Haraka `connection.js`, `plugins.js`.

use super::facts::{Facts, facts, number};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{
    AccessAction, AccessCheck, Agent, Body, Connected, Delivery, DeliveryStatus, Disconnected,
    Envelope, Kind, MessageIdLogged, Notice, Peer, Severity, Source, Tls, Transaction,
};

pub(crate) const RULES: &[Rule] = &[
    RECIPIENT, SENDER, CONNECT, DISCONNECT, MESSAGE, QUEUE, HOOK, TLS, TROUBLE,
];

/// The event of a message of this origin and its facts, as JSON has them apart.
pub(super) fn event<'a>(message: &'a BStr, facts: &Facts<'a>) -> Option<Body<'a>> {
    let angle = |word: &str| {
        let text: &'a [u8] = message;
        let inner = text.strip_prefix(word.as_bytes())?.strip_prefix(b" <")?;
        Some(BStr::new(inner.strip_suffix(b">")?))
    };
    if let Some(sender) = angle("sender") {
        return Some(sent_by(sender, facts));
    }
    if let Some(rcpt_to) = angle("recipient") {
        return Some(addressed(rcpt_to, facts));
    }
    Some(match &**message {
        b"connect" => connected(facts),
        b"disconnect" => disconnected(facts, BStr::new(b"")),
        b"message" => composed(facts),
        b"queue" => queued(facts),
        b"secured" => secured(facts),
        _ => Body::Notice(Notice {
            kind: Kind::ServiceInfo,
            text: message,
            ..Notice::default()
        }),
    })
}

const CONNECT: Rule = rule(
    "haraka connect",
    connect,
    "haraka connection.js (connect_respond)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] connect ip=192.0.2.10 port=21957 local_ip=198.51.100.7 local_port=25",
        "level=NOTICE uuid=3E6A027F-8307-4DA4-B105-2A39EC4B58D4 origin=core message=connect ip=192.0.2.10 port=21957 local_ip=198.51.100.7 local_port=25",
    ],
);

fn connect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("connect ")?;
    Some(connected(&facts(at)?))
}

fn connected<'a>(facts: &Facts<'a>) -> Body<'a> {
    let peer = |address, port| Peer {
        name: BStr::new(b""),
        address,
        port: number(port),
    };
    Body::Connected(Connected {
        client: peer(facts.ip, facts.port),
        server: peer(facts.local_ip, facts.local_port),
    })
}

const DISCONNECT: Rule = rule(
    "haraka disconnect",
    disconnect,
    "haraka connection.js (disconnect_respond)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] disconnect ip=192.0.2.10 rdns=\"mx.example.net\" helo=\"mx.example.net\" relay=N early=N esmtp=Y tls=Y pipe=N errors=0 txns=1 rcpts=1/0/0 msgs=1/0/0 bytes=173692 lr=\"\" time=13.937",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] disconnect ip=192.0.2.10 rdns=NXDOMAIN helo=\"\" relay=N early=N esmtp=N tls=N pipe=N errors=1 txns=0 rcpts=0/0/0 msgs=0/0/0 bytes=0 lr=\"550 go away\" time=0.7",
    ],
);

fn disconnect<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("disconnect ")?;
    let text = at.peek();
    let facts = facts(at)?;
    let counts = memmem::find(text, b" errors=").map_or(&b""[..], |from| {
        let counts = &text[from + 1..];
        &counts[..memmem::find(counts, b" lr=").unwrap_or(counts.len())]
    });
    Some(disconnected(&facts, counts.into()))
}

fn disconnected<'a>(facts: &Facts<'a>, counts: &'a BStr) -> Body<'a> {
    Body::Disconnected(Disconnected {
        client: client(facts),
        counts,
    })
}

/// The client by address and the name that DNS has for it.
fn client<'a>(facts: &Facts<'a>) -> Peer<'a> {
    let is_name = !matches!(&**facts.rdns, b"Unknown" | b"NXDOMAIN" | b"DNSERROR");
    Peer {
        name: if is_name {
            facts.rdns
        } else {
            BStr::new(b"unknown")
        },
        address: facts.ip,
        port: None,
    }
}

const SENDER: Rule = rule(
    "haraka sender",
    sender,
    "haraka connection.js (mail_respond)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <bob@example.net> code=CONT msg=\"\"",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] sender <> code=DENYSOFT msg=\"not now\"",
        "level=NOTICE uuid=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 origin=core message=\"sender <bob@example.net>\" code=CONT msg=\"\"",
    ],
);

fn sender<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let quote = at.has("\"");
    at.lit("sender ")?;
    let mail_from = address(at)?;
    if quote {
        at.lit("\"")?;
    }
    Some(sent_by(mail_from, &facts(at)?))
}

/// Takes `<address>`.
fn address<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.lit("<")?;
    let address = at.until(b'>')?;
    Some(address)
}

fn sent_by<'a>(mail_from: &'a BStr, facts: &Facts<'a>) -> Body<'a> {
    let Some(action) = refused(facts.code) else {
        return Body::Transaction(Transaction {
            mail_from: Some(mail_from),
            ..Transaction::default()
        });
    };
    let envelope = Envelope {
        mail_from: Some(mail_from),
        ..Envelope::default()
    };
    decided(action, "MAIL", envelope, facts.msg)
}

/// What a plugin's answer does to the command; `None` where it lets it pass.
/// Source: haraka-constants.
fn refused(code: &BStr) -> Option<AccessAction> {
    match &**code {
        b"DENY" | b"DENYSOFT" => Some(AccessAction::Reject),
        b"DENYDISCONNECT" | b"DENYSOFTDISCONNECT" => Some(AccessAction::Hangup),
        _ => None,
    }
}

fn decided<'a>(
    action: AccessAction,
    stage: &'static str,
    envelope: Envelope<'a>,
    text: &'a BStr,
) -> Body<'a> {
    Body::Access(AccessCheck {
        action,
        source: Source::Access,
        stage: stage.into(),
        text,
        envelope,
        ..AccessCheck::default()
    })
}

const RECIPIENT: Rule = rule(
    "haraka recipient",
    recipient,
    "haraka connection.js (rcpt_respond)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <anna@example.org> code=OK msg=\"\" sender=\"bob@example.net\"",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] recipient <x@example.org> code=DENY msg=\"no such user\" sender=\"bob@example.net\"",
        "level=NOTICE uuid=3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1 origin=core message=\"recipient <anna@example.org>\" code=OK msg=\"\" sender=bob@example.net",
    ],
);

fn recipient<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let quote = at.has("\"");
    at.lit("recipient ")?;
    let rcpt_to = address(at)?;
    if quote {
        at.lit("\"")?;
    }
    Some(addressed(rcpt_to, &facts(at)?))
}

fn addressed<'a>(rcpt_to: &'a BStr, facts: &Facts<'a>) -> Body<'a> {
    let action = refused(facts.code).unwrap_or(AccessAction::Permit);
    let envelope = Envelope {
        mail_from: Some(facts.sender),
        rcpt_to: Some(rcpt_to),
        ..Envelope::default()
    };
    decided(action, "RCPT", envelope, facts.msg)
}

const MESSAGE: Rule = rule(
    "haraka message",
    message,
    "haraka connection.js (data_post_respond)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid=\"<a1@example.net>\" size=173692 rcpts=1/0/0 delay=8.925 code=CONT msg=\"\"",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] message mid=<a1@spam.test> size=173 rcpts=1/0/0 delay=8.925 code=DENY msg=\"spam\"",
    ],
);

fn message<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("message ")?;
    Some(composed(&facts(at)?))
}

fn composed<'a>(facts: &Facts<'a>) -> Body<'a> {
    match refused(facts.code) {
        Some(action) => decided(action, "END-OF-MESSAGE", Envelope::default(), facts.msg),
        None => Body::MessageId(MessageIdLogged {
            message_id: facts.mid,
            resent: false,
            size: crate::json::number(facts.size),
        }),
    }
}

const QUEUE: Rule = rule(
    "haraka queue",
    queue,
    "haraka connection.js (queue_respond, queue_outbound_respond)",
    &[
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg=\"2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52 (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)\"",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg=\"ok 1795335894 qp 49341 (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)\"",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=OK msg=\"Message Queued (3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1)\"",
        "[NOTICE] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] queue code=DENYSOFT msg=\"try later\"",
    ],
);

fn queue<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("queue ")?;
    Some(queued(&facts(at)?))
}

/// The message goes into the queue of Haraka's own, or a plugin has handed it to the next hop for all
/// its recipients.
fn queued<'a>(facts: &Facts<'a>) -> Body<'a> {
    let text = facts.msg;
    let own = text.is_empty() || text.starts_with(b"Message Queued");
    match refused(facts.code) {
        Some(action) => decided(action, "END-OF-MESSAGE", Envelope::default(), text),
        None if own => decided(AccessAction::Accept, "QUEUE", Envelope::default(), text),
        None => handed_on(text),
    }
}

fn handed_on(text: &BStr) -> Body<'_> {
    Body::Delivery(Delivery {
        status: DeliveryStatus::Sent,
        agent: Agent::Smtp,
        enhanced: Scan::new(text, b"").enhanced(),
        text,
        remote_reply: true,
        next_queue_id: next_queue_id(text),
        ..Delivery::default()
    })
}

/// The id behind `queued as ` (Postfix) or ` qp ` (qmail's process id, which `qmail-send` logs).
pub(super) fn next_queue_id(reply: &BStr) -> Option<&BStr> {
    let (at, len) = ["queued as ", " qp "]
        .iter()
        .find_map(|words| memmem::find(reply, words.as_bytes()).map(|at| (at, words.len())))?;
    let id = reply[at + len..]
        .split(|byte| !byte.is_ascii_alphanumeric())
        .next()?;
    (!id.is_empty()).then(|| id.into())
}

const HOOK: Rule = rule(
    "haraka hook",
    hook,
    "haraka plugins.js (run_next_hook)",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4.1] [core] hook=rcpt plugin=rcpt_to.in_host_list function=hook_rcpt params=\"<anna@example.org>\" retval=OK msg=\"\"",
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core]  hook=unrecognized_command plugin=tls function=upgrade_connection params=STARTTLS retval=OK msg=\"\"",
    ],
);

fn hook<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.has(" ");
    let text = at.peek();
    at.lit("hook=")?;
    at.word()?;
    at.lit(" plugin=")?;
    let about = at.word()?;
    facts(at)?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        about,
        text: text.into(),
        ..Notice::default()
    }))
}

const TLS: Rule = rule(
    "haraka tls",
    tls,
    "haraka connection.js, plugins/tls.js",
    &[
        "[INFO] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] secured cipher=TLS_AES_256_GCM_SHA384 version=TLSv1.3",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("secured")?;
    at.has(":");
    at.lit(" ")?;
    Some(secured(&facts(at)?))
}

pub(super) fn secured<'a>(facts: &Facts<'a>) -> Body<'a> {
    Body::Tls(Tls {
        inbound: true,
        action: "established".into(),
        protocol: facts.version,
        cipher: facts.cipher,
        ..Tls::default()
    })
}

const TROUBLE: Rule = rule(
    "haraka trouble",
    trouble,
    "haraka connection.js, plugins.js, server.js",
    &[
        "[CRIT] [-] [core] Plugin rcpt_to.ldap failed: Error: connect ECONNREFUSED 192.0.2.1:389",
        "[WARN] [3E6A027F-8307-4DA4-B105-2A39EC4B58D4] [core] too many concurrent connections",
        "[NOTICE] [-] [core] Listening on 0.0.0.0:25",
        "[INFO] [-] [core] Loading plugins",
    ],
);

/// What stands by itself: start, settings, errors.
fn trouble<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    const STARTS: &[&str] = &[
        "Listening on ",
        "Loading ",
        "Starting up Haraka",
        "Set log ",
        "Plugin ",
        "plugin ",
        "Shutting down",
        "Graceful",
        "Reload",
        "getaddrinfo",
        "client [",
        "client dropped",
        "client closed",
        "client connection",
        "unexpected",
        "Timed out",
        "timed out",
    ];
    let text = at.peek();
    let kind = match at.severity {
        Severity::Debug | Severity::Info => {
            at.one_of(STARTS)?;
            Kind::ServiceInfo
        }
        Severity::Warning => Kind::ServiceWarning,
        Severity::Error | Severity::Fatal | Severity::Panic => Kind::ServiceError,
    };
    (!text.is_empty()).then_some(())?;
    Some(Body::Notice(Notice {
        kind,
        text: text.into(),
        ..Notice::default()
    }))
}
