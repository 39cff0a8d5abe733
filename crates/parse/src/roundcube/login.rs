//! Logins, passwords changed, messages handed in.
//! Source: roundcube `program/include/rcmail.php` (`log_login`), `plugins/password/password.php`,
//! `program/lib/Roundcube/rcube.php` (`deliver_message`).

use super::client;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memmem;
use model::{AuthFailure, Body, Kind, Login, Notice, Peer, ReplyCode, Submitted};

pub(crate) const RULES: &[Rule] = &[SENT, SUCCESSFUL, FAILED, REFUSED, PASSWORD, TOKEN];

const SENT: Rule = rule(
    "roundcube message sent",
    sent,
    "roundcube program/lib/Roundcube/rcube.php (deliver_message)",
    &[
        "<8a1b2c3d> User anna@example.org [192.0.2.10]; Message <a1@example.org> for bob@example.net, carl@example.net; 250: 2.0.0 Ok: queued as 4jXMbQ4gQcz1Xf52",
        "User anna [192.0.2.10]; Message for bob@example.net; 250: OK id=1abcde-000001-AB",
        "<8a1b2c3d> User 7 [2001:db8::10]; Message <a1@example.org> for bob@example.net; ",
    ],
);

fn sent<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("User ")?;
    let user = at.until_str(" [")?;
    let address = at.until_str("]; Message ")?;
    let message_id = match at.has("for ") {
        true => BStr::new(b""),
        false => at.until_str(" for ")?,
    };
    let rcpt_to = at.until_str("; ")?;
    let reply = at.remainder();
    Some(Body::Submitted(Box::new(Submitted {
        user,
        client: Peer {
            address,
            ..Peer::default()
        },
        message_id,
        mail_from: None,
        rcpt_to,
        reply,
        code: code(reply),
        next_queue_id: queue_id(reply),
    })))
}

fn code(reply: &BStr) -> Option<ReplyCode> {
    let mut at = Scan::new(reply, b"");
    let code = at.code()?;
    at.lit(": ")?;
    Some(code)
}

/// The id behind `queued as ` (Postfix), `id=` (Exim), or before ` Message accepted` (Sendmail).
fn queue_id(reply: &BStr) -> Option<&BStr> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let known = ["queued as ", " id="];
    let behind = known.iter().find_map(|words| {
        let at = memmem::find(reply, words.as_bytes())?;
        Some(&reply[at + words.len()..])
    });
    let id = match behind {
        Some(behind) => {
            let end = behind.iter().position(|byte| !is_part(byte));
            &behind[..end.unwrap_or(behind.len())]
        }
        None => {
            let end = memmem::find(reply, b" Message accepted for delivery")?;
            reply[..end].rsplit(|byte| *byte == b' ').next()?
        }
    };
    (!id.is_empty()).then(|| id.into())
}

const SUCCESSFUL: Rule = rule(
    "roundcube login",
    successful,
    "roundcube program/include/rcmail.php (log_login)",
    &[
        "<8a1b2c3d> Successful login for anna@example.org (ID: 7) from 192.0.2.10 in session 8a1b2c3d4e5f6a7b",
        "Successful login for anna (ID: 7) from 198.51.100.1(X-Real-IP: 192.0.2.10,X-Forwarded-For: 192.0.2.10, 198.51.100.1) in session 8a1b2c3d4e5f6a7b",
    ],
);

fn successful<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Successful login for ")?;
    let user = at.until_last(" (ID: ")?;
    at.number::<u64>()?;
    at.lit(") from ")?;
    let client = client(at.until_last(" in session ")?)?;
    own_session(at)?;
    Some(Body::Login(Login {
        protocol: "http".into(),
        user,
        client,
        ..Login::default()
    }))
}

/// Takes the session to the next space; where the line began with one that stands.
fn own_session(at: &mut Scan<'_>) -> Option<()> {
    let session = at.word()?;
    if at.session.is_empty() && session != "no-session" {
        at.session = session.get(..8).unwrap_or(session).into();
    }
    Some(())
}

const FAILED: Rule = rule(
    "roundcube login failed",
    failed,
    "roundcube program/include/rcmail.php (log_login), plugin fail2ban",
    &[
        "<8a1b2c3d> Failed login for root from 203.0.113.9 in session 8a1b2c3d4e5f6a7b (error: 0)",
        "FAILED login for root from 203.0.113.9",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["Failed login for ", "FAILED login for "])?;
    let user = at.until_last(" from ")?;
    let rest = at.peek();
    let end = memmem::find(rest, b" in session ").unwrap_or(rest.len());
    let client = client(rest[..end].into())?;
    *at = at.over(&rest[end..]);
    let mut reason = BStr::new(b"");
    if at.has(" in session ") {
        own_session(at)?;
        at.lit(" (")?;
        reason = at.until(b')')?;
        at.end()?;
    } else {
        at.remainder();
    }
    Some(refusal(client, user, reason))
}

fn refusal<'a>(client: Peer<'a>, user: &'a BStr, reason: &'a BStr) -> Body<'a> {
    Body::AuthFailure(AuthFailure {
        client,
        protocol: "http".into(),
        user,
        reason,
        ..AuthFailure::default()
    })
}

const REFUSED: Rule = rule(
    "roundcube login refused",
    refused,
    "roundcube program/lib/Roundcube/rcube_imap.php (connect)",
    &[
        "<8a1b2c3d> IMAP Error: Login failed for anna@example.org against imap.example.org from 192.0.2.10. AUTHENTICATE PLAIN: Authentication failed. in /srv/roundcube/program/lib/Roundcube/rcube_imap.php on line 221 (POST /?_task=login&_action=login)",
        "IMAP Error: Login failed for root from 198.51.100.1(X-Real-IP: 203.0.113.9,X-Forwarded-For: 203.0.113.9). AUTHENTICATE PLAIN: A0002 NO Login failed. in /srv/roundcube/program/include/rcube_imap.php on line 205 (POST /?_task=login&_action=login)",
        "IMAP Error: Login failed for root from 203.0.113.9",
    ],
);

/// The IMAP server refuses. The user's name and the server's answer are what others wrote: the
/// client is behind the last ` from ` before the answer.
fn refused<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("IMAP Error: Login failed for ")?;
    let (user, from) = user_and_client(at)?;
    let client = client(from)?;
    let reason = at.remainder();
    let end = memmem::rfind(reason, b" in /").unwrap_or(reason.len());
    Some(refusal(client, user, reason[..end].into()))
}

/// Takes `USER[ against HOST] from CLIENT`, and `. ` behind it. Of the places that fit it is the
/// first: what stands behind is the server's.
fn user_and_client<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, &'a BStr)> {
    let text = at.peek();
    for start in memmem::find_iter(text, b" from ") {
        let from = &text[start + " from ".len()..];
        let end = end_of_client(from);
        let behind = &from[end..];
        let follows = behind.is_empty() || behind == b"." || behind.starts_with(b". ");
        if !follows || client(from[..end].into()).is_none() {
            continue;
        }
        // ` from 192.0.2.1. from 192.0.2.2. ANSWER`: the name goes on.
        if behind.starts_with(b". from ") {
            continue;
        }
        let user = &text[..start];
        let against = memmem::rfind(user, b" against ").unwrap_or(user.len());
        *at = at.over(behind.strip_prefix(b". ").unwrap_or_default());
        return Some((user[..against].into(), from[..end].into()));
    }
    None
}

/// Where an address and a parenthesis behind it end.
fn end_of_client(from: &[u8]) -> usize {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    let mut end = from
        .iter()
        .position(|byte| !is_part(byte))
        .unwrap_or(from.len());
    if from[..end].ends_with(b".") {
        end -= 1;
    }
    let open = usize::from(from.get(end) == Some(&b' '));
    match (from.get(end + open), memchr::memchr(b')', &from[end..])) {
        (Some(b'('), Some(close)) => end + close + 1,
        _ => end,
    }
}

const PASSWORD: Rule = rule(
    "roundcube password changed",
    password,
    "roundcube plugins/password/password.php",
    &["<8a1b2c3d> Password changed for user anna@example.org (ID: 7) from 192.0.2.10"],
);

fn password<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Password changed for user ")?;
    let about = at.until_last(" (ID: ")?;
    at.number::<u64>()?;
    at.lit(") from ")?;
    let peer = client(at.remainder())?;
    Some(Body::Notice(Notice {
        kind: Kind::AdminAction,
        peer,
        about,
        text: "password changed".into(),
        ..Notice::default()
    }))
}

const TOKEN: Rule = rule(
    "roundcube oauth",
    token,
    "roundcube program/include/rcmail_oauth.php (log_debug)",
    &["<8a1b2c3d> DEBUG: [ip=192.0.2.10 sub=anna ses=8a1b2c3d] refreshing token"],
);

fn token<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.one_of(&["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR"])?;
    at.lit(": [ip=")?;
    let address = at.until_str(" sub=")?;
    let about = at.until_str(" ses=")?;
    at.until_str("] ")?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer: Peer {
            address,
            ..Peer::default()
        },
        about,
        text: at.remainder(),
        ..Notice::default()
    }))
}
