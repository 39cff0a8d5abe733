//! What can go wrong while lines are recorded.

/// Why lines could not be recorded; those of earlier commits are.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The archive could not be written.
    #[error("archive could not be written")]
    Store(#[from] store::Error),
    /// The journal could not be read.
    #[error("journal could not be read")]
    Journal(#[from] journal::Error),
    /// What the last commit left to go on from cannot be read.
    #[error("state of the archive cannot be read: path=`{path}`")]
    State {
        /// Where it is.
        path: String,
        /// Why.
        source: Box<Error>,
    },
    /// The state is not one of ours.
    #[error("state of the archive is damaged or foreign")]
    ForeignState,
    /// The state is of a version that this build does not know.
    #[error("state of the archive is of an unknown version: version=`{0}`")]
    StateVersion(u8),
    /// The correlator's part of the state cannot be read.
    #[error("state of the correlator cannot be read")]
    Snapshot(#[from] correlate::SnapshotError),
    /// The ledger cannot be read.
    #[error("list of imported files cannot be read")]
    Ledger(#[from] serde_json::Error),
    /// The state cannot be packed or unpacked.
    #[error("state cannot be packed")]
    Packing(#[from] std::io::Error),
    /// The thread that writes is gone.
    #[error("writing ended early")]
    WriterGone,
}

impl Error {
    /// Whether it may be gone when it is tried again: a full disk, a folder that is away, a lock that
    /// another holds. What is damaged stays so.
    pub fn passes(&self) -> bool {
        match self {
            Error::Store(error) => error.passes(),
            Error::Journal(error) => matches!(error, journal::Error::Io { .. }),
            Error::State { .. }
            | Error::ForeignState
            | Error::StateVersion(_)
            | Error::Snapshot(_)
            | Error::Ledger(_)
            | Error::Packing(_)
            | Error::WriterGone => false,
        }
    }
}
