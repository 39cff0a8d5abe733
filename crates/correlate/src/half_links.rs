//! Links of which only one side is known yet.

use crate::id::{Id, ItemRef, table_hash};
use crate::limits::HALF_LINKS_MAX;
use hashbrown::HashTable;
use model::{LinkKind, Timestamp};
use std::collections::VecDeque;

/// By what the other side will be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// An item with this queue id.
    QueueId,
    /// An item with this Message-ID.
    MessageId,
}

/// A parent that waits for its child.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HalfLink {
    pub(crate) wanted: Wanted,
    pub(crate) name: Id,
    pub(crate) from: ItemRef,
    pub(crate) kind: LinkKind,
    /// Time of the line that told.
    pub(crate) at: Timestamp,
    /// The child did not begin before this time.
    pub(crate) earliest: Timestamp,
    /// Confidence if it is found.
    pub(crate) confidence: u8,
    /// Whether the child must be in the same queue, on the same host, or anywhere.
    pub(crate) place: Place,
    /// Name of the next hop's host as the parent knows it; empty where unknown.
    pub(crate) relay_name: Id,
}

/// Where the child of a half link may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the same queue.
    SameQueue,
    /// On the same host.
    SameHost,
    /// On any host of which logs are read.
    AnyHost,
}

/// All half links, oldest first.
#[derive(Debug, Default)]
pub(crate) struct HalfLinks {
    /// Each with its number, by which `order` finds it.
    by_name: HashTable<(HalfLink, u64)>,
    order: VecDeque<(Timestamp, u64, u64)>,
    next_serial: u64,
}

fn hash(wanted: Wanted, name: &[u8]) -> u64 {
    table_hash(&[&[wanted as u8], name])
}

impl HalfLinks {
    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Puts a half link in, as the youngest.
    pub(crate) fn put(&mut self, half: HalfLink) {
        if self.by_name.len() >= HALF_LINKS_MAX {
            self.drop_oldest();
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        let hash_of = |(it, _): &(HalfLink, u64)| hash(it.wanted, it.name.bytes());
        let entry = (half, serial);
        let hash = hash_of(&entry);
        self.order.push_back((entry.0.at, hash, serial));
        self.by_name.insert_unique(hash, entry, hash_of);
    }

    /// Takes out the half links that wait for this name and pass, in the order in which they came.
    pub(crate) fn take(
        &mut self,
        wanted: Wanted,
        name: &[u8],
        mut passes: impl FnMut(&HalfLink) -> bool,
    ) -> Vec<HalfLink> {
        let hash = hash(wanted, name);
        let mut taken = Vec::new();
        while let Ok(entry) = self.by_name.find_entry(hash, |(it, _)| {
            it.wanted == wanted && it.name.bytes() == name && passes(it)
        }) {
            taken.push(entry.remove().0);
        }
        taken.sort_unstable_by_key(|(_, serial)| *serial);
        taken.into_iter().map(|(half, _)| half).collect()
    }

    /// Forgets those told of before a time, as far as they are the oldest. Of those that were taken
    /// out nothing is left that could hold others up: a state read back has none.
    pub(crate) fn expire(&mut self, before: Timestamp) {
        while let Some(&(at, hash, serial)) = self.order.front() {
            let waits = self.by_name.find(hash, |it| it.1 == serial).is_some();
            if waits && at >= before {
                return;
            }
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, hash, serial)) = self.order.pop_front()
            && let Ok(entry) = self.by_name.find_entry(hash, |it| it.1 == serial)
        {
            entry.remove();
        }
    }

    /// All in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &HalfLink> {
        self.order.iter().filter_map(|&(_, hash, serial)| {
            self.by_name
                .find(hash, |it| it.1 == serial)
                .map(|(half, _)| half)
        })
    }
}
