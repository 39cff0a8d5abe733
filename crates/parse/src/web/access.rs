//! One request: `IP IDENT USER [TIME] "METHOD URI PROTOCOL" STATUS BYTES "REFERER" "USER-AGENT"`.

use super::kinds::kind_of;
use crate::header::Header;
use crate::rule::{Rule, first_match, rule};
use crate::scan::Scan;
use crate::stamp;
use bstr::BStr;
use memchr::memchr2;
use model::{Body, Peer, Stamp, WebRequest};

pub(crate) const RULES: &[Rule] = &[REQUEST];

const REQUEST: Rule = rule(
    "web request",
    request,
    "httpd docs/conf/httpd.conf.in (LogFormat combined, common, vhost_combined), nginx log_format combined, SOGo sope-appserver/NGObjWeb/WOHttpAdaptor/WOHttpTransaction.m",
    &[
        r#"192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "POST /?_task=login HTTP/1.1" 302 1047 "https://mail.example.org/" "Mozilla/5.0 (X11; \"x\")""#,
        r#"192.0.2.10 - anna [22/Nov/2026:08:23:21 +0100] "GET /mail/?_task=mail&_action=show&_uid=5&_mbox=INBOX HTTP/2.0" 200 10471 "-" "-""#,
        r#"mail.example.org:443 192.0.2.10 - - [22/Nov/2026:08:23:21 +0100] "GET / HTTP/1.1" 403 118 "-" "Mozilla/5.0""#,
        r#"2001:db8::10 - - [22/Nov/2026:08:23:21 +0000] "GET / HTTP/1.1" 304 -"#,
        r#"203.0.113.9 - - [22/Nov/2026:08:23:21 +0000] "\x16\x03\x01" 400 226 "-" "-""#,
        r#"192.0.2.10 - - [22/Nov/2026:08:23:21 GMT] "POST /SOGo/connect HTTP/1.1" 403 34/38 0.311 - - 2M"#,
    ],
);

/// Reads the time of a request's line; the text stays whole, since the client stands before it.
pub(crate) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (_, stamp) = front(&mut Scan::new(line, b""))?;
    Some(Header {
        stamp,
        tag: "access".into(),
        text: line,
        ..Header::default()
    })
}

/// Takes a text apart that is a request.
pub(crate) fn text<'a>(at: &mut Scan<'a>) -> Option<(&'static Rule, Body<'a>)> {
    first_match(&[RULES], at)
}

/// Who asked, and for which site.
struct Front<'a> {
    site: &'a BStr,
    client: &'a BStr,
    user: &'a BStr,
}

/// Takes `[VHOST[:PORT] ]CLIENT IDENT USER [TIME] "`.
fn front<'a>(at: &mut Scan<'a>) -> Option<(Front<'a>, Stamp)> {
    let before = at.until(b'[')?;
    let (stamp, rest) = stamp::web(at.peek())?;
    let rest = rest.strip_prefix(b"] \"")?;
    *at = at.over(rest);
    let mut words = before.strip_suffix(b" ")?.splitn(5, |byte| *byte == b' ');
    let mut next = || words.next().map(BStr::new);
    let (first, second, third) = (next()?, next()?, next()?);
    let front = match next() {
        None => Front {
            site: BStr::new(b""),
            client: first,
            user: given(third),
        },
        Some(fourth) if is_address(second) => Front {
            site: first,
            client: second,
            user: given(fourth),
        },
        // A user with a space in it.
        Some(_) => Front {
            site: BStr::new(b""),
            client: first,
            user: given(
                before[first.len() + second.len() + 2..]
                    .trim_ascii_end()
                    .into(),
            ),
        },
    };
    Some((front, stamp))
}

fn is_address(word: &BStr) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    word.len() > 2 && word.iter().all(is_part)
}

/// A field's value; `-` is none.
fn given(field: &BStr) -> &BStr {
    if field == "-" { BStr::new(b"") } else { field }
}

fn request<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let (front, _) = front(at)?;
    let line = quoted(at)?;
    at.lit(" ")?;
    let status: Option<u16> = match at.has("-") {
        true => None,
        false => Some(at.number()?),
    };
    at.lit(" ")?;
    let bytes = match at.has("-") {
        true => None,
        false => Some(at.number()?),
    };
    let mut took_ms = None;
    let (mut referer, mut user_agent) = (BStr::new(b""), BStr::new(b""));
    if at.has("/") {
        took_ms = Some(sogo_trailer(at)?);
    } else if at.has(" \"") {
        referer = given(quoted(at)?);
        at.lit(" \"")?;
        user_agent = given(quoted(at)?);
        // What administrators add: times, sizes, addresses.
        if at.end().is_none() {
            at.lit(" ")?;
            at.remainder();
        }
    }
    at.end()?;
    let (method, path) = method_and_path(line);
    Some(Body::Web(Box::new(WebRequest {
        kind: kind_of(method, path, status, front.user),
        client: Peer {
            address: front.client,
            ..Peer::default()
        },
        user: front.user,
        site: front.site,
        method,
        path,
        status,
        bytes,
        took_ms,
        referer,
        user_agent,
    })))
}

/// Takes what stands before the closing quote; `\"` does not close it.
fn quoted<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let mut end = 0;
    loop {
        end += memchr2(b'"', b'\\', text.get(end..)?)?;
        if text[end] == b'"' {
            break;
        }
        end += 2;
    }
    *at = at.over(&text[end + 1..]);
    Some(text[..end].into())
}

/// `METHOD PATH PROTOCOL`; what is no request of HTTP is all path.
fn method_and_path(line: &BStr) -> (&BStr, &BStr) {
    let mut at = Scan::new(line, b"");
    let method = at.until(b' ');
    let path = at.until_last(" ");
    match (method, path) {
        (Some(method), Some(path)) if at.peek().starts_with(b"HTTP/") => (method, path),
        _ => (BStr::new(b""), line),
    }
}

/// Takes SOGo's `38 0.311 - - 2M`: bytes of the request, seconds, sizes; gives milliseconds.
fn sogo_trailer(at: &mut Scan<'_>) -> Option<u64> {
    at.number::<u64>()?;
    at.lit(" ")?;
    let took_ms = at.seconds_ms()?;
    for byte in at.remainder().iter() {
        (byte.is_ascii_alphanumeric() || b" -%.".contains(byte)).then_some(())?;
    }
    Some(took_ms)
}
