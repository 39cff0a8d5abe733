//! What can go wrong with a package, by what the caller can do.

use crate::{Malformed, Wrong};
use std::io;
use std::path::PathBuf;

/// Why a package could not be made or looked at. What [`verify`](crate::verify) finds wrong is a
/// [`Fault`](crate::Fault), not an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No file of a package may have this name: see [`Package::begin_file`](crate::Package::begin_file).
    #[error("file name is not allowed: name=`{}`", .0.escape_debug())]
    Name(String),
    /// The package has a file of this name, or one that differs only in case.
    #[error("file is in the package already: name=`{0}`")]
    Exists(String),
    /// The package has [`FILES_MAX`](crate::FILES_MAX) files.
    #[error("package has too many files")]
    TooManyFiles,
    /// The description is longer than [`DESCRIPTION_BYTES_MAX`](crate::DESCRIPTION_BYTES_MAX).
    #[error("description is too long: bytes=`{0}`")]
    DescriptionTooLong(usize),
    /// The package is sealed, so the job is done; nothing may be added.
    #[error("package is sealed: path=`{path}`", path = .0.display())]
    Sealed(PathBuf),
    /// A file could not be finished, and nobody knows whether the disk has it. Drop the package and resume it.
    #[error("package must be resumed: path=`{path}`", path = .0.display())]
    Broken(PathBuf),
    /// Another process, or another part of this one, writes the package.
    #[error("package is being written: path=`{path}`", path = .0.display())]
    InUse(PathBuf),
    /// The folder holds a package that was begun with another description. Choose another folder.
    #[error("folder holds another export: path=`{path}`", path = .0.display())]
    OtherExport(PathBuf),
    /// The folder holds a file that is none of the package's: it was there before, or somebody put it there. Take it
    /// away, or choose another folder.
    #[error("foreign file in the folder: path=`{path}`", path = .0.display())]
    Foreign(PathBuf),
    /// A file is not what was finished or sealed. A package that is not sealed: remove the folder and begin anew.
    #[error("file is not what was written: name=`{name}`")]
    Changed {
        /// The file.
        name: String,
        /// What is wrong with it.
        source: Wrong,
    },
    /// The journal of finished files cannot be read. Remove the folder and begin anew.
    #[error("journal of the package is damaged: path=`{path}`", path = .0.display())]
    Journal(PathBuf),
    /// Others than the owner may read or change the file of a secret key.
    #[error("key is open to others: path=`{path}` mode=`{mode:04o}`", path = .path.display())]
    KeyIsOpen {
        /// The key's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is not an Ed25519 key as PEM.
    #[error("not an Ed25519 key in PEM")]
    NotAKey,
    /// The system has no randomness to give.
    #[error("cannot make a key")]
    Random(#[source] getrandom::Error),
    /// The text is not the manifest of a package.
    #[error("manifest is not valid")]
    Manifest(#[from] Malformed),
    /// The signature is not that of this key over this manifest.
    #[error("signature is not valid")]
    Signature,
    /// The file has no record of this number, or no records at all.
    #[error("no such record: name=`{name}` number=`{number}`")]
    NoRecord {
        /// The file.
        name: String,
        /// The number asked for.
        number: u64,
    },
    /// The record is longer than [`RECORD_BYTES_MAX`](crate::RECORD_BYTES_MAX).
    #[error("record is too long: bytes=`{0}`")]
    RecordTooLong(u64),
    /// The text is not a proof.
    #[error("not a proof")]
    NotAProof,
    /// The system refused an operation; try again if it is one that passes.
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
    /// Makes an error of what is wrong with a file.
    pub(crate) fn changed(name: &str) -> impl FnOnce(Wrong) -> Error {
        let name = name.to_owned();
        move |source| Error::Changed { name, source }
    }

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
