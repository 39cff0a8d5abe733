//! What was done in a mailbox to messages that lines name by their number there: Zimbra tells
//! Message-ID and number once, when a message comes in.
//!
//! Numbers are small and each mailbox has them, so all lines of the account are looked for, and those
//! kept that name one of its numbers.

use super::Hit;
use bstr::BStr;
use model::{Body, Event, MailboxAction};
use std::collections::HashSet;

/// Accounts and numbers of messages.
#[derive(Default)]
pub(super) struct ItemIds(HashSet<(Vec<u8>, u32)>);

impl ItemIds {
    /// Those that the lines found tell with a Message-ID.
    pub(super) fn of<'h>(hits: impl Iterator<Item = &'h Hit>) -> Self {
        let mut known = ItemIds::default();
        for hit in hits.filter(|hit| hit.own) {
            let event = parse::line(hit.readable());
            if let Some(it) = action(&event).filter(|it| !it.message_id.is_empty()) {
                known
                    .0
                    .extend(it.uid.map(|number| of_account(it.user, number)));
            }
        }
        known
    }

    /// What all lines of the accounts hold.
    pub(super) fn texts(&self) -> Vec<Vec<u8>> {
        let users: HashSet<&[u8]> = self.0.iter().map(|(user, _)| &**user).collect();
        let text = |user: &[u8]| [b"name=", user].concat();
        users.into_iter().map(text).collect()
    }

    /// Those of the lines that name a number, also of copies that were made on the way.
    pub(super) fn choose(&mut self, looked: Vec<Hit>) -> Vec<Hit> {
        let mut ordered = looked;
        ordered.sort_by_key(|hit| super::key(hit.place));
        ordered.retain(|hit| {
            let event = parse::line(hit.readable());
            action(&event).is_some_and(|it| self.is_named_by(it))
        });
        ordered
    }

    fn is_named_by(&mut self, it: &MailboxAction<'_>) -> bool {
        let is_known = |number| self.0.contains(&of_account(it.user, number));
        let is_named = it.message_id.is_empty() && it.uids().any(is_known);
        if let Some(copy) = it.copy_uid.filter(|_| is_named) {
            self.0.insert(of_account(it.user, copy));
        }
        is_named
    }
}

fn of_account(user: &BStr, number: u32) -> (Vec<u8>, u32) {
    (user.to_ascii_lowercase(), number)
}

fn action<'e>(event: &'e Event<'_>) -> Option<&'e MailboxAction<'e>> {
    match &event.body {
        Body::Mailbox(it) if event.program == "zimbra" => Some(it),
        _ => None,
    }
}
