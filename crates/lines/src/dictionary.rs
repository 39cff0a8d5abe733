//! What all blocks of a file have in common.

use crate::sources::Sources;
use crate::streams::{self, IN_DICTIONARY};
use crate::{Error, varint};
use std::ops::Range;

/// Sources and templates, by number.
pub(crate) struct Dictionary {
    pub(crate) sources: Sources,
    bytes: Vec<u8>,
    templates: Vec<Range<usize>>,
}

impl Dictionary {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        let [sources, bytes] = streams::unpack::<IN_DICTIONARY>(bytes)?;
        let sources = Sources::read(&sources)?;
        let mut templates = Vec::new();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let len = varint::take_bytes(&mut rest)?.len();
            let end = bytes.len() - rest.len();
            templates.push(end - len..end);
        }
        Ok(Dictionary {
            sources,
            bytes,
            templates,
        })
    }

    /// Where the template of this number is.
    pub(crate) fn place(&self, number: u64) -> Result<Range<usize>, Error> {
        let number = usize::try_from(number).map_err(|_| Error::Damaged)?;
        self.templates.get(number).cloned().ok_or(Error::Damaged)
    }

    /// The template in this place.
    pub(crate) fn template(&self, place: &Range<usize>) -> &[u8] {
        &self.bytes[place.clone()]
    }
}

/// A fingerprint of the sources and templates that a block uses, by which it knows its dictionary:
/// FNV-1a of 64 bits over all their bytes as stored.
pub(crate) fn mark<'a>(
    sources: &Sources,
    count: usize,
    templates: impl Iterator<Item = &'a [u8]>,
) -> [u8; 8] {
    let mut first = Vec::new();
    sources.put(count, &mut first);
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = first.iter().fold(0xcbf2_9ce4_8422_2325, step);
    templates.flatten().fold(hash, step).to_le_bytes()
}
