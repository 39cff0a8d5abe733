//! OpenSMTPD: sessions by a session id, messages by their msgid, which each envelope id starts with.
//!
//! A message's queue id is its msgid everywhere, cut from the envelope id where the line names that.
//! Source: OpenSMTPD `usr.sbin/smtpd/smtp_session.c`, `mta.c`, `mta_session.c`, `mda.c`, `queue.c`.

mod delivery;
mod inbound;
mod old;
mod outbound;
mod pairs;
mod service;

use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Peer};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] = &[
    ("smtpd", inbound::RULES),
    ("smtpd", delivery::RULES),
    ("smtpd", outbound::RULES),
    ("smtpd", old::RULES),
    ("smtpd", service::RULES),
];

/// Takes a text apart: session id, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let mut ahead = *at;
    if let Some(session) = id(&mut ahead, SESSION_BYTES)
        && ahead.has(" ")
    {
        ahead.session = session;
        *at = ahead;
        return first_match(&[inbound::RULES, delivery::RULES, outbound::RULES], at);
    }
    first_match(&[delivery::RULES, old::RULES, service::RULES], at)
}

/// `%016llx`: of sessions and envelopes.
const SESSION_BYTES: usize = 16;
/// `%08x`: of messages, also the upper half of an envelope id.
const MESSAGE_BYTES: usize = 8;

/// Takes an id of so many hexadecimal digits.
#[inline]
fn id<'a>(at: &mut Scan<'a>, len: usize) -> Option<&'a BStr> {
    let id = at.while_(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (id.len() == len).then_some(id)
}

/// The msgid of an envelope id.
fn message_of(envelope: &BStr) -> Option<&BStr> {
    (envelope.len() == SESSION_BYTES).then(|| envelope[..MESSAGE_BYTES].into())
}

/// A host as `address=` and `host=` give it: brackets round version 6, angles round no name.
fn peer<'a>(address: &'a BStr, host: &'a BStr) -> Peer<'a> {
    let inner = |text: &'a BStr, open: &[u8], close: &[u8]| {
        let inner = text
            .strip_prefix(open)
            .and_then(|it| it.strip_suffix(close));
        inner.map_or(text, BStr::new)
    };
    Peer {
        name: inner(host, b"<", b">"),
        address: inner(address, b"[", b"]"),
        port: None,
    }
}

/// `1d2h3m4s` as milliseconds. Source: OpenSMTPD `to.c` (`duration_to_text`).
fn duration_ms(text: &BStr) -> Option<u64> {
    let mut at = Scan::new(text, b"");
    let mut seconds: u64 = 0;
    while !at.peek().is_empty() {
        let count: u64 = at.number()?;
        let unit = match at.one_of(&["d", "h", "m", "s"])? {
            "d" => 86_400,
            "h" => 3600,
            "m" => 60,
            _ => 1,
        };
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
    }
    seconds.checked_mul(1000)
}

#[cfg(test)]
mod tests;
