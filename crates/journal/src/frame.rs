//! A frame: a batch in a segment, with its length and checksum.
//!
//! The layout stands in the crate's documentation.

use crate::Position;
use crate::batch::{Batch, SOURCE_HEAD_BYTES, Source};
use crate::limits::{
    BATCH_BYTES_MAX, BATCH_LINES_MAX, POSITION_MAX, SEGMENT_SOURCES_MAX, SOURCE_BYTES_MAX,
};
use crate::line::{self, take_u32, take_u64};
use std::collections::HashMap;

/// Bytes before the body: checksum, length, kind.
pub(crate) const HEAD_BYTES: usize = 4 + 4 + 1;

/// Bytes of the body before sources and lines.
const BODY_HEAD_BYTES: usize = 8 + 8 + 4 + 4 + 4;

/// Bytes of a frame but for those that [`Batch::bytes`] counts.
pub(crate) const FIXED_BYTES: usize = HEAD_BYTES + BODY_HEAD_BYTES;

const KIND_BATCH: u8 = 1;

/// Sources that a segment has registered, by text.
pub(crate) type Registered = HashMap<Source, u32>;

/// Where a frame stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Of its first byte in the segment. The checksum covers it, so that neither a write that went astray nor a
    /// line that holds the bytes of a frame is taken for one.
    pub(crate) offset: u64,
    /// Position of its first line.
    pub(crate) first: Position,
    /// All lines before this one were durable when the frame was written.
    pub(crate) durable: Position,
}

/// Writes a batch as a frame behind others; registers sources that the segment does not know yet.
pub(crate) fn put(to: &mut Vec<u8>, place: Place, batch: &Batch, registered: &mut Registered) {
    let start = to.len();
    let known = registered.len() as u32;
    let mut lines = Vec::with_capacity(batch.bytes());
    let mut new = Vec::new();
    batch.put_lines(&mut lines, |text| {
        if let Some(&number) = registered.get(text) {
            return number;
        }
        let number = registered.len() as u32;
        new.push(Source::from(text));
        registered.insert(Source::from(text), number);
        number
    });
    to.extend([0; 8]);
    to.push(KIND_BATCH);
    to.extend(place.first.as_u64().to_le_bytes());
    to.extend(place.durable.as_u64().to_le_bytes());
    to.extend((batch.len() as u32).to_le_bytes());
    to.extend(known.to_le_bytes());
    to.extend((new.len() as u32).to_le_bytes());
    for text in new {
        to.extend((text.len() as u16).to_le_bytes());
        to.extend_from_slice(&text);
    }
    to.extend_from_slice(&lines);
    let length = (to.len() - start - HEAD_BYTES) as u32;
    to[start + 4..start + 8].copy_from_slice(&length.to_le_bytes());
    let checksum = checksum(place.offset, &to[start + 4..]);
    to[start..start + 4].copy_from_slice(&checksum.to_le_bytes());
}

fn checksum(offset: u64, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&offset.to_le_bytes()), bytes)
}

/// A frame whose bytes were checked.
pub(crate) struct Frame<'a> {
    pub(crate) place: Place,
    /// Position behind its last line.
    pub(crate) end: Position,
    /// Sources that the segment had registered before.
    sources_before: usize,
    sources: &'a [u8],
    /// Its lines, one behind the other.
    pub(crate) lines: &'a [u8],
    /// Bytes of the whole frame.
    pub(crate) bytes: usize,
}

/// Bytes of the frame that begins here, by its head; `None` if none begins here.
pub(crate) fn length(head: &[u8; HEAD_BYTES]) -> Option<usize> {
    let [_, _, _, _, length @ .., kind] = head;
    let length = u32::from_le_bytes(*length) as usize;
    let is_possible = (BODY_HEAD_BYTES..=BODY_HEAD_BYTES + BATCH_BYTES_MAX).contains(&length);
    (*kind == KIND_BATCH && is_possible).then_some(HEAD_BYTES + length)
}

/// The frame at the beginning of the bytes, which stand at `offset` in their segment; `None` if there is none, or
/// not whole, or not as it was written.
pub(crate) fn read(bytes: &[u8], offset: u64) -> Option<Frame<'_>> {
    let bytes = bytes.get(..length(bytes.first_chunk()?)?)?;
    let (written, checked) = bytes.split_first_chunk()?;
    if checksum(offset, checked) != u32::from_le_bytes(*written) {
        return None;
    }
    let mut body = &bytes[HEAD_BYTES..];
    let place = Place {
        offset,
        first: take_position(&mut body)?,
        durable: take_position(&mut body)?,
    };
    let count = take_u32(&mut body)? as usize;
    let sources_before = take_u32(&mut body)? as usize;
    let source_count = sources_before.checked_add(take_u32(&mut body)? as usize)?;
    let sources = body;
    for _ in sources_before..source_count {
        take_source(&mut body)?;
    }
    let sources = &sources[..sources.len() - body.len()];
    let is_bounded = count <= BATCH_LINES_MAX && source_count <= SEGMENT_SOURCES_MAX;
    (is_bounded && are_lines(body, count, source_count)).then_some(Frame {
        place,
        end: place.first.plus(count),
        sources_before,
        sources,
        lines: body,
        bytes: bytes.len(),
    })
}

impl Frame<'_> {
    /// Puts the texts that it registers to their numbers; those that damage has swallowed stay empty.
    pub(crate) fn register(&self, texts: &mut Vec<Source>) {
        texts.resize(self.sources_before, Source::default());
        let mut rest = self.sources;
        texts.extend(std::iter::from_fn(|| take_source(&mut rest)).map(Source::from));
    }

    /// Whether it registers sources, or uses some that damage has swallowed.
    pub(crate) fn has_news(&self, texts: &[Source]) -> bool {
        !self.sources.is_empty() || self.sources_before > texts.len()
    }
}

fn are_lines(mut body: &[u8], count: usize, source_count: usize) -> bool {
    for _ in 0..count {
        match line::take(&mut body) {
            Some(line) if (line.source as usize) < source_count => {}
            _ => return false,
        }
    }
    body.is_empty() && count > 0
}

fn take_position(from: &mut &[u8]) -> Option<Position> {
    let position = take_u64(from)?;
    (position <= POSITION_MAX).then_some(Position::from_u64(position))
}

fn take_source<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = from.split_first_chunk()?;
    let length = usize::from(u16::from_le_bytes(*length));
    let (text, rest) = rest.split_at_checked(length)?;
    *from = rest;
    (length <= SOURCE_BYTES_MAX).then_some(text)
}

const _: () = assert!(SOURCE_HEAD_BYTES == size_of::<u16>());
