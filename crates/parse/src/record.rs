//! A line that is one JSON object, taken apart once, for the rules that read it.
//!
//! Such records hold their own time and often their own host, so a rule may set these too.

use crate::json;
use bstr::BStr;
use model::{Severity, Stamp};
use std::cell::Cell;

/// Members of a record that are kept; those behind are passed over.
const MEMBERS_MAX: usize = 48;

/// A record's members, and what a rule found out of the event's head.
pub(crate) struct Record<'a> {
    members: [(&'a [u8], &'a [u8]); MEMBERS_MAX],
    len: usize,
    /// Where the last member was found. Members stand in much the same order in each record of a
    /// program, and so do the questions of a rule.
    last: Cell<usize>,
    /// Name of the program; empty where the line's header tells it.
    pub(crate) program: &'static str,
    /// The record's own time.
    pub(crate) stamp: Stamp,
    /// The server that wrote it; empty where the record does not say.
    pub(crate) host: &'a BStr,
    pub(crate) severity: Severity,
    pub(crate) queue_id: Option<&'a BStr>,
    pub(crate) session: &'a BStr,
}

impl<'a> Record<'a> {
    /// Takes a text apart; `None` where it is not one object and nothing else.
    pub(crate) fn read(text: &'a [u8]) -> Option<Self> {
        let mut members: [(&[u8], &[u8]); MEMBERS_MAX] = [(b"", b""); MEMBERS_MAX];
        let mut len = 0;
        json::members(text, |name, value| {
            if let Some(member) = members.get_mut(len) {
                *member = (name, value);
                len += 1;
            }
        })?;
        Some(Record {
            members,
            len,
            last: Cell::new(0),
            program: "",
            stamp: Stamp::default(),
            host: BStr::new(b""),
            severity: Severity::Info,
            queue_id: None,
            session: BStr::new(b""),
        })
    }

    /// All members, name and value as written.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.members[..self.len].iter().copied()
    }

    /// A value as written; `None` where there is none, or `null`.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<&'a [u8]> {
        let found = &self.members[..self.len];
        let from = self.last.get();
        let (before, behind) = found.split_at(from.min(found.len()));
        let is = |member: &(&[u8], &[u8])| member.0 == name.as_bytes();
        let at = match behind.iter().position(is) {
            Some(at) => from + at,
            None => before.iter().position(is)?,
        };
        self.last.set(at + 1);
        let value = self.members[at].1;
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
