//! Courier: the MTA and its modules, IMAP, POP3, webmail, authdaemond, maildrop.
//!
//! Servers write `INFO: ` and its like in front of their text, which some versions take off again.
//! Source: courier `courier/*.C`, courier-imap `imap/*.C`, courier-authlib `authdaemond.c`,
//! `liblog/logger.c`.

mod auth;
mod delivery;
mod esmtpd;
mod mailbox;
mod queue;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("courierd", queue::RULES),
    ("courieresmtp", delivery::RULES),
    ("courieresmtpd", esmtpd::RULES),
    ("imapd", mailbox::RULES),
    ("authdaemond", auth::RULES),
    ("maildrop", auth::MAILDROP),
];

/// Takes a text of a mailbox server apart, whatever the program's name.
pub(crate) fn mailbox_text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    severity(at);
    first_match(&[mailbox::RULES], at)
}

/// Whether a program is Courier's alone.
#[inline]
pub(crate) fn is_own(program: &[u8]) -> bool {
    program.starts_with(b"courier")
        || matches!(
            program,
            b"imaplogin"
                | b"pop3login"
                | b"esmtpd"
                | b"esmtpd-ssl"
                | b"esmtpd-msa"
                | b"submit"
                | b"authdaemond"
                | b"sqwebmail"
                | b"sqwebmaild"
                | b"maildrop"
        )
        || program.starts_with(b"authdaemond.")
}

/// Which tables read the lines of a program.
#[inline]
fn tables(program: &[u8]) -> &'static [&'static [Rule]] {
    match program {
        b"courierd" => &[queue::RULES, delivery::RULES],
        b"courieresmtpd" | b"esmtpd" | b"esmtpd-ssl" | b"esmtpd-msa" | b"submit" => {
            &[esmtpd::RULES, queue::RULES, mailbox::RULES]
        }
        b"courieresmtp" | b"courierlocal" | b"courierdsn" | b"courierfax" | b"courieruucp" => {
            &[delivery::RULES, queue::RULES]
        }
        b"maildrop" => &[auth::MAILDROP],
        name if name.starts_with(b"authdaemond") => &[auth::RULES],
        _ => &[mailbox::RULES, auth::RULES],
    }
}

/// Takes a text apart: severity, then the program's rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    severity(at);
    first_match(tables(at.program), at)
}

/// Takes `INFO: ` and its like. Source: courier `liblog/logger.c`.
fn severity(at: &mut Scan<'_>) {
    at.severity = match at.peek().first() {
        Some(b'I') if at.has("INFO: ") => Severity::Info,
        Some(b'D') if at.has("DEBUG: ") => Severity::Debug,
        Some(b'W') if at.has("WARN: ") || at.has("WARNING: ") => Severity::Warning,
        Some(b'E') if at.has("ERR: ") || at.has("ERROR: ") => Severity::Error,
        Some(b'A' | b'C') if at.has("ALERT: ") || at.has("CRIT: ") => Severity::Fatal,
        _ => return,
    };
}

/// An address without the mark of IPv4 in IPv6.
fn address(text: &BStr) -> &BStr {
    match text.strip_prefix(b"::ffff:") {
        Some(short) if short.contains(&b'.') => short.into(),
        _ => text,
    }
}

/// Takes `[ADDRESS]`.
fn bracketed<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    at.lit("[")?;
    Some(address(at.until(b']')?))
}

/// Takes `id=ID`, which is the message's queue id; clients are told all of it but the inode.
/// Source: courier `courier/submit2.C` (`SubmitFile::SubmitFile`).
fn message(at: &mut Scan<'_>) -> Option<()> {
    at.lit("id=")?;
    let id = at.while_(|byte| byte.is_ascii_hexdigit() || byte == b'.');
    let dot = id.iter().position(|byte| *byte == b'.')?;
    at.queue_id = Some(id);
    at.session = id[dot + 1..].into();
    Some(())
}

#[cfg(test)]
mod tests;
