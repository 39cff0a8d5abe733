//! The archive: rows in; columnar files with their original lines and their index, and table commits,
//! out; and back.
//!
//! [`Archive`] is a folder with a Delta table (`archive.rs`) of data files (`file.rs`)
//! that any reader of Parquet reads. Beside the [`Column`]s a file holds the original lines of its
//! rows, byte for byte, and an index that tells which blocks of rows to read for a question.
//!
//! It is not for what a question means (`search`, `query`), nor for how rows come about
//! (`correlate`), nor for when to write and commit (`pipeline`).
//!
//! Invariants: a row and its lines are in one file; rows of a file are sorted by account domain,
//! account and time; a file is never changed; what a commit names was durable before it.

mod archive;
mod class;
mod columns;
mod disk;
mod error;
mod facts;
mod file;
mod gather;
mod hot;
mod index;
mod lately;
mod limits;
mod merge;
mod owners;
mod part;
mod sorted;
mod span;
mod stays;
mod view;
mod words;

pub use archive::{Archive, Checked, FileOf, Kept, Replaced, Upkeep, Vacuumed, Writer};
pub use class::{CLASS, Classes, is_class_name};
pub use columns::{Column, Type, schema};
pub use error::{Error, Result};
pub use file::presence::Presence;
pub use file::read::{Block, DataFile};
pub use gather::Gathered;
pub use hot::Hot;
pub use index::IdRole;
pub use merge::{StoredRow, batch};
pub use part::Part;
pub use stays::{around, arrival, each_step};
pub use view::{Meaning, View};
pub use words::addresses;
