//! Log files that grow, followed into the journal, each line once.
//!
//! Not for what lines mean, nor for lines that come by network. It knows no runtime: a [`Follower`] is one thread,
//! which waits for the kernel to tell of changes (inotify), and looks every second where it tells of none.
//!
//! The journal of this machine is followed by [`Journald`], another thread.
//!
//! # What a log is
//!
//! A log is a content, not a file. It is known by how many bytes were taken of it and their checksum, and by those of
//! its first 64, 256, 1,024 … bytes, so it is found again after it was renamed, copied, packed, or both while nobody
//! looked. Rotated files are looked for beside the log by their names, as `ingest` does; a content that no log has is
//! a new one. A file that begins like a log that is there is its copy, and is not read.
//!
//! - Renamed (`create`): the file is read on for as long as something comes, also when it is deleted meanwhile.
//! - Truncated (`copytruncate`): what was not read is finished from the copy. What was written between the copy and
//!   the truncation is lost, unless it was read in time; that is how `copytruncate` works.
//! - Packed: finished from the packed file.
//! - A last line without newline waits; if nothing came for [`Settings::torn_wait`] in a file that was rotated away,
//!   it is taken as it is. Should the program write on there after all, the rest is a line of its own.
//! - Lines of more than [`ingest::LINE_BYTES_MAX`] are cut, and counted. A carriage return is kept. Each line is one
//!   in the journal, also a part of one that Docker or a Kubernetes runtime has cut; a file in journald's export
//!   format is not followed.
//!
//! Lines of a file are taken in their order, and files of one log from the oldest to the newest, as far as they are
//! known when they are read.
//!
//! # Exactly once
//!
//! The source of a line in the journal is `file PATH`, a NUL, and numbers in hexadecimal, separated by spaces: version
//! (1), number of the log, device, inode, bytes taken with this batch, flags (1: the rest of a line that was cut comes
//! next; 2: passed over), CRC-32C of what was taken, and those of the shorter beginnings. [`source_name`] gives the
//! part for people. So a batch that is in the journal says itself where to go on, and one that is not was not taken.
//!
//! The state (`state.rs`) says the same as of a position of the journal. The journal may be cut before that position
//! only: [`Handle::cut_before`].
//!
//! What is beyond it: a content of fewer than 64 bytes cannot be told from its own beginning, a log whose file was
//! gone for 30 days is a new one when it comes back, and what was written to a file that is deleted while nobody
//! follows is gone.

mod limits;

mod error;
mod follower;
mod handle;
mod journald;

mod cut;
mod files;
mod log;
mod mark;
mod recognise;
mod state;
mod taken;
mod wake;

pub use error::Error;
pub use follower::{Follower, Settings};
pub use handle::{Counts, Handle};
pub use journald::{JOURNALD, Journald, JournaldCounts, JournaldHandle, JournaldSettings};
pub use mark::source_name;
