//! Open WebMail: `Sat Dec 28 19:03:53 2013 - [72926] (192.0.2.10) anna - login error - TEXT`.
//! Source: openwebmail `cgi-bin/openwebmail/shares/ow-shared.pl` (`writelog`).

use crate::header::{Header, clock, four, month};
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use model::{
    AuthFailure, Body, Kind, Login, Logout, MailboxAction, Notice, Peer, Stamp, Submitted,
};

pub(crate) const RULES: &[Rule] = &[EVENT];

const EVENT: Rule = rule(
    "openwebmail event",
    event,
    "openwebmail cgi-bin/openwebmail/shares/ow-shared.pl (writelog)",
    &[
        "Sun Nov 22 08:23:21 2026 - [72926] (203.0.113.9) root - userinfo error - auth_unix.pl, ret -4, User root doesn't exist",
        "Sun Nov 22 08:23:21 2026 - [72926] (203.0.113.9) root - login error - no such user - loginname=root",
        "Sun Nov  1 08:23:21 2026 - [73540] (192.0.2.10) anna - login - anna*192.0.2.10-session-0.42",
        "Sun Nov  1 08:23:21 2026 - [73540] (192.0.2.10) anna - logout - anna*192.0.2.10-session-0.42",
        "Sun Nov  1 08:23:21 2026 - [73540] (192.0.2.10) anna - send message - subject=hello",
    ],
);

/// Reads `Sun Nov 22 08:23:21 2026 - [PID] (`.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let behind = line.get(24..)?.strip_prefix(b" - [")?;
    let mut stamp = Stamp {
        year: Some(four(&line[20..24])?),
        month: month(&line[4..7])?,
        day: crate::json::number(line[8..10].trim_ascii_start())?,
        ..Stamp::default()
    };
    if line[3] != b' ' || line[7] != b' ' || line[19] != b' ' {
        return None;
    }
    clock(&mut stamp, &line[11..19])?;
    crate::header::valid_date(&stamp).then_some(())?;
    let mut at = Scan::new(behind, b"");
    let pid = at.number()?;
    at.lit("] (")?;
    Some(Header {
        stamp,
        host: BStr::new(b""),
        tag: "openwebmail".into(),
        pid: Some(pid),
        text: at.peek(),
    })
}

fn event<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let client = Peer {
        address: at.until(b')')?,
        ..Peer::default()
    };
    at.lit(" ")?;
    let user = at.until_str(" - ")?;
    let event = at.until_str(" - ")?;
    let text = at.remainder();
    let protocol = "http".into();
    Some(match &**event {
        b"login" => Body::Login(Login {
            protocol,
            user,
            client,
            ..Login::default()
        }),
        b"login error" | b"userinfo error" => Body::AuthFailure(AuthFailure {
            client,
            protocol,
            user,
            reason: text,
            ..AuthFailure::default()
        }),
        b"logout" => Body::Logout(Logout {
            protocol,
            user,
            client,
            ..Logout::default()
        }),
        b"send message" => Body::Submitted(Box::new(Submitted {
            user,
            client,
            ..Submitted::default()
        })),
        b"move message" | b"copy message" | b"delete message" => Body::Mailbox(MailboxAction {
            kind: match event.starts_with(b"move") {
                true => Kind::MailboxMoved,
                false if event.starts_with(b"copy") => Kind::MailboxCopied,
                false => Kind::MailboxDeleted,
            },
            user,
            protocol,
            client,
            text,
            ..MailboxAction::default()
        }),
        _ => Body::Notice(Notice {
            kind: Kind::ServiceInfo,
            peer: client,
            about: event,
            text,
            ..Notice::default()
        }),
    })
}
