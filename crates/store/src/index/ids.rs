//! Filters of identifiers, one for each block, and one for all blocks of a file.
//!
//! An identifier (queue id, Message-ID, session, or a word that looks like one) is unique: a list of
//! them would be larger than all other columns together. A binary fuse filter takes 9 bits for each
//! and says "not here" rightly in all cases, "perhaps" wrongly once in 256.
//!
//! Bytes of a filter: the descriptor of `xorf` (20 bytes), then the fingerprints.

use twox_hash::XxHash3_64;
use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

/// What a filter knows of an identifier.
pub(crate) fn hash(id: &[u8]) -> u64 {
    XxHash3_64::oneshot(id)
}

/// A filter of these hashes, which are sorted here; empty where it cannot be built, which stands for
/// "perhaps" to everything.
pub(crate) fn filter(hashes: &mut Vec<u64>) -> Vec<u8> {
    hashes.sort_unstable();
    hashes.dedup();
    let Ok(filter) = BinaryFuse8::try_from(&*hashes) else {
        return Vec::new();
    };
    let mut bytes = vec![0; BinaryFuse8::DESCRIPTOR_LEN];
    filter.dma_copy_descriptor_to(&mut bytes);
    bytes.extend_from_slice(filter.dma_fingerprints());
    bytes
}

/// Whether a hash may be among those that the filter was made of.
pub(crate) fn may_hold(filter: &[u8], hash: u64) -> bool {
    match filter.split_at_checked(BinaryFuse8::DESCRIPTOR_LEN) {
        Some((descriptor, fingerprints)) => {
            BinaryFuse8Ref::from_dma(descriptor, fingerprints).contains(&hash)
        }
        None => true,
    }
}
