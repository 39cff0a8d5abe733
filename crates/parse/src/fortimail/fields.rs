//! The fields of a line: `key=value`, `key="value"`.

use bstr::BStr;
use memchr::memchr;

/// What the rules want of a line; empty where it is absent.
#[derive(Clone, Copy, Default)]
pub(super) struct Fields<'a> {
    /// `type`
    pub(super) kind: &'a BStr,
    pub(super) subtype: &'a BStr,
    /// `pri`
    pub(super) level: &'a BStr,
    pub(super) session_id: &'a BStr,
    pub(super) user: &'a BStr,
    /// `ui`
    pub(super) place: &'a BStr,
    pub(super) action: &'a BStr,
    pub(super) status: &'a BStr,
    pub(super) client_name: &'a BStr,
    pub(super) client_ip: &'a BStr,
    /// `src`
    pub(super) source: &'a BStr,
    pub(super) from: Option<&'a BStr>,
    pub(super) to: &'a BStr,
    /// `hfrom`
    pub(super) header_from: &'a BStr,
    pub(super) subject: &'a BStr,
    pub(super) message_id: &'a BStr,
    pub(super) message_length: &'a BStr,
    pub(super) virus: &'a BStr,
    pub(super) disposition: &'a BStr,
    pub(super) classifier: &'a BStr,
    /// `polid`
    pub(super) policy: &'a BStr,
    /// `msg`
    pub(super) message: &'a BStr,
}

impl<'a> Fields<'a> {
    /// The fields of a whole text; `None` where it is no row of them.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        let mut found = Fields::default();
        let mut next = Some(key(text)?);
        while let Some((name, rest)) = next {
            let (value, behind) = value(rest)?;
            found.take(name, value);
            next = behind;
        }
        Some(found)
    }

    fn take(&mut self, key: &[u8], value: &'a BStr) {
        let place = match key {
            b"from" => {
                self.from = Some(value);
                return;
            }
            b"type" => &mut self.kind,
            b"subtype" => &mut self.subtype,
            b"pri" => &mut self.level,
            b"session_id" => &mut self.session_id,
            b"user" => &mut self.user,
            b"ui" => &mut self.place,
            b"action" => &mut self.action,
            b"status" => &mut self.status,
            b"client_name" => &mut self.client_name,
            b"client_ip" => &mut self.client_ip,
            b"src" => &mut self.source,
            b"to" => &mut self.to,
            b"hfrom" => &mut self.header_from,
            b"subject" => &mut self.subject,
            b"message_id" => &mut self.message_id,
            b"message_length" => &mut self.message_length,
            b"virus" => &mut self.virus,
            b"disposition" => &mut self.disposition,
            b"classifier" => &mut self.classifier,
            b"polid" => &mut self.policy,
            b"msg" => &mut self.message,
            _ => return,
        };
        *place = value;
    }
}

/// A key and what stands behind its `=`.
type Key<'a> = (&'a [u8], &'a [u8]);

/// The value, and the key behind it. A value ends where the next key begins, since quotes within
/// are written as they are.
fn value(text: &[u8]) -> Option<(&BStr, Option<Key<'_>>)> {
    let is_quoted = text.first() == Some(&b'"');
    let mut from = 0;
    let (end, next) = loop {
        let Some(len) = memchr(b' ', &text[from..]) else {
            break (text.len(), None);
        };
        let end = from + len;
        if !is_quoted || (end > 1 && text[end - 1] == b'"') {
            let next = key(text[end..].trim_ascii_start());
            if next.is_some() {
                break (end, next);
            }
        }
        from = end + 1;
    };
    let value = text[..end].trim_ascii_end();
    if !is_quoted {
        return Some((value.into(), next));
    }
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some((inner.into(), next))
}

/// Takes `key=`.
fn key(text: &[u8]) -> Option<Key<'_>> {
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    let len = text.iter().take_while(|byte| is_part(byte)).count();
    let rest = text[len..].strip_prefix(b"=")?;
    (len > 0).then_some((&text[..len], rest))
}
