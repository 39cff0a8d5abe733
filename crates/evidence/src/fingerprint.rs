//! What people compare to know a key.

use crate::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// SHA-256 of a key's SubjectPublicKeyInfo (DER), what
/// `openssl pkey -pubin -in signer.pem -outform DER | sha256sum` prints. Shown in groups of four digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    pub(crate) fn new(digest: Digest) -> Fingerprint {
        Fingerprint(digest)
    }

    /// The hash itself.
    pub fn digest(&self) -> Digest {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, pair) in self.0.as_bytes().chunks_exact(2).enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{:02x}{:02x}", pair[0], pair[1])?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
