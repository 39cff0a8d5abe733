//! Encryption, and how sessions end.
//! Source: cyrus-imapd `imap/tls.c`, `imap/imapd.c`, `imap/pop3d.c`, `lib/prot.c`.

use super::{client, protocol};
use crate::notices::{notice, starting};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use memchr::memmem;
use model::{Body, Kind, Logout, Notice, Peer, SessionAborted, Tls, TlsFailed};

pub(super) const RULES: &[Rule] = &[
    STARTTLS, TLS_FAILED, TLS_TALK, COUNTS, USAGE, CLOSED, CONNECTION,
];

const STARTTLS: Rule = rule(
    "cyrus tls",
    starttls,
    "cyrus-imapd imap/tls.c (tls_start_servertls)",
    &[
        "starttls: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits new) no authentication",
        "starttls: TLSv1 with cipher AES256-SHA (256/256 bits reused) authenticated as anna",
    ],
);

fn starttls<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("starttls: ")?;
    let protocol = at.word()?;
    at.lit(" with cipher ")?;
    let cipher = at.word()?;
    at.lit(" (")?;
    let bits_used = at.number()?;
    at.lit("/")?;
    let bits_total = at.number()?;
    at.lit(" bits ")?;
    let action = match at.one_of(&["new) ", "reused) ", "new client) "])? {
        "reused) " => "reused",
        _ => "established",
    };
    Some(Body::Tls(Tls {
        inbound: true,
        action: action.into(),
        protocol,
        cipher,
        bits_used,
        bits_total,
        ..Tls::default()
    }))
}

const TLS_FAILED: Rule = rule(
    "cyrus tls failed",
    tls_failed,
    "cyrus-imapd imap/imapd.c (cmd_starttls), imap/pop3d.c, imap/lmtpengine.c",
    &[
        "TLS negotiation failed: mail.example.net [192.0.2.10]",
        "STARTTLS negotiation failed: [192.0.2.10]",
        "imaps TLS negotiation failed: mail.example.net [192.0.2.10]",
    ],
);

fn tls_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.one_of(&["imaps ", "pop3s ", "https ", "nntps "]);
    at.one_of(&["TLS negotiation failed: ", "STARTTLS negotiation failed: "])?;
    let reason = &text[..text.len() - at.peek().len() - 2];
    Some(Body::TlsFailed(TlsFailed {
        inbound: true,
        peer: client(at)?,
        reason: reason.into(),
    }))
}

const TLS_TALK: Rule = rule(
    "cyrus tls talk",
    tls_talk,
    "cyrus-imapd imap/tls.c",
    &[
        "TLS server engine: cannot load CA data",
        "TLS server engine: No CA file specified. Client side certs may not work",
        "SSL_accept() incomplete -> wait",
        "SSL_accept() succeeded -> done",
        "inittls: Loading hard-coded DH parameters",
    ],
);

fn tls_talk<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let words = &["TLS server engine: ", "SSL_accept() ", "inittls: "];
    starting(at, Kind::ServiceInfo, words)
}

const COUNTS: Rule = rule(
    "cyrus logout pop3",
    counts,
    "cyrus-imapd imap/pop3d.c",
    &[
        "counts: retr=<1> top=<0> dele=<1>",
        "counts: retr=<1> top=<0> dele=<1> sessionid=<cyrus-1234-1795335894-1>",
    ],
);

fn counts<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("counts: ")?;
    let counts = at.peek();
    counts.starts_with(b"retr=<").then_some(())?;
    if at.until_str(" sessionid=<").is_some() {
        at.session = at.until(b'>')?;
    }
    Some(Body::Logout(Logout {
        protocol: protocol(at.program),
        counts: counts.into(),
        ..Logout::default()
    }))
}

const USAGE: Rule = rule(
    "cyrus usage",
    usage,
    "cyrus-imapd imap/imapd.c, imap/pop3d.c (USAGE)",
    &["USAGE anna user: 0.010000 sys: 0.020000"],
);

fn usage<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    at.lit("USAGE ")?;
    let about = at.until_str(" user: ")?;
    at.until_str(" sys: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceStatistics,
        about,
        text: text.into(),
        ..Notice::default()
    }))
}

const CLOSED: Rule = rule(
    "cyrus closed",
    closed,
    "cyrus-imapd imap/imapd.c, imap/pop3d.c, imap/lmtpengine.c (PROT_EOF)",
    &[
        "Connection reset by peer, closing connection",
        "idle for too long, closing connection",
        "mail.example.net [192.0.2.10], idle for too long, closing connection",
        "Lost connection to client -- exiting",
    ],
);

fn closed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("Lost connection to client") {
        return Some(aborted(Peer::default(), &text[..25]));
    }
    let head = text.strip_suffix(b", closing connection")?;
    let idle = b"idle for too long";
    if head.ends_with(idle) {
        let before = &head[..head.len() - idle.len()];
        let peer = match memmem::rfind(before, b", ") {
            Some(end) => client(&mut at.over(&before[..end]))?,
            None => Peer::default(),
        };
        return Some(aborted(peer, &head[before.len()..]));
    }
    let plain = memmem::find(head, b": ").is_none();
    plain.then(|| aborted(Peer::default(), head))
}

fn aborted<'a>(client: Peer<'a>, reason: &'a [u8]) -> Body<'a> {
    Body::SessionAborted(SessionAborted {
        client,
        reason: reason.into(),
        ..SessionAborted::default()
    })
}

const CONNECTION: Rule = rule(
    "cyrus connection",
    connection,
    "cyrus-imapd imap/lmtpd.c, imap/lmtpengine.c, master/service.c",
    &[
        "accepted connection",
        "lmtp connection preauth'd as postman",
        "connection from mail.example.net [192.0.2.10] preauth'd as postman",
        "executed",
        "open: user anna opened INBOX",
        "refused connection from 192.0.2.10",
    ],
);

fn connection<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    if at.has("executed") {
        at.end()?;
        return Some(notice(Kind::ServiceInfo, text));
    }
    let kind = match at.one_of(&[
        "accepted connection",
        "lmtp connection preauth'd as ",
        "connection from ",
        "open: user ",
        "refused connection from ",
    ])? {
        "refused connection from " => Kind::ServiceWarning,
        _ => Kind::ServiceInfo,
    };
    Some(notice(kind, text))
}
