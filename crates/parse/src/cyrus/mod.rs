//! Cyrus IMAP: logins, deliveries, the audit log, what its services tell of themselves.
//!
//! Programs are the names of services in cyrus.conf (`imap`, `imaps`, `lmtpunix`), mostly behind
//! `cyrus/`. Source: cyrus-imapd `imap/*.c`, `master/master.c`, `lib/*.c`.

mod audit;
mod logfmt;
mod login;
mod mailbox;
mod service;
mod session;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr;
use model::{Body, Peer, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("imap", login::RULES),
    ("imap", session::RULES),
    ("lmtpunix", mailbox::RULES),
    ("imap", audit::RULES),
    ("imap", logfmt::RULES),
    ("master", service::RULES),
];

const ALL: &[&[Rule]] = &[
    login::RULES,
    audit::RULES,
    mailbox::RULES,
    session::RULES,
    logfmt::RULES,
    service::RULES,
];

/// Whether a program is Cyrus' alone, for hosts that log without `cyrus/`.
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    matches!(
        program,
        b"imaps"
            | b"pop3s"
            | b"lmtpunix"
            | b"lmtpd"
            | b"sieve"
            | b"timsieved"
            | b"nntp"
            | b"nntps"
            | b"ctl_cyrusdb"
            | b"ctl_mboxlist"
            | b"ctl_deliver"
            | b"cyr_expire"
            | b"cyr_deny"
            | b"squatter"
            | b"ipurge"
            | b"sync_client"
            | b"sync_server"
            | b"syncserver"
            | b"tls_prune"
            | b"reconstruct"
            | b"notifyd"
            | b"idled"
            | b"fud"
            | b"mupdate"
            | b"ptloader"
            | b"smmapd"
            | b"cyrmaster"
    ) || program.starts_with(b"cyrus")
}

/// Takes a text apart.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    severity(at);
    first_match(ALL, at)
}

/// The words that errors start with stay in the text.
fn severity(at: &mut Scan<'_>) {
    let text = at.peek();
    at.severity = match text.first() {
        Some(b'I' | b'D' | b'S') if is_error(text) => Severity::Error,
        Some(b'F') if text.starts_with(b"Fatal error: ") => Severity::Fatal,
        Some(b'W') if text.starts_with(b"WARNING: ") => Severity::Warning,
        _ => return,
    };
}

fn is_error(text: &[u8]) -> bool {
    [&b"IOERROR: "[..], b"DBERROR", b"SYNCERROR: "]
        .iter()
        .any(|word| text.starts_with(word))
}

/// What a service speaks.
fn protocol(program: &[u8]) -> &'static BStr {
    let starts = |word: &str| program.starts_with(word.as_bytes());
    if starts("imap") {
        "imap".into()
    } else if starts("pop3") {
        "pop3".into()
    } else if starts("lmtp") {
        "lmtp".into()
    } else if starts("sieve") || starts("timsieve") || starts("managesieve") {
        "sieve".into()
    } else if starts("http") {
        "http".into()
    } else {
        "".into()
    }
}

/// Takes `HOST [ADDRESS]`, `HOST[ADDRESS]`, `[ADDRESS]`; or a word, where there is no address.
/// Source: cyrus-imapd `imap/prot.c`, `lib/iptostring.c`, `imap/global.c` (`get_clienthost`).
fn client<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    let text = at.peek();
    let name = &text[..memchr(b'[', text).unwrap_or(text.len())];
    let name = name.strip_suffix(b" ").unwrap_or(name);
    if name.len() == text.len() || name.contains(&b' ') {
        return Some(Peer {
            name: at.word()?,
            ..Peer::default()
        });
    }
    at.until(b'[')?;
    Some(Peer {
        name: name.into(),
        address: at.until(b']')?,
        port: None,
    })
}

#[cfg(test)]
mod tests;
