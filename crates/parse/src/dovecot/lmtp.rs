//! LMTP and LDA: mail comes in and goes into a mailbox.
//! Source: dovecot `src/lmtp/*.c`, `src/lib-lda/mail-deliver.c`, `src/lib-lda/mail-send.c`.

use super::protocol;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    Agent, Body, Connected, Delivery, DeliveryStatus, Disconnected, Kind, MailboxAction, Peer,
    SessionAborted,
};

pub(crate) const RULES: &[Rule] = &[
    SAVED,
    CONNECTED,
    DISCONNECTED,
    LOST,
    FAILED,
    PROXIED,
    REJECTION,
];

/// Takes `msgid=ID: `. A Message-ID may be anything, also cut or empty.
pub(super) fn message_id<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.lit("msgid=")?;
    let text = at.peek();
    if text.first() == Some(&b'<')
        && let Some(inner) = at.until_str(">: ")
    {
        return Some(text[..inner.len() + 1].into());
    }
    at.until_str(": ")
}

/// An action on the message that the prefix and `msgid=` name.
pub(super) fn action<'a>(at: &Scan<'a>, kind: Kind, message_id: &'a BStr) -> MailboxAction<'a> {
    MailboxAction {
        kind,
        user: at.user,
        protocol: protocol(at.program),
        message_id,
        ..MailboxAction::default()
    }
}

const SAVED: Rule = rule(
    "dovecot lda saved",
    saved,
    "dovecot src/lib-lda/mail-deliver.c",
    &[
        "lmtp(anna@example.org)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a1@example.net>: saved mail to INBOX",
        "lmtp(28470, anna): msgid=<a1@example.net>: saved mail to INBOX",
        "lda(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ:T2:R2>: msgid=unspecified: saved mail to Junk/2026",
        "deliver(anna): msgid=<a1@example.net> (added by postmaster@example.net): saved mail to INBOX",
        "lmtp(anna): msgid=: saved mail to INBOX",
    ],
);

fn saved<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message_id(at)?;
    at.lit("saved mail to ")?;
    Some(Body::Mailbox(MailboxAction {
        mailbox: at.remainder(),
        ..action(at, Kind::MailboxSaved, id)
    }))
}

const CONNECTED: Rule = rule(
    "dovecot lmtp connect",
    connected,
    "dovecot src/lmtp/lmtp-client.c",
    &[
        "lmtp(28470): Connect from local",
        "lmtp(28470): Connect from 203.0.113.7",
        "lmtp(28470): Connect from 203.0.113.7:41234",
        "lmtp(28470): Connect from [2001:db8::7]:41234",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Connect from ")?;
    let client = client(at.remainder());
    Some(Body::Connected(Connected {
        client,
        ..Connected::default()
    }))
}

/// `local`, an address, an address with port, or 2.4's `unix:PATH`.
fn client(text: &BStr) -> Peer<'_> {
    if text.first().is_some_and(u8::is_ascii_alphabetic) && text.iter().all(|b| *b != b':') {
        return Peer {
            name: text,
            ..Peer::default()
        };
    }
    address_and_port(text)
}

/// `192.0.2.1:24`, `[2001:db8::1]:24`, or without port.
fn address_and_port(text: &BStr) -> Peer<'_> {
    let mut at = Scan::new(text, b"");
    if let Some(peer) = at.peer()
        && at.end().is_some()
    {
        return peer;
    }
    let mut at = Scan::new(text, b"");
    if let Some(address) = at.until(b':')
        && let Some(port) = at.number()
        && at.end().is_some()
    {
        let is_address = address.iter().all(|b| b.is_ascii_digit() || *b == b'.');
        let nothing = BStr::new(b"");
        let (name, address) = match is_address {
            true => (nothing, address),
            false => (address, nothing),
        };
        return Peer {
            name,
            address,
            port: Some(port),
        };
    }
    Peer {
        address: text,
        ..Peer::default()
    }
}

const DISCONNECTED: Rule = rule(
    "dovecot lmtp disconnect",
    disconnected,
    "dovecot src/lmtp/lmtp-client.c",
    &[
        "lmtp(28470): Disconnect from local: Logged out (state=READY)",
        "lmtp(28470): Disconnect from local: Client has quit the connection (state=READY)",
        "lmtp(28470): Disconnect from 203.0.113.7: Successful quit",
        "lmtp(28470): Disconnect from local: Logged out (state = READY)",
    ],
);

fn disconnected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Disconnect from ")?;
    let client = client(at.until_str(": ")?);
    at.one_of(&[
        "Client has quit the connection",
        "Logged out",
        "Successful quit",
    ])?;
    state(at)?;
    Some(Body::Disconnected(Disconnected {
        client,
        ..Disconnected::default()
    }))
}

/// Takes ` (state=STATE)` or 2.2's ` (in STATE)` up to the end; empty where there is none.
fn state<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    if at.end().is_some() {
        return Some(BStr::new(b""));
    }
    at.one_of(&[" (state=", " (state = ", " (in "])?;
    let state = at.until(b')')?;
    at.end()?;
    Some(state)
}

const LOST: Rule = rule(
    "dovecot lmtp lost",
    lost,
    "dovecot src/lmtp/lmtp-client.c",
    &[
        "lmtp(28470): Disconnect from local: Connection closed (state=DATA)",
        "lmtp(28470): Disconnect from 203.0.113.7: Connection closed (in banner)",
        "lmtp(28470): Disconnect from local: Remote closed connection (state=READY)",
        "lmtp(28470): Disconnect from local: Connection closed: read(size=4096) failed: Connection reset by peer (state=DATA)",
        "lmtp(28470): Disconnect from local: Server shutting down.",
    ],
);

fn lost<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Disconnect from ")?;
    let client = client(at.until_str(": ")?);
    let mut stage = *at;
    let (reason, stage) = match stage.until_last(" (") {
        Some(reason) => {
            let mut stage = at.over(at.peek().get(reason.len()..)?);
            (reason, state(&mut stage)?)
        }
        None => (at.remainder(), BStr::new(b"")),
    };
    Some(Body::SessionAborted(SessionAborted {
        client,
        reason,
        stage,
        ..SessionAborted::default()
    }))
}

const FAILED: Rule = rule(
    "dovecot lda failed",
    failed,
    "dovecot src/lib-lda/mail-deliver.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a1@example.net>: save failed to INBOX: Quota exceeded (mailbox for user is full)",
        "lda(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a1@example.net>: save failed to open mailbox Junk: Mailbox doesn't exist: Junk",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message_id(at)?;
    at.lit("save failed to ")?;
    at.has("open mailbox ");
    let mailbox = at.until_str(": ")?;
    Some(Body::Mailbox(MailboxAction {
        mailbox,
        text: at.remainder(),
        ..action(at, Kind::MailboxFailed, id)
    }))
}

const PROXIED: Rule = rule(
    "dovecot lmtp proxied",
    proxied,
    "dovecot src/lmtp/lmtp-proxy.c",
    &[
        "lmtp(28470): <jJxbDXqmAms2bwAAg+zDdQ>: Sent message to <anna@example.org> at 198.51.100.5:24: 250 2.0.0 <anna@example.org> jJxbDXqmAms2bwAAg+zDdQ:P1 Saved (1/1 at 12 ms)",
        "lmtp(28470): <jJxbDXqmAms2bwAAg+zDdQ>: Failed to send message to <anna@example.org> at 198.51.100.5:24: 451 4.2.0 Mailbox locked (1/2 at 34 ms)",
        "lmtp(28470): jJxbDXqmAms2bwAAg+zDdQ: Sent message to <anna@example.org> at backend1.example.org:24: 250 2.0.0 OK (2/2 at 8 ms)",
    ],
);

/// What a proxy tells of one recipient: the store behind it has the message, or refused it.
fn proxied<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if at.has("<") {
        at.until_str(">: ")?;
    }
    let sent = at.has("Sent message to ");
    if !sent {
        at.lit("Failed to send message to ")?;
    }
    let rcpt_to = at.angle()?;
    at.lit(" at ")?;
    let host = at.until_str(": ")?;
    let text = at.until_last(" (")?;
    at.number::<u32>()?;
    at.lit("/")?;
    at.number::<u32>()?;
    at.lit(" at ")?;
    let ms = at.seconds_ms()? / 1000;
    at.lit(" ms)")?;
    at.end()?;
    let mut reply = at.over(text);
    let code = reply.code();
    reply.has(" ");
    let enhanced = reply.enhanced();
    let deferred = code.is_none_or(|code| code.0 / 100 == 4);
    Some(Body::Delivery(Delivery {
        rcpt_to,
        relay: address_and_port(host),
        delays: model::Delays {
            total_ms: ms,
            stages_ms: None,
        },
        status: match (sent, deferred) {
            (true, _) => DeliveryStatus::Sent,
            (false, true) => DeliveryStatus::Deferred,
            (false, false) => DeliveryStatus::Bounced,
        },
        agent: Agent::Lmtp,
        next_queue_id: stored_as(text),
        text,
        code,
        enhanced,
        remote_reply: code.is_some(),
        ..Delivery::default()
    }))
}

/// The session in `250 2.0.0 <anna@example.org> SESSION Saved`.
fn stored_as(reply: &BStr) -> Option<&BStr> {
    let rest = reply.strip_suffix(b" Saved")?;
    let mut at = Scan::new(rest, b"");
    at.until_last(" ")?;
    Some(at.remainder())
}

const REJECTION: Rule = rule(
    "dovecot lda rejection",
    rejection,
    "dovecot src/lib-lda/mail-send.c",
    &[
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a1@example.net>: Auto-submitted message discarded: Quota exceeded",
        "lmtp(anna)<28470><jJxbDXqmAms2bwAAg+zDdQ>: msgid=<a1@example.net>: Return-Path missing, rejection reason: Quota exceeded",
        "lda(anna): msgid=<a1@example.net>: Permanently failed to send rejection: 550 no",
        "lda(anna): msgid=<a1@example.net>: Temporarily failed to send rejection: 451 later",
        "lda(anna): msgid=<a1@example.net>: rejected: Quota exceeded (mailbox for user is full)",
    ],
);

/// A message that was to go back to its sender, and what became of that.
fn rejection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let id = message_id(at)?;
    let mut ahead = *at;
    ahead.one_of(&[
        "Auto-submitted message discarded: ",
        "Return-Path missing, rejection reason: ",
        "Temporarily failed to send rejection: ",
        "Permanently failed to send rejection: ",
        "rejected: ",
    ])?;
    Some(Body::Mailbox(MailboxAction {
        text: at.remainder(),
        ..action(at, Kind::SieveRejected, id)
    }))
}
