//! tine: `78017 00cff -- none -- - 2026-11-22T08:23:21+00:00 WARN (4): CLASS::FUNCTION::LINE TEXT`.
//! Source: tine20 `tine20/Tinebase/Controller.php` (`login`), `Tinebase/Log/Formatter.php`.

use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp;
use model::{AuthFailure, Body, Kind, Notice, Peer, Severity};

pub(crate) const RULES: &[Rule] = &[LOGIN_FAILED, OTHER];

const LOGIN_FAILED: Rule = rule(
    "tine login failed",
    login_failed,
    "tine20 tine20/Tinebase/Controller.php (login)",
    &[
        "78017 00cff -- none -- - 2026-11-22T08:23:21+00:00 WARN (4): Tinebase_Controller::login::106 Login with username root from 203.0.113.9 failed (-1)!",
    ],
);

/// Reads `REQUEST SESSION -- USER -- - TIME LEVEL (N): `.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let mut at = Scan::new(line, b"");
    let is_hex = |byte: u8| byte.is_ascii_hexdigit();
    (at.while_(is_hex).len() >= 5).then_some(())?;
    at.lit(" ")?;
    (at.while_(is_hex).len() >= 5).then_some(())?;
    at.lit(" -- ")?;
    at.until_str(" -- - ")?;
    let (stamp, rest) = stamp::iso(at.peek())?;
    Some(Header {
        stamp,
        tag: "tine".into(),
        text: rest.strip_prefix(b" ")?,
        ..Header::default()
    })
}

/// Takes `WARN (4): CLASS::FUNCTION::LINE `.
fn place(at: &mut Scan<'_>) -> Option<()> {
    let level = at.until_str(" (")?;
    at.severity = match &**level {
        b"DEBUG" | b"TRACE" => Severity::Debug,
        b"INFO" | b"NOTICE" => Severity::Info,
        b"WARN" => Severity::Warning,
        b"ERR" => Severity::Error,
        b"CRIT" | b"ALERT" | b"EMERG" => Severity::Fatal,
        _ => return None,
    };
    at.number::<u8>()?;
    at.lit("): ")?;
    at.until_str("::")?;
    at.until(b' ')?;
    Some(())
}

fn login_failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    place(at)?;
    at.lit("Login with username ")?;
    let user = at.until_last(" from ")?;
    let address = at.until_str(" failed (")?;
    let reason = at.until_str(")!")?;
    at.end()?;
    Some(Body::AuthFailure(AuthFailure {
        client: Peer {
            address,
            ..Peer::default()
        },
        protocol: "http".into(),
        user,
        reason,
        ..AuthFailure::default()
    }))
}

const OTHER: Rule = rule(
    "tine other",
    other,
    "tine20 tine20/Tinebase/Log/Formatter.php",
    &[
        "78017 00cff -- anna -- - 2026-11-22T08:23:21+00:00 NOTICE (5): Felamimail_Controller_Message_Send::sendMessage::120 Sending message",
    ],
);

fn other<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    place(at)?;
    Some(Body::Notice(Notice {
        kind: match at.severity {
            Severity::Debug | Severity::Info => Kind::ServiceInfo,
            Severity::Warning => Kind::ServiceWarning,
            _ => Kind::ServiceError,
        },
        text: at.remainder(),
        ..Notice::default()
    }))
}
