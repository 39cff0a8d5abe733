//! What stands before the text: process, user and session, severity.
//! Source: dovecot `src/lib/failures.c`, `mail_log_prefix` in `src/lib-storage/mail-storage-settings.c`.

use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr;
use model::Severity;

/// How far a user name may reach; Dovecot cuts those it logs at 80 characters.
const USER_BYTES_MAX: usize = 320;
/// Base64 of a GUID-128 without padding. Source: dovecot `src/lib-smtp/smtp-server-connection.c`.
const LMTP_SESSION_BYTES: usize = 22;

/// Takes all prefixes.
#[inline]
pub(super) fn prefix(at: &mut Scan<'_>) {
    if at.program == b"dovecot" {
        severity(at);
        process(at);
        // 1.x: the master passed lines of its children on.
        if at.program == b"dovecot" {
            process(at);
        }
    } else if at.peek().get(at.program.len()) == Some(&b'(') && at.peek().starts_with(at.program) {
        process(at);
    }
    severity(at);
    match at.program {
        b"lmtp" => lmtp(at),
        b"auth-worker" => {
            worker(at);
        }
        _ => {}
    }
}

/// Takes `Warning: ` and its like; the log of informational lines to syslog has none.
#[inline]
fn severity(at: &mut Scan<'_>) {
    at.severity = match at.peek().first() {
        Some(b'I') if at.has("Info: ") => Severity::Info,
        Some(b'D') if at.has("Debug: ") => Severity::Debug,
        Some(b'W') if at.has("Warning: ") => Severity::Warning,
        Some(b'E') if at.has("Error: ") => Severity::Error,
        Some(b'F') if at.has("Fatal: ") => Severity::Fatal,
        Some(b'P') if at.has("Panic: ") => Severity::Panic,
        _ => return,
    };
}

/// Takes `NAME: `, `NAME(USER): ` or `NAME(USER)<PID><SESSION>: `.
#[inline]
fn process(at: &mut Scan<'_>) -> Option<()> {
    let mut ahead = *at;
    let name = ahead.while_(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !name.first()?.is_ascii_alphabetic() {
        return None;
    }
    if !ahead.has(": ") {
        ahead.lit("(")?;
        user_and_session(&mut ahead)?;
    }
    ahead.program = name;
    *at = ahead;
    Some(())
}

/// Takes the rest of a prefix behind `(`. The user may hold any character, so its end is the first
/// parenthesis with the right bytes behind.
#[inline]
fn user_and_session(at: &mut Scan<'_>) -> Option<()> {
    let text = at.peek();
    let head = &text[..text.len().min(USER_BYTES_MAX)];
    let mut from = 0;
    loop {
        let close = from + memchr(b')', &head[from..])?;
        let mut ahead = at.over(&text[close + 1..]);
        if let Some(session) = session(&mut ahead) {
            ahead.user = text[..close].into();
            ahead.session = session;
            *at = ahead;
            return Some(());
        }
        from = close + 1;
    }
}

/// Takes `: `, `<SESSION>: ` (2.4's auth) or `<PID><SESSION>: `.
#[inline]
fn session<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    if at.has(": ") {
        return Some(BStr::new(b""));
    }
    at.lit("<")?;
    let mut session = at.until(b'>')?;
    if at.has("<") {
        session = at.until(b'>')?;
    }
    at.lit(": ")?;
    Some(session)
}

/// `lmtp(PID)` has no user, 2.2's `lmtp(PID, USER)` has the user behind; and 2.2 has the session
/// before what Sieve tells. Source: pigeonhole `src/plugins/lda-sieve/lda-sieve-plugin.c`.
fn lmtp(at: &mut Scan<'_>) {
    let mut user = at.over(at.user);
    if user.number::<u32>().is_some() && (user.end().is_some() || user.has(", ")) {
        at.user = user.remainder();
    }
    if at.session.is_empty() {
        let mut ahead = *at;
        let id = ahead.while_(|byte| byte.is_ascii_alphanumeric() || b"+/:".contains(&byte));
        if let Some(id) = id.strip_suffix(b":")
            && id.len() >= LMTP_SESSION_BYTES
            && ahead.has(" ")
        {
            ahead.session = id.into();
            *at = ahead;
        }
    }
}

/// Takes `conn unix:auth-worker (pid=P,uid=U): auth-worker<N>: ` (2.3).
fn worker(at: &mut Scan<'_>) -> Option<()> {
    let mut ahead = *at;
    ahead.lit("conn unix:")?;
    ahead.until_str("): auth-worker<")?;
    ahead.until_str(">: ")?;
    *at = ahead;
    Some(())
}
