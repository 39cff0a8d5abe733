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
    ahead.session = context.session();
    // The rules read the context again: only some need it.
    ahead = ahead.over(at.peek());
    let found = first_match(&[mailbox::RULES, login::RULES, other::RULES], &mut ahead)?;
    *at = ahead;
    Some(found)
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

/// What stands in the two brackets.
#[derive(Clone, Copy)]
struct Context<'a> {
    thread: &'a BStr,
    pairs: &'a [u8],
}

impl<'a> Context<'a> {
    /// A value of `name=value;`; empty where it is not there.
    fn get(&self, name: &str) -> &'a BStr {
        let value = self
            .pairs
            .split(|byte| *byte == b';')
            .find_map(|pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
        value.unwrap_or_default().into()
    }

    fn session(&self) -> &'a BStr {
        self.get("soapId")
    }

    /// The account that the work is done for, or as whom.
    fn user(&self) -> &'a BStr {
        match self.get("name") {
            name if name.is_empty() => self.get("aname"),
            name => name,
        }
    }

    /// The client: the one that a proxy tells of, else the one that is connected.
    fn client(&self) -> Peer<'a> {
        let address = match self.get("oip") {
            address if address.is_empty() => self.get("ip"),
            address => address,
        };
        // Behind several proxies the first address is the client's.
        let address = address.split(|byte| *byte == b',').next();
        let port = match self.get("oport") {
            port if port.is_empty() => self.get("port"),
            port => port,
        };
        Peer {
            name: BStr::new(b""),
            address: address.unwrap_or_default().into(),
            port: crate::json::number(port),
        }
    }

    /// By `oproto`, or by the scheme in the thread's name, `qtp1-2:https://...`, or its beginning.
    fn protocol(&self) -> &'a BStr {
        let named = self.get("oproto");
        if !named.is_empty() {
            return named;
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
    let thread = at.until_str("] [")?;
    let pairs: &[u8] = match at.has("] ") {
        true => b"",
        false => at.until_str(";] ")?,
    };
    Some(Context { thread, pairs })
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
