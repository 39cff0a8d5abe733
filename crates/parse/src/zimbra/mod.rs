//! Zimbra's mailbox server: `mailbox.log`, `audit.log`, `sync.log`.
//!
//! `2026-11-22 08:23:21,123 INFO  [THREAD] [name=...;oip=...;ua=...;] CATEGORY - TEXT`. The id of the
//! SOAP request, here the session, is the same in all that a request causes.
//! Source: zm-mailbox `common/src/java/com/zimbra/common/util/ZimbraLog.java`, `LogFactory`.

mod login;
mod mailbox;
mod other;

use crate::header::Header;
use crate::rule::{Rule, first_match};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use model::{Body, Peer, Severity};

/// All tables with the program that each is for.
pub(crate) const TABLES: &[(&str, &[Rule])] =
    &[("", mailbox::RULES), ("", login::RULES), ("", other::RULES)];

/// Takes a text apart: level and session, then the rules.
#[inline]
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    let mut ahead = *at;
    ahead.severity = level(&mut ahead)?;
    let context = context(&mut ahead)?;
    ahead.session = context.session;
    let rules = rules(ahead.until_str(" - ")?);
    // The rules read the context again: only some need it.
    ahead = ahead.over(at.peek());
    let found = first_match(rules, &mut ahead)?;
    *at = ahead;
    Some(found)
}

/// The rules for a category's lines.
fn rules(category: &[u8]) -> &'static [&'static [Rule]] {
    match category {
        b"mailop" => &[mailbox::ITEMS, other::RULES],
        b"lmtp" => &[mailbox::DELIVERIES, other::RULES],
        b"smtp" => &[mailbox::SUBMISSIONS, other::RULES],
        b"security" => &[login::AUDITS, other::RULES],
        b"SoapEngine" => &[login::REQUESTS, other::RULES],
        b"imap" | b"pop" => &[login::SESSIONS, other::RULES],
        _ => &[other::RULES],
    }
}

fn level(at: &mut Scan<'_>) -> Option<Severity> {
    let word = at.one_of(&["INFO", "WARN", "ERROR", "FATAL", "DEBUG", "TRACE"])?;
    at.while_(|byte| byte == b' ');
    Some(match word {
        "INFO" => Severity::Info,
        "WARN" => Severity::Warning,
        "ERROR" => Severity::Error,
        "FATAL" => Severity::Fatal,
        _ => Severity::Debug,
    })
}

/// What stands in the two brackets; empty where it is not there.
#[derive(Clone, Copy, Default)]
struct Context<'a> {
    thread: &'a BStr,
    /// `name`, the account that the work is done for, else `aname`, as whom.
    user: &'a BStr,
    /// `soapId`
    session: &'a BStr,
    /// `oip`, which a proxy tells, else `ip`, which is connected.
    address: &'a BStr,
    /// `oport`, else `port`
    port: &'a BStr,
    /// `oproto`
    protocol: &'a BStr,
}

impl<'a> Context<'a> {
    fn read(thread: &'a [u8], pairs: &'a [u8]) -> Self {
        let mut it = Context {
            thread: thread.into(),
            ..Context::default()
        };
        let (mut name, mut ip, mut port): (&BStr, &BStr, &BStr) = Default::default();
        for pair in pairs.split(|byte| *byte == b';') {
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let place = match &pair[..equals] {
                b"name" => &mut name,
                b"aname" => &mut it.user,
                b"oip" => &mut it.address,
                b"ip" => &mut ip,
                b"oport" => &mut it.port,
                b"port" => &mut port,
                b"oproto" => &mut it.protocol,
                b"soapId" => &mut it.session,
                _ => continue,
            };
            if place.is_empty() {
                *place = pair[equals + 1..].into();
            }
        }
        let or = |one: &'a BStr, other| if one.is_empty() { other } else { one };
        it.user = or(name, it.user);
        it.address = or(it.address, ip);
        it.port = or(it.port, port);
        it
    }

    fn user(&self) -> &'a BStr {
        self.user
    }

    /// The client. Behind several proxies the first address is its.
    fn client(&self) -> Peer<'a> {
        let address: &'a [u8] = self.address;
        let address = address.split(|byte| *byte == b',').next();
        Peer {
            name: BStr::new(b""),
            address: address.unwrap_or_default().into(),
            port: crate::json::number(self.port),
        }
    }

    /// By `oproto`, or by the scheme in the thread's name, `qtp1-2:https://...`, or its beginning.
    fn protocol(&self) -> &'a BStr {
        if !self.protocol.is_empty() {
            return self.protocol;
        }
        let thread: &'a [u8] = self.thread;
        let protocol: &[u8] = match thread {
            thread if thread.starts_with(b"Imap") => b"imap",
            thread if thread.starts_with(b"Pop3") => b"pop3",
            thread if thread.starts_with(b"Lmtp") => b"lmtp",
            thread if thread.starts_with(b"qtp") => b"http",
            _ => b"",
        };
        protocol.into()
    }
}

/// Takes `[THREAD] [name=value;...] `. A user agent may hold brackets: the context ends at `;] `.
fn context<'a>(at: &mut Scan<'a>) -> Option<Context<'a>> {
    at.lit("[")?;
    let thread = until_bracket(at, b"", b" [")?;
    let pairs: &[u8] = match at.has("] ") {
        true => b"",
        false => until_bracket(at, b";", b" ")?,
    };
    Some(Context::read(thread, pairs))
}

/// Takes what stands before a closing bracket that stands between these, and all of that.
fn until_bracket<'a>(at: &mut Scan<'a>, before: &[u8], behind: &[u8]) -> Option<&'a [u8]> {
    let text = at.peek();
    let mut brackets = memchr::memchr_iter(b']', text);
    brackets.find_map(|bracket| {
        let taken = text[..bracket].strip_suffix(before)?;
        let rest = text[bracket + 1..].strip_prefix(behind)?;
        *at = at.over(rest);
        Some(taken)
    })
}

/// Takes level, context and `CATEGORY - `.
fn of_category<'a>(at: &mut Scan<'a>, category: &str) -> Option<Context<'a>> {
    level(at)?;
    let context = context(at)?;
    at.lit(category)?;
    at.lit(" - ")?;
    Some(context)
}

/// Reads `2026-11-22 08:23:21,123 ` before a level and a bracket.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = stamp::iso(line)?;
    if line[10] != b' ' || line.get(19) != Some(&b',') {
        return None;
    }
    let text = rest.strip_prefix(b" ")?;
    let mut at = Scan::new(text, b"");
    level(&mut at)?;
    at.lit("[")?;
    Some(Header {
        stamp,
        tag: "zimbra".into(),
        text,
        ..Header::default()
    })
}

#[cfg(test)]
mod tests;
