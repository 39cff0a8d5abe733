//! What a tally keeps of messages while more may become known of them.

use crate::calendar::Hour;
use crate::limits::{CLOSED_MAX, LINKABLE_MS, LOST_AFTER_MS, NOTES_MAX, SWEEP_EVERY_MS};
use crate::ranking::NameHash;
use hashbrown::HashTable;
use model::{ItemKey, Timestamp};
use std::collections::VecDeque;

/// Index of an item.
pub(crate) type ItemIx = u32;

/// One queue item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    key: u64,
    /// The item that this one continues.
    pub(crate) parent: Option<ItemKey>,
    /// Hash of its queue id; 0 as long as no row has named it.
    pub(crate) queue_hash: u64,
    /// Hash of the id by which other servers know it; 0 if there is none.
    pub(crate) told_hash: u64,
    /// Names it was counted by, to take it back.
    pub(crate) sender: NameHash,
    pub(crate) client: NameHash,
    pub(crate) received_in: Hour,
    pub(crate) arrived: Timestamp,
    last: Timestamp,
    pub(crate) size: u64,
    notes: NoteIx,
    noted: u32,
    /// Recipients whose last attempt was deferred.
    pub(crate) deferred_open: u32,
    pub(crate) is: Flags,
}

/// What is known of an item, and what was counted of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    /// A row has told of it; else only a link has.
    pub(crate) seen: bool,
    /// The server has taken responsibility.
    pub(crate) queued: bool,
    pub(crate) held: bool,
    /// It was being received when the log ended.
    pub(crate) incoming: bool,
    pub(crate) discarded: bool,
    /// It has outlived the queue, with one recipient at least.
    pub(crate) expired: bool,
    /// It has left the queue, or was never in it.
    pub(crate) closed: bool,
    /// It is waiting for others' links only, and will be forgotten.
    leaving: bool,
    /// It is the same message as another item.
    pub(crate) continues: bool,
    /// It came from there by a delivery.
    pub(crate) handed_over: bool,
    /// A deferral of it, or of the item it continues, was counted.
    pub(crate) deferred: bool,
    /// Counted as received; its bytes too.
    pub(crate) received: bool,
    pub(crate) received_size: bool,
    pub(crate) local: bool,
    pub(crate) with_login: bool,
    /// As pflogsumm counts: received, its bytes, deferred.
    pub(crate) plain_received: bool,
    pub(crate) plain_size: bool,
    pub(crate) plain_deferred: bool,
}

type NoteIx = u32;
const NO_NOTE: NoteIx = u32::MAX;

/// A delivery of an item that may have to be taken back, or a recipient that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) what: NoteKind,
    pub(crate) recipient: NameHash,
    /// Hash of the queue id that the next hop gave; 0 where it told none.
    pub(crate) next_queue: u64,
    pub(crate) hour: Hour,
    pub(crate) times: u32,
}

/// What a note is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteKind {
    /// Deliveries with this next queue id are hand-overs to an own queue.
    OwnQueue,
    /// Counted as delivered.
    Sent,
    /// Waits for the next attempt.
    Deferred,
}

#[derive(Clone, Copy, Debug)]
struct Noted {
    note: Note,
    next: NoteIx,
}

/// All items, by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items {
    table: HashTable<(u64, ItemIx)>,
    items: Vec<Item>,
    free_items: Vec<ItemIx>,
    notes: Vec<Noted>,
    free_notes: Vec<NoteIx>,
    closed: VecDeque<(Timestamp, u64)>,
    next_sweep: Option<Timestamp>,
    /// Items forgotten without having seen their end.
    pub(crate) lost: u64,
}

impl Items {
    /// The item of a key, made if need be.
    #[inline]
    pub(crate) fn of(&mut self, key: ItemKey, at: Timestamp) -> ItemIx {
        let ix = match self.find(key) {
            Some(ix) => ix,
            None => self.insert(key, at),
        };
        let item = &mut self.items[ix as usize];
        item.last = item.last.max(at);
        ix
    }

    #[inline]
    pub(crate) fn find(&self, key: ItemKey) -> Option<ItemIx> {
        self.table
            .find(key.0, |&(known, _)| known == key.0)
            .map(|&(_, ix)| ix)
    }

    fn insert(&mut self, key: ItemKey, at: Timestamp) -> ItemIx {
        let item = Item {
            key: key.0,
            last: at,
            arrived: at,
            notes: NO_NOTE,
            ..Item::default()
        };
        let ix = match self.free_items.pop() {
            Some(ix) => {
                self.items[ix as usize] = item;
                ix
            }
            None => {
                self.items.push(item);
                self.items.len() as ItemIx - 1
            }
        };
        self.table
            .insert_unique(key.0, (key.0, ix), |&(key, _)| key);
        ix
    }

    #[inline]
    pub(crate) fn item(&self, ix: ItemIx) -> &Item {
        &self.items[ix as usize]
    }

    #[inline]
    pub(crate) fn item_mut(&mut self, ix: ItemIx) -> &mut Item {
        &mut self.items[ix as usize]
    }

    /// Items of which rows have told and that have not left the queue.
    pub(crate) fn open(&self) -> impl Iterator<Item = (ItemIx, &Item)> {
        let mut order: Vec<ItemIx> = self.table.iter().map(|&(_, ix)| ix).collect();
        order.sort_unstable();
        order
            .into_iter()
            .map(|ix| (ix, self.item(ix)))
            .filter(|(_, item)| item.is.seen && !item.is.closed)
    }

    /// Puts a note behind those of own queues, which stand first; `false` if there are too many.
    #[inline]
    pub(crate) fn note(&mut self, ix: ItemIx, note: Note) -> bool {
        let item = &mut self.items[ix as usize];
        if item.noted >= NOTES_MAX {
            return false;
        }
        item.noted += 1;
        let mut before = NO_NOTE;
        let mut next = item.notes;
        while note.what != NoteKind::OwnQueue
            && next != NO_NOTE
            && self.notes[next as usize].note.what == NoteKind::OwnQueue
        {
            before = next;
            next = self.notes[next as usize].next;
        }
        let noted = Noted { note, next };
        let at = match self.free_notes.pop() {
            Some(at) => {
                self.notes[at as usize] = noted;
                at
            }
            None => {
                self.notes.push(noted);
                self.notes.len() as NoteIx - 1
            }
        };
        match before {
            NO_NOTE => self.items[ix as usize].notes = at,
            before => self.notes[before as usize].next = at,
        }
        true
    }

    /// Whether deliveries with this next queue id are known to be hand-overs.
    #[inline]
    pub(crate) fn is_own_queue(&self, ix: ItemIx, next_queue: u64) -> bool {
        self.notes_of(ix)
            .take_while(|note| note.what == NoteKind::OwnQueue)
            .any(|note| note.next_queue == next_queue)
    }

    /// The notes of an item.
    pub(crate) fn notes_of(&self, ix: ItemIx) -> impl Iterator<Item = Note> {
        let mut next = self.items[ix as usize].notes;
        std::iter::from_fn(move || {
            let noted = self.notes.get(next as usize)?;
            next = noted.next;
            Some(noted.note)
        })
    }

    /// Takes out the first note that suits.
    pub(crate) fn take_note(&mut self, ix: ItemIx, suits: impl Fn(&Note) -> bool) -> Option<Note> {
        let mut before = NO_NOTE;
        let mut at = self.items[ix as usize].notes;
        while at != NO_NOTE {
            let noted = self.notes[at as usize];
            if suits(&noted.note) {
                match before {
                    NO_NOTE => self.items[ix as usize].notes = noted.next,
                    before => self.notes[before as usize].next = noted.next,
                }
                self.free_notes.push(at);
                self.items[ix as usize].noted -= 1;
                return Some(noted.note);
            }
            before = at;
            at = noted.next;
        }
        None
    }

    /// The item has left the queue; it is kept for a while for links.
    pub(crate) fn close(&mut self, ix: ItemIx, at: Timestamp) {
        let item = &mut self.items[ix as usize];
        item.is.closed = true;
        item.deferred_open = 0;
        if !item.is.leaving {
            item.is.leaving = true;
            self.closed.push_back((at, item.key));
        }
    }

    /// Forgets what nothing can be linked to any more.
    #[inline]
    pub(crate) fn forget(&mut self, now: Timestamp) {
        while let Some(&(at, key)) = self.closed.front()
            && (now.millis_since(at) > LINKABLE_MS || self.closed.len() > CLOSED_MAX)
        {
            self.closed.pop_front();
            self.remove(key);
        }
        if self.next_sweep.is_none_or(|due| now >= due) {
            self.sweep(now);
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        self.next_sweep = Some(now.plus_millis(SWEEP_EVERY_MS));
        let lost: Vec<u64> = self
            .table
            .iter()
            .filter(|&&(_, ix)| {
                let item = &self.items[ix as usize];
                !item.is.leaving && now.millis_since(item.last) > LOST_AFTER_MS
            })
            .map(|&(key, _)| key)
            .collect();
        for key in lost {
            if let Some(ix) = self.find(ItemKey(key)) {
                self.lost += u64::from(self.items[ix as usize].is.seen);
            }
            self.remove(key);
        }
    }

    fn remove(&mut self, key: u64) {
        let Ok(entry) = self.table.find_entry(key, |&(known, _)| known == key) else {
            return;
        };
        let ((_, ix), _) = entry.remove();
        let mut at = self.items[ix as usize].notes;
        while at != NO_NOTE {
            self.free_notes.push(at);
            at = self.notes[at as usize].next;
        }
        self.items[ix as usize].notes = NO_NOTE;
        self.free_items.push(ix);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(what: NoteKind, next_queue: u64) -> Note {
        Note {
            what,
            recipient: 0,
            next_queue,
            hour: 0,
            times: 1,
        }
    }

    #[test]
    fn notes_of_own_queues_stand_first_and_all_are_given_back() {
        let mut items = Items::default();
        let at = Timestamp::from_seconds(0);
        let ix = items.of(ItemKey(7), at);
        items.note(ix, note(NoteKind::Sent, 1));
        items.note(ix, note(NoteKind::OwnQueue, 2));
        items.note(ix, note(NoteKind::Deferred, 3));
        let order: Vec<u64> = items.notes_of(ix).map(|note| note.next_queue).collect();
        assert_eq!(order, [2, 3, 1]);
        assert!(items.is_own_queue(ix, 2) && !items.is_own_queue(ix, 1));
        assert_eq!(
            items.take_note(ix, |note| note.next_queue == 3),
            Some(note(NoteKind::Deferred, 3))
        );
        items.close(ix, at);
        items.forget(at.plus_millis(LINKABLE_MS));
        assert!(items.find(ItemKey(7)).is_some());
        items.forget(at.plus_millis(LINKABLE_MS + 1));
        assert!(items.find(ItemKey(7)).is_none());
        assert_eq!(items.free_notes.len(), items.notes.len());
    }

    #[test]
    fn an_item_without_end_is_forgotten_and_counted() {
        let mut items = Items::default();
        let at = Timestamp::from_seconds(0);
        let ix = items.of(ItemKey(7), at);
        items.item_mut(ix).is.seen = true;
        items.forget(at);
        assert_eq!(items.open().count(), 1);
        items.forget(at.plus_millis(LOST_AFTER_MS + 1));
        assert_eq!((items.open().count(), items.lost), (0, 1));
    }
}
