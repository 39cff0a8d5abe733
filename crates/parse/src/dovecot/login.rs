//! The login processes: who got in, who did not. Source: dovecot `src/login-common/*.c`.

use super::elements::{Elements, elements, split};
use super::protocol;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use bstr::BStr;
use memchr::memrchr;
use model::{AuthFailure, Body, Kind, Login, Notice};

pub(crate) const RULES: &[Rule] = &[LOGIN, FAILED, ENDED, LIMIT, REFUSED, ID_SENT];

const LOGIN: Rule = rule(
    "dovecot login",
    login,
    "dovecot src/login-common/sasl-server.c",
    &[
        "imap-login: Login: user=<anna@example.org>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, mpid=997, TLS, session=<5S0tQdlgFsR/AAAB>",
        "pop3-login: Info: Login: user=<anna>, method=PLAIN, rip=2001:db8::7, lip=2001:db8::25, mpid=18, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Logged in: user=<anna@example.org>, method=XOAUTH2, rip=203.0.113.7, lip=192.0.2.25, mpid=997, TLS, session=<5S0tQdlgFsR/AAAB>",
        "imap-login: Login: user=<anna>, PID=1215, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
        "managesieve-login: Login: user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, mpid=997, TLS, TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
    ],
);

fn login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if !at.has("Login: ") {
        at.lit("Logged in: ")?;
    }
    let elements = elements(at)?;
    Some(succeeded(at, elements))
}

pub(super) fn succeeded<'a>(at: &Scan<'a>, elements: Elements<'a>) -> Body<'a> {
    Body::Login(Login {
        protocol: protocol(at.program),
        user: elements.user,
        method: elements.method,
        client: elements.client,
        server: elements.server,
        mail_pid: elements.mail_pid,
        tls: Some(elements.tls),
    })
}

const FAILED: Rule = rule(
    "dovecot login failed",
    failed,
    "dovecot src/login-common/client-common.c (client_get_extra_disconnect_reason)",
    &[
        "imap-login: Disconnected (auth failed, 1 attempts in 6 secs): user=<anna@example.org>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected (auth failed, 2 attempts): method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS: Disconnected",
        "pop3-login: Aborted login (auth failed, 3 attempts in 17 secs): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Aborted login (no auth attempts): rip=203.0.113.7, lip=192.0.2.25",
        "pop3-login: Disconnected: Inactivity (auth failed, 1 attempts in 178 secs): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected: Connection closed: read(size=1003) failed: Connection reset by peer (auth failed, 1 attempts in 0 secs): user=<anna>, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected: Connection closed: SSL_accept() failed: error:0A00010B:SSL routines::wrong version number (no auth attempts in 0 secs): user=<>, rip=203.0.113.7, lip=192.0.2.25, TLS handshaking: SSL_accept() failed: error:0A00010B:SSL routines::wrong version number, session=<mUqpQdlg+Kl/AAAB>",
        "pop3-login: Info: Disconnected: Disconnected: Too many bad commands (no auth attempts in 22 secs): user=<>, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Login aborted: Connection closed (auth failed, 3 attempts in 16 secs) (auth_failed): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Login aborted: Connection closed: SSL_accept() failed: error:0A0000C1:SSL routines::no shared cipher (disconnected during TLS handshake) (tls_handshake_not_finished): user=<>, rip=203.0.113.7, lip=192.0.2.25, TLS handshaking: SSL_accept() failed: error:0A0000C1:SSL routines::no shared cipher, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Login aborted: Connection closed (auth failed, 1/3 successful auths in 5 secs) (internal_failure): user=<anna>, rip=203.0.113.7",
        "submission-login: Client has quit the connection (auth failed, 1 attempts in 2 secs): user=<anna>, method=LOGIN, rip=203.0.113.7, lip=192.0.2.25",
        "submission-login: Remote closed connection (auth failed, 1 attempts in 2 secs): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
        "imap-login: Disconnected (tried to use disallowed plaintext auth): user=<>, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected (proxy dest auth failed): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected (disconnected before auth was ready, waited 0 secs): user=<>, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected (client didn't finish SASL auth, waited 2 secs): user=<>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS: SSL_read() syscall failed: Connection reset by peer",
        "imap-login: Disconnected (auth failed, 1 attempts in 3 secs): user=<x>, rip=192.0.2.1, a=<y>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if !ends_a_session(at.peek()) {
        return None;
    }
    let (message, elements) = split(at)?;
    let (mut before, mut why) = last_group(message)?;
    // 2.4 puts the event's reason behind, one word.
    if is_word(why) {
        (before, why) = last_group(before)?;
    }
    let known = REASONS
        .iter()
        .find(|reason| why.starts_with(reason.words))?;
    let reason = if known.whole {
        why
    } else {
        &why[..known.words.len()]
    };
    Some(Body::AuthFailure(AuthFailure {
        ending: ending(before),
        attempts: attempts(why),
        aborted: known.aborted,
        ..failure(at, elements, reason)
    }))
}

fn failure<'a>(at: &Scan<'a>, elements: Elements<'a>, reason: &'a [u8]) -> AuthFailure<'a> {
    AuthFailure {
        client: elements.client,
        server: elements.server,
        protocol: protocol(at.program),
        method: elements.method,
        user: elements.user,
        reason: reason.into(),
        tls: Some(elements.tls),
        ..AuthFailure::default()
    }
}

/// Whether a message starts like the end of a session that had no login.
#[inline]
fn ends_a_session(text: &[u8]) -> bool {
    [
        &b"Disconnected"[..],
        b"Aborted login",
        b"Login aborted: ",
        b"Client has quit the connection",
        b"Remote closed connection",
        b"Connection closed",
        b"Connection lost",
        b"Inactivity",
        b"Timed out",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// `BEFORE (GROUP)`; the group holds no parentheses.
fn last_group(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let message = message.strip_suffix(b")")?;
    let open = memrchr(b'(', message)?;
    let before = message[..open].strip_suffix(b" ")?;
    Some((before, &message[open + 1..]))
}

fn is_word(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| byte.is_ascii_lowercase() || *byte == b'_')
}

/// The message's part that tells how the connection ended; plain `Disconnected` tells nothing.
fn ending(before: &[u8]) -> &BStr {
    let mut text = before;
    while let Some(rest) = text
        .strip_prefix(b"Disconnected: ")
        .or_else(|| text.strip_prefix(b"Login aborted: "))
    {
        text = rest;
    }
    if text == b"Disconnected" {
        text = b"";
    }
    text.into()
}

/// `N` of `auth failed, N attempts in S secs`.
fn attempts(why: &[u8]) -> Option<u32> {
    let mut at = Scan::new(why, b"");
    at.until_str(", ")?;
    let attempts = at.number()?;
    at.lit(" attempts")?;
    Some(attempts)
}

/// A reason in the words of the log.
struct Reason {
    /// How it starts.
    words: &'static [u8],
    /// Whether what follows belongs to it; else that is a count or a duration.
    whole: bool,
    /// Whether the client gave up rather than being refused.
    aborted: bool,
}

const fn refused(words: &'static str) -> Reason {
    Reason {
        words: words.as_bytes(),
        whole: false,
        aborted: false,
    }
}

const fn aborted(words: &'static str) -> Reason {
    Reason {
        aborted: true,
        ..refused(words)
    }
}

/// Frequent ones first.
const REASONS: &[Reason] = &[
    refused("auth failed"),
    aborted("no auth attempts"),
    aborted("disconnected before auth was ready"),
    aborted("disconnected before greeting"),
    aborted("disconnected while authenticating"),
    aborted("disconnected while finishing login"),
    aborted("disconnected during TLS handshake"),
    aborted("client didn't finish SASL auth"),
    aborted("aborted authentication"),
    Reason {
        whole: true,
        ..refused("tried to use ")
    },
    refused("authorization failed"),
    refused("auth service reported temporary failure"),
    refused("auth process communication failure"),
    refused("user disabled"),
    refused("user is disabled"),
    refused("password expired"),
    refused("login disabled"),
    refused("internal failure"),
    refused("proxy dest auth failed"),
    refused("sent invalid base64 in response"),
    refused("cert required, client didn't start TLS"),
    refused("client didn't send a cert"),
    refused("client sent an invalid cert"),
    refused("client sent invalid cert"),
];

const ENDED: Rule = rule(
    "dovecot login ended",
    ended,
    "dovecot src/login-common/client-common.c (client_destroy)",
    &[
        "imap-login: Disconnected: Inactivity during authentication: user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected: Shutting down: user=<>, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Disconnected: rip=203.0.113.7, lip=192.0.2.25, TLS",
        "pop3-login: Aborted login: user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
        "imap-login: Login aborted: Server shutting down. (shutting_down): user=<>, rip=203.0.113.7, lip=192.0.2.25, session=<3o4uQdlgrqJ/AAAB>",
    ],
);

/// Where the log names no reason but the end itself.
fn ended<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if !ends_a_session(at.peek()) {
        return None;
    }
    let (message, elements) = split(at)?;
    let before = match last_group(message) {
        Some((before, event)) if is_word(event) => before,
        _ => message,
    };
    let ending = ending(before);
    Some(Body::AuthFailure(AuthFailure {
        ending,
        aborted: true,
        ..failure(at, elements, ending)
    }))
}

const LIMIT: Rule = rule(
    "dovecot login limit",
    limit,
    "dovecot src/login-common/client-common-auth.c",
    &[
        "imap-login: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<3o4uQdlgrqJ/AAAB>",
        "imap-login: Maximum number of connections from user+IP exceeded (mail_max_userip_connections): user=<anna>, PID=1215, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS",
    ],
);

/// The credentials were right.
fn limit<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    if !at.peek().starts_with(b"Maximum number of connections ") {
        return None;
    }
    let (message, elements) = split(at)?;
    let (reason, _setting) = last_group(message)?;
    Some(Body::AuthFailure(failure(at, elements, reason)))
}

const REFUSED: Rule = rule(
    "dovecot login refused",
    refused_login,
    "dovecot src/login-common/client-common-auth.c",
    &[
        "imap-login: Login failed: Plaintext authentication disabled: user=<anna>, rip=203.0.113.7, lip=192.0.2.25",
        "imap-login: Login failed: SSL required for authentication: user=<>, rip=203.0.113.7, lip=192.0.2.25",
    ],
);

fn refused_login<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("Login failed: ")?;
    let (reason, elements) = split(at)?;
    Some(Body::AuthFailure(failure(at, elements, reason)))
}

const ID_SENT: Rule = rule(
    "dovecot client id",
    id_sent,
    "dovecot src/imap-login/imap-login-client.c",
    &[
        "imap-login: ID sent: name=Thunderbird, version=128: user=<>, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<3o4uQdlgrqJ/AAAB>",
    ],
);

fn id_sent<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    at.lit("ID sent: ")?;
    let (id, elements) = split(at)?;
    Some(Body::Notice(Notice {
        kind: Kind::ServiceInfo,
        peer: elements.client,
        text: id.into(),
        ..Notice::default()
    }))
}
