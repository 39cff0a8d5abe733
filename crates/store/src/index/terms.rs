//! Terms and the blocks that hold them.
//!
//! A term is a letter for what it is, and bytes, so that all questions of one sort are ranges:
//!
//! | letter | bytes | asked by |
//! |---|---|---|
//! | `a` | an address in small letters | whole, or its beginning |
//! | `d` | a domain backwards (`ti.x`) | whole, or with all below it |
//! | `i` | an IP address, 16 bytes, IPv4 mapped (RFC 4291 section 2.5.5.2) | a network |
//! | `n` | a host's name backwards | whole, or its end |
//! | `w` | a word in small letters | whole, or its beginning |
//! | `v` | column number, then a word of a closed list | whole |
//!
//! Bytes: an `fst` map from term to number. An odd number is the only block, times two, plus one; an
//! even one is twice the offset in the list of blocks: a LEB128 count, then differences.

use crate::index::Blocks;
use fst::{IntoStreamer, Map, MapBuilder, Streamer};
use hashbrown::HashMap;
use std::net::IpAddr;

/// Terms gathered while a file is written.
#[derive(Debug, Default)]
pub(crate) struct TermsWriter {
    blocks: HashMap<Box<[u8]>, Blocks, foldhash::fast::RandomState>,
}

impl TermsWriter {
    /// Notes that a block holds a term; blocks come in order.
    pub(crate) fn add(&mut self, term: &[u8], block: u32) {
        match self.blocks.get_mut(term) {
            Some(blocks) if blocks.last() == Some(&block) => {}
            Some(blocks) => blocks.push(block),
            None => {
                self.blocks.insert(term.into(), vec![block]);
            }
        }
    }

    /// The map, and the lists of blocks.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, Vec<u8>), fst::Error> {
        let mut terms: Vec<_> = self.blocks.into_iter().collect();
        terms.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut map = MapBuilder::memory();
        let mut lists = Vec::new();
        for (term, blocks) in &terms {
            let value = match blocks[..] {
                [block] => u64::from(block) << 1 | 1,
                _ => {
                    let offset = (lists.len() as u64) << 1;
                    put(blocks.len() as u64, &mut lists);
                    let mut before = 0;
                    for &block in blocks {
                        put(u64::from(block - before), &mut lists);
                        before = block;
                    }
                    offset
                }
            };
            map.insert(term, value)?;
        }
        Ok((map.into_inner()?, lists))
    }
}

/// The terms of a file.
pub(crate) struct Terms<D> {
    map: Map<D>,
    lists: D,
}

impl<D: AsRef<[u8]>> Terms<D> {
    pub(crate) fn open(map: D, lists: D) -> Result<Self, fst::Error> {
        Ok(Terms {
            map: Map::new(map)?,
            lists,
        })
    }

    /// Blocks that hold this term.
    pub(crate) fn whole(&self, term: &[u8]) -> Blocks {
        let value = self.map.get(term);
        value.map_or_else(Blocks::new, |value| self.blocks(value))
    }

    /// Blocks that hold a term from `first` to `last`, both included.
    pub(crate) fn range(&self, first: &[u8], last: &[u8]) -> Blocks {
        self.gather(self.map.range().ge(first).le(last).into_stream(), |_| true)
    }

    /// Blocks that hold a term that begins so.
    pub(crate) fn prefix(&self, prefix: &[u8]) -> Blocks {
        let stream = self.map.range().ge(prefix).into_stream();
        self.gather(stream, |term| term.starts_with(prefix))
    }

    fn gather(&self, mut stream: fst::map::Stream<'_>, wanted: impl Fn(&[u8]) -> bool) -> Blocks {
        let mut all = Vec::new();
        while let Some((term, value)) = stream.next() {
            if !wanted(term) {
                break;
            }
            all.extend(self.blocks(value));
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    fn blocks(&self, value: u64) -> Blocks {
        if value & 1 == 1 {
            return vec![(value >> 1) as u32];
        }
        let mut lists = self
            .lists
            .as_ref()
            .get((value >> 1) as usize..)
            .unwrap_or_default();
        let count = take(&mut lists);
        let mut block = 0;
        let next = |_| {
            block += take(&mut lists) as u32;
            block
        };
        (0..count).map(next).collect()
    }
}

fn put(mut number: u64, to: &mut Vec<u8>) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

fn take(from: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let Some((&byte, rest)) = from.split_first() else {
            break;
        };
        *from = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}

/// `a` and the address in small letters.
pub(crate) fn address(address: &[u8], to: &mut Vec<u8>) {
    begin(b'a', to);
    to.extend(address.iter().map(u8::to_ascii_lowercase));
}

/// `d` or `n` and a name backwards, in small letters.
pub(crate) fn backwards(letter: u8, name: &[u8], to: &mut Vec<u8>) {
    begin(letter, to);
    to.extend(name.iter().rev().map(u8::to_ascii_lowercase));
}

/// `i` and the 16 bytes of an IP address.
pub(crate) fn ip(ip: IpAddr, to: &mut Vec<u8>) {
    begin(b'i', to);
    to.extend(octets(ip));
}

/// An IP address as 16 bytes.
pub(crate) fn octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// `w` and the word.
pub(crate) fn word(word: &str, to: &mut Vec<u8>) {
    begin(b'w', to);
    to.extend_from_slice(cut(word).as_bytes());
}

/// As much of a word as the index keeps.
fn cut(word: &str) -> &str {
    let mut end = word.len().min(crate::limits::WORD_BYTES_MAX);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    &word[..end]
}

/// `v`, the column, the word.
pub(crate) fn value(column: crate::Column, word: &[u8], to: &mut Vec<u8>) {
    begin(b'v', to);
    to.push(column as u8);
    to.extend(word.iter().map(u8::to_ascii_lowercase));
}

fn begin(letter: u8, to: &mut Vec<u8>) {
    to.clear();
    to.push(letter);
}
