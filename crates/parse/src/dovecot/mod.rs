//! Dovecot with Pigeonhole: logins, logouts, deliveries into mailboxes, what users do to their mail.
//!
//! The grammar is that of 2.2 to 2.4; of 1.x what its last users still write. Source: dovecot
//! `src/lib/failures.c` for the order of prefixes.

mod auth;
mod elements;
pub(crate) mod export;
mod lmtp;
mod login;
mod logout;
mod mail_log;
mod prefix;
mod proxy;
mod service;
mod sieve;
mod storage;
mod submission;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use bstr::BStr;
use model::Body;

/// Whether a program is Dovecot, or one of its processes that wrote its name as the tag, as they
/// do in Dovecot's own files.
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    program == b"dovecot" || program.ends_with(b"-login") || is_process(program)
}

fn is_process(program: &[u8]) -> bool {
    matches!(
        program,
        b"imap"
            | b"pop3"
            | b"lmtp"
            | b"lda"
            | b"dovecot-lda"
            | b"deliver"
            | b"auth"
            | b"auth-worker"
            | b"dovecot-auth"
            | b"managesieve"
            | b"submission"
            | b"IMAP"
            | b"POP3"
            | b"MANAGESIEVE"
            | b"imap-hibernate"
            | b"imap-urlauth"
            | b"master"
            | b"config"
            | b"log"
            | b"anvil"
            | b"stats"
            | b"old-stats"
            | b"dict"
            | b"dict-async"
            | b"indexer"
            | b"indexer-worker"
            | b"doveadm"
            | b"dsync-local"
            | b"dsync-server"
            | b"replicator"
            | b"director"
            | b"quota-status"
            | b"quota-warning"
            | b"ssl-params"
    )
}

/// Which tables read the lines of a process, in the order in which they are tried.
#[inline]
fn tables(process: &[u8]) -> &'static [&'static [Rule]] {
    match process {
        b"imap" | b"pop3" | b"managesieve" | b"IMAP" | b"POP3" | b"MANAGESIEVE"
        | b"imap-hibernate" | b"imap-urlauth" => &[
            logout::RULES,
            mail_log::RULES,
            sieve::RULES,
            storage::RULES,
            service::RULES,
        ],
        b"lmtp" | b"lda" | b"dovecot-lda" | b"deliver" => &[
            lmtp::RULES,
            sieve::RULES,
            mail_log::RULES,
            storage::RULES,
            service::RULES,
        ],
        b"auth" | b"auth-worker" | b"dovecot-auth" => &[auth::RULES, service::RULES],
        b"submission" => &[
            submission::RULES,
            logout::RULES,
            storage::RULES,
            service::RULES,
        ],
        name if name.ends_with(b"-login") => &[login::RULES, proxy::RULES, service::RULES],
        _ => &[service::RULES, mail_log::RULES, storage::RULES, auth::RULES],
    }
}

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("", export::RULES),
    ("dovecot", login::RULES),
    ("dovecot", proxy::RULES),
    ("dovecot", auth::RULES),
    ("dovecot", logout::RULES),
    ("dovecot", mail_log::RULES),
    ("dovecot", lmtp::RULES),
    ("dovecot", sieve::RULES),
    ("dovecot", submission::RULES),
    ("dovecot", storage::RULES),
    ("dovecot", service::RULES),
];

/// Takes a text apart: process, user, session and severity, then the process' rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    prefix::prefix(at);
    first_match(tables(at.program), at)
}

/// What a process speaks, in the words of the model.
#[inline]
fn protocol(process: &[u8]) -> &'static BStr {
    BStr::new(match process {
        b"imap"
        | b"imap-login"
        | b"IMAP"
        | b"imap-hibernate"
        | b"imap-urlauth"
        | b"imap-urlauth-login" => "imap",
        b"pop3" | b"pop3-login" | b"POP3" => "pop3",
        b"managesieve" | b"managesieve-login" | b"MANAGESIEVE" | b"sieve-login" => "sieve",
        b"submission" | b"submission-login" => "submission",
        b"lmtp" => "lmtp",
        b"lda" | b"dovecot-lda" | b"deliver" => "lda",
        b"doveadm" | b"dsync-local" | b"dsync-server" => "doveadm",
        _ => "",
    })
}

#[cfg(test)]
mod tests;
