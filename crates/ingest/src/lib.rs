//! Bytes from outside in, framed log lines out: files for now, plain or compressed, rotated, in time order.
//!
//! Not for understanding a line: nothing here knows mail, a date is only looked at to put rotated files in order
//! and to give wrapped lines (journald, Docker, CRI) the header that they would have in a file.
//!
//! [`find`] turns what the user named into rotated sets, [`LogSet::reader`] reads one set in batches of whole lines.
//!
//! Invariants: a batch belongs to one file; the raw bytes of a line are those of the (unpacked) file and are never
//! changed; a batch is whole lines, but for the last of a file that has no newline ([`Batch::torn`]); nothing panics
//! on what it reads, and what could not be read is a [`Problem`].
//!
//! A reader holds one block, the carried beginning of the next line and the window of one decompressor; with the
//! caller's batches that is a few MiB, except for zstd and xz files that were packed with huge windows
//! (`limits.rs`).

mod batch;
mod envelope;
mod find;
pub mod journald;
mod limits;
mod plain;
mod problem;
mod reader;
mod rotation;
mod set;
mod sniff;
mod unpack;

pub use batch::{Batch, Lines, RawLine};
pub use envelope::readable;
pub use find::{Found, find, generations};
pub use limits::{BATCH_BYTES, LINE_BYTES_MAX};
pub use problem::{Problem, ProblemKind, Severity};
pub use reader::SetReader;
pub use set::{LogFile, LogSet};
pub use sniff::not_lines;
pub use unpack::{Format, Unpacked};
