//! The end of mailbox sessions, with their counters.
//! Source: dovecot `src/imap/imap-client.c`, `src/pop3/pop3-client.c`, pigeonhole
//! `src/managesieve/managesieve-client.c`.

use super::protocol;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use memchr::memchr;
use model::{Body, Kind, Logout, Notice};

pub(crate) const RULES: &[Rule] = &[IMAP, POP3, BYTES, ID_SENT];

const IMAP: Rule = rule(
    "dovecot logout",
    imap,
    "dovecot src/imap/imap-client.c (client_stats)",
    &[
        "imap(anna@example.org)<997><5S0tQdlgFsR/AAAB>: Disconnected: Logged out in=342 out=4599 deleted=1 expunged=1 trashed=1 hdr_count=3 hdr_bytes=2006 body_count=1 body_bytes=754",
        "imap(anna)<1053><C+CtQdlg5oZ/AAAB>: Connection closed (IDLE running for 0.001 + waiting input for 3.2 secs, 5 B in + 12345+0 B out, state=wait-input) in=20 out=764 deleted=0 expunged=0 trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0",
        "imap(anna): Logged out in=342 out=4599",
        "imap(anna): Server shutting down. in=342 out=4599",
        "submission(anna)<1053><C+CtQdlg5oZ/AAAB>: Disconnected: Logged out in=342 out=4599",
    ],
);

fn imap<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = reason(at, b" in")?;
    let bytes_in = at.number()?;
    at.lit(" out=")?;
    let bytes_out = at.number()?;
    at.has(" ");
    Some(Body::Logout(Logout {
        bytes_in: Some(bytes_in),
        bytes_out: Some(bytes_out),
        counts: at.remainder(),
        ..logout(at, reason)
    }))
}

fn logout<'a>(at: &Scan<'a>, reason: &'a [u8]) -> Logout<'a> {
    Logout {
        protocol: protocol(at.program),
        user: at.user,
        reason: reason.into(),
        ..Logout::default()
    }
}

/// Takes the reason and `KEY=`, the key of the first counter. All reasons start with a capital,
/// no other text with these counters does but `Mailbox X: `.
#[inline]
fn reason<'a>(at: &mut Scan<'a>, key: &[u8]) -> Option<&'a [u8]> {
    let text = at.peek();
    if !text.first()?.is_ascii_uppercase() || text.starts_with(b"Mailbox ") {
        return None;
    }
    let mut from = 0;
    loop {
        let equals = from + memchr(b'=', &text[from..])?;
        if let Some(reason) = text[..equals].strip_suffix(key) {
            *at = at.over(&text[equals + 1..]);
            let plain = reason.strip_prefix(b"Disconnected: ").unwrap_or(reason);
            return Some(plain);
        }
        from = equals + 1;
    }
}

const POP3: Rule = rule(
    "dovecot logout pop3",
    pop3,
    "dovecot src/pop3/pop3-client.c (client_stats)",
    &[
        "pop3(anna@example.org)<1055><TbUoQtlgysF/AAAB>: Disconnected: Logged out top=1/537, retr=1/548, del=1/9, size=5067",
        "pop3(anna): Connection closed top=0/0, retr=0/0, del=0/107, size=2947857",
        "POP3(anna): Disconnected: Logged out top=0/0, retr=0/0, del=0/0, size=0",
    ],
);

fn pop3<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let reason = reason(at, b" top")?;
    let counts = text.get(text.len() - at.peek().len() - b"top=".len()..)?;
    at.number::<u64>()?;
    at.lit("/")?;
    at.number::<u64>()?;
    at.lit(", retr=")?;
    Some(Body::Logout(Logout {
        counts: counts.into(),
        ..logout(at, reason)
    }))
}

const BYTES: Rule = rule(
    "dovecot logout bytes",
    bytes,
    "pigeonhole src/managesieve/managesieve-client.c",
    &[
        "managesieve(anna)<1055><TbUoQtlgysF/AAAB>: Disconnected: Logged out bytes=53/1404",
        "IMAP(anna): Disconnected in IDLE bytes=746/14209",
    ],
);

/// ManageSieve, and IMAP of 1.x.
fn bytes<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let reason = reason(at, b" bytes")?;
    let bytes_in = at.number()?;
    at.lit("/")?;
    let bytes_out = at.number()?;
    at.end()?;
    Some(Body::Logout(Logout {
        bytes_in: Some(bytes_in),
        bytes_out: Some(bytes_out),
        ..logout(at, reason)
    }))
}

const ID_SENT: Rule = rule(
    "dovecot session client id",
    id_sent,
    "dovecot src/imap/cmd-id.c",
    &["imap(anna)<1053><C+CtQdlg5oZ/AAAB>: ID sent: name=Thunderbird, version=128"],
);

fn id_sent<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("ID sent: ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        text: at.remainder(),
        ..Notice::default()
    }))
}
