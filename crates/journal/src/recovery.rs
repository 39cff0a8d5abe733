//! What a segment's bytes still say after a crash.
//!
//! Only the last group of frames can be torn: the next is written when it is durable. Its frames may be torn in
//! any order, since the disk writes sectors as it likes. So behind a frame that is not whole there may stand whole
//! ones of the same group, which nobody was promised, but none that knows of anything durable behind the gap. One
//! that does proves that acknowledged lines were lost: that is damage, never cut.

use crate::Position;
use crate::batch::Source;
use crate::frame::{self, Frame};
use crate::segment::HEADER_BYTES;
use std::ops::Range;

/// A segment as far as it is whole.
pub(crate) struct Whole {
    /// Bytes of header and whole frames.
    pub(crate) bytes: usize,
    /// Position behind the last line.
    pub(crate) end: Position,
    /// Sources that were registered.
    pub(crate) sources: Vec<Source>,
    /// Acknowledged lines behind it that cannot be read; then the rest must not be cut.
    pub(crate) lost: Option<Range<Position>>,
}

/// Reads the bytes of the last segment, which begins at a position, up to the first frame that is not whole.
pub(crate) fn recover(segment: &[u8], first: Position) -> Whole {
    let mut whole = Whole {
        bytes: HEADER_BYTES.min(segment.len()),
        end: first,
        sources: Vec::new(),
        lost: None,
    };
    while let Some(frame) = next(segment, whole.bytes, whole.end) {
        frame.register(&mut whole.sources);
        whole.bytes += frame.bytes;
        whole.end = frame.end;
    }
    whole.lost = lost(segment, whole.bytes, whole.end);
    whole
}

/// The frame at an offset if it is whole and its lines come next.
fn next(segment: &[u8], at: usize, end: Position) -> Option<Frame<'_>> {
    frame::read(&segment[at..], at as u64).filter(|it| it.place.first == end)
}

/// The lines between a place where no frame is whole and the next whole frame, if they had been durable.
fn lost(segment: &[u8], at: usize, end: Position) -> Option<Range<Position>> {
    let (mut from, mut next) = (at, None);
    while let Some(frame) = next_whole(segment, from, end) {
        let next = *next.get_or_insert(frame.place.first);
        if frame.place.durable > end {
            return Some(end..next);
        }
        from = frame.place.offset as usize + frame.bytes - 1;
    }
    None
}

/// The next whole frame behind an offset, whose lines are not before `end`.
pub(crate) fn next_whole(segment: &[u8], at: usize, end: Position) -> Option<Frame<'_>> {
    // At each byte, since the length of what is damaged may be damaged too. Kind and length are wrong almost
    // everywhere, so that few checksums are computed.
    (at + 1..segment.len()).find_map(|offset| {
        let frame = frame::read(&segment[offset..], offset as u64)?;
        (frame.place.first >= end).then_some(frame)
    })
}

/// The position behind the last whole frame of a damaged segment.
pub(crate) fn end_behind_damage(segment: &[u8], whole: &Whole) -> Position {
    let (mut at, mut end) = (whole.bytes, whole.end);
    while let Some(frame) = next_whole(segment, at, end) {
        at = frame.place.offset as usize + frame.bytes - 1;
        end = frame.end;
    }
    end
}
