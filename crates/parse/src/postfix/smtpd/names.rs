//! Names that do not resolve, or are none.

use crate::postfix::notice::notice;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{Body, Kind, Notice, Peer};

/// The reverse name of a client was not confirmed; it is `unknown` from here on.
fn unconfirmed<'a>(name: &'a BStr, address: &'a BStr, text: &'a BStr) -> Body<'a> {
    Body::Notice(Notice {
        kind: Kind::ServiceWarning,
        peer: Peer {
            name,
            address,
            port: None,
        },
        about: "client hostname".into(),
        text,
        ..Notice::default()
    })
}

pub(super) const UNRESOLVED: Rule = rule(
    "smtpd hostname unresolved",
    unresolved,
    "postfix src/smtpd/smtpd_peer.c (2.9 and later)",
    &[
        "warning: hostname mail.example.net does not resolve to address 192.0.2.7",
        "warning: hostname mail.example.net does not resolve to address 2001:db8::7: Name or service not known",
    ],
);

fn unresolved<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("hostname ")?;
    let name = at.word()?;
    at.lit(" does not resolve to address ")?;
    let mut ahead = *at;
    Some(match ahead.until_str(": ") {
        Some(address) => unconfirmed(name, address, ahead.remainder()),
        None => unconfirmed(name, at.remainder(), BStr::new(b"")),
    })
}

pub(super) const UNVERIFIED: Rule = rule(
    "smtpd hostname unverified",
    unverified,
    "postfix src/smtpd/smtpd_peer.c (2.8 and before)",
    &[
        "warning: 192.0.2.7: hostname mail.example.net verification failed: Name or service not known",
        "warning: 192.0.2.7: address not listed for hostname mail.example.net",
    ],
);

fn unverified<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if !at.peek().first()?.is_ascii_hexdigit() {
        return None;
    }
    let address = at.while_(|byte| byte != b' ').strip_suffix(b":")?;
    at.lit(" ")?;
    if at.has("address not listed for hostname ") {
        return Some(unconfirmed(at.remainder(), address.into(), BStr::new(b"")));
    }
    at.lit("hostname ")?;
    let name = at.word()?;
    at.lit(" verification failed: ")?;
    Some(unconfirmed(name, address.into(), at.remainder()))
}

pub(super) const LIST_UNREACHABLE: Rule = rule(
    "smtpd dns list failed",
    list_unreachable,
    "postfix src/smtpd/smtpd_check.c (rbl_byaddr)",
    &[
        "warning: 7.2.0.192.dnsbl.example.test: RBL lookup error: Host or domain name not found. Name service error for name=7.2.0.192.dnsbl.example.test type=A: Host not found, try again",
        "warning: 7.2.0.192.dnsbl.example.test: TXT lookup error: Malformed or unexpected name server reply",
    ],
);

fn list_unreachable<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = at.word()?.strip_suffix(b":")?;
    at.one_of(&[" RBL lookup error: ", " TXT lookup error: "])?;
    notice(Kind::ServiceWarning, about.into(), at.remainder())
}

pub(super) const MAIL_HOST: Rule = rule(
    "smtpd mail host lookup failed",
    mail_host,
    "postfix src/smtpd/smtpd_check.c",
    &[
        "warning: Unable to look up MX host for mail.example.net: Host not found",
        "warning: Unable to look up NS host ns1.example.net for Sender address a@example.net: hostname nor servname provided, or not known",
        "warning: mail.example.net: MX or address lookup error: Host not found, try again",
        "warning: mail.example.net: address or MX lookup error: Host not found, try again",
    ],
);

fn mail_host<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let about = if at.has("Unable to look up ") {
        at.until_str(": ")?
    } else {
        let host = at.word()?.strip_suffix(b":")?;
        at.one_of(&[
            " MX or address lookup error: ",
            " address or MX lookup error: ",
        ])?;
        host.into()
    };
    notice(Kind::ServiceWarning, about, at.remainder())
}
