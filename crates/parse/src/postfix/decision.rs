//! What the decisions of smtpd, postscreen, cleanup and Milters have in common: the action's word,
//! the reply, and the trailer of what the session had said by then.

use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr_iter, memmem};
use model::{AccessAction, EnhancedStatus, Envelope, Peer, ReplyCode};

/// How many places of one text are tried as the start of its trailer; texts are hostile.
const TRAILERS_MAX: usize = 16;

/// The action that a word of the log names. Source: postfix `src/smtpd/smtpd_check.c`,
/// `src/cleanup/cleanup_message.c`.
#[inline]
pub(super) fn action(word: &[u8]) -> Option<AccessAction> {
    Some(match word {
        b"reject" => AccessAction::Reject,
        b"reject_warning" => AccessAction::RejectWarning,
        b"permit" => AccessAction::Permit,
        b"hold" => AccessAction::Hold,
        b"discard" => AccessAction::Discard,
        b"filter" => AccessAction::Filter,
        b"redirect" => AccessAction::Redirect,
        b"bcc" => AccessAction::Bcc,
        b"warn" | b"warning" => AccessAction::Warn,
        b"info" => AccessAction::Info,
        b"hangup" => AccessAction::Hangup,
        b"delay" => AccessAction::Delay,
        b"prepend" => AccessAction::Prepend,
        b"replace" => AccessAction::Replace,
        b"strip" => AccessAction::Strip,
        b"pass" => AccessAction::Pass,
        b"accept" => AccessAction::Accept,
        b"quarantine" => AccessAction::Quarantine,
        _ => return None,
    })
}

/// Takes `CODE `, then `DSN `, each if it is there.
#[inline]
pub(super) fn reply(at: &mut Scan<'_>) -> (Option<ReplyCode>, Option<EnhancedStatus>) {
    let mut ahead = *at;
    let code = ahead.code().filter(|_| ahead.has(" "));
    if code.is_some() {
        *at = ahead;
    }
    let mut ahead = *at;
    let enhanced = ahead.enhanced().filter(|_| ahead.has(" "));
    if enhanced.is_some() {
        *at = ahead;
    }
    (code, enhanced)
}

/// Takes `TEXT; from=<...> to=<...> proto=... helo=<...>` to the end. The text may hold anything:
/// it ends at the first `;` behind which all is trailer. Where there is none (the line is cut, or
/// has no trailer), the items of the first trailer that can be read are taken, if any.
pub(super) fn text_and_envelope<'a>(at: &mut Scan<'a>) -> (&'a BStr, Envelope<'a>) {
    let whole: &'a [u8] = at.remainder();
    let mut cut = None;
    let trailers = memchr_iter(b';', whole)
        .filter_map(|end| Some((&whole[..end], whole.get(end + 1..)?)))
        .filter(|(_, behind)| starts_trailer(behind))
        .take(TRAILERS_MAX);
    for (text, behind) in trailers {
        let mut ahead = at.over(behind);
        let envelope = envelope(&mut ahead);
        if ahead.end().is_some() {
            return (text.into(), envelope);
        }
        cut.get_or_insert((text.into(), envelope));
    }
    cut.unwrap_or((whole.into(), Envelope::default()))
}

fn starts_trailer(text: &[u8]) -> bool {
    [" from=<", " to=<", " proto=", " helo=<"]
        .iter()
        .any(|item| text.starts_with(item.as_bytes()))
        || text.is_empty()
}

/// Takes ` from=<...> to=<...> proto=... helo=<...> sasl_...`: the items that are there, in this
/// order. postscreen has a comma between them.
#[inline]
pub(super) fn envelope<'a>(at: &mut Scan<'a>) -> Envelope<'a> {
    let mail_from = item(at, " from=", Scan::angle);
    let rcpt_to = item(at, " to=", Scan::angle);
    let protocol = item(at, " proto=", |at| {
        Some(at.while_(|byte| byte.is_ascii_alphanumeric()))
    });
    let helo = item(at, " helo=", helo);
    let mut envelope = Envelope {
        mail_from,
        rcpt_to,
        protocol,
        helo,
        ..Envelope::default()
    };
    if at.peek().starts_with(b" sasl_") {
        login(at, &mut envelope);
    }
    envelope
}

/// Takes an item of the trailer, if it is there and can be read.
#[inline]
fn item<'a>(
    at: &mut Scan<'a>,
    name: &str,
    value: impl Fn(&mut Scan<'a>) -> Option<&'a BStr>,
) -> Option<&'a BStr> {
    let mut ahead = *at;
    ahead.has(",");
    ahead.lit(name)?;
    let value = value(&mut ahead)?;
    *at = ahead;
    Some(value)
}

/// Takes `<...>` with whatever the client said in its greeting, spaces and `>` too: up to a `>`
/// that the end, a login or a rule's text follows.
#[inline]
fn helo<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let inner = at.peek().strip_prefix(b"<")?;
    let ends = |end: &usize| {
        let behind = inner.get(end + 1..).unwrap_or_default();
        behind.is_empty() || behind.starts_with(b" sasl_") || behind.starts_with(b":")
    };
    let end = memchr_iter(b'>', inner).find(ends)?;
    *at = at.over(inner.get(end + 1..)?);
    Some(inner[..end].into())
}

/// Takes ` sasl_username=<...>`, or, since 3.10 and without brackets,
/// ` sasl_method=... sasl_username=... sasl_sender=...`.
fn login<'a>(at: &mut Scan<'a>, envelope: &mut Envelope<'a>) {
    if at.has(" sasl_method=") {
        envelope.sasl_method = at.word();
    }
    if at.has(" sasl_username=") {
        let rest = at.peek();
        let end = memmem::rfind(rest, b" sasl_sender=").unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let inner = name
            .strip_prefix(b"<")
            .and_then(|name| name.strip_suffix(b">"));
        envelope.sasl_username = Some(inner.unwrap_or(name).into());
        *at = at.over(behind);
    }
    if at.has(" sasl_sender=") {
        envelope.sasl_sender = Some(at.remainder());
    }
}

/// Takes the `NAMADDR;`, `local;` or `unknown;` that a message came from.
/// Source: postfix `src/global/mail_proto.h` (`MAIL_ATTR_LOG_ORIGIN`).
#[inline]
fn origin<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    if let Some(name) = at.one_of(&["local;", "unknown;"]) {
        return Some(Peer {
            name: name.trim_end_matches(';').into(),
            ..Peer::default()
        });
    }
    let client = at.peer()?;
    at.lit(";")?;
    Some(client)
}

/// Takes `TEXT from ORIGIN; from=<...> ...[: RULE'S TEXT]` to the end. The text comes from the
/// message and may hold ` from `, so the last origin counts that an envelope follows.
pub(super) struct Matched<'a> {
    pub(super) content: &'a BStr,
    pub(super) client: Peer<'a>,
    pub(super) envelope: Envelope<'a>,
    pub(super) text: &'a BStr,
}

/// Takes a [`Matched`].
pub(super) fn matched<'a>(at: &mut Scan<'a>) -> Option<Matched<'a>> {
    const FROM: &[u8] = b" from ";
    let whole = at.peek();
    let mut cut = None;
    for found in memmem::rfind_iter(whole, FROM).take(TRAILERS_MAX) {
        let mut ahead = at.over(whole.get(found + FROM.len()..)?);
        let Some(client) = origin(&mut ahead) else {
            continue;
        };
        let envelope = envelope(&mut ahead);
        let explained = ahead.has(": ");
        let whole_line = explained || ahead.end().is_some();
        let matched = Matched {
            content: whole[..found].into(),
            client,
            envelope,
            text: if explained {
                ahead.remainder()
            } else {
                <&BStr>::default()
            },
        };
        if whole_line {
            return Some(matched);
        }
        cut.get_or_insert(matched);
    }
    cut
}

/// Splits `Name: value`; all is value where there is no name.
pub(super) fn header(content: &BStr) -> (&BStr, &BStr) {
    let Some(colon) = memchr::memchr(b':', content) else {
        return (BStr::new(b""), content);
    };
    let value = &content[colon + 1..];
    let value = value.strip_prefix(b" ").unwrap_or(value);
    (content[..colon].into(), value.into())
}

#[cfg(test)]
#[path = "decision/tests.rs"]
mod tests;
