//! What can be wrong with a package.

use crate::{Digest, Fingerprint, Malformed};
use std::fmt;
use std::io;

/// One thing that is wrong with a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Name of the file in the folder; for a file that is not listed whatever it has, not always UTF-8.
    pub file: String,
    /// What is wrong with it.
    pub what: Wrong,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.escape_debug(), self.what)
    }
}

/// What is wrong with a file of a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is no such file.
    #[error("is missing")]
    Missing,
    /// It is a link, a folder, a device; it was not opened.
    #[error("is not a plain file")]
    NotAFile,
    /// The system does not let it be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::ErrorKind),
    /// It has another length, in bytes.
    #[error("has another length: listed=`{listed}` found=`{found}`")]
    Length {
        /// What the manifest says.
        listed: u64,
        /// What is there.
        found: u64,
    },
    /// It has the right length and other content.
    #[error("was changed: listed=`{listed}` found=`{found}`")]
    Hash {
        /// What the manifest says.
        listed: Digest,
        /// What is there.
        found: Digest,
    },
    /// The file is right, but the manifest is wrong about its records.
    #[error("has other records than the manifest says")]
    Records,
    /// The file is not listed in the manifest.
    #[error("is not part of the package")]
    Unlisted,
    /// The manifest is none.
    #[error("is not valid: {0}")]
    Manifest(Malformed),
    /// The file holds no public key.
    #[error("is not an Ed25519 key in PEM")]
    NotAKey,
    /// The key in the package, or the one that the manifest names, is not the one that was expected.
    #[error("names another key: expected=`{expected}` found=`{found}`")]
    OtherKey {
        /// The key that the caller gave, or else the one that the package carries.
        expected: Fingerprint,
        /// The other one.
        found: Fingerprint,
    },
    /// The signature is not that of the key over the manifest.
    #[error("is not a valid signature of the manifest")]
    Signature,
    /// `SHA256SUMS` has other hashes than the manifest, so who checks by it is misled.
    #[error("differs from the manifest")]
    Sums,
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Wrong {
        match error.kind() {
            io::ErrorKind::NotFound => Wrong::Missing,
            io::ErrorKind::InvalidInput => Wrong::NotAFile,
            kind => Wrong::Unreadable(kind),
        }
    }
}
