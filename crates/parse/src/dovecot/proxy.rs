//! Login processes that pass sessions on to another server.
//! Source: dovecot `src/login-common/login-proxy.c`.

use super::elements::split;
use super::login::succeeded;
use super::protocol;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use model::{AuthFailure, Body, Logout};

pub(crate) const RULES: &[Rule] = &[STARTED, ENDED, FAILED];

const STARTED: Rule = rule(
    "dovecot proxy started",
    started,
    "dovecot src/login-common/client-common-auth.c",
    &[
        "imap-login: proxy(anna): started proxying to 198.51.100.5:143: user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<5S0tQdlgFsR/AAAB>",
        "imap-login: proxy(anna,198.51.100.5:143): Started proxying to remote host (0.012 secs): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<5S0tQdlgFsR/AAAB>",
    ],
);

fn started<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    behind_name(at)?;
    if !at.has("started proxying to ") {
        at.lit("Started proxying to remote host")?;
    }
    let (_, elements) = split(at)?;
    Some(succeeded(at, elements))
}

/// Takes `proxy(USER[,HOST]): `.
fn behind_name(at: &mut Scan<'_>) -> Option<()> {
    at.lit("proxy(")?;
    at.until_str("): ")?;
    Some(())
}

const ENDED: Rule = rule(
    "dovecot proxy ended",
    ended,
    "dovecot src/login-common/login-proxy.c",
    &[
        "imap-login: proxy(anna): disconnecting 203.0.113.7 (Disconnected by client(0s idle, in=123, out=4567)): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<5S0tQdlgFsR/AAAB>",
        "imap-login: proxy(anna): disconnecting 203.0.113.7 (Disconnected by server): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
        "imap-login: proxy(anna,198.51.100.5:143): Disconnected by server: Connection reset by peer (12s idle, in=123, out=4567+90, client output blocked): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25, TLS, session=<5S0tQdlgFsR/AAAB>",
    ],
);

fn ended<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    behind_name(at)?;
    let mut message = *at;
    let (text, elements) = split(at)?;
    message = message.over(text);
    if message.has("disconnecting ") {
        message.until_str(" (")?;
    }
    if !message.peek().starts_with(b"Disconnected by ") {
        return None;
    }
    let (reason, bytes) = match traffic(message) {
        Some((reason, bytes)) => (reason, Some(bytes)),
        None => (message.peek(), None),
    };
    Some(Body::Logout(Logout {
        protocol: protocol(at.program),
        user: elements.user,
        client: elements.client,
        reason: reason.strip_suffix(b")").unwrap_or(reason).into(),
        bytes_in: bytes.map(|(from_client, _)| from_client),
        bytes_out: bytes.map(|(_, to_client)| to_client),
        ..Logout::default()
    }))
}

/// `REASON(12s idle, in=N, out=N...`: the reason, and the bytes from and to the client.
fn traffic<'a>(mut at: Scan<'a>) -> Option<(&'a [u8], (u64, u64))> {
    let reason = at.until_last("(")?;
    at.until_str("s idle, in=")?;
    let from_client = at.number()?;
    at.lit(", out=")?;
    let to_client = at.number()?;
    let reason = reason.strip_suffix(b" ").unwrap_or(reason);
    Some((reason, (from_client, to_client)))
}

const FAILED: Rule = rule(
    "dovecot proxy failed",
    failed,
    "dovecot src/login-common/login-proxy.c",
    &[
        "imap-login: proxy(anna): Login failed to 198.51.100.5:143: [AUTHENTICATIONFAILED] Authentication failed.: user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
        "imap-login: Error: proxy(anna,198.51.100.5:143): Login timed out in state=banner: user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
        "imap-login: Error: proxy(anna): connect(198.51.100.5, 143) failed: Connection refused (after 0 secs): user=<anna>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.25",
    ],
);

fn failed<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    behind_name(at)?;
    let known = [
        &b"Login failed"[..],
        b"Login timed out",
        b"Login for ",
        b"connect(",
    ];
    if !known.iter().any(|start| at.peek().starts_with(start)) {
        return None;
    }
    let (reason, elements) = split(at)?;
    Some(Body::AuthFailure(AuthFailure {
        client: elements.client,
        server: elements.server,
        protocol: protocol(at.program),
        method: elements.method,
        user: elements.user,
        reason: reason.into(),
        tls: Some(elements.tls),
        ..AuthFailure::default()
    }))
}
