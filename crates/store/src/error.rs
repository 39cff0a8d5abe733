//! What can go wrong with an archive.

use std::path::PathBuf;

/// Why the archive could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no archive at this place.
    #[error("no archive at `{0}`")]
    Absent(PathBuf),
    /// Another process writes to it.
    #[error("another process is writing to the archive: path=`{0}`")]
    Locked(PathBuf),
    /// Bytes that were stored are not there or not as they were.
    #[error("stored data is damaged: {what} path=`{path}`")]
    Damaged {
        /// Which part.
        what: &'static str,
        /// Which file.
        path: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot use `{path}`")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The object store failed; what was to be written is not part of the archive.
    #[error("object store failed")]
    ObjectStore(#[from] object_store::Error),
    /// A data file could not be read or written.
    #[error("data file cannot be read or written")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Columns do not fit.
    #[error("columns cannot be read or written")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// The index could not be read or written.
    #[error("index cannot be read or written")]
    Index(#[from] fst::Error),
    /// A part of the index could not be packed or unpacked.
    #[error("index cannot be packed or unpacked")]
    Packing(#[source] std::io::Error),
    /// Original lines could not be read.
    #[error("original lines cannot be read")]
    Lines(#[from] lines::Error),
    /// The table's log failed.
    #[error("table log failed")]
    Table(#[from] deltalake_core::DeltaTableError),
}

/// What the archive gives, or why not.
pub type Result<T> = std::result::Result<T, Error>;
