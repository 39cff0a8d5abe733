//! Raw lines made durable, in order, with positions: what stands between intake and pipeline.
//!
//! Not for understanding a line, nor for keeping it: a journal is cut behind what the archive has committed.
//!
//! Intake [appends](Journal::append) batches and acknowledges what it received when that returns. The pipeline
//! [reads](Reader::next) from the position that its last commit carried, and [cuts](Journal::cut) before it.
//! [`Journal`] says what any journal does; [`LocalJournal`] is one in a folder of this machine.
//!
//! Invariants: lines are read in the order of their positions, each once, and only when they are durable; a batch
//! whose append returned a position is read after any crash; one whose append failed is not; nothing panics on
//! what a file holds. Nothing here asks a clock.
//!
//! # How it writes
//!
//! One thread takes all batches that wait, writes them as a group and syncs once (`fdatasync`), so that a hundred
//! appenders wait for one sync, not for a hundred. What waits is bounded by [`QUEUE_BYTES_MAX`], the files by
//! [`Settings::bytes_max`].
//! A write that failed for want of space is taken back and may be tried again. After any other failure of a write
//! or sync nothing is written any more ([`Error::Poisoned`]): the kernel forgets what it could not write, and the
//! next sync would succeed.
//!
//! # Layout, version 1
//!
//! A folder has a file `lock`, which an open journal holds a lock on (`flock`), and segments, named by the position
//! of their first line: twenty digits and `.journal`. A file `segment.new` is a segment that was never used. Lines of
//! a segment go up to where the next begins.
//!
//! Integers are little-endian; checksums are CRC-32C. A segment is a header and frames, one behind the other.
//!
//! | header, byte | | |
//! |---|---|---|
//! | 0 | 8 bytes | magic, `WBJOURNL` |
//! | 8 | u32 | version, 1 |
//! | 12 | u64 | position of the first line |
//! | 20 | u32 | checksum of bytes 0 to 19 |
//!
//! | frame, byte | | |
//! |---|---|---|
//! | 0 | u32 | checksum of the frame's own offset in the file (u64) and of all its bytes from 4 on |
//! | 4 | u32 | length: bytes from 9 on |
//! | 8 | u8 | kind, 1: a batch |
//! | 9 | u64 | position of the first line |
//! | 17 | u64 | durable: lines before this position had been synced when the frame was written |
//! | 25 | u32 | number of lines, 1 to [`BATCH_LINES_MAX`] |
//! | 29 | u32 | sources that the segment registered before |
//! | 33 | u32 | sources that the frame registers; their numbers go on from those |
//! | 37 | | the texts of these: each its length (u16) and bytes |
//! | | | the lines |
//!
//! A line is the time when it was received (i64, nanoseconds since 1970-01-01T00:00:00Z), the number of its source
//! (u32), its length (u32) and its bytes.
//!
//! # After a crash
//!
//! The last segment is read up to the first frame that is not whole. If a whole frame behind it says that more was
//! durable, the file is damaged ([`Error::Damaged`]); else the rest was never acknowledged and is cut off. Damage to
//! the very last group cannot be told from a crash, nor can an end that is gone, and is cut off too. In any other segment a frame that is not whole is
//! damage, found when it is read. Damage names what is lost, and reading goes on behind it for who asks for a reader
//! there.

mod limits;

mod batch;
mod error;
mod journal;
mod local;

mod frame;
mod line;
mod reader;
mod recovery;
mod segment;
mod shared;
mod window;
mod writer;

pub use batch::{Batch, Record};
pub use error::Error;
pub use journal::{Journal, Position, Reader};
pub use limits::{
    BATCH_BYTES_MAX, BATCH_LINES_MAX, JOURNAL_BYTES, LINE_BYTES_MAX, QUEUE_BYTES_MAX,
    SEGMENT_BYTES, SEGMENT_BYTES_MAX, SOURCE_BYTES_MAX,
};
pub use local::{LocalJournal, Settings};
