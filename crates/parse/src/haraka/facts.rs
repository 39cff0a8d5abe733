//! The keys and values of a line: `ip=192.0.2.10 msg="a b"`.
//! Source: Haraka `logger.js` (`stringify`).

use crate::scan::Scan;
use bstr::BStr;
use memchr::memchr2;

macro_rules! facts {
    ($($name:ident = $key:literal,)*) => {
        /// What a line names; empty where it does not.
        #[derive(Clone, Copy, Debug, Default)]
        pub(super) struct Facts<'a> {
            $(pub(super) $name: &'a BStr,)*
        }

        impl<'a> Facts<'a> {
            /// Keeps a value, if its key is one that is looked at.
            #[inline]
            pub(super) fn set(&mut self, key: &[u8], value: &'a BStr) {
                match key {
                    $($key => self.$name = value,)*
                    _ => {}
                }
            }
        }
    };
}

facts! {
    ip = b"ip",
    port = b"port",
    local_ip = b"local_ip",
    local_port = b"local_port",
    code = b"code",
    msg = b"msg",
    sender = b"sender",
    mid = b"mid",
    size = b"size",
    rdns = b"rdns",
    helo = b"helo",
    cipher = b"cipher",
    version = b"version",
    domain = b"domain",
    host = b"host",
    mode = b"mode",
    tls = b"tls",
    response = b"response",
    delay = b"delay",
    rcpts = b"rcpts",
    mfrom = b"mfrom",
    result = b"result",
    selector = b"selector",
    file = b"file",
}

/// Takes ` key=value key="val ue"` to the end; `None` where something else stands there.
pub(super) fn facts<'a>(at: &mut Scan<'a>) -> Option<Facts<'a>> {
    let mut facts = Facts::default();
    loop {
        at.while_(|byte| byte == b' ');
        if at.end().is_some() {
            return Some(facts);
        }
        let key = at.until(b'=')?;
        if key.is_empty() || key.contains(&b' ') {
            return None;
        }
        facts.set(key, value(at)?);
    }
}

/// A value: quoted where it holds spaces, quotes or `=`; addresses of spf stand in `<>`.
fn value<'a>(at: &mut Scan<'a>) -> Option<&'a BStr> {
    if !at.has("\"") {
        return Some(at.word().unwrap_or_default());
    }
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

/// The whole number that a value is.
pub(super) fn number<N: TryFrom<u64>>(value: &BStr) -> Option<N> {
    let mut at = Scan::new(value, b"");
    let number = at.number()?;
    at.end()?;
    Some(number)
}
