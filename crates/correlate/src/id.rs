//! Numbers of things, short byte strings kept in place, and the hashes that tables use.

use foldhash::fast::FixedState;
use model::ItemKey;
use std::hash::{BuildHasher, Hasher};

/// Index of a host.
pub(crate) type HostId = u32;
/// Index of a host's Postfix instance: the first part of the label.
pub(crate) type InstanceId = u32;
/// Index of a (host, label, program).
pub(crate) type TagId = u32;
/// Index of an item in its table.
pub(crate) type ItemIx = u32;

/// An item that may have been forgotten since: its place, and whose the place must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ItemRef {
    pub(crate) ix: ItemIx,
    pub(crate) key: ItemKey,
}

/// Bytes kept inline: as long as the longest queue id but those of a few servers.
const INLINE: usize = 22;

/// A queue id, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Id {
    Inline { len: u8, bytes: [u8; INLINE] },
    Long(Box<[u8]>),
}

impl Id {
    pub(crate) fn new(text: &[u8]) -> Self {
        if text.len() > INLINE {
            return Id::Long(text.into());
        }
        let mut bytes = [0; INLINE];
        bytes[..text.len()].copy_from_slice(text);
        Id::Inline {
            len: text.len() as u8,
            bytes,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Id::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Id::Long(bytes) => bytes,
        }
    }
}

/// For tables in memory; not stable between versions.
#[inline]
pub(crate) fn table_hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = FixedState::with_seed(0x7761_7962_696c_6c00).build_hasher();
    for part in parts {
        hasher.write(part);
    }
    hasher.finish()
}

/// For keys that are kept: FNV-1a over the parts, each ended by a byte that text has not, then
/// mixed. Source: Fowler, Noll, Vo; the mixer is that of MurmurHash3.
pub(crate) fn stable_hash(parts: &[&[u8]]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for &byte in part.iter().chain(&[0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
