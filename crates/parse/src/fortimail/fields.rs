//! The fields of a line: `key=value`, `key="value"`.

use bstr::BStr;
use memchr::memchr_iter;

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
    pub(super) fn read(mut text: &'a [u8]) -> Option<Self> {
        let mut found = Fields::default();
        while !text.is_empty() {
            let (key, value, rest) = field(text)?;
            found.take(key, value);
            text = rest;
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

/// Key, value and what is left. A value ends where the next key begins, since quotes within are
/// written as they are.
fn field(text: &[u8]) -> Option<(&[u8], &BStr, &[u8])> {
    let (key, rest) = key(text)?;
    let is_quoted = rest.first() == Some(&b'"');
    let end = memchr_iter(b' ', rest).find(|&end| {
        let closed = !is_quoted || (end > 1 && rest[end - 1] == b'"');
        closed && starts_with_key(rest[end..].trim_ascii_start())
    });
    let end = end.unwrap_or(rest.len());
    let value = rest[..end].trim_ascii_end();
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|it| it.strip_suffix(b"\""));
    let value = if is_quoted { inner? } else { value };
    Some((key, value.into(), rest[end..].trim_ascii_start()))
}

fn starts_with_key(text: &[u8]) -> bool {
    key(text).is_some()
}

/// Takes `key=`.
fn key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    let len = text.iter().take_while(|byte| is_part(byte)).count();
    let rest = text[len..].strip_prefix(b"=")?;
    (len > 0).then_some((&text[..len], rest))
}
