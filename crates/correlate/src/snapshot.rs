//! The whole state as bytes, and back.
//!
//! Layout, version 5, integers little-endian: the magic `WBCORREL`, the version (u16), then the
//! parts in the order of [`Correlator::snapshot`], last the XXH3 hash (u64) of all bytes before
//! it. A list is its length (u32) and its elements; bytes are a list of u8; an option is a u8, 0 or
//! 1, and the value; a timestamp is nanoseconds (i64); an enum is its number (u8) in the tables
//! below; a struct is its fields in order. Indices of hosts, instances and tags point into the
//! lists before them. Hash tables are built anew when a snapshot is read. Versions 3 and 4, which
//! are read too, end in an FNV-1a hash, and 3 has neither of the last two parts.

use crate::attempts::Attempt;
use crate::half_links::{HalfLink, Place, Wanted};
use crate::id::{Id, ItemIx, ItemRef};
use crate::item::{Item, OpenRecipient, Said, Stage, WaitingDelivery};
use crate::mailbox::MailboxSession;
use crate::names::{Due, Host, Instance, Tag};
use crate::numbered::NextHop;
use crate::process::{Process, ProcessKey, Session};
use crate::recent::{Awaited, Recent};
use crate::{Correlator, Settings};
use model::{
    AccessAction, Agent, Delays, DeliveryStatus, EnhancedStatus, ItemKey, Line, LineId, Lines,
    LinkKind, MessageFacts, ReplyCode, SessionFacts, Severity, Texts, TimeOrigin, Timestamp,
    TlsFacts,
};
use std::collections::{HashMap, VecDeque};
use twox_hash::XxHash3_64;

const MAGIC: &[u8] = b"WBCORREL";
const VERSION: u16 = 5;
/// Before it the hash was FNV-1a, which takes a nanosecond a byte.
const VERSION_XXH3: u16 = 5;
/// Before it neither numbers of messages in mailboxes nor next hops by number were kept.
const VERSION_NUMBERS: u16 = 4;
const VERSION_OLDEST: u16 = 3;

/// Bytes of a message in a snapshot, some more than most have.
const ITEM_BYTES: usize = 512;
/// Room for the rest.
const MORE_BYTES: usize = 1 << 20;

/// Why bytes are no snapshot.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SnapshotError {
    /// The bytes do not begin as a snapshot does.
    #[error("not a snapshot of a correlator")]
    Foreign,
    /// The snapshot is of a version that this build does not read.
    #[error("snapshot version is not known: version=`{0}`")]
    Version(u16),
    /// The bytes were changed or cut.
    #[error("snapshot is damaged at byte `{0}`")]
    Damaged(usize),
}

impl Correlator {
    /// The whole state as bytes. Equal states that were read back give the same bytes; while lines come, messages
    /// stand as they lie in memory, for to sort a million of them would take a second.
    pub fn snapshot(&self) -> Vec<u8> {
        // Growing costs as much as filling.
        let mut to = Vec::with_capacity(self.items.len() * ITEM_BYTES + MORE_BYTES);
        to.extend(MAGIC);
        to.extend(VERSION.to_le_bytes());
        self.settings.keep_text.put(&mut to);
        self.names.hosts.put(&mut to);
        self.names.instances.put(&mut to);
        self.names.tags.put(&mut to);
        (self.items.len() as u32).put(&mut to);
        self.items.iter().for_each(|(_, item)| item.put(&mut to));
        put_all(&self.processes.sorted(), &mut to);
        put_all(&self.half_links.iter().collect::<Vec<_>>(), &mut to);
        put_all(&self.mailboxes.sorted(), &mut to);
        put_all(&self.attempts.sorted(), &mut to);
        self.item_ids.all().put(&mut to);
        self.next_hops.all().put(&mut to);
        let hash = XxHash3_64::oneshot(&to);
        to.extend(hash.to_le_bytes());
        to
    }

    /// A correlator that goes on from a snapshot just as the one went on that made it.
    pub fn restore(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(SnapshotError::Foreign)?;
        let (&version, _) = rest.split_first_chunk().ok_or(SnapshotError::Foreign)?;
        let version = u16::from_le_bytes(version);
        if !(VERSION_OLDEST..=VERSION).contains(&version) {
            return Err(SnapshotError::Version(version));
        }
        let (body, &hash) = bytes.split_last_chunk().ok_or(SnapshotError::Foreign)?;
        let expected = match version < VERSION_XXH3 {
            true => fnv1a(body),
            false => XxHash3_64::oneshot(body),
        };
        if u64::from_le_bytes(hash) != expected {
            return Err(SnapshotError::Damaged(body.len()));
        }
        let mut from = From {
            bytes: body,
            at: MAGIC.len() + 2,
        };
        parts(&mut from, version)
            .filter(|_| from.at == body.len())
            .ok_or(SnapshotError::Damaged(from.at))
    }
}

fn parts(from: &mut From<'_>, version: u16) -> Option<Correlator> {
    let mut state = Correlator::new(Settings {
        keep_text: from.take()?,
    });
    let mut hosts: Vec<Host> = from.take()?;
    let mut places = HashMap::new();
    let instances: Vec<Instance> = from.take()?;
    let tags: Vec<Tag> = from.take()?;
    let mut items: Vec<Item> = from.take()?;
    items.sort_by_key(|item| (item.opened, item.key));
    for item in items {
        let known = (item.instance as usize) < instances.len() && (item.tag as usize) < tags.len();
        let key = known.then_some(item.key)?;
        places.insert(key, state.items.insert(item));
    }
    // Items have new places: whoever refers to one is told; who refers to a forgotten one need not.
    let place = |it: &mut ItemRef| it.ix = places.get(&it.key).copied().unwrap_or(ItemIx::MAX);
    for host in &mut hosts {
        host.closed
            .iter_mut()
            .chain(&mut host.waiting)
            .for_each(|due| place(&mut due.item));
    }
    for mut process in from.take::<Vec<Process>>()? {
        process.session.items.iter_mut().for_each(place);
        let known = (process.key.tag as usize) < tags.len();
        state.processes.insert(known.then_some(process)?);
    }
    for mut half in from.take::<Vec<HalfLink>>()? {
        place(&mut half.from);
        state.half_links.put(half);
    }
    for session in from.take::<Vec<MailboxSession>>()? {
        state.mailboxes.insert(session);
    }
    for mut attempt in from.take::<Vec<Attempt>>()? {
        place(&mut attempt.item);
        let known = (attempt.tag as usize) < tags.len();
        state.attempts.insert(known.then_some(attempt)?);
    }
    if version >= VERSION_NUMBERS {
        for (place, message_id) in from.take::<Vec<(u64, Box<[u8]>)>>()? {
            state.item_ids.insert(place, message_id);
        }
        for (key, hop) in from.take::<Vec<(u64, NextHop)>>()? {
            state.next_hops.insert(key, hop);
        }
    }
    state.names.set_hosts(hosts);
    state.names.instances = instances;
    for tag in tags {
        let name = [&tag.host_name, &tag.label, &tag.program];
        state.names.add_tag(name.map(|it| it.as_ref()));
    }
    Some(state)
}

/// FNV-1a, to find damage. Source: Fowler, Noll, Vo.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A value that a snapshot holds.
trait Kept: Sized {
    fn put(&self, to: &mut Vec<u8>);
    fn take(from: &mut From<'_>) -> Option<Self>;
}

/// Bytes that are read from the front.
struct From<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> From<'a> {
    fn take<T: Kept>(&mut self) -> Option<T> {
        T::take(self)
    }

    fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let slice = self.bytes.get(self.at..self.at.checked_add(len)?)?;
        self.at += len;
        Some(slice)
    }
}

fn put_all<T: Kept>(all: &[&T], to: &mut Vec<u8>) {
    (all.len() as u32).put(to);
    for it in all {
        it.put(to);
    }
}

macro_rules! kept_integers {
    ($($int:ty),*) => { $(
        impl Kept for $int {
            fn put(&self, to: &mut Vec<u8>) {
                to.extend(self.to_le_bytes());
            }
            fn take(from: &mut From<'_>) -> Option<Self> {
                Some(<$int>::from_le_bytes(from.slice(size_of::<$int>())?.try_into().ok()?))
            }
        }
    )* };
}

kept_integers!(u8, u16, u32, u64, i64);

macro_rules! kept_enums {
    ($($kind:ty: $($variant:ident)*;)*) => { $(
        impl Kept for $kind {
            fn put(&self, to: &mut Vec<u8>) {
                let all = [$(<$kind>::$variant),*];
                let number = all.iter().position(|it| it == self).expect("the table names all");
                (number as u8).put(to);
            }
            fn take(from: &mut From<'_>) -> Option<Self> {
                let all = [$(<$kind>::$variant),*];
                all.get(usize::from(from.take::<u8>()?)).copied()
            }
        }
    )* };
}

kept_enums! {
    Stage: Receiving WillHold WillDiscard Queued Held Ended Refused;
    Place: SameQueue SameHost AnyHost;
    Wanted: QueueId MessageId;
    LinkKind: Filter Relay Requeue Forward Resend Dsn Autoreply List;
    TimeOrigin: Written ZoneAssumed YearAssumed Inherited;
    Severity: Debug Info Warning Error Fatal Panic;
    DeliveryStatus: Sent Deferred Bounced Expanded Deliverable Undeliverable Expired Quarantined;
    Agent: Smtp Lmtp Local Virtual Pipe Error Discard Other;
    AccessAction: Reject RejectWarning Permit Hold Discard Filter Redirect Bcc Warn Info Hangup
        Delay Greylist Prepend Replace Strip Pass Accept Quarantine Abort;
}

macro_rules! kept_structs {
    ($($kind:ty { $($field:ident)* })*) => { $(
        impl Kept for $kind {
            fn put(&self, to: &mut Vec<u8>) {
                $(self.$field.put(to);)*
            }
            fn take(from: &mut From<'_>) -> Option<Self> {
                $(let $field = from.take()?;)*
                Some(Self { $($field),* })
            }
        }
    )* };
}

kept_structs! {
    Due { at item }
    Host { name alias watermark next_sweep closed waiting recent }
    Recent { failed answered answers awaited }
    Awaited { message_id kind }
    Instance { host name has_queue }
    Tag { host host_name instance label program }
    Item { live key queue_id told_id instance tag facts opened last closed stage has_head has_message_id
        is_indexed has_sender rcpts_left accepted held waiting said open addressed parents }
    Said { rcpt_to text code enhanced next_queue_id }
    OpenRecipient { rcpt_to orig_rcpt_to tried }
    WaitingDelivery { at origin tag pid severity repeated lines texts relay_port connection_use
        delays enhanced status agent code remote_reply suspended }
    Delays { total_ms stages_ms }
    EnhancedStatus { class subject detail }
    ProcessKey { tag pid client }
    Process { key last in_session session held tls }
    Session { facts lines items pending }
    HalfLink { wanted name from kind at earliest confidence place relay_name }
    MailboxSession { id facts }
    Attempt { tag number item began rcpt_to remote lines }
    NextHop { address port }
}

macro_rules! kept_facts {
    ($($kind:ty { $($field:ident)* })*) => { $(
        impl Kept for $kind {
            fn put(&self, to: &mut Vec<u8>) {
                self.texts().put(to);
                $(self.$field.put(to);)*
            }
            fn take(from: &mut From<'_>) -> Option<Self> {
                let mut facts = Self::default();
                *facts.texts_mut() = from.take()?;
                $(facts.$field = from.take()?;)*
                Some(facts)
            }
        }
    )* };
}

kept_facts! {
    MessageFacts { arrived size recipients uid client_port session_started incomplete_head probe }
    SessionFacts { started ended client_port transactions rejected auth_failures tls }
    TlsFacts {}
}

impl Kept for bool {
    fn put(&self, to: &mut Vec<u8>) {
        u8::from(*self).put(to);
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        match from.take::<u8>()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Kept> Kept for Option<T> {
    fn put(&self, to: &mut Vec<u8>) {
        self.is_some().put(to);
        if let Some(it) = self {
            it.put(to);
        }
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        Some(if from.take()? {
            Some(from.take()?)
        } else {
            None
        })
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn put(&self, to: &mut Vec<u8>) {
        self.0.put(to);
        self.1.put(to);
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        Some((from.take()?, from.take()?))
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn put(&self, to: &mut Vec<u8>) {
        put_all(&self.iter().collect::<Vec<_>>(), to);
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        let len: u32 = from.take()?;
        (0..len).map(|_| from.take()).collect()
    }
}

impl<T: Kept> Kept for VecDeque<T> {
    fn put(&self, to: &mut Vec<u8>) {
        put_all(&self.iter().collect::<Vec<_>>(), to);
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        from.take::<Vec<T>>().map(VecDeque::from)
    }
}

impl<T: Kept + Copy + Default, const N: usize> Kept for [T; N] {
    fn put(&self, to: &mut Vec<u8>) {
        for it in self {
            it.put(to);
        }
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        let mut all = [T::default(); N];
        for it in &mut all {
            *it = from.take()?;
        }
        Some(all)
    }
}

impl<T: Kept> Kept for Box<T> {
    fn put(&self, to: &mut Vec<u8>) {
        (**self).put(to);
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        from.take().map(Box::new)
    }
}

/// Bytes, not through [`Vec`], which would take them one by one.
fn put_bytes(bytes: &[u8], to: &mut Vec<u8>) {
    (bytes.len() as u32).put(to);
    to.extend_from_slice(bytes);
}

fn take_bytes<'a>(from: &mut From<'a>) -> Option<&'a [u8]> {
    let len: u32 = from.take()?;
    from.slice(len as usize)
}

macro_rules! kept_bytes {
    ($($kind:ty: $bytes:expr, $make:expr;)*) => { $(
        impl Kept for $kind {
            fn put(&self, to: &mut Vec<u8>) {
                let bytes: fn(&$kind) -> &[u8] = $bytes;
                put_bytes(bytes(self), to);
            }
            fn take(from: &mut From<'_>) -> Option<Self> {
                let make: fn(&[u8]) -> $kind = $make;
                take_bytes(from).map(make)
            }
        }
    )* };
}

kept_bytes! {
    bstr::BString: |it| it, |bytes| bytes.into();
    Box<[u8]>: |it| it, |bytes| bytes.into();
    Id: Id::bytes, Id::new;
}

macro_rules! kept_wrapped {
    ($($kind:ty: $inner:ty, $get:expr, $make:expr;)*) => { $(
        impl Kept for $kind {
            fn put(&self, to: &mut Vec<u8>) {
                let get: fn(&$kind) -> $inner = $get;
                get(self).put(to);
            }
            fn take(from: &mut From<'_>) -> Option<Self> {
                from.take().map($make)
            }
        }
    )* };
}

kept_wrapped! {
    Timestamp: i64, |it| it.as_nanos(), Timestamp::from_nanos;
    ItemKey: u64, |it| it.0, ItemKey;
    ItemRef: ItemKey, |it| it.key, |key| ItemRef { ix: ItemIx::MAX, key };
    LineId: u64, |it| it.0, LineId;
    ReplyCode: u16, |it| it.0, ReplyCode;
}

impl<const N: usize> Kept for Texts<N> {
    fn put(&self, to: &mut Vec<u8>) {
        for place in 0..N {
            let text = self.get(place);
            text.is_some().put(to);
            if let Some(text) = text {
                put_bytes(text, to);
            }
        }
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        let mut texts = Texts::default();
        for place in 0..N {
            if from.take()? {
                texts.set(place, take_bytes(from)?);
            }
        }
        Some(texts)
    }
}

impl Kept for Lines {
    fn put(&self, to: &mut Vec<u8>) {
        (self.len() as u32).put(to);
        self.has_text().put(to);
        for line in self.iter() {
            line.id.put(to);
            line.at.put(to);
            put_bytes(line.raw, to);
        }
    }
    fn take(from: &mut From<'_>) -> Option<Self> {
        let len: u32 = from.take()?;
        let has_text = from.take()?;
        let mut lines = Lines::default();
        for _ in 0..len {
            let (id, at) = (from.take()?, from.take()?);
            let raw = take_bytes(from)?;
            lines.push(Line { id, at, raw }, has_text);
        }
        Some(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The snapshot of an older version that holds the same, for a state without what it did not know.
    fn older(snapshot: &[u8], (version, left_out): (u16, usize)) -> Vec<u8> {
        let end = snapshot.len() - size_of::<u64>() - left_out;
        let mut older = snapshot[..end].to_vec();
        older[MAGIC.len()..MAGIC.len() + 2].copy_from_slice(&version.to_le_bytes());
        older.extend(fnv1a(&older).to_le_bytes());
        older
    }

    #[test]
    fn a_snapshot_of_an_older_version_is_read() {
        let now = Correlator::new(Settings { keep_text: true }).snapshot();
        let two_empty_lists = 2 * size_of::<u32>();
        for version in [(3, two_empty_lists), (4, 0)] {
            let read = Correlator::restore(&older(&now, version)).map(|it| it.snapshot());
            assert_eq!(read.as_ref(), Ok(&now), "{version:?}");
        }
    }
}
