//! What can go wrong with an archive.

use deltalake_core::DeltaTableError;
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
    Table(#[from] DeltaTableError),
}

impl Error {
    /// Whether it may be gone when the archive is opened anew: a full disk, a folder that is away, a lock
    /// that another holds. Bytes that are not what they were stay so.
    pub fn passes(&self) -> bool {
        match self {
            Error::Absent(_) | Error::Locked(_) | Error::Io { .. } | Error::ObjectStore(_) => true,
            Error::Table(error) => !is_about_content(error),
            Error::Damaged { .. }
            | Error::Parquet(_)
            | Error::Arrow(_)
            | Error::Index(_)
            | Error::Packing(_)
            | Error::Lines(_) => false,
        }
    }
}

/// Whether the table's log says what cannot be; all else is about getting at it.
fn is_about_content(error: &DeltaTableError) -> bool {
    matches!(
        error,
        DeltaTableError::InvalidJsonLog { .. }
            | DeltaTableError::InvalidStatsJson { .. }
            | DeltaTableError::InvalidData { .. }
            | DeltaTableError::SchemaMismatch { .. }
            | DeltaTableError::NoSchema
            | DeltaTableError::MissingFeature { .. }
    )
}

/// What the archive gives, or why not.
pub type Result<T> = std::result::Result<T, Error>;
