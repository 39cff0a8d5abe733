//! SMTP protocol logs (`RECV*.LOG`, `SEND*.LOG`): connector, session, sequence number, local and
//! remote endpoint, event, data, context.
//!
//! The two logs have the same columns; the remote port tells which side is the server.
//! Source: Microsoft Learn "Protocol logging".

use super::csv::Columns;
use super::endpoint;
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{
    AccessAction, AccessCheck, AttemptFailed, AuthFailure, Body, Connected, Disconnected, Kind,
    Login, MessageIdLogged, Notice, Peer, Source, Tls,
};

pub(crate) const RULES: &[Rule] = &[REPLY, COMMAND, CONNECTION, INFORMATION];

/// Takes a row apart by the rules for its event, which the caller has read.
pub(super) fn text<'a>(event: &BStr, at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    match &**event {
        b"+" | b"-" => first_match(&[&[CONNECTION]], at),
        b"*" => first_match(&[&[INFORMATION]], at),
        _ => first_match(&[&[REPLY, COMMAND]], at),
    }
}

/// Columns behind the time.
const COLUMNS: usize = 8;

/// A row that has no more, but for one by which that is seen.
type Row<'a> = Columns<'a, { COLUMNS + 1 }>;

/// A line's columns.
struct Line<'a> {
    local: Peer<'a>,
    remote: Peer<'a>,
    event: &'a BStr,
    data: &'a BStr,
    context: &'a BStr,
}

impl Line<'_> {
    /// Whether the other side came to us.
    fn is_inbound(&self) -> bool {
        !matches!(self.remote.port, Some(25 | 465 | 475 | 587 | 717 | 2525))
            || matches!(self.local.port, Some(25 | 465 | 475 | 587 | 717 | 2525))
    }
}

fn line<'a>(at: &mut Scan<'a>) -> Option<Line<'a>> {
    let row = Row::read(at.peek())?;
    if row.len() != COLUMNS {
        return None;
    }
    at.session = row.get(1);
    Some(Line {
        local: endpoint(row.get(3)),
        remote: endpoint(row.get(4)),
        event: row.get(5),
        data: row.get(6),
        context: row.get(7),
    })
}

const REPLY: Rule = rule(
    "exchange smtp reply",
    reply,
    "Microsoft Learn, Protocol logging (event > in receive logs, < in send logs)",
    &[
        r"2026-11-22T08:23:21.270Z,EX1\Default Frontend EX1,08DA4F7C11473A60,9,198.51.100.7:25,203.0.113.9:53722,>,535 5.7.3 Authentication unsuccessful,",
        r"2026-11-22T08:23:21.270Z,EX1\Default Frontend EX1,08DA4F7C11473A60,12,198.51.100.7:25,192.0.2.25:53722,>,550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found,",
        r#"2026-11-22T08:23:21.270Z,EX1\Default EX1,08DA4F7C11473A60,20,198.51.100.7:2525,192.0.2.25:53722,>,"250 2.6.0 <a1@example.net> [InternalId=70912345566403, Hostname=ex1.example.org] 8251 bytes in 0.123, 65.510 KB/sec Queued mail for delivery","#,
        r"2026-11-22T08:23:21.270Z,EX1\Default EX1,08DA4F7C11473A60,3,198.51.100.7:25,192.0.2.25:53722,>,250 2.1.0 Sender OK,",
        r"2026-11-22T08:23:21.270Z,Outbound,08DA4F7C11473A61,9,198.51.100.7:41234,192.0.2.25:25,<,450 4.2.0 try later,",
    ],
);

fn reply<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    let from = if line.is_inbound() { ">" } else { "<" };
    (line.event == from).then_some(())?;
    let mut reply = Scan::new(line.data, b"");
    let code = reply.code()?;
    reply.one_of(&[" ", "-"])?;
    let enhanced = reply.enhanced();
    reply.has(" ");
    let text = reply.remainder();
    let refuses = code.failure_class().is_some();
    Some(match (line.is_inbound(), refuses) {
        (true, true) if code.0 == 535 => Body::AuthFailure(AuthFailure {
            client: line.remote,
            server: line.local,
            protocol: "smtp".into(),
            reason: text,
            ..AuthFailure::default()
        }),
        (true, true) => Body::Access(AccessCheck {
            action: AccessAction::Reject,
            source: Source::Access,
            client: line.remote,
            code: Some(code),
            enhanced,
            text,
            ..AccessCheck::default()
        }),
        (false, true) => Body::AttemptFailed(AttemptFailed {
            peer: line.remote,
            code: Some(code),
            enhanced,
            text,
            ..AttemptFailed::default()
        }),
        (_, false) => accepted(at, &line, text),
    })
}

/// A reply that refuses nothing; the one to the end of data names the message.
fn accepted<'a>(at: &mut Scan<'a>, line: &Line<'a>, text: &'a BStr) -> Body<'a> {
    let queued = memmem::find(text, b" [InternalId=");
    let Some(end) = queued.filter(|_| text.starts_with(b"<")) else {
        return notice(line.remote, line.data);
    };
    let id = &text[end + " [InternalId=".len()..];
    let digits = id.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if line.is_inbound() {
        at.queue_id = Some(id[..digits].into());
    }
    Body::MessageId(MessageIdLogged {
        message_id: text[..end].into(),
        resent: false,
        size: None,
    })
}

fn notice<'a>(peer: Peer<'a>, text: &'a BStr) -> Body<'a> {
    Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer,
        text,
        ..Notice::default()
    })
}

const COMMAND: Rule = rule(
    "exchange smtp command",
    command,
    "Microsoft Learn, Protocol logging (event < in receive logs, > in send logs)",
    &[
        r"2026-11-22T08:23:21.031Z,EX1\Default Frontend EX1,08DC1DB8591B229A,2,198.51.100.7:25,192.0.2.25:53228,<,EHLO mx.example.net,",
        r"2026-11-22T08:23:21.031Z,Outbound,08DC1DB8591B229B,2,198.51.100.7:41234,192.0.2.25:25,>,RCPT TO:<bob@example.net>,",
    ],
);

fn command<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    matches!(&**line.event, b"<" | b">").then_some(())?;
    Some(notice(line.remote, line.data))
}

const CONNECTION: Rule = rule(
    "exchange smtp connection",
    connection,
    "Microsoft Learn, Protocol logging (events + and -)",
    &[
        r"2026-11-22T08:23:21.031Z,EX1\Default Frontend EX1,08DC1DB8591B229A,0,198.51.100.7:25,192.0.2.25:53228,+,,",
        r"2026-11-22T08:23:21.031Z,EX1\Default Frontend EX1,08DC1DB8591B229A,9,198.51.100.7:25,192.0.2.25:53228,-,,Remote(ConnectionReset)",
        r"2026-11-22T08:23:21.031Z,Outbound,08DC1DB8591B229B,0,198.51.100.7:41234,[2001:db8::25]:25,+,,",
    ],
);

fn connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    Some(match (&**line.event, line.is_inbound()) {
        (b"+", true) => Body::Connected(Connected {
            client: line.remote,
            server: line.local,
        }),
        (b"-", true) => Body::Disconnected(Disconnected {
            client: line.remote,
            counts: BStr::new(b""),
        }),
        (b"+" | b"-", false) => notice(line.remote, line.context),
        _ => return None,
    })
}

const INFORMATION: Rule = rule(
    "exchange smtp information",
    information,
    "Microsoft Learn, Protocol logging (event *)",
    &[
        r#"2026-11-22T08:23:21.031Z,EX1\Default EX1,08DC1DB8591B229A,5,198.51.100.7:25,192.0.2.25:53228,*,,"TLS protocol SP_PROT_TLS1_2_SERVER negotiation succeeded using bulk encryption algorithm CALG_AES_256 with strength 256 bits, MAC hash algorithm CALG_SHA_384 with strength 0 bits and key exchange algorithm CALG_ECDHE with strength 256 bits""#,
        r"2026-11-22T08:23:21.031Z,EX1\Client EX1,08DC1DB8591B229A,5,198.51.100.7:587,192.0.2.10:53228,*,EXAMPLE\anna,authenticated",
        r"2026-11-22T08:23:21.031Z,EX1\Default EX1,08DC1DB8591B229A,1,198.51.100.7:25,192.0.2.25:53228,*,SMTPAcceptAnyRecipient,Set Session Permissions",
    ],
);

fn information<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let line = line(at)?;
    (line.event == "*").then_some(())?;
    if let Some(tls) = tls(&line) {
        return Some(Body::Tls(tls));
    }
    if line.context == "authenticated" {
        return Some(Body::Login(Login {
            protocol: "smtp".into(),
            user: line.data,
            client: line.remote,
            server: line.local,
            ..Login::default()
        }));
    }
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer: line.remote,
        about: line.data,
        text: line.context,
        ..Notice::default()
    }))
}

fn tls<'a>(line: &Line<'a>) -> Option<Tls<'a>> {
    let mut at = Scan::new(line.context, b"");
    at.lit("TLS protocol ")?;
    let protocol = at.until_str(" negotiation succeeded using bulk encryption algorithm ")?;
    let cipher = at.until_str(" with strength ")?;
    let bits = at.number()?;
    at.lit(" bits")?;
    at.has(", ");
    Some(Tls {
        inbound: line.is_inbound(),
        peer: line.remote,
        action: "established".into(),
        protocol,
        cipher,
        bits_used: bits,
        bits_total: bits,
        details: at.remainder(),
        ..Tls::default()
    })
}
