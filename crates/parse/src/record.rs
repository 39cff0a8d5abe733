//! A line that is one JSON object, taken apart once, for the rules that read it.
//!
//! Such records hold their own time and often their own host, so a rule may set these too.

use crate::json::Object;
use bstr::BStr;
use model::{Severity, Stamp};
use std::ops::Deref;

/// Members of a record that are kept; those behind are passed over.
pub(crate) const MEMBERS_MAX: usize = 48;

/// A record's members, and what a rule found out of the event's head.
pub(crate) struct Record<'a> {
    members: Object<'a, MEMBERS_MAX>,
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
    /// A record of which nothing is known yet. It is large: who reads many fills it where it lies.
    pub(crate) fn empty() -> Self {
        Record {
            members: Object::empty(),
            program: "",
            stamp: Stamp::default(),
            host: BStr::new(b""),
            severity: Severity::Info,
            queue_id: None,
            session: BStr::new(b""),
        }
    }

    /// Takes a text apart; `None` where it is not one object and nothing else.
    #[inline]
    pub(crate) fn fill(&mut self, text: &'a [u8]) -> Option<()> {
        self.members.fill(text)
    }
}

impl<'a> Deref for Record<'a> {
    type Target = Object<'a, MEMBERS_MAX>;

    fn deref(&self) -> &Self::Target {
        &self.members
    }
}
