//! A batch of lines together with the events that point into it.

use crate::{Place, Position};
use ingest::Batch;
use model::{Event, Line, Timestamp};
use self_cell::self_cell;

type Events<'a> = Vec<Event<'a>>;

self_cell!(
    struct Cell {
        owner: Batch,

        #[covariant]
        dependent: Events,
    }
);

/// Lines and what they say.
pub(crate) struct ParsedBatch {
    set: usize,
    cell: Cell,
}

impl ParsedBatch {
    /// Takes each line of a batch apart.
    pub(crate) fn new(set: usize, batch: Batch) -> Self {
        let cell = Cell::new(batch, |batch| {
            let mut events = Vec::with_capacity(batch.len());
            events.extend(batch.lines().map(|line| parse::line(line.readable)));
            events
        });
        ParsedBatch { set, cell }
    }

    pub(crate) fn events(&self) -> &[Event<'_>] {
        self.cell.borrow_dependent()
    }

    /// Index in its set of the file that the lines are from.
    pub(crate) fn file(&self) -> usize {
        self.cell.borrow_owner().file
    }

    /// Where a line of the batch stands among those of its file.
    #[inline]
    pub(crate) fn position(&self, index: u32) -> Position {
        let batch = self.cell.borrow_owner();
        Position {
            set: self.set,
            file: batch.file,
            index: batch.first_index + u64::from(index),
        }
    }

    /// Shows one event with its line, which is of this time.
    #[inline]
    pub(crate) fn with(&self, index: u32, at: Timestamp, show: impl FnOnce(&Event<'_>, Line<'_>)) {
        let batch = self.cell.borrow_owner();
        let (number, raw) = batch.original(index as usize);
        let place = Place {
            set: self.set,
            file: batch.file,
            line: number,
        };
        let line = Line {
            id: place.id(),
            at,
            raw,
        };
        show(&self.cell.borrow_dependent()[index as usize], line);
    }

    /// The batch, to be filled again.
    pub(crate) fn into_batch(self) -> Batch {
        self.cell.into_owner()
    }
}
