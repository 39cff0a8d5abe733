//! Postfix: every daemon's lines. The grammar is that of the sources, from 2.0 to 3.12.

mod anvil;
mod bounce;
mod cleanup;
mod decision;
mod delivery;
mod master;
mod milter;
mod minor;
mod notice;
mod pickup;
mod postscreen;
mod postsuper;
mod qmgr;
pub(crate) mod queue_list;
mod smtpd;
mod tls;
pub(crate) mod untold;

pub(crate) use delivery::accepted_as;
pub(crate) use delivery::told;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use model::{Body, Severity};

/// Which tables read the lines of a program, in the order in which they are tried; `None` for a
/// program that is not Postfix'. A delivery line may come from any program.
#[inline]
pub(crate) fn tables(program: &[u8]) -> Option<&'static [&'static [Rule]]> {
    Some(match program {
        b"smtpd" => &[
            tls::FREQUENT,
            smtpd::RULES,
            milter::RULES,
            tls::RULES,
            delivery::RULES,
            minor::RULES,
        ],
        b"cleanup" => &[cleanup::RULES, milter::RULES, delivery::RULES, minor::RULES],
        b"pickup" => &[pickup::RULES, minor::RULES],
        b"qmgr" | b"oqmgr" | b"nqmgr" => &[qmgr::RULES, delivery::RULES, minor::RULES],
        b"smtp" | b"lmtp" => &[tls::FREQUENT, delivery::RULES, tls::RULES, minor::RULES],
        b"local" | b"virtual" | b"pipe" | b"error" | b"retry" | b"discard" => {
            &[delivery::RULES, minor::RULES]
        }
        b"bounce" | b"defer" | b"trace" => &[bounce::RULES, delivery::RULES, minor::RULES],
        b"postscreen" | b"dnsblog" | b"tlsproxy" => {
            &[postscreen::RULES, tls::FREQUENT, tls::RULES, minor::RULES]
        }
        b"anvil" => &[anvil::RULES, minor::RULES],
        b"postsuper" => &[postsuper::RULES, minor::RULES],
        b"master" | b"postfix-script" => &[master::RULES, minor::RULES],
        b"postqueue" | b"postdrop" | b"sendmail" | b"scache" | b"verify" | b"trivial-rewrite"
        | b"tlsmgr" | b"proxymap" | b"flush" | b"showq" | b"spawn" | b"postlogd" | b"postlog"
        | b"qmqpd" | b"postalias" | b"postmap" | b"postconf" | b"postcat" | b"postkick"
        | b"postlock" | b"postmulti" | b"postfix" | b"post-install" | b"posttls-finger"
        | b"nbdb_reindexd" | b"tlsrpt" => {
            &[minor::RULES, smtpd::RULES, master::RULES, delivery::RULES]
        }
        _ => return None,
    })
}

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("smtpd", smtpd::RULES),
    ("cleanup", cleanup::RULES),
    ("smtpd", milter::RULES),
    ("pickup", pickup::RULES),
    ("qmgr", qmgr::RULES),
    ("smtp", delivery::RULES),
    ("bounce", bounce::RULES),
    ("smtpd", tls::FREQUENT),
    ("smtpd", tls::RULES),
    ("postscreen", postscreen::RULES),
    ("anvil", anvil::RULES),
    ("postsuper", postsuper::RULES),
    // Its lines are not logged and have no header.
    ("", queue_list::RULES),
    ("master", master::RULES),
    ("tlsmgr", minor::RULES),
];

/// Takes a text apart: severity, queue id, then the program's rules.
#[inline]
pub(crate) fn text<'a>(
    tables: &'static [&'static [Rule]],
    at: &mut Scan<'a>,
) -> Option<(&'static Rule, Body<'a>)> {
    severity(at);
    queue_id(at);
    first_match(tables, at)
}

/// Takes the severity prefix. Source: postfix `src/util/msg_syslog.c`.
#[inline]
fn severity(at: &mut Scan<'_>) {
    at.severity = match at.peek().first() {
        Some(b'w') if at.has("warning: ") => Severity::Warning,
        Some(b'e') if at.has("error: ") => Severity::Error,
        Some(b'f') if at.has("fatal: ") => Severity::Fatal,
        Some(b'p') if at.has("panic: ") => Severity::Panic,
        _ => return,
    };
}

/// Takes `QID: ` or `NOQUEUE: `. Source: postfix `src/global/mail_queue.h`.
#[inline]
fn queue_id(at: &mut Scan<'_>) {
    let text = at.peek();
    let len = text
        .iter()
        .take(QUEUE_ID_BYTES_MAX)
        .take_while(|b| b.is_ascii_alphanumeric())
        .count();
    if len < QUEUE_ID_BYTES_MIN || text.get(len..len + 2) != Some(b": ") {
        return;
    }
    let id = &text[..len];
    if id == b"NOQUEUE" {
        at.noqueue = true;
    } else if is_queue_id(id) {
        at.queue_id = Some(id.into());
    } else {
        return;
    }
    *at = at.over(&text[len + 2..]);
}

/// Five hexadecimal digits of microseconds and at least one of the inode.
const QUEUE_ID_BYTES_MIN: usize = 6;
/// Far more than a 64-bit inode needs in either form.
const QUEUE_ID_BYTES_MAX: usize = 40;

/// Whether a run of letters and digits can be a queue id: a word of the log has small letters and
/// no digit, an id has a digit or capitals only (short ids are hexadecimal in capitals, long ones
/// start with the time).
#[inline]
fn is_queue_id(id: &[u8]) -> bool {
    id.iter().any(u8::is_ascii_digit) || id.iter().all(u8::is_ascii_uppercase)
}
