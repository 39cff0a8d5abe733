//! Why files cannot be followed any more.

use std::io;
use std::path::PathBuf;

/// Why files cannot be followed. Of what was appended to the journal nothing is lost: open it again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal failed, in a way that does not pass.
    #[error(transparent)]
    Journal(#[from] journal::Error),
    /// The state is damaged, or of a version that this build does not read. Move it away to go on from what the
    /// journal tells; files that it does not tell of are read anew.
    #[error("state of followed files cannot be read: path=`{path}`", path = .0.display())]
    State(PathBuf),
    /// The system refused an operation.
    #[error("cannot {doing}: path=`{path}`", path = .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
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
            source,
        }
    }
}
