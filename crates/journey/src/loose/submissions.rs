//! What programs of users handed in: a webmail's line may stand before those of the message, or be
//! all that there is of it.

use super::Items;
use crate::JourneyLine;
use crate::attempt::Tried;
use crate::item::{Item, push};
use crate::limits::HANDED_IN_WITHIN_MS;
use crate::text::{Pool, Text};
use bstr::BStr;
use foldhash::fast::FixedState;
use model::{Agent, Delivery, DeliveryStatus, ItemKey, Kind, Row, Submitted};
use std::collections::HashMap;
use std::hash::BuildHasher;

/// All that wait for their messages.
#[derive(Debug, Default)]
pub(super) struct Submissions(Vec<Submission>);

/// A submission as a message that its line alone tells of.
#[derive(Debug)]
struct Submission {
    item: Item,
    next_queue_id: Option<Text>,
}

impl Submissions {
    pub(super) fn take(
        &mut self,
        row: &Row<'_>,
        it: &Submitted<'_>,
        lines: Vec<JourneyLine>,
        pool: &mut Pool,
    ) {
        let name = (row.at, row.host, it.message_id, it.rcpt_to);
        let key = ItemKey(FixedState::default().hash_one(name));
        let mut item = Item::new(key, row.at, pool);
        item.take(row, 0, pool);
        item.lines = lines;
        item.facts.message_id = bracketed(it.message_id, pool);
        item.facts.mail_from = it.mail_from.map(|text| pool.text(text));
        hand_over(&mut item, row, it, pool);
        self.0.push(Submission {
            item,
            next_queue_id: it.next_queue_id.map(|id| pool.text(id)),
        });
    }

    /// Gives each to the message that it became; what is left are messages of their own.
    pub(super) fn give(self, items: &mut Vec<Option<Box<Item>>>) {
        if self.0.is_empty() {
            return;
        }
        let found = self.find(items);
        for (it, at) in self.0.into_iter().zip(found) {
            match at.and_then(|at| items[at].as_mut()) {
                Some(message) => {
                    message.handed_in = it.item.handed_in;
                    message.lines.extend(it.item.lines);
                    message.line_count += it.item.line_count;
                }
                None => items.push(Some(Box::new(it.item))),
            }
        }
    }

    /// The message of each: by the queue id of the reply, else the first with its Message-ID.
    fn find(&self, items: &Items) -> Vec<Option<usize>> {
        let mut by_name: HashMap<&Text, Vec<usize>, FixedState> = HashMap::default();
        let ids = self.0.iter().flat_map(Submission::names);
        by_name.extend(ids.map(|id| (id, Vec::new())));
        for (at, item) in items.iter().enumerate() {
            let Some(item) = item else { continue };
            let names = [Some(&item.queue_id), item.facts.message_id.as_ref()];
            for name in names.into_iter().flatten() {
                if let Some(known) = by_name.get_mut(name) {
                    known.push(at);
                }
            }
        }
        let of = |it: &Submission, name: Option<&Text>| {
            let known = by_name.get(name?)?.iter().copied();
            let near = known.filter(|&at| items[at].as_ref().is_some_and(|item| it.became(item)));
            near.min_by_key(|&at| items[at].as_ref().map(|item| item.facts.arrived))
        };
        let find = |it: &Submission| {
            of(it, it.next_queue_id.as_ref()).or_else(|| of(it, it.item.facts.message_id.as_ref()))
        };
        self.0.iter().map(find).collect()
    }
}

impl Submission {
    fn names(&self) -> impl Iterator<Item = &Text> {
        let names = [&self.next_queue_id, &self.item.facts.message_id];
        names.into_iter().flatten()
    }

    /// Whether a message that has one of the names can be the one handed in.
    fn became(&self, item: &Item) -> bool {
        let (own, other) = (&self.item.facts, &item.facts);
        let off_ms = own.arrived.millis_since(other.arrived).abs();
        let differ = match (&own.message_id, &other.message_id) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };
        off_ms <= HANDED_IN_WITHIN_MS && !differ && item.handed_in.is_none()
    }
}

/// A Message-ID as servers log it, with `<>`.
fn bracketed(id: &BStr, pool: &mut Pool) -> Option<Text> {
    match id.first()? {
        b'<' => Some(pool.text(id)),
        _ => Some(pool.text(&[b"<", &**id, b">"].concat())),
    }
}

/// Notes the reply as that of a next hop of which no line is there.
fn hand_over(item: &mut Item, row: &Row<'_>, it: &Submitted<'_>, pool: &mut Pool) {
    let refused = it.code.is_some_and(|code| code.failure_class().is_some());
    let delivery = Delivery {
        rcpt_to: it.rcpt_to,
        several: true,
        status: match refused {
            true => DeliveryStatus::Bounced,
            false => DeliveryStatus::Sent,
        },
        agent: Agent::Local,
        text: it.reply,
        code: it.code,
        remote_reply: true,
        next_queue_id: it.next_queue_id,
        ..Delivery::default()
    };
    for rcpt_to in delivery.recipients().filter(|it| !it.is_empty()) {
        let one = Delivery {
            rcpt_to,
            several: false,
            ..delivery
        };
        let mut tried = Tried::new(item.key, row, &one, 0, pool);
        tried.attempt.kind = match refused {
            true => Kind::Bounced,
            false => Kind::HandedOver,
        };
        push(&mut item.tried, tried);
    }
}
