//! Queue ids as Postfix makes them, with inodes that are really used again.
//! Source: postfix `src/global/mail_queue.h`, `mail_queue.c`, `safe_ultostr.c`.

use crate::clock::SECOND;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet, VecDeque};

/// A queue id, written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct QueueId {
    text: [u8; 23],
    len: u8,
}

impl QueueId {
    fn empty() -> Self {
        QueueId {
            text: [0; 23],
            len: 0,
        }
    }

    fn push(&mut self, byte: u8) {
        self.text[usize::from(self.len)] = byte;
        self.len += 1;
    }

    pub(crate) fn short(micros: u64, inode: u64) -> Self {
        let mut id = QueueId::empty();
        id.digits(micros, 16, 5, HEX);
        id.digits(inode, 16, 1, HEX);
        id
    }

    pub(crate) fn long(at: i64, inode: u64) -> Self {
        let mut id = QueueId::empty();
        id.digits(at.div_euclid(SECOND) as u64, 52, 6, BASE_52);
        id.digits(at.rem_euclid(SECOND) as u64, 52, 4, BASE_52);
        id.push(b'z');
        id.digits(inode, 51, 1, BASE_52);
        id
    }

    /// Exim's, of the time at which the process began to receive the message. Since 4.97 process and
    /// fraction have more digits. Source: exim `src/receive.c` (`receive_msg`), `src/string.c`.
    pub(crate) fn exim(at: i64, pid: u32, new: bool) -> Self {
        let (seconds, micros) = (at.div_euclid(SECOND) as u64, at.rem_euclid(SECOND) as u64);
        let mut id = QueueId::empty();
        id.digits(seconds, 62, 6, BASE_62);
        id.push(b'-');
        id.digits(u64::from(pid), 62, if new { 11 } else { 6 }, BASE_62);
        id.push(b'-');
        match new {
            true => id.digits(micros, 62, 4, BASE_62),
            false => id.digits(micros / 500, 62, 2, BASE_62),
        }
        id
    }

    fn digits(&mut self, mut value: u64, base: u64, least: usize, alphabet: &[u8]) {
        let mut reversed = [alphabet[0]; 16];
        let mut count = 0;
        while value > 0 || count < least {
            reversed[count] = alphabet[(value % base) as usize];
            value /= base;
            count += 1;
        }
        for digit in reversed[..count].iter().rev() {
            self.push(*digit);
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl std::fmt::Display for QueueId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

const HEX: &[u8] = b"0123456789ABCDEF";
const BASE_52: &[u8] = b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
const BASE_62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What distinguishes two ids of one queue: for short ids microseconds and inode, else also the second.
type Key = (i64, u64);

/// The ids of one queue.
pub(crate) struct Ids {
    long: bool,
    inodes_free: Vec<u64>,
    inode_next: u64,
    freeing: BinaryHeap<Reverse<(i64, Key)>>,
    open: HashSet<Key>,
    recent: HashMap<Key, i64>,
    recent_order: VecDeque<(i64, Key)>,
    /// Short ids ever used; 8 bytes each, only to count reuse.
    used: HashSet<u64>,
    rest_us: i64,
    pub(crate) reuses: u64,
}

impl Ids {
    /// `rest_us`: how long an id is not used again after its item was removed.
    pub(crate) fn new(long: bool, first_inode: u64, rest_us: i64) -> Self {
        Ids {
            long,
            inodes_free: Vec::new(),
            inode_next: first_inode,
            freeing: BinaryHeap::new(),
            open: HashSet::new(),
            recent: HashMap::new(),
            recent_order: VecDeque::new(),
            used: HashSet::new(),
            rest_us,
            reuses: 0,
        }
    }

    /// A new id at `at`. With `micros` given, short ids take it for the time.
    pub(crate) fn allot(&mut self, at: i64, micros: Option<i64>) -> (QueueId, Slot) {
        self.settle(at);
        let inode = self.inodes_free.pop().unwrap_or_else(|| {
            self.inode_next += 1;
            self.inode_next
        });
        let mut time = match (self.long, micros) {
            (true, _) => at,
            (false, None) => at.rem_euclid(SECOND),
            (false, Some(micros)) => micros,
        };
        while self.is_taken((time, inode)) {
            time = if self.long {
                time + 1
            } else {
                (time + 1) % SECOND
            };
        }
        self.enter((time, inode), true)
    }

    /// Exactly this id, if it is free: the twin of one in another instance.
    pub(crate) fn allot_twin(&mut self, at: i64, twin: Slot) -> Option<(QueueId, Slot)> {
        self.settle(at);
        (!self.is_taken(twin.key)).then(|| self.enter(twin.key, false))
    }

    pub(crate) fn is_open(&self, slot: Slot) -> bool {
        self.open.contains(&slot.key)
    }

    /// The item is gone as of `at`, which may lie ahead.
    pub(crate) fn free(&mut self, slot: Slot, at: i64) {
        let key = if slot.own_inode {
            slot.key
        } else {
            (slot.key.0, slot.key.1 | FOREIGN)
        };
        self.freeing.push(Reverse((at, key)));
    }

    fn is_taken(&self, key: Key) -> bool {
        self.open.contains(&key) || self.recent.contains_key(&key)
    }

    fn enter(&mut self, key: Key, own_inode: bool) -> (QueueId, Slot) {
        self.open.insert(key);
        let (time, inode) = key;
        if self.long {
            return (QueueId::long(time, inode), Slot { key, own_inode });
        }
        if !self.used.insert((time as u64) << 40 | inode) {
            self.reuses += 1;
        }
        (QueueId::short(time as u64, inode), Slot { key, own_inode })
    }

    fn settle(&mut self, now: i64) {
        while let Some(Reverse((at, (time, inode)))) = self.freeing.peek().copied() {
            if at > now {
                break;
            }
            self.freeing.pop();
            let key = (time, inode & !FOREIGN);
            self.open.remove(&key);
            self.recent.insert(key, at);
            self.recent_order.push_back((at, key));
            if inode & FOREIGN == 0 {
                self.inodes_free.push(inode);
            }
        }
        while let Some((at, key)) = self.recent_order.front().copied() {
            if now - at < self.rest_us {
                break;
            }
            self.recent_order.pop_front();
            self.recent.remove(&key);
        }
    }
}

/// Marks an id whose inode is not from this queue's own file system.
const FOREIGN: u64 = 1 << 39;

/// An id in use, to be given back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    key: Key,
    own_inode: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_postfix_does() {
        assert_eq!(QueueId::short(264_175, 0xA14CBB).as_str(), "407EFA14CBB");
        let long = QueueId::long(1_795_335_894 * SECOND + 375_835, 1);
        assert!(long.as_str().starts_with("4jXMZG2fzbz"), "{long}");
    }

    #[test]
    fn exim_writes_time_and_process_in_base_62() {
        let at = 1_795_336_152 * SECOND + 2_000;
        assert_eq!(QueueId::exim(at, 2283, false).as_str(), "1xV2wi-0000ap-04");
        let new = QueueId::exim(at, 2283, true);
        assert_eq!(new.as_str(), "1xV2wi-000000000ap-00WG");
    }

    #[test]
    fn an_inode_is_used_again_but_an_id_only_after_its_rest() {
        let mut ids = Ids::new(false, 0x20080, 2 * SECOND);
        let (first, slot) = ids.allot(0, Some(77));
        ids.free(slot, 10);
        let (second, slot) = ids.allot(20, Some(77));
        assert_ne!(first, second);
        assert_eq!(first.as_str()[5..], second.as_str()[5..]);
        ids.free(slot, 30);
        let (third, _) = ids.allot(5 * SECOND, Some(77));
        assert_eq!(first, third);
        assert_eq!(ids.reuses, 1);
    }
}
