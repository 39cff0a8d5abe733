//! An object taken apart, so that members are found by name without reading it again.

use super::{Span, spans};
use crate::json;
use bstr::BStr;
use std::cell::Cell;

/// The first members of an object, as many as there is room for.
pub(crate) struct Object<'a, const ROOM: usize> {
    text: &'a [u8],
    /// What tells names apart at a glance, then where names and values stand.
    keys: [u64; ROOM],
    names: [Span; ROOM],
    values: [Span; ROOM],
    len: usize,
    /// Where the last member was found. Members stand in much the same order in each object of a
    /// kind, and so do the questions of a rule.
    last: Cell<usize>,
}

/// Bytes of a name that are in its key.
const KEY_BYTES: usize = 7;

/// A name's length and first bytes. Names of no more than these have the same only if they are the same.
#[inline]
fn key(name: &[u8]) -> u64 {
    let mut key = [0; 8];
    let len = name.len().min(KEY_BYTES);
    key[..len].copy_from_slice(&name[..len]);
    key[KEY_BYTES] = name.len().min(usize::from(u8::MAX)) as u8;
    u64::from_le_bytes(key)
}

/// The key of a name in a text, most often by reading eight bytes of it at once.
#[inline]
fn key_at(text: &[u8], name: Span) -> u64 {
    let eight = text.get(name.at()..).and_then(|rest| rest.first_chunk());
    let (Some(eight), 1..=KEY_BYTES) = (eight, name.len()) else {
        return key(name.of(text));
    };
    let above = 8 * (8 - name.len());
    let first = u64::from_le_bytes(*eight) << above >> above;
    first | (name.len() as u64) << (8 * KEY_BYTES)
}

impl<'a, const ROOM: usize> Object<'a, ROOM> {
    /// One without members. It is large: who reads many fills it where it lies.
    pub(crate) fn empty() -> Self {
        Object {
            text: b"",
            keys: [0; ROOM],
            names: [Span::default(); ROOM],
            values: [Span::default(); ROOM],
            len: 0,
            last: Cell::new(0),
        }
    }

    /// Takes a text apart; without members where it is none.
    pub(crate) fn of(text: Option<&'a [u8]>) -> Self {
        let mut object = Object::empty();
        if text.and_then(|text| object.fill(text)).is_none() {
            object.len = 0;
        }
        object
    }

    /// Takes a text apart; `None` where it is not one object and nothing else.
    #[inline]
    pub(crate) fn fill(&mut self, text: &'a [u8]) -> Option<()> {
        self.text = text;
        let mut len = 0;
        let whole = spans(text, |name, value| {
            if len < ROOM {
                self.keys[len] = key_at(text, name);
                self.names[len] = name;
                self.values[len] = value;
                len += 1;
            }
        });
        self.len = len;
        whole
    }

    /// All members, name and value as written.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let (names, values) = (&self.names[..self.len], &self.values[..self.len]);
        let pairs = names.iter().zip(values);
        pairs.map(|(name, value)| (name.of(self.text), value.of(self.text)))
    }

    /// A value as written; `None` where there is none, or `null`.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.find(key(name.as_bytes()), name.as_bytes())
    }

    fn find(&self, key: u64, name: &[u8]) -> Option<&'a [u8]> {
        let from = self.last.get().min(self.len);
        let is = |at: usize| {
            self.keys[at] == key
                && (name.len() <= KEY_BYTES || self.names[at].of(self.text) == name)
        };
        let at = (from..self.len).chain(0..from).find(|&at| is(at))?;
        self.last.set(at + 1);
        let value = self.values[at].of(self.text);
        (value != b"null").then_some(value)
    }

    /// A string; of an array the first. `None` where it is absent or empty.
    #[inline]
    pub(crate) fn text(&self, name: &str) -> Option<&'a BStr> {
        json::text(self.get(name)?).filter(|text| !text.is_empty())
    }

    /// A string; empty where it is absent.
    #[inline]
    pub(crate) fn text_or_empty(&self, name: &str) -> &'a BStr {
        self.text(name).unwrap_or_default()
    }

    /// A string, or the strings of an array as written; empty where it is absent.
    pub(crate) fn texts(&self, name: &str) -> &'a BStr {
        self.get(name).and_then(json::texts).unwrap_or_default()
    }

    /// A whole number.
    pub(crate) fn number<N: TryFrom<u64>>(&self, name: &str) -> Option<N> {
        json::number(self.get(name)?)
    }

    /// Whether a member is that string.
    pub(crate) fn is(&self, name: &str, text: &str) -> bool {
        self.text(name).is_some_and(|it| it == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_name_in_any_order() {
        let text = br#"{"a":"1","longer_name":2,"longer_nose":3,"":4,"b":null,"sevenly":5}"#;
        let object = Object::<8>::of(Some(text));
        assert_eq!(object.number::<u8>("longer_nose"), Some(3));
        assert_eq!(object.number::<u8>("longer_name"), Some(2));
        assert_eq!(object.text("a").unwrap(), "1");
        assert_eq!(object.number::<u8>("sevenly"), Some(5));
        assert_eq!(object.number::<u8>(""), Some(4));
        assert_eq!(object.get("b"), None);
        assert_eq!(object.get("longer_n"), None);
        assert_eq!(object.members().count(), 6);
    }

    #[test]
    fn what_there_is_no_room_for_is_passed_over_and_what_is_no_object_has_no_members() {
        let object = Object::<1>::of(Some(br#"{"a":1,"b":2}"#));
        assert_eq!(object.number::<u8>("a"), Some(1));
        assert_eq!(object.get("b"), None);
        assert_eq!(Object::<4>::of(Some(br#"{"a":1,"b"}"#)).get("a"), None);
        assert_eq!(Object::<4>::of(None).get("a"), None);
    }
}
