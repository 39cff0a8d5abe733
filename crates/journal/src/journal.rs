//! What every journal does, be it on this machine or not.

use crate::{Batch, Error};
use std::fmt;
use std::time::Duration;

/// Where a line stands in a journal.
///
/// Positions grow from line to line, and by one within a batch. A local journal counts without gaps from 0; another
/// may leave gaps between batches, such as a stream that numbers messages. They may be stored, and mean the same
/// for as long as the journal lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Where a new journal begins.
    pub const ZERO: Position = Position(0);

    /// A position that was stored as [`as_u64`](Self::as_u64).
    pub const fn from_u64(position: u64) -> Self {
        Position(position)
    }

    /// The position as a number to be stored.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The position so many lines further in the same batch; saturates.
    pub const fn plus(self, lines: usize) -> Self {
        Position(self.0.saturating_add(lines as u64))
    }

    /// Lines between this position and a later one of the same batch; 0 if it is not later.
    pub(crate) const fn lines_to(self, later: Position) -> usize {
        later.0.saturating_sub(self.0) as usize
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Raw lines made durable, in order, with positions.
///
/// All methods may be called by any number of threads at once.
pub trait Journal: Send + Sync {
    /// Appends a batch and gives the position of its first line, once all of it is durable.
    ///
    /// Other batches may stand before and behind it, none within. Blocks while it waits for the disk. On an error
    /// the batch is not in the journal, except on [`Error::Poisoned`], where it may be after the journal is opened
    /// anew. [`Error::Full`] and [`Error::NoSpace`] pass: withhold the acknowledgement, wait, try again. An empty
    /// batch gives the end at once, or tells that nothing is written any more.
    fn append(&self, batch: &Batch) -> Result<Position, Error>;

    /// Gives out lines from a position on, which may lie within a batch.
    ///
    /// Errs if lines at the position were cut, or if it lies beyond the end.
    fn reader(&self, from: Position) -> Result<Box<dyn Reader>, Error>;

    /// Allows the journal to forget all lines before a position; some stay for as long as they stand in a file with
    /// others.
    ///
    /// Errs if the position lies beyond the end; one that was cut before is no error.
    fn cut(&self, before: Position) -> Result<(), Error>;

    /// The first position that can be read; the end if no line can.
    fn start(&self) -> Position;

    /// The position behind the last durable line.
    fn end(&self) -> Position;

    /// Waits until the end lies behind a position or the time is over; gives the end.
    fn wait_for_lines(&self, behind: Position, timeout: Duration) -> Position;

    /// Waits until there is room for a batch or the time is over; tells whether there is.
    ///
    /// Others may take it first. Also true where the next append will tell why there is none: on
    /// [`Error::Poisoned`], and on [`Error::NoSpace`], after which the caller pauses by himself.
    fn wait_for_room(&self, batch: &Batch, timeout: Duration) -> bool;
}

/// Reads a journal in order.
pub trait Reader: Send {
    /// The next lines and the position of the first of them; `None` at the end, where there may be more later.
    ///
    /// Only durable lines are given. After an error the reader stands where it stood.
    fn next(&mut self) -> Result<Option<(Position, Batch)>, Error>;
}
