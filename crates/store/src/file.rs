//! One data file: a Parquet file with an appendix that other readers of Parquet pass over.
//!
//! ```text
//! row groups            as Parquet has them: pages of a block of rows each, all columns
//! blocks of lines       one for each block of rows, in order, as crate `lines` makes them
//! templates             of all lines of the file
//! filters               identifiers of each block, in order, then of the file (`index/ids.rs`)
//! terms, lists          `index/terms.rs`, each one zstd frame
//! presence              of each host the lines and the quarters of an hour (`presence.rs`), JSON
//! stays                 rows of messages that were in a queue for long, once more (`stays.rs`)
//! directory             where all this is
//! footer                as Parquet has it; its key `waybill.directory` holds "offset,length"
//! ```
//!
//! The directory: magic `WBFILE`, version (u16), number of rows and of rows in a
//! block (u64 each), then for each of the six parts
//! templates, terms, lists, filters, presence, stays its offset and length (u64 each), number of
//! blocks (u32), for each block the offset (u64) and length (u32) of its lines and the length (u32) of
//! its filter; last the XXH3-64 of all before. Integers are little-endian, offsets are from the
//! beginning of the file. Version 1 has no stays.

pub(crate) mod directory;
mod pages;
pub(crate) mod presence;
mod prune;
pub(crate) mod read;
mod seek;
mod source;
mod stays;
pub(crate) mod write;
