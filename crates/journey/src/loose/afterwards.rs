//! What users did in their mailboxes with messages that a line names by Message-ID, and what the sender's application
//! tells of them.

use crate::mailbox::{MailboxEntry, is_user};
use crate::text::{Pool, Text};
use crate::{Journey, JourneyLine, Outcome, Recipient};
use bstr::BStr;
use foldhash::fast::FixedState;
use model::Row;
use std::collections::HashMap;

/// All that waits for its message.
#[derive(Debug, Default)]
pub(super) struct Afterwards(Vec<Done>);

/// What a user did with a message that the line names.
#[derive(Debug)]
struct Done {
    message_id: Text,
    entry: MailboxEntry,
    lines: Vec<JourneyLine>,
    line_count: u32,
}

impl Afterwards {
    pub(super) fn take(
        &mut self,
        row: &Row<'_>,
        message_id: &BStr,
        entry: MailboxEntry,
        lines: Vec<JourneyLine>,
        pool: &mut Pool,
    ) {
        self.0.push(Done {
            message_id: bracketed(message_id, pool),
            entry,
            lines,
            line_count: row.lines.len() as u32,
        });
    }

    /// What users did with their messages goes to the recipient that has the user's name, and what an application
    /// tells to the one that it names, also if that was rewritten.
    pub(super) fn give(&mut self, journeys: &mut [Journey]) {
        if self.0.is_empty() {
            return;
        }
        let mut by_id: HashMap<Text, Vec<usize>, FixedState> = HashMap::default();
        for (at, journey) in journeys.iter().enumerate() {
            if let Some(id) = &journey.message_id {
                by_id.entry(id.clone()).or_default().push(at);
            }
        }
        for it in std::mem::take(&mut self.0) {
            let named = by_id.get(&it.message_id).into_iter().flatten();
            for &at in named {
                let journey = &mut journeys[at];
                let is_told = it.entry.is_told();
                if !is_told && it.entry.at < journey.arrived {
                    continue;
                }
                let is_own = |rcpt: &&mut Recipient| {
                    let user = &it.entry.user;
                    let named = |address: &Text| user.eq_ignore_ascii_case(address);
                    match is_told {
                        true => {
                            named(&rcpt.rcpt_to) || rcpt.orig_rcpt_to.as_ref().is_some_and(named)
                        }
                        false => rcpt.outcome == Outcome::Delivered && is_user(user, &rcpt.rcpt_to),
                    }
                };
                if let Some(rcpt) = journey.recipients.iter_mut().find(is_own) {
                    rcpt.afterwards.push(it.entry);
                    journey.lines.extend(it.lines);
                    journey.line_count += it.line_count;
                    break;
                }
            }
        }
        for journey in journeys {
            for rcpt in &mut journey.recipients {
                rcpt.afterwards.sort_by_key(|it| it.at);
            }
            journey.lines.sort_by_key(|it| (it.at, it.id));
        }
    }
}

/// As journeys hold it.
pub(super) fn bracketed(message_id: &BStr, pool: &mut Pool) -> Text {
    match message_id.first() {
        Some(b'<') => pool.text(message_id),
        _ => pool.text(&[b"<", &**message_id, b">"].concat()),
    }
}
