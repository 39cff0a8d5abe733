//! Names of files in a package: such that no system reads them as anything but a name.

use crate::limits::NAME_BYTES_MAX;

/// What is signed: see [`Manifest`](crate::Manifest).
pub const MANIFEST: &str = "manifest.json";

/// The signature over all bytes of the manifest: 64 bytes, Ed25519 (RFC 8032).
pub const SIGNATURE: &str = "manifest.sig";

/// The signer's public key.
pub(crate) const SIGNER: &str = "signer.pem";

/// How a stranger checks the package.
pub(crate) const README: &str = "README.txt";

/// The hashes of the files, for `sha256sum -c`.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// Which files are finished, while the package is not sealed.
pub(crate) const JOURNAL: &str = "unsealed.journal";

/// The file that is being written.
pub(crate) const PART: &str = "unsealed.part";

/// Files that a package writes itself, and the manifest lists, in this order, behind all others.
pub(crate) const OWN: [&str; 3] = [README, SIGNER, SUMS];

const RESERVED: [&str; 7] = [MANIFEST, SIGNATURE, README, SIGNER, SUMS, JOURNAL, PART];

/// Whether it is 1 to [`NAME_BYTES_MAX`] ASCII letters, digits, `.`, `_`, `-`, with a letter or digit at each end.
pub(crate) fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let is_end = |it: Option<&u8>| it.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= NAME_BYTES_MAX
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes
            .iter()
            .all(|it| it.is_ascii_alphanumeric() || b"._-".contains(it))
}

/// Whether the package keeps the name for itself, also where case does not count.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|it| it.eq_ignore_ascii_case(name))
}
