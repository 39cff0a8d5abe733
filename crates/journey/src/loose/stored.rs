//! What a mail store did with a message while it was delivered.

use super::{Items, lines_of};
use crate::JourneyLine;
use crate::item::{Item, push};
use crate::mailbox::{MailboxEntry, is_user};
use crate::text::{Pool, Text};
use foldhash::fast::FixedState;
use model::{DeliveryStatus, ItemKey, MailboxAction, Row};
use std::collections::HashMap;

/// How far the store's line and the server's may be apart where the Message-ID alone ties them: both
/// are written at once, by clocks of two hosts.
const NEAR_MS: i64 = 60_000;

/// What waits for its message.
#[derive(Debug, Default)]
pub(super) struct Deliveries(Vec<Stored>);

#[derive(Debug)]
struct Stored {
    /// The message, as far as the correlator could tell.
    item: Option<ItemKey>,
    message_id: Option<Text>,
    entry: MailboxEntry,
    lines: Vec<JourneyLine>,
    line_count: u32,
}

impl Deliveries {
    pub(super) fn take(
        &mut self,
        row: &Row<'_>,
        it: &MailboxAction<'_>,
        keep_lines: bool,
        pool: &mut Pool,
    ) {
        self.0.push(Stored {
            item: row.item,
            message_id: (!it.message_id.is_empty())
                .then(|| super::afterwards::bracketed(it.message_id, pool)),
            entry: MailboxEntry::new(row, it, pool),
            lines: lines_of(row, keep_lines, pool),
            line_count: row.lines.len() as u32,
        });
    }

    /// Mailbox entries go to the message of which the store's reply has their session id; where no
    /// reply has it, to the one that the correlator chose; where it knew none, since the store is
    /// another host, to the one of the Message-ID that was delivered to the user just then.
    pub(super) fn give(&mut self, items: &mut Items, places: &HashMap<ItemKey, u32, FixedState>) {
        let stored = std::mem::take(&mut self.0);
        let mut by_session: HashMap<&Text, Option<u32>, FixedState> = HashMap::default();
        let sessions = stored.iter().filter_map(|it| it.entry.session.as_ref());
        by_session.extend(sessions.map(|it| (it, None)));
        let mut by_id: HashMap<&Text, Vec<u32>, FixedState> = HashMap::default();
        let unplaced = stored.iter().filter(|it| it.item.is_none());
        by_id.extend(unplaced.filter_map(|it| Some((it.message_id.as_ref()?, Vec::new()))));
        for (at, item) in items.iter().enumerate() {
            let tried = item.iter().flat_map(|it| &it.tried);
            for id in tried.filter_map(|it| it.attempt.next_queue_id.as_ref()) {
                if let Some(found) = by_session.get_mut(id) {
                    *found = Some(at as u32);
                }
            }
            let message_id = item.as_ref().and_then(|it| it.facts.message_id.as_ref());
            if let Some(known) = message_id.and_then(|id| by_id.get_mut(id)) {
                known.push(at as u32);
            }
        }
        let of_session = |it: &Stored| *by_session.get(it.entry.session.as_ref()?)?;
        let of_row = |it: &Stored| places.get(&it.item?).copied();
        let of_message_id = |it: &Stored| {
            let known = by_id.get(it.message_id.as_ref()?)?.iter();
            let off = |at: u32| Some((off_ms(items[at as usize].as_deref()?, &it.entry)?, at));
            known.filter_map(|&at| off(at)).min().map(|(_, at)| at)
        };
        let found: Vec<Option<u32>> = stored
            .iter()
            .map(|it| {
                of_session(it)
                    .or_else(|| of_row(it))
                    .or_else(|| of_message_id(it))
            })
            .collect();
        for (it, at) in stored.into_iter().zip(found) {
            if let Some(item) = at.and_then(|at| items[at as usize].as_mut()) {
                if !item.mailbox.iter().any(|known| it.entry.tells_again(known)) {
                    push(&mut item.mailbox, it.entry);
                }
                item.lines.extend(it.lines);
                item.line_count += it.line_count;
            }
        }
    }
}

/// How far apart an entry and the delivery to its user are; `None` where there is none near.
fn off_ms(item: &Item, entry: &MailboxEntry) -> Option<i64> {
    let to_user = item.tried.iter().filter(|it| {
        it.status == DeliveryStatus::Sent && is_user(&entry.user, &it.attempt.rcpt_to)
    });
    to_user
        .map(|it| entry.at.millis_since(it.attempt.at).abs())
        .min()
        .filter(|off| *off <= NEAR_MS)
}
