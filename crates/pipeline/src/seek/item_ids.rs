//! What was done in a mailbox to messages that lines name by their number there: Zimbra and Cyrus tell
//! Message-ID and number once, when a message comes in.
//!
//! Numbers are small and each mailbox has them, so all lines of the mailbox are looked for, and those
//! kept that name one of its numbers.

use super::Hit;
use bstr::BStr;
use model::{Body, Event, MailboxAction};
use std::collections::HashSet;

/// Mailboxes and numbers of messages in them.
#[derive(Default)]
pub(super) struct ItemIds {
    known: HashSet<(Vec<u8>, u32)>,
    /// How many were known when lines were looked for last.
    asked: usize,
}

impl ItemIds {
    /// What all lines of the mailboxes hold, if more is known of the lines found than before.
    pub(super) fn question<'h>(&mut self, hits: impl Iterator<Item = &'h Hit>) -> Vec<Vec<u8>> {
        let mut texts = HashSet::new();
        for hit in hits.filter(|hit| hit.own) {
            let event = parse::line(hit.readable());
            let Some((name, it)) = action(&event).filter(|(_, it)| !it.message_id.is_empty())
            else {
                continue;
            };
            self.known.extend(it.uid.map(|number| key(name, number)));
            let word: &[u8] = if event.program == "zimbra" {
                b"name="
            } else {
                b"=<"
            };
            texts.insert([word, name].concat());
        }
        match self.known.len() > std::mem::replace(&mut self.asked, self.known.len()) {
            true => texts.into_iter().collect(),
            false => Vec::new(),
        }
    }

    /// Those of the lines that name a number, also of copies that were made on the way.
    pub(super) fn choose(&mut self, looked: Vec<Hit>) -> Vec<Hit> {
        let mut ordered = looked;
        ordered.sort_by_key(|hit| super::key(hit.place));
        ordered.retain(|hit| {
            let event = parse::line(hit.readable());
            action(&event).is_some_and(|(name, it)| self.is_named_by(name, it))
        });
        ordered
    }

    fn is_named_by(&mut self, name: &BStr, it: &MailboxAction<'_>) -> bool {
        let is_known = |number| self.known.contains(&key(name, number));
        let is_named = it.message_id.is_empty() && it.uids().any(is_known);
        if let Some(copy) = it.copy_uid.filter(|_| is_named) {
            self.known.insert(key(name, copy));
        }
        is_named
    }
}

fn key(name: &BStr, number: u32) -> (Vec<u8>, u32) {
    (name.to_ascii_lowercase(), number)
}

fn action<'e>(event: &'e Event<'_>) -> Option<(&'e BStr, &'e MailboxAction<'e>)> {
    match &event.body {
        Body::Mailbox(it) => Some((correlate::numbered_in(event, it)?, it)),
        _ => None,
    }
}
