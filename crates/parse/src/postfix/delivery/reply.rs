//! What the text of a delivery line tells of the other side: its reply, and the id that it gave the
//! message.

use crate::scan::Scan;
use bstr::{BStr, ByteSlice};
use memchr::{memchr, memmem, memrchr};
use model::{Agent, DeliveryStatus, EnhancedStatus, Peer, ReplyCode};

/// What a text tells; all empty where nobody replied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told<'a> {
    pub(crate) code: Option<ReplyCode>,
    pub(crate) remote_reply: bool,
    pub(crate) next_queue_id: Option<&'a BStr>,
    pub(crate) suspended: bool,
}

/// Reads the text of a status line.
#[inline]
pub(crate) fn told<'a>(status: DeliveryStatus, agent: Agent, mut at: Scan<'a>) -> Told<'a> {
    match (status, agent) {
        (_, Agent::Discard) => Told::default(),
        (DeliveryStatus::Sent | DeliveryStatus::Deliverable, _) => success(at),
        _ => {
            let suspended = at.has("delivery temporarily suspended: ");
            let quote = quote(&mut at);
            Told {
                code: quote.and_then(|quote| quote.code),
                remote_reply: quote.is_some(),
                next_queue_id: None,
                suspended,
            }
        }
    }
}

/// A success: the other side's reply as it is, or the agent's own words.
#[inline]
fn success<'a>(mut at: Scan<'a>) -> Told<'a> {
    let code = at.code();
    let next_queue_id = if code.is_some() {
        accepted_as(at)
    } else if at.has("forwarded as ") {
        at.word()
    } else {
        None
    };
    Told {
        code,
        remote_reply: code.is_some(),
        next_queue_id,
        suspended: false,
    }
}

/// The other side's reply, quoted in the client's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote<'a> {
    pub(super) peer: Peer<'a>,
    pub(super) code: Option<ReplyCode>,
    pub(super) enhanced: Option<EnhancedStatus>,
}

/// Takes `host X said: CODE` and its like, up to the codes.
/// Source: postfix `src/smtp/smtp_proto.c`, `src/smtp/smtp_trouble.c`, `src/smtp/smtp_sasl_glue.c`.
#[inline]
pub(super) fn quote<'a>(at: &mut Scan<'a>) -> Option<Quote<'a>> {
    at.has("Protocol error: ");
    let (start, ways): (_, &[&'static str]) = match at.peek().first()? {
        b'h' => ("host ", &[" said: ", " refused to talk to me: "]),
        b'S' => ("SASL authentication failed; server ", &[" said: "]),
        b'T' => ("TLS is required, but host ", &[" refused to start TLS: "]),
        _ => return None,
    };
    at.lit(start)?;
    let peer = at.peer()?;
    at.one_of(ways)?;
    let code = at.code();
    if code.is_some() && !at.has(" ") {
        at.has("-");
    }
    Some(Quote {
        peer,
        code,
        enhanced: at.enhanced(),
    })
}

/// The id that a server gave the message, in its reply behind the code.
#[inline]
pub(crate) fn accepted_as<'a>(at: Scan<'a>) -> Option<&'a BStr> {
    at_the_end(at.peek()).or_else(|| by_server(at))
}

/// `... queued as ID` at the end: Postfix, also behind amavis, and many others.
#[inline]
fn at_the_end(reply: &[u8]) -> Option<&BStr> {
    let space = memrchr(b' ', reply)?;
    if !reply[..space].ends_with(b"queued as") {
        return None;
    }
    id(&reply[space + 1..])
}

/// The id at the start of a text; what ends a sentence does not belong to it, but some have commas
/// inside.
fn id(text: &[u8]) -> Option<&BStr> {
    let len = text
        .iter()
        .position(|byte| matches!(byte, b' ' | b'(' | b')' | b'<' | b'>' | b';' | b']'))
        .unwrap_or(text.len());
    let id = text[..len].trim_end_with(|c| matches!(c, '.' | ':' | ','));
    (!id.is_empty()).then(|| id.into())
}

/// The forms of other servers, behind code and enhanced status. Searching comes last, since most
/// replies start with what tells them apart.
fn by_server<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    at.while_(|byte| byte == b' ');
    at.enhanced();
    // OpenSMTPD puts a colon behind it.
    at.while_(|byte| matches!(byte, b' ' | b':'));
    let reply = at.peek();
    if reply.ends_with(b" Saved") {
        return dovecot(reply);
    }
    if reply.ends_with(b"accepted for delivery") {
        return sendmail(at);
    }
    if let [b'O' | b'o', b'K' | b'k', behind @ ..] = reply
        && let Some(found) = ok(at.over(behind))
    {
        return Some(found);
    }
    if reply.first() == Some(&b'<') {
        return exchange(at);
    }
    if at.has("Accepted message") {
        return qmail(at);
    }
    behind_last_queued_as(reply).or_else(|| haraka(reply))
}

/// The last `queued as ID` where more follows it.
fn behind_last_queued_as(reply: &[u8]) -> Option<&BStr> {
    const WORDS: &[u8] = b"queued as ";
    let at = memmem::rfind(reply, WORDS)?;
    id(&reply[at + WORDS.len()..])
}

/// Dovecot LMTP: `<user@x.test> SESSION Saved`, through its proxy `SESSION Saved`; the session may
/// have `:Tn` and `:Rn` behind it. Source: dovecot `src/lmtp/lmtp-local.c`.
fn dovecot(reply: &[u8]) -> Option<&BStr> {
    let session = reply.strip_suffix(b" Saved")?;
    let start = memrchr(b' ', session).map_or(0, |space| space + 1);
    id(&session[start..])
}

/// Sendmail, OpenSMTPD: `ID Message accepted for delivery`; some write `mail`.
fn sendmail<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    let id = at.word()?;
    at.one_of(&[
        " Message accepted",
        " message accepted",
        " mail accepted",
        " Mail accepted",
    ])?;
    // Others have a word there (`OK Message accepted for delivery`).
    let numbered = id.iter().any(u8::is_ascii_digit);
    let hex = id.len() == 8 && id.iter().all(u8::is_ascii_hexdigit);
    (numbered || hex).then_some(id)
}

/// What follows `OK`: Exim ` id=ID`, KumoMTA ` ids=ID`, amavis `, id=ID`, Cyrus ` SESSIONID=<ID>`,
/// Courier `. TIME.PID`, Cisco ESA `:  Message MID accepted`, qmail ` TIME qp ID`, Google
/// ` TIME ID - gsmtp`.
fn ok<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    match at.one_of(&[
        " id=",
        " ids=",
        ", id=",
        ", discarded, id=",
        " SESSIONID=<",
        ". ",
        ":  Message ",
    ]) {
        Some(". ") => courier(at),
        Some(":  Message ") => ironport(at),
        // amavis hands on what the server behind it said.
        Some(", id=") => behind_last_queued_as(at.peek()).or_else(|| id(at.peek())),
        Some(_) => id(at.peek()),
        None => google(at).or_else(|| {
            at.has(" ");
            let _seconds: u64 = at.number()?;
            qmail(at)
        }),
    }
}

/// Cisco ESA (IronPort): `MID accepted`.
fn ironport<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    let id = at.while_(|byte| byte.is_ascii_digit());
    at.lit(" accepted")?;
    (!id.is_empty()).then_some(id)
}

/// Courier: `TIME.PID`, both hexadecimal.
fn courier<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    let id = at.word()?;
    at.end()?;
    let dot = memchr(b'.', id)?;
    let hex = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_hexdigit);
    (hex(&id[..dot]) && hex(&id[dot + 1..])).then_some(id)
}

/// qmail: ` qp N`, the process id of qmail-queue.
fn qmail<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    at.lit(" qp ")?;
    let found = at.while_(|byte| byte.is_ascii_digit());
    (!found.is_empty()).then_some(found)
}

/// Exchange: `<message-id> [InternalId=N, Hostname=...] ... Queued mail for delivery`.
fn exchange<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    at.angle()?;
    at.lit(" [InternalId=")?;
    id(at.peek())
}

/// Google: `TIME ID - gsmtp`, once ` - smtp` or nothing behind it.
fn google<'a>(mut at: Scan<'a>) -> Option<&'a BStr> {
    at.while_(|byte| byte == b' ');
    let _seconds: u64 = at.number()?;
    at.lit(" ")?;
    let id = at.word()?;
    at.one_of(&[" - gsmtp", " - smtp"]);
    at.end()?;
    id.contains(&b'.').then_some(id)
}

/// Haraka: `(UUID.N)` at the end.
fn haraka(reply: &[u8]) -> Option<&BStr> {
    let open = memrchr(b'(', reply)?;
    let id = reply[open + 1..].strip_suffix(b")").unwrap_or_default();
    let is_uuid = id.get(..36)?.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then(|| id.into())
}

#[cfg(test)]
#[path = "reply/tests.rs"]
mod tests;
