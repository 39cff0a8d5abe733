//! `manifest.json`: the text that is signed.

use crate::limits::{DESCRIPTION_BYTES_MAX, FILES_MAX, MANIFEST_BYTES_MAX};
use crate::name::{OWN, SUMS, is_name, is_reserved};
use crate::{Description, Digest, Entry, Fingerprint};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::Write as _;

/// The version that this build writes, and the only one that it reads.
pub(crate) const VERSION: u32 = 1;

/// What a package says of itself. The fields are those of `manifest.json`, in this order.
///
/// Its text is canonical: JSON in UTF-8, these fields and no others, two spaces for each level, a line feed at the
/// end. Any other text for the same content is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format, 1.
    pub version: u32,
    /// What was asked, by whom, and how complete the archive is.
    pub description: Description,
    /// The key that signs.
    pub signer: Fingerprint,
    /// The files in the order in which they were written, then `README.txt`, `signer.pem` and `SHA256SUMS`.
    pub files: Vec<Entry>,
    /// Root of the Merkle tree (RFC 6962, section 2.1) whose leaves are the `files`.
    pub root: Digest,
}

/// Why a text is not the manifest of a package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is longer than [`MANIFEST_BYTES_MAX`].
    #[error("larger than any manifest")]
    TooLarge,
    /// It is no JSON, or a field is missing, unknown or of another type.
    #[error("not a manifest: line=`{line}` column=`{column}`")]
    Json {
        /// Where, from 1.
        line: usize,
        /// Where in the line, in bytes, from 1; 0 before the first.
        column: usize,
    },
    /// It is of a version that this build does not read.
    #[error("version is not known: version=`{0}`")]
    Version(u32),
    /// It says the same in another way than a package writes it.
    #[error("not written as a package writes it")]
    NotCanonical,
    /// The description is longer than [`DESCRIPTION_BYTES_MAX`], or there are more files than [`FILES_MAX`].
    #[error("more than a package may hold")]
    TooMuch,
    /// A name that no file of a package may have, or that two have.
    #[error("file name is not allowed: name=`{}`", .0.escape_debug())]
    Name(String),
    /// The last files are not those that a package adds itself.
    #[error("files that each package has are not listed")]
    OwnFiles,
    /// The root is not that of the files listed.
    #[error("root is not that of the files")]
    Root,
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Malformed {
        Malformed::Json {
            line: error.line(),
            column: error.column(),
        }
    }
}

impl Manifest {
    pub(crate) fn new(description: Description, signer: Fingerprint, files: Vec<Entry>) -> Self {
        Manifest {
            version: VERSION,
            description,
            signer,
            root: Entry::tree(&files).root(),
            files,
        }
    }

    /// The bytes of `manifest.json`.
    pub fn to_json(&self) -> Vec<u8> {
        let mut text = serde_json::to_vec_pretty(self).expect("a manifest is text and numbers");
        text.push(b'\n');
        text
    }

    /// Reads the bytes of `manifest.json`, and checks all that they say of themselves; not the signature, for which
    /// see [`signed_manifest`](crate::signed_manifest).
    pub fn from_json(text: &[u8]) -> Result<Manifest, Malformed> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(Malformed::TooLarge);
        }
        let Versioned { version } = serde_json::from_slice(text)?;
        if version != VERSION {
            return Err(Malformed::Version(version));
        }
        let manifest: Manifest = serde_json::from_slice(text)?;
        if manifest.to_json() != text {
            return Err(Malformed::NotCanonical);
        }
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), Malformed> {
        if self.files.len() > FILES_MAX
            || description_bytes(&self.description) > DESCRIPTION_BYTES_MAX
        {
            return Err(Malformed::TooMuch);
        }
        let asked = self.files.len().checked_sub(OWN.len());
        let (asked, own) = self.files.split_at(asked.ok_or(Malformed::OwnFiles)?);
        let mut seen = HashSet::new();
        for Entry { name, .. } in asked {
            let is_new = seen.insert(name.to_ascii_lowercase());
            if !is_new || !is_name(name) || is_reserved(name) {
                return Err(Malformed::Name(name.clone()));
            }
        }
        if !own.iter().map(|it| &it.name).eq(OWN) {
            return Err(Malformed::OwnFiles);
        }
        if self.root != Entry::tree(&self.files).root() {
            return Err(Malformed::Root);
        }
        Ok(())
    }

    /// The entry of the file of this name.
    pub fn file(&self, name: &str) -> Option<&Entry> {
        self.files.iter().find(|it| it.name == name)
    }

    /// What `SHA256SUMS` must hold: all files but itself.
    pub(crate) fn sums(&self) -> String {
        sums(self.files.iter().filter(|it| it.name != SUMS))
    }
}

/// Lines for `sha256sum -c`.
pub(crate) fn sums<'a>(files: impl IntoIterator<Item = &'a Entry>) -> String {
    let mut text = String::new();
    for file in files {
        // `  `: read as text, which is no difference on any system of today. Cannot fail: it is a String.
        let _ = writeln!(text, "{}  {}", file.sha256, file.name);
    }
    text
}

/// Length of the description as the manifest has it.
pub(crate) fn description_bytes(description: &Description) -> usize {
    // Two spaces more in each line than alone.
    let text = serde_json::to_string_pretty(description).expect("text and numbers");
    text.len() + 2 * text.lines().count()
}

#[cfg(test)]
mod tests;
