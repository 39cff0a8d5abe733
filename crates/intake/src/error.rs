//! Why lines could not be taken.

/// Why lines could not be taken; none of them was acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There was no room in time. It passes: the client may try again later.
    #[error("no room for more lines yet")]
    Busy,
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] journal::Error),
}
