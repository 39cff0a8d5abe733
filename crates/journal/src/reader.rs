//! Reads segments in order, as far as they are durable.

use crate::batch::Source;
use crate::limits::READ_BYTES;
use crate::line;
use crate::segment::{self, HEADER_BYTES, Segment};
use crate::shared::Shared;
use crate::window::Window;
use crate::{Batch, Error, Position, Reader, recovery};
use std::sync::Arc;

/// A reader of a [`LocalJournal`](crate::LocalJournal).
pub(crate) struct LocalReader {
    shared: Arc<Shared>,
    /// Position of the next line to give out.
    wanted: Position,
    /// First position of the segment that is read.
    segment: Position,
    window: Window,
    /// Where the next frame begins.
    offset: u64,
    /// Position of that frame's first line; before `wanted` on the way to it.
    next: Position,
    /// Texts of sources by their numbers in the segment.
    sources: Arc<Vec<Source>>,
}

/// Lines gathered from frames.
#[derive(Default)]
struct Gathered {
    lines: Vec<u8>,
    count: usize,
}

impl LocalReader {
    /// Begins at a position.
    pub(crate) fn open(shared: Arc<Shared>, wanted: Position) -> Result<Self, Error> {
        let first = shared.segment_of(wanted)?.0.first;
        Ok(LocalReader {
            window: Window::open(&segment::path(&shared.folder, first))?,
            shared,
            wanted,
            segment: first,
            offset: HEADER_BYTES as u64,
            next: first,
            sources: Arc::default(),
        })
    }

    /// Lines from `wanted` on, some of the segment; none if the first of them is damaged.
    fn gather(&mut self, segment: Segment) -> Result<Gathered, Error> {
        let mut gathered = Gathered::default();
        while let Some(frame) = self.window.frame(self.offset, segment.bytes)? {
            let is_enough = gathered.lines.len() + frame.lines.len() > READ_BYTES;
            if frame.place.first != self.next || (is_enough && gathered.count > 0) {
                break;
            }
            if frame.has_news(&self.sources) {
                frame.register(Arc::make_mut(&mut self.sources));
            }
            if frame.end > self.wanted {
                let mut lines = frame.lines;
                while self.next < self.wanted {
                    line::take(&mut lines);
                    self.next = self.next.plus(1);
                }
                gathered.lines.extend_from_slice(lines);
                gathered.count += self.next.lines_to(frame.end);
                self.wanted = frame.end;
            }
            self.next = frame.end;
            self.offset += frame.bytes as u64;
        }
        Ok(gathered)
    }

    /// Goes on behind damage if nothing that is wanted was lost by it.
    fn pass_damage(&mut self, segment: Segment, end: Position) -> Result<(), Error> {
        let bytes = self.window.all(segment.bytes)?;
        let whole = recovery::next_whole(&bytes, self.offset as usize, self.next);
        match whole {
            Some(frame) if frame.place.first <= self.wanted => {
                self.offset = frame.place.offset;
                self.next = frame.place.first;
                Ok(())
            }
            _ => Err(Error::Damaged {
                path: segment::path(&self.shared.folder, self.segment),
                offset: self.offset,
                lost: self.next..whole.map_or(end, |it| it.place.first),
            }),
        }
    }
}

impl Reader for LocalReader {
    fn next(&mut self) -> Result<Option<(Position, Batch)>, Error> {
        let first = self.wanted;
        let (segment, end) = self.shared.segment_of(first)?;
        if segment.first != self.segment {
            *self = LocalReader::open(self.shared.clone(), first)?;
        }
        if first == end {
            return Ok(None);
        }
        loop {
            let Gathered { lines, count } = self.gather(segment)?;
            if count > 0 {
                let batch = Batch::of_read(lines, count, self.sources.clone());
                return Ok(Some((first, batch)));
            }
            self.pass_damage(segment, end)?;
        }
    }
}
