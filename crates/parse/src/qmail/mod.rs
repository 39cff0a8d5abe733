//! qmail (netqmail, notqmail, s/qmail): the queue, and the programs round its SMTP server.
//!
//! The text comes by `splogger`, which puts seconds since the epoch in front, or by multilog, with
//! the name of the program as its first word or with none (qmail-send).
//! Source: qmail `splogger.c`, `qmail-send.c`, ucspi-tcp `tcpserver.c`, `rblsmtpd.c`.

mod attempt;
pub(crate) mod header;
mod scanner;
mod send;
mod smtpd;
mod spamdyke;
mod tcp;
mod vpopmail;

use crate::courier;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use model::Body;

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("qmail", send::RULES),
    ("qmail", attempt::RULES),
    ("tcpserver", tcp::SERVER),
    ("rblsmtpd", tcp::BLOCK_LIST),
    ("qmail-smtpd", smtpd::RULES),
    ("vpopmail", vpopmail::RULES),
    ("spamdyke", spamdyke::RULES),
    ("qmail", scanner::RULES),
];

/// Which tables read the lines of a program; qmail-send's lines have no name.
#[inline]
fn tables(program: &[u8]) -> &'static [&'static [Rule]] {
    match program {
        b"tcpserver" | b"sslserver" => &[tcp::SERVER],
        b"rblsmtpd" => &[tcp::BLOCK_LIST],
        b"qmail-smtpd" => &[smtpd::RULES, scanner::RULES],
        b"vpopmail" | b"vchkpw" => &[vpopmail::RULES],
        b"spamdyke" => &[spamdyke::RULES],
        _ => &[
            attempt::RULES,
            send::RULES,
            smtpd::RULES,
            scanner::RULES,
            vpopmail::RULES,
        ],
    }
}

/// Whether a program is qmail, or one that comes before or behind it.
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    matches!(
        program,
        b"qmail"
            | b"tcpserver"
            | b"sslserver"
            | b"rblsmtpd"
            | b"vpopmail"
            | b"vchkpw"
            | b"spamdyke"
            | b"simscan"
            | b"splogger"
    ) || program.starts_with(b"qmail-")
}

/// Takes a text apart: epoch and program, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    epoch(at);
    if let Some((name, behind)) = header::child(at.peek()) {
        *at = at.over(behind);
        at.program = name;
    }
    let found = first_match(tables(at.program), at);
    // Programs of others are run under multilog too.
    found.or_else(|| courier::mailbox_text(at))
}

/// Takes `1795335894.123456 `. Source: qmail `splogger.c`.
#[inline]
fn epoch(at: &mut Scan<'_>) -> Option<()> {
    let mut ahead = *at;
    let seconds = ahead.while_(|byte| byte.is_ascii_digit());
    ahead.lit(".")?;
    let micros = ahead.while_(|byte| byte.is_ascii_digit());
    ahead.lit(" ")?;
    (seconds.len() >= 9 && micros.len() == 6).then_some(())?;
    *at = ahead;
    Some(())
}

#[cfg(test)]
mod tests;
