//! SquirrelMail with its plugin squirrel_logger:
//! `11/22/2026 08:23:21 [LOGIN_ERROR] anna (example.org) from 192.0.2.10: TEXT`.
//! Source: squirrel_logger `config_default.php`.

use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp::{Order, digits};
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Kind, Login, Logout, Notice, Peer, Submitted};

pub(crate) const RULES: &[Rule] = &[EVENT];

const EVENT: Rule = rule(
    "squirrelmail event",
    event,
    "squirrel_logger config_default.php",
    &[
        "11/22/2026 08:23:21 [LOGIN_ERROR] root (example.org) from 203.0.113.9: Unknown user or password incorrect.",
        "11/22/2026 08:23:21 [LOGIN] anna (example.org) from 192.0.2.10: ",
        "11/22/2026 08:23:21 [LOGOUT] anna (example.org) from 192.0.2.10: ",
        "11/22/2026 08:23:21 [OUTGOING_MAIL] anna (example.org) from 192.0.2.10: Total 1 recipients",
        "11/22/2026 08:23:21 [MASS_MAILING] anna (example.org) from 192.0.2.10: Total 90 recipients",
    ],
);

/// Reads `11/22/2026 08:23:21 ` before a bracket.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = digits(line, Order::MonthDayYear, b'/', b' ')?;
    let text = rest.strip_prefix(b" ")?;
    let word = text.strip_prefix(b"[")?;
    word.first()?.is_ascii_uppercase().then_some(Header {
        stamp,
        tag: "squirrelmail".into(),
        text,
        ..Header::default()
    })
}

fn event<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("[")?;
    let event = at.until(b']')?;
    at.lit(" ")?;
    let before = at.until_str(" from ")?;
    let end = memmem::rfind(before, b" (").unwrap_or(before.len());
    let user = BStr::new(&before[..end]);
    let address = at.while_(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':'));
    let address = address.strip_suffix(b":").unwrap_or(address).into();
    at.has(" ");
    let text = at.remainder();
    let client = Peer {
        address,
        ..Peer::default()
    };
    let protocol = "http".into();
    Some(match &**event {
        b"LOGIN" => Body::Login(Login {
            protocol,
            user,
            client,
            ..Login::default()
        }),
        b"LOGIN_ERROR" => Body::AuthFailure(AuthFailure {
            client,
            protocol,
            user,
            reason: text,
            ..AuthFailure::default()
        }),
        b"LOGOUT" => Body::Logout(Logout {
            protocol,
            user,
            client,
            reason: text,
            ..Logout::default()
        }),
        b"OUTGOING_MAIL" => Body::Submitted(Box::new(Submitted {
            user,
            client,
            reply: text,
            ..Submitted::default()
        })),
        b"MASS_MAILING" | b"ERROR" => Body::Notice(Notice {
            kind: Kind::ServiceWarning,
            peer: client,
            about: user,
            text,
            ..Notice::default()
        }),
        _ => return None,
    })
}
