//! IIS in front of Exchange: W3C extended log, the columns that IIS 8.5 and later write by default.
//! Source: Microsoft Learn "Modify W3C Logging"; W3C Extended Log File Format.

use crate::header::Header;
use crate::rule::{Rule, rule};
use crate::scan::Scan;
use crate::stamp::{Order, digits};
use crate::web::kind_of;
use bstr::BStr;
use model::{Body, Peer, Stamp, WebRequest};

pub(crate) const RULES: &[Rule] = &[REQUEST];

const REQUEST: Rule = rule(
    "exchange iis request",
    request,
    "IIS W3C extended log, default fields",
    &[
        "2026-11-22 08:23:21 198.51.100.7 POST /owa/auth.owa - 443 anna@example.org 192.0.2.10 Mozilla/5.0+(X11) https://mail.example.org/owa/ 302 0 0 62",
        "2026-11-22 08:23:21 198.51.100.7 POST /Microsoft-Server-ActiveSync/default.eas Cmd=Sync&User=anna&DeviceId=A1&DeviceType=iPhone 443 EXAMPLE\\anna 192.0.2.10 Apple-iPhone - 200 0 0 312",
        "2026-11-22 08:23:21 2001:db8::7 GET /ecp/ - 443 - 203.0.113.9 - - 401 2 5 3",
    ],
);

/// Reads the time, where the columns behind it are an address, a method and a path.
pub(super) fn header(line: &[u8]) -> Option<Header<'_>> {
    let (stamp, rest) = digits(line, Order::YearMonthDay, b'-', b' ')?;
    let text = rest.strip_prefix(b" ")?;
    let mut at = Scan::new(text, b"");
    front(&mut at)?;
    Some(Header {
        stamp: Stamp {
            offset_minutes: Some(0),
            ..stamp
        },
        tag: "exchange".into(),
        text,
        ..Header::default()
    })
}

/// `198.51.100.7 POST /owa/auth.owa `.
fn front<'a>(at: &mut Scan<'a>) -> Option<(&'a BStr, &'a BStr)> {
    let server = at.until(b' ')?;
    let is_address = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'%');
    (server.len() > 2 && server.iter().all(is_address)).then_some(())?;
    let method = at.until(b' ')?;
    let is_method = !method.is_empty()
        && method
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    (is_method && at.peek().starts_with(b"/")).then_some(())?;
    let path = at.until(b' ')?;
    Some((method, path))
}

fn request<'a>(at: &mut Scan<'a>) -> Option<Body<'a>> {
    let text = at.peek();
    let (method, path) = front(at)?;
    let query = at.until(b' ')?;
    let path = match query == "-" {
        true => path,
        false => {
            let end = text.len() - at.peek().len() - 1;
            text[end - query.len() - 1 - path.len()..end].into()
        }
    };
    at.number::<u16>()?;
    at.lit(" ")?;
    let user = given(at.until(b' ')?);
    let address = at.until(b' ')?;
    let user_agent = given(at.until(b' ')?);
    let referer = given(at.until(b' ')?);
    let status = at.number()?;
    at.lit(" ")?;
    at.number::<u32>()?;
    at.lit(" ")?;
    at.number::<u64>()?;
    at.lit(" ")?;
    let took_ms = at.number()?;
    at.end()?;
    Some(Body::Web(Box::new(WebRequest {
        kind: kind_of(method, path, Some(status), user),
        client: Peer {
            address,
            ..Peer::default()
        },
        user,
        method,
        path,
        status: Some(status),
        took_ms: Some(took_ms),
        referer,
        user_agent,
        ..WebRequest::default()
    })))
}

/// A column's value; `-` is none.
fn given(column: &BStr) -> &BStr {
    if column == "-" {
        BStr::new(b"")
    } else {
        column
    }
}
