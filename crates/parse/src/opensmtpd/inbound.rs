//! Sessions of clients: `SID smtp ...`, with `event=` in 6.0 to 6.3.
//! Source: OpenSMTPD `usr.sbin/smtpd/smtp_session.c`.

use super::pairs::pair;
use super::{message_of, peer};
use crate::notices::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use model::{
    AccessAction, AccessCheck, AuthFailure, Body, Connected, Disconnected, Envelope, Kind, Login,
    Peer, Received, SessionAborted, Source, Tls, TlsFailed, Violation,
};

pub(super) const RULES: &[Rule] = &[
    CONNECTED,
    MESSAGE,
    ENVELOPE,
    DISCONNECTED,
    FAILED,
    TLS,
    LOGIN,
    BAD_INPUT,
    CERTIFICATE,
];

/// Takes `smtp WORD` or `smtp event=WORD`.
fn event<'a>(at: &mut Scan<'a>, words: &[&'static str]) -> Option<&'static str> {
    at.lit("smtp ")?;
    at.has("event=");
    let word = at.one_of(words)?;
    at.peek()
        .first()
        .is_none_or(|it| *it == b' ')
        .then_some(word)
}

const CONNECTED: Rule = rule(
    "opensmtpd connected",
    connected,
    "OpenSMTPD smtp_session.c (smtp_connected)",
    &[
        "5df87c903d709659 smtp connected address=192.0.2.10 host=mail.example.net",
        "5df87c903d709659 smtp connected address=[2001:db8::10] host=<unknown>",
        "5df87c903d709659 smtp event=connected address=local host=mx1.example.org",
    ],
);

fn connected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["connected"])?;
    Some(Body::Connected(Connected {
        client: Fields::all(at)?.client(),
        ..Connected::default()
    }))
}

/// What the pairs of a line tell.
#[derive(Default)]
struct Fields<'a> {
    address: &'a BStr,
    host: &'a BStr,
    msgid: &'a BStr,
    mail_from: Option<&'a BStr>,
    rcpt_to: &'a BStr,
    size: Option<u64>,
    recipients: Option<u32>,
    protocol: &'a BStr,
    ciphers: &'a BStr,
    user: &'a BStr,
    command: &'a BStr,
    result: &'a BStr,
}

impl<'a> Fields<'a> {
    /// Takes all pairs up to the end; fails at one that is not known.
    fn all(at: &mut Scan<'a>) -> Option<Self> {
        let number = |text: &BStr| Scan::new(text, b"").number();
        let mut it = Fields::default();
        while !at.peek().is_empty() {
            let (key, value) = pair(at)?;
            match key.as_bytes() {
                b"address" => it.address = value,
                b"host" => it.host = value,
                b"msgid" => it.msgid = value,
                b"evpid" => it.msgid = message_of(value)?,
                b"from" => it.mail_from = Some(value),
                b"to" => it.rcpt_to = value,
                b"size" => it.size = Some(number(value)?),
                b"nrcpt" | b"nrcpts" => it.recipients = u32::try_from(number(value)?).ok(),
                b"ndest" | b"fingerprint" => {}
                b"proto" => it.protocol = value,
                b"ciphers" => it.ciphers = value,
                b"user" => it.user = value,
                b"command" => it.command = value,
                b"result" => it.result = value,
                _ => return None,
            }
        }
        Some(it)
    }

    fn client(&self) -> Peer<'a> {
        peer(self.address, self.host)
    }
}

const MESSAGE: Rule = rule(
    "opensmtpd message",
    message,
    "OpenSMTPD smtp_session.c (smtp_message_end)",
    &[
        "5df87c903d709659 smtp message msgid=c405e39a size=303 nrcpt=1 proto=ESMTP",
        "5df87c903d709659 smtp event=message address=192.0.2.10 host=mail.example.net msgid=c405e39a from=<bob@example.net> to=<anna@example.org> size=303 ndest=1 proto=ESMTP",
        "5df87c903d709659 smtp message address=192.0.2.10 host=mail.example.net msgid=c405e39a from=<> to=<anna@example.org> size=303 ndest=1 proto=ESMTP",
    ],
);

/// The envelopes follow in lines of their own from 6.4 on; before, one line tells of each.
fn message<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["message"])?;
    let it = Fields::all(at)?;
    at.queue_id = Some(it.msgid).filter(|it| it.len() == super::MESSAGE_BYTES);
    at.queue_id?;
    Some(received(&it))
}

fn received<'a>(it: &Fields<'a>) -> Body<'a> {
    Body::Received(Box::new(Received {
        client: it.client(),
        protocol: it.protocol,
        sender_follows: it.mail_from.is_none(),
        mail_from: it.mail_from.unwrap_or_default(),
        rcpt_to: it.rcpt_to,
        size: it.size,
        recipients: it.recipients,
        ..Received::default()
    }))
}

const ENVELOPE: Rule = rule(
    "opensmtpd envelope",
    envelope,
    "OpenSMTPD smtp_session.c (smtp_message_end)",
    &[
        "5df87c903d709659 smtp envelope evpid=c405e39ad6bbc64f from=<bob@example.net> to=<anna@example.org>",
    ],
);

fn envelope<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["envelope"])?;
    let it = Fields::all(at)?;
    at.queue_id = Some(it.msgid).filter(|it| !it.is_empty());
    at.queue_id?;
    it.mail_from?;
    Some(received(&it))
}

const DISCONNECTED: Rule = rule(
    "opensmtpd disconnected",
    disconnected,
    "OpenSMTPD smtp_session.c (smtp_free)",
    &[
        "5df87c903d709659 smtp disconnected reason=quit",
        "5df87c903d709659 smtp disconnected reason=\"io-error: handshake failed: error:0A000102:SSL routines::unsupported protocol\"",
        "5df87c903d709659 smtp event=closed address=192.0.2.10 host=mail.example.net reason=timeout",
        "5df87c903d709659 smtp event=closed reason=ca-failure",
        "5df87c903d709659 smtp disconnected reason=io-error: Connection reset by peer",
    ],
);

fn disconnected<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["disconnected", "closed"])?;
    let before = at.until_str("reason=")?;
    let mut head = Scan::new(before.trim_ascii_end(), b"");
    let client = Fields::all(&mut head)?.client();
    let reason = at.remainder();
    let inner = reason
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""));
    let reason = inner.map_or(reason, BStr::new);
    Some(match reason == "quit" {
        true => Body::Disconnected(Disconnected {
            client,
            ..Disconnected::default()
        }),
        false => Body::SessionAborted(SessionAborted {
            client,
            reason,
            ..SessionAborted::default()
        }),
    })
}

const FAILED: Rule = rule(
    "opensmtpd refused",
    failed,
    "OpenSMTPD smtp_session.c (smtp_reply)",
    &[
        "5df87c903d709659 smtp failed-command command=\"RCPT TO:<eve@example.org> \" result=\"550 Invalid recipient: <eve@example.org>\"",
        "5df87c903d709659 smtp failed-command command=\"MAIL FROM:<bob@x.test> SIZE=900\" result=\"421 4.3.0 Temporary Error\"",
        "5df87c903d709659 smtp failed-command command=\"\" result=\"550 no rDNS please fix\"",
        "5df87c903d709659 smtp failed-command command=\"AUTH PLAIN (...)\" result=\"535 5.7.8 Authentication failed\"",
        "5df87c903d709659 smtp event=failed-command address=192.0.2.10 host=mail.example.net command=\"EHLO x.test\" result=\"451 4.7.1 Try again later\"",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["failed-command"])?;
    let it = Fields::all(at)?;
    (!it.result.is_empty()).then_some(())?;
    Some(refusal(it.command, it.result, it.client()))
}

/// A command that was answered with 4 or 5.
pub(super) fn refusal<'a>(command: &'a BStr, reply: &'a BStr, client: Peer<'a>) -> Body<'a> {
    let mut at = Scan::new(reply, b"");
    let code = at.code();
    at.has(" ");
    let enhanced = at.enhanced();
    at.one_of(&[": ", " "]);
    let verb: &BStr = command[..command.find_byte(b' ').unwrap_or(command.len())].into();
    Body::Access(AccessCheck {
        action: AccessAction::Reject,
        source: Source::Access,
        stage: if verb.is_empty() {
            "CONNECT".into()
        } else {
            verb
        },
        client,
        code,
        enhanced,
        text: at.remainder(),
        envelope: arguments(verb, &command[verb.len()..]),
        ..AccessCheck::default()
    })
}

/// The address or name that a command gave.
fn arguments<'a>(verb: &[u8], arguments: &'a [u8]) -> Envelope<'a> {
    let address = || {
        let start = arguments.find_byte(b'<')? + 1;
        let len = arguments[start..].find_byte(b'>')?;
        Some(BStr::new(&arguments[start..start + len]))
    };
    let mut envelope = Envelope::default();
    if verb.eq_ignore_ascii_case(b"MAIL") {
        envelope.mail_from = address();
    } else if verb.eq_ignore_ascii_case(b"RCPT") {
        envelope.rcpt_to = address();
    } else if verb.eq_ignore_ascii_case(b"EHLO") || verb.eq_ignore_ascii_case(b"HELO") {
        envelope.helo = Some(arguments.trim_ascii().into());
    }
    envelope
}

const TLS: Rule = rule(
    "opensmtpd tls",
    tls,
    "OpenSMTPD smtp_session.c (smtp_tls_started)",
    &[
        "5df87c903d709659 smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256",
        "5df87c903d709659 smtp event=starttls address=192.0.2.10 host=mail.example.net ciphers=\"version=TLSv1.2, cipher=ECDHE-RSA-AES256-GCM-SHA384, bits=256\"",
    ],
);

fn tls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["tls", "starttls"])?;
    let it = Fields::all(at)?;
    Some(Body::Tls(encryption(it.ciphers, true, it.client())?))
}

/// `TLSv1.3:TLS_AES_256_GCM_SHA384:256`, or `version=..., cipher=..., bits=...` before 6.7.
pub(super) fn encryption<'a>(text: &'a BStr, inbound: bool, peer: Peer<'a>) -> Option<Tls<'a>> {
    let mut at = Scan::new(text, b"");
    let (protocol, cipher) = if at.has("version=") {
        let protocol = at.until_str(", cipher=")?;
        (protocol, at.until_str(", bits=")?)
    } else {
        (at.until(b':')?, at.until(b':')?)
    };
    let bits = at.number()?;
    Some(Tls {
        inbound,
        peer,
        action: "established".into(),
        protocol,
        cipher,
        bits_used: bits,
        bits_total: bits,
        ..Tls::default()
    })
}

const LOGIN: Rule = rule(
    "opensmtpd login",
    login,
    "OpenSMTPD smtp_session.c",
    &[
        "5df87c903d709659 smtp authentication user=anna result=ok",
        "5df87c903d709659 smtp authentication user=anna result=permfail",
        "5df87c903d709659 smtp event=authentication user=anna@example.org address=192.0.2.10 host=mail.example.net result=tempfail",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["authentication"])?;
    let it = Fields::all(at)?;
    (!it.result.is_empty()).then_some(())?;
    Some(match it.result == "ok" {
        true => Body::Login(Login {
            protocol: "smtp".into(),
            user: it.user,
            client: it.client(),
            ..Login::default()
        }),
        false => Body::AuthFailure(AuthFailure {
            protocol: "smtp".into(),
            user: it.user,
            client: it.client(),
            reason: it.result,
            ..AuthFailure::default()
        }),
    })
}

const BAD_INPUT: Rule = rule(
    "opensmtpd bad input",
    bad_input,
    "OpenSMTPD smtp_session.c (smtp_reply)",
    &[
        "5df87c903d709659 smtp bad-input result=\"500 5.5.1 Invalid command: Pipelining not supported\"",
        "5df87c903d709659 smtp event=bad-input address=192.0.2.10 host=mail.example.net result=\"500 5.0.0 Line too long\"",
    ],
);

fn bad_input<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    event(at, &["bad-input"])?;
    let it = Fields::all(at)?;
    Some(Body::Violation(Violation {
        client: it.client(),
        violation: "bad-input".into(),
        text: it.result,
        ..Violation::default()
    }))
}

const CERTIFICATE: Rule = rule(
    "opensmtpd client certificate",
    certificate,
    "OpenSMTPD smtp_session.c (smtp_verify_certificate)",
    &[
        "5df87c903d709659 smtp cert-check result=\"verified\" fingerprint=\"SHA256:0a1b2c\"",
        "5df87c903d709659 smtp event=client-cert-check address=192.0.2.10 host=mail.example.net result=\"failure\"",
    ],
);

fn certificate<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    event(at, &["cert-check", "client-cert-check"])?;
    let it = Fields::all(at)?;
    Some(match it.result == "failure" {
        true => Body::TlsFailed(TlsFailed {
            inbound: true,
            peer: it.client(),
            reason: text.into(),
        }),
        false => notice(Kind::ServiceInfo, text),
    })
}
