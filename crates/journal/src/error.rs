//! What can go wrong with a journal, by what the caller can do.

use crate::Position;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a journal could not do what it was asked. Nothing that failed is acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A line is longer than [`LINE_BYTES_MAX`](crate::LINE_BYTES_MAX).
    #[error("line is too long: bytes=`{0}`")]
    LineTooLong(usize),
    /// The text of a source is longer than [`SOURCE_BYTES_MAX`](crate::SOURCE_BYTES_MAX).
    #[error("source is too long: bytes=`{0}`")]
    SourceTooLong(usize),
    /// The line does not fit into this batch any more; append it and begin the next.
    #[error("batch is full")]
    BatchFull,
    /// The journal has its greatest size. Withhold the acknowledgement, wait for room, try again.
    #[error("journal is full: bytes_max=`{0}`")]
    Full(u64),
    /// The disk (or a quota) is full, though the journal may grow. The batch was taken back; try again later.
    #[error("no space for the journal: path=`{path}`", path = .path.display())]
    NoSpace {
        /// The file that could not grow.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A write or sync failed, so nobody knows what the disk holds. All appends fail until the journal is opened
    /// anew: a second sync would succeed without having written anything.
    #[error("journal does not write any more: path=`{path}`", path = .path.display())]
    Poisoned {
        /// The file that was written.
        path: PathBuf,
        /// The first failure.
        source: Arc<io::Error>,
    },
    /// Another process, or another part of this one, has the journal open.
    #[error("journal is in use: path=`{path}`", path = .0.display())]
    Locked(PathBuf),
    /// The lines at this position were cut; the first that is left stands at `first`.
    #[error("lines were cut: first=`{first}`")]
    Cut {
        /// The first position that can be read.
        first: Position,
    },
    /// The position lies behind the end: it is another journal's, or the journal was lost.
    #[error("position is beyond the end of the journal: end=`{end}`")]
    Beyond {
        /// Where the next line will stand.
        end: Position,
    },
    /// Bytes of acknowledged lines are not those that were written. To go on without the lines that are lost, ask
    /// for a reader at `lost.end`.
    #[error(
        "journal is damaged: path=`{path}` offset=`{offset}` lost=`{from}..{to}`",
        path = .path.display(), from = .lost.start, to = .lost.end
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first byte of the frame that is damaged or missing.
        offset: u64,
        /// Positions that cannot be read; empty if only a segment's header is damaged.
        lost: Range<Position>,
    },
    /// The file is a segment of a version that this build does not read.
    #[error("journal version is not known: path=`{path}` version=`{version}`", path = .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// What its header says.
        version: u32,
    },
    /// Settings that contradict each other.
    #[error("{0}")]
    Settings(&'static str),
    /// The system refused an operation; try again if it is one that passes.
    #[error("cannot {doing}: path=`{path}`", path = .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl Error {
    /// Makes an error of what the system said: `.map_err(Error::io("open file", path))`.
    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            doing,
            path: path.into(),
            source: Arc::new(source),
        }
    }
}
