//! Messages that are the same one: what was counted twice is taken back.

use super::Tally;
use crate::items::{ItemIx, Note, NoteKind};
use model::{Link, LinkKind};

impl Tally {
    /// Takes into account that two queue items belong together. Links may come before or after the
    /// rows of either side.
    pub fn link(&mut self, link: &Link) {
        if !link.kind.is_transport() {
            return;
        }
        let parent = self.items.of(link.from, link.at);
        let child = self.items.of(link.to, link.at);
        // Filters and next hops tell of the same link in several ways.
        let is_told_again = self.items.item(child).parent == Some(link.from)
            || self.items.item(parent).parent == Some(link.to);
        let item = self.items.item_mut(child);
        item.parent = Some(link.from);
        item.is.handed_over |= matches!(link.kind, LinkKind::Filter | LinkKind::Relay);
        if !item.is.continues {
            item.is.continues = true;
            if item.is.plain_size {
                self.unseen.bytes_continued += item.size;
            }
            self.unseen.continued += 1;
            self.unreceive(child);
        }
        if !is_told_again {
            self.join_deferrals(parent, child);
        }
        if self.items.item(child).is.seen {
            self.hand_over_to(child);
        }
    }

    /// A message that was deferred in both queues was counted twice.
    fn join_deferrals(&mut self, parent: ItemIx, child: ItemIx) {
        let one = self.items.item(parent).is.deferred;
        let other = self.items.item(child).is.deferred;
        if one && other {
            self.totals.deferred -= 1;
        }
        self.items.item_mut(parent).is.deferred |= other;
        self.items.item_mut(child).is.deferred |= one;
    }

    /// The deliveries that brought a message from an own queue to this one are no deliveries.
    pub(super) fn hand_over_to(&mut self, child: ItemIx) {
        let item = self.items.item(child);
        if !item.is.handed_over {
            return;
        }
        let names = [item.queue_hash, item.told_hash];
        let Some(parent) = item.parent.and_then(|key| self.items.find(key)) else {
            return;
        };
        let to =
            |next: u64| move |note: &Note| note.what == NoteKind::Sent && note.next_queue == next;
        let has = |next: u64| self.items.notes_of(parent).any(|note| to(next)(&note));
        let told = names.into_iter().find(|&name| name != 0 && has(name));
        let next_queue = match told {
            Some(name) => name,
            None if has(0) => 0,
            None => names[0],
        };
        let size = self.items.item(parent).size;
        while let Some(note) = self.items.take_note(parent, to(next_queue)) {
            self.undeliver(&note, size);
        }
        if !self.items.is_own_queue(parent, next_queue) {
            let note = Note {
                what: NoteKind::OwnQueue,
                recipient: 0,
                next_queue,
                hour: 0,
                times: 0,
            };
            self.items.note(parent, note);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{ItemKey, Timestamp};

    #[test]
    fn a_link_that_is_told_twice_takes_nothing_back() {
        let mut tally = Tally::new();
        let (from, to, at) = (ItemKey(1), ItemKey(2), Timestamp::from_seconds(7));
        // Deferred in the first queue only.
        let parent = tally.items.of(from, at);
        tally.items.item_mut(parent).is.deferred = true;
        tally.totals.deferred = 1;
        for kind in [LinkKind::Filter, LinkKind::Relay] {
            tally.link(&Link {
                from,
                to,
                kind,
                confidence: 100,
                at,
            });
        }
        assert_eq!(tally.totals.deferred, 1);
    }
}
