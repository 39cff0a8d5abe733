//! Hosts as Sendmail names them: `host [address]`, `[address]`, `host [address] (may be forged)`.

use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr;
use model::Peer;

/// Takes a client up to its address and what is told of its name. The host may be missing, also
/// with its space left.
/// Source: sendmail `sendmail/daemon.c` (`getauthinfo`, `anynet_ntoa`), `sendmail/conf.c`.
#[inline]
pub(super) fn client<'a>(at: &mut Scan<'a>) -> Option<Peer<'a>> {
    let text = at.peek();
    let open = memchr(b'[', text)?;
    let name = text[..open].trim_ascii();
    if name.contains(&b' ') {
        return None;
    }
    let close = open + memchr(b']', &text[open..])?;
    *at = at.over(&text[close + 1..]);
    if at.has(" (may be forged)") || at.has(" (may be") {
        at.has(")");
    }
    Some(Peer {
        name: name.into(),
        address: address(&text[open + 1..close]),
        port: None,
    })
}

/// The host that a message was handed to: `mx.example.net. [192.0.2.25]`, `mx.example.net.`,
/// `[192.0.2.25] [192.0.2.25]`, or only a name where none was reached.
#[inline]
pub(super) fn relay(text: &[u8]) -> Peer<'_> {
    let (name, behind) = match memchr(b' ', text) {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (text, &text[text.len()..]),
    };
    let bracketed = |text: &'_ [u8]| text.starts_with(b"[") && text.ends_with(b"]");
    let inner = |text| address(text_inside(text));
    let (name, given) = if bracketed(name) {
        (&name[..0], inner(name))
    } else {
        (name.strip_suffix(b".").unwrap_or(name), BStr::new(b""))
    };
    Peer {
        name: name.into(),
        address: if bracketed(behind) {
            inner(behind)
        } else {
            given
        },
        port: None,
    }
}

fn text_inside(bracketed: &[u8]) -> &[u8] {
    &bracketed[1..bracketed.len() - 1]
}

/// An address without the mark of IPv6 literals (RFC 5321 §4.1.3).
fn address(text: &[u8]) -> &BStr {
    text.strip_prefix(b"IPv6:").unwrap_or(text).into()
}
