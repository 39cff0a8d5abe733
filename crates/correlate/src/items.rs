//! The table of messages by queue id: which of several lives of an id a line belongs to.

use crate::id::{Id, InstanceId, ItemIx, ItemRef, TagId, stable_hash, table_hash};
use crate::item::Item;
use crate::limits::{
    KEPT_BYTES_MAX, LATE_TAIL_MS, SAME_INCARNATION_MS, SAME_MESSAGE_ID_MAX, SPARE_LINES_MAX,
};
use crate::names::Names;
use hashbrown::HashTable;
use model::{ItemKey, Lines, Timestamp};

/// What a line is in the life of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `client=` or `uid=`: a message begins.
    Head,
    /// A Message-ID: a message begins, if it has no other head.
    MessageId,
    /// A line that tells all of a reception: a message begins, or the id was taken for it.
    Reception,
    /// Anything else.
    Tail,
}

/// All messages that lines may still come for.
#[derive(Debug, Default)]
pub(crate) struct Items {
    slots: Vec<Item>,
    free: Vec<ItemIx>,
    by_queue_id: HashTable<ItemIx>,
    by_message_id: HashTable<(u64, ItemIx)>,
    /// By the id that a server tells others but uses in few lines of its own.
    by_told_id: HashTable<(u64, ItemIx)>,
    /// Memory of lines that were held, for the next to be held: closed messages are many, and hold none.
    spare: Vec<Lines>,
    /// Those that were open when last looked through, and all made since.
    maybe_open: Vec<ItemRef>,
}

impl Items {
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// An item that is known to be there.
    #[inline]
    pub(crate) fn item(&self, at: ItemIx) -> &Item {
        &self.slots[at as usize]
    }

    /// An item that is known to be there, to be changed.
    #[inline]
    pub(crate) fn item_mut(&mut self, at: ItemIx) -> &mut Item {
        &mut self.slots[at as usize]
    }

    /// All items in order of their index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ItemIx, &Item)> {
        self.slots
            .iter()
            .enumerate()
            .filter(|(_, item)| item.live)
            .map(|(at, it)| (at as ItemIx, it))
    }

    /// The items that have not left their queue.
    pub(crate) fn open(&mut self) -> Vec<ItemIx> {
        let slots = &self.slots;
        self.maybe_open.retain(|it| {
            let item = &slots[it.ix as usize];
            item.live && item.key == it.key && item.closed.is_none()
        });
        self.maybe_open.iter().map(|it| it.ix).collect()
    }

    /// The item that is meant, if it has not been forgotten.
    #[inline]
    pub(crate) fn still(&self, it: ItemRef) -> Option<ItemIx> {
        let item = self.slots.get(it.ix as usize)?;
        (item.live && item.key == it.key).then_some(it.ix)
    }

    /// A reference that tells whether the item has been forgotten.
    #[inline]
    pub(crate) fn reference(&self, ix: ItemIx) -> ItemRef {
        ItemRef {
            ix,
            key: self.item(ix).key,
        }
    }

    /// All items with this queue id, on any host.
    pub(crate) fn with_queue_id(&self, queue_id: &[u8]) -> impl Iterator<Item = (ItemIx, &Item)> {
        let hash = table_hash(&[queue_id]);
        self.by_queue_id
            .iter_hash(hash)
            .map(|&at| (at, self.item(at)))
            .filter(move |(_, item)| item.queue_id.bytes() == queue_id)
    }

    /// All items that other servers know by this id, on any host.
    pub(crate) fn with_told_id(&self, id: &[u8]) -> impl Iterator<Item = (ItemIx, &Item)> {
        self.by_told_id
            .iter_hash(table_hash(&[id]))
            .map(|&(_, at)| (at, self.item(at)))
            .filter(move |(_, item)| item.told_id.as_deref() == Some(id))
    }

    /// All items with this Message-ID, on any host.
    pub(crate) fn with_message_id(
        &self,
        message_id: &[u8],
    ) -> impl Iterator<Item = (ItemIx, &Item)> {
        let hash = table_hash(&[message_id]);
        self.by_message_id
            .iter_hash(hash)
            .map(|&(_, at)| (at, self.item(at)))
            .filter(move |(_, item)| item.facts.message_id().is_some_and(|id| *id == *message_id))
    }

    /// The item that a line belongs to, made if there is none.
    #[inline]
    pub(crate) fn of_line(
        &mut self,
        names: &Names,
        (instance, tag): (InstanceId, TagId),
        queue_id: &[u8],
        at: Timestamp,
        role: Role,
    ) -> ItemIx {
        match self.find(names, instance, queue_id, at) {
            Some(found) if self.continues(found, queue_id, at, role) => found,
            _ => self.make(names, instance, tag, queue_id, at),
        }
    }

    /// The youngest life of a queue id that had begun by a time; for a line that is stamped too
    /// early, the youngest that goes on.
    #[inline]
    pub(crate) fn find(
        &self,
        names: &Names,
        instance: InstanceId,
        queue_id: &[u8],
        at: Timestamp,
    ) -> Option<ItemIx> {
        let until = at.plus_millis(SAME_INCARNATION_MS);
        self.with_queue_id(queue_id)
            .filter(|(_, item)| names.may_share(item.instance, instance))
            .filter(|(_, item)| item.opened <= until || item.closed.is_none())
            .max_by_key(|(_, item)| {
                (
                    item.instance == instance,
                    item.opened <= until,
                    item.opened,
                    item.key,
                )
            })
            .map(|(ix, _)| ix)
    }

    /// Whether a line goes on with this life of its queue id, or begins another.
    fn continues(&self, found: ItemIx, queue_id: &[u8], at: Timestamp, role: Role) -> bool {
        let item = self.item(found);
        if is_long(queue_id) {
            return true;
        }
        let since_closed = item.closed.map(|closed| at.millis_since(closed));
        match (role, since_closed) {
            (Role::Head, None) => !item.has_head,
            (Role::Head, Some(ms)) => !item.has_head && ms < SAME_INCARNATION_MS,
            (Role::MessageId, None) => true,
            (Role::MessageId, Some(ms)) => !item.has_message_id && ms < SAME_INCARNATION_MS,
            // OpenSMTPD tells of each recipient in a line of its own.
            (Role::Reception, None) => true,
            (Role::Reception, Some(ms)) => !item.has_sender && ms < SAME_INCARNATION_MS,
            (Role::Tail, None) => true,
            // Where no line tells the end it may have been too early.
            (Role::Tail, Some(ms)) => item.rcpts_left.is_some() || ms < LATE_TAIL_MS,
        }
    }

    fn make(
        &mut self,
        names: &Names,
        instance: InstanceId,
        tag: TagId,
        queue_id: &[u8],
        at: Timestamp,
    ) -> ItemIx {
        let key = self.new_key(names, instance, queue_id, at);
        let ix = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Item::default());
            (self.slots.len() - 1) as ItemIx
        });
        let item = &mut self.slots[ix as usize];
        item.begin_anew(at);
        if let Some(held) = self.spare.pop() {
            item.held = held;
        }
        item.live = true;
        item.key = key;
        item.queue_id = Id::new(queue_id);
        item.instance = instance;
        item.tag = tag;
        self.maybe_open.push(ItemRef { ix, key });
        self.index_queue_id(ix);
        ix
    }

    /// A key that no other life of the queue id has, even if it begins at the same time.
    fn new_key(
        &self,
        names: &Names,
        instance: InstanceId,
        queue_id: &[u8],
        at: Timestamp,
    ) -> ItemKey {
        let host = names.host_name(instance);
        let instance = &names.instances[instance as usize].name;
        let time = at.as_nanos().to_le_bytes();
        let mut key = ItemKey(stable_hash(&[host, instance, queue_id, &time]));
        while self
            .with_queue_id(queue_id)
            .any(|(_, item)| item.key == key)
        {
            key = ItemKey(stable_hash(&[&key.0.to_le_bytes()]));
        }
        key
    }

    fn index_queue_id(&mut self, ix: ItemIx) {
        let hash_of = |&at: &ItemIx| table_hash(&[self.slots[at as usize].queue_id.bytes()]);
        self.by_queue_id.insert_unique(hash_of(&ix), ix, hash_of);
    }

    /// Puts an item in that was known before.
    pub(crate) fn insert(&mut self, item: Item) -> ItemIx {
        let ix = self.slots.len() as ItemIx;
        self.maybe_open.push(ItemRef { ix, key: item.key });
        self.slots.push(item);
        self.index_queue_id(ix);
        if self.item(ix).is_indexed {
            self.index_message_id(ix);
        }
        self.index_told_id(ix);
        ix
    }

    /// Makes an item findable by the id that others know, if it has one.
    pub(crate) fn index_told_id(&mut self, at: ItemIx) {
        if let Some(id) = &self.item(at).told_id {
            let hash = table_hash(&[id]);
            self.by_told_id
                .insert_unique(hash, (hash, at), |&(hash, _)| hash);
        }
    }

    /// Makes an item findable by the Message-ID that its facts have just got, unless many are.
    pub(crate) fn index_message_id(&mut self, at: ItemIx) {
        let Some(id) = self.item(at).facts.message_id() else {
            return;
        };
        let hash = table_hash(&[id]);
        let same = self.by_message_id.iter_hash(hash).take(SAME_MESSAGE_ID_MAX);
        if same.count() < SAME_MESSAGE_ID_MAX {
            self.item_mut(at).is_indexed = true;
            self.by_message_id
                .insert_unique(hash, (hash, at), |&(hash, _)| hash);
        }
    }

    /// Forgets an item; its memory is used again.
    pub(crate) fn remove(&mut self, at: ItemIx) {
        let item = &mut self.slots[at as usize];
        item.live = false;
        let hash = table_hash(&[item.queue_id.bytes()]);
        if let Ok(entry) = self.by_queue_id.find_entry(hash, |&it| it == at) {
            entry.remove();
        }
        if let Some(id) = item.facts.message_id().filter(|_| item.is_indexed) {
            let hash = table_hash(&[id]);
            if let Ok(entry) = self.by_message_id.find_entry(hash, |&(_, it)| it == at) {
                entry.remove();
            }
        }
        if let Some(id) = &item.told_id {
            let hash = table_hash(&[id]);
            if let Ok(entry) = self.by_told_id.find_entry(hash, |&(_, it)| it == at) {
                entry.remove();
            }
        }
        item.shrink();
        item.held.clear();
        self.spare_held(at);
        self.free.push(at);
    }

    /// Gives back the memory of held lines where there are none.
    pub(crate) fn spare_held(&mut self, at: ItemIx) {
        let held = &mut self.slots[at as usize].held;
        if held.is_empty() {
            let held = std::mem::take(held);
            let is_some = (1..=KEPT_BYTES_MAX).contains(&held.text_bytes_kept());
            if is_some && self.spare.len() < SPARE_LINES_MAX {
                self.spare.push(held);
            }
        }
    }
}

/// Whether a queue id is one of Postfix' long ones, which are never used twice: at least ten
/// symbols without vowels, then `z`. Source: postfix `src/global/mail_queue.h`.
fn is_long(queue_id: &[u8]) -> bool {
    let Some(z) = queue_id.iter().rposition(|&byte| byte == b'z') else {
        return false;
    };
    z >= 10
        && queue_id.iter().all(|byte| {
            byte.is_ascii_alphanumeric()
                && !matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u')
        })
}
