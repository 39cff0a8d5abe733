//! The tail of a login process' line: `user=<anna>, method=PLAIN, rip=192.0.2.7, ..., session=<ID>`.
//! Source: dovecot `src/login-common/client-common.c` (`login_log_format_elements`).

use crate::scan::Scan;
use bstr::BStr;
use memchr::{memchr, memmem, memrchr};
use model::Peer;

/// What the elements tell; those that are absent are empty.
#[derive(Clone, Copy, Default)]
pub(super) struct Elements<'a> {
    pub(super) user: &'a BStr,
    pub(super) method: &'a BStr,
    pub(super) client: Peer<'a>,
    pub(super) server: Peer<'a>,
    pub(super) mail_pid: Option<u32>,
    /// Whether TLS was up.
    pub(super) tls: bool,
    pub(super) session: &'a BStr,
}

/// Takes the elements up to the end. Which there are is a setting; unknown ones are passed over.
#[inline]
pub(super) fn elements<'a>(at: &mut Scan<'a>) -> Option<Elements<'a>> {
    let text = at.peek();
    if !starts(text) {
        return None;
    }
    let mut found = Elements::default();
    if at.has("user=<") {
        found.user = user(at)?;
    }
    let mut addresses = 0;
    while at.end().is_none() {
        let start = text.len() - at.peek().len();
        let element = element(at);
        if element.starts_with(b"rip=") {
            addresses += 1;
            if addresses > 1 {
                found = restart(text, start);
            }
        }
        found.add(element);
    }
    if !found.session.is_empty() {
        at.session = found.session;
    }
    Some(found)
}

/// Splits `MESSAGE: ELEMENTS` where the elements start.
#[inline]
pub(super) fn split<'a>(at: &mut Scan<'a>) -> Option<(&'a [u8], Elements<'a>)> {
    let text = at.peek();
    let end = [": user=<", ": method=", ": rip="]
        .iter()
        .find_map(|start| memmem::find(text, start.as_bytes()))?;
    *at = at.over(text.get(end + 2..)?);
    Some((&text[..end], elements(at)?))
}

fn starts(text: &[u8]) -> bool {
    [&b"user=<"[..], b"method=", b"rip="]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Takes the user up to a `>` that ends an element.
#[inline]
fn user<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    let text = at.peek();
    let mut from = 0;
    loop {
        let end = from + memchr(b'>', &text[from..])?;
        let rest = &text[end + 1..];
        if rest.is_empty() || rest.starts_with(b", ") {
            *at = at.over(rest.get(2..).unwrap_or_default());
            return Some(text[..end].into());
        }
        from = end + 1;
    }
}

/// Who tries to log in may put `>, rip=...` into the user name. Dovecot writes one `rip=`, so with
/// two of them the user reaches up to the last `>` before the last one, and all that was read out of
/// the name is forgotten.
fn restart(text: &[u8], last: usize) -> Elements<'_> {
    let head = &text[..last];
    let Some(end) = memrchr(b'>', head) else {
        return Elements::default();
    };
    let mut found = Elements {
        user: head.get(6..end).unwrap_or_default().into(),
        ..Elements::default()
    };
    if let Some(method) = head[end..].strip_prefix(b">, ") {
        found.add(method.strip_suffix(b", ").unwrap_or(method));
    }
    found
}

/// Takes an element and the `, ` behind it.
#[inline]
fn element<'a>(at: &mut Scan<'a>) -> &'a [u8] {
    let text = at.peek();
    let mut from = 0;
    while let Some(len) = memchr(b',', &text[from..]) {
        let comma = from + len;
        if text.get(comma + 1) == Some(&b' ') {
            *at = at.over(&text[comma + 2..]);
            return &text[..comma];
        }
        from = comma + 1;
    }
    at.remainder()
}

impl<'a> Elements<'a> {
    #[inline]
    fn add(&mut self, element: &'a [u8]) {
        match element {
            [b'r', b'i', b'p', b'=', ip @ ..] => self.client.address = ip.into(),
            [b'l', b'i', b'p', b'=', ip @ ..] => self.server.address = ip.into(),
            [b'm', b'e', b't', b'h', b'o', b'd', b'=', name @ ..] => self.method = name.into(),
            [b'm', b'p', b'i', b'd', b'=', pid @ ..] | [b'P', b'I', b'D', b'=', pid @ ..] => {
                self.mail_pid = whole(pid);
            }
            [b'r', b'p', b'o', b'r', b't', b'=', port @ ..] => self.client.port = whole(port),
            [b'l', b'p', b'o', b'r', b't', b'=', port @ ..] => self.server.port = whole(port),
            [
                b's',
                b'e',
                b's',
                b's',
                b'i',
                b'o',
                b'n',
                b'=',
                b'<',
                id @ ..,
                b'>',
            ] => {
                self.session = id.into();
            }
            // A handshake that is not done encrypts nothing yet.
            [b'T', b'L', b'S', rest @ ..] => self.tls = !rest.starts_with(b" handshaking"),
            _ => {}
        }
    }
}

fn whole<N: TryFrom<u64>>(digits: &[u8]) -> Option<N> {
    Scan::new(digits, b"").number()
}
