//! The texts of a row's columns, to be found again in its lines.

use crate::class;
use crate::limits::{SLOTS_MAX, VALUE_BYTES_MAX, WORD_BYTES_MIN};

/// What a line holds of a column's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// What stands between its first and its last byte, which are `<` and `>`.
    Inside,
    /// The column has milliseconds, the line seconds with up to three digits behind the point.
    Seconds,
}

/// Part of the text of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) slot: u16,
    pub(crate) part: Part,
}

/// An index of the texts of one row by their first bytes.
pub(crate) struct Known {
    /// 1 + index of the first entry, by the hash of its key.
    heads: [u16; 256],
    entries: Vec<Entry>,
    /// Bytes that are neither letter nor digit, and begin an entry.
    begins: [bool; 256],
    /// Numbers in milliseconds, with their slots.
    millis: Vec<(u64, u16)>,
}

struct Entry {
    key: u32,
    next: u16,
    source: Source,
}

impl Known {
    pub(crate) fn new() -> Self {
        Known {
            heads: [0; 256],
            entries: Vec::new(),
            begins: [false; 256],
            millis: Vec::new(),
        }
    }

    /// Takes the texts of the next row.
    pub(crate) fn set(&mut self, texts: &[&[u8]]) {
        self.heads.fill(0);
        self.begins.fill(false);
        self.entries.clear();
        self.millis.clear();
        // The last added stands first in its chain, and the lowest slot shall win.
        for slot in (0..texts.len().min(SLOTS_MAX)).rev() {
            let text = texts[slot];
            if text.is_empty() || text.len() > VALUE_BYTES_MAX {
                continue;
            }
            let slot = slot as u16;
            self.add(
                text,
                Source {
                    slot,
                    part: Part::Whole,
                },
            );
            if let [b'<', inside @ .., b'>'] = text {
                self.add(
                    inside,
                    Source {
                        slot,
                        part: Part::Inside,
                    },
                );
            }
            if let Some(millis) = class::small_number(text) {
                self.millis.push((millis, slot));
            }
        }
    }

    fn add(&mut self, text: &[u8], source: Source) {
        let is_short = text.len() < WORD_BYTES_MIN;
        if text.len() < 2 || is_short && !text.iter().any(u8::is_ascii_digit) {
            return;
        }
        self.begins[usize::from(text[0])] |= !class::is_word(text[0]);
        let key = key(text);
        let head = &mut self.heads[bucket(key)];
        self.entries.push(Entry {
            key,
            next: *head,
            source,
        });
        *head = self.entries.len() as u16;
    }

    /// Whether a text may begin at this byte, which is no letter or digit.
    #[inline]
    pub(crate) fn begins(&self, byte: u8) -> bool {
        self.begins[usize::from(byte)]
    }

    /// The longest text that stands at the head of `rest` and ends with a word; and its length.
    /// `word` is the length of the first word.
    #[inline]
    pub(crate) fn find(
        &self,
        texts: &[&[u8]],
        rest: &[u8],
        word: usize,
    ) -> Option<(Source, usize)> {
        let mut found = None;
        if let Some(four) = rest.first_chunk() {
            self.look(u32::from_le_bytes(*four), texts, rest, &mut found);
        }
        if word < 4 && found.is_none() {
            self.look(key(&rest[..word]), texts, rest, &mut found);
        }
        found
    }

    #[inline]
    fn look(&self, key: u32, texts: &[&[u8]], rest: &[u8], found: &mut Option<(Source, usize)>) {
        let mut next = self.heads[bucket(key)];
        while let Some(entry) = usize::from(next).checked_sub(1).map(|at| &self.entries[at]) {
            next = entry.next;
            if entry.key != key {
                continue;
            }
            let text = part_of(texts[usize::from(entry.source.slot)], entry.source.part);
            let longer = found.is_none_or(|(_, len)| text.len() > len);
            if longer && rest.starts_with(text) && class::is_word_end(rest, text.len()) {
                *found = Some((entry.source, text.len()));
            }
        }
    }

    /// The column that has so many milliseconds.
    #[inline]
    pub(crate) fn millis(&self, millis: u64) -> Option<Source> {
        let found = self.millis.iter().rev().find(|(it, _)| *it == millis);
        found.map(|&(_, slot)| Source {
            slot,
            part: Part::Seconds,
        })
    }
}

/// The first four bytes, or fewer and zeros.
#[inline]
fn key(text: &[u8]) -> u32 {
    let mut first = [0; 4];
    let len = text.len().min(4);
    first[..len].copy_from_slice(&text[..len]);
    u32::from_le_bytes(first)
}

#[inline]
fn bucket(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> 24) as usize
}

/// The part of a text that is written without change.
#[inline]
pub(crate) fn part_of(text: &[u8], part: Part) -> &[u8] {
    match (part, text) {
        (Part::Inside, [_, inside @ .., _]) => inside,
        _ => text,
    }
}
