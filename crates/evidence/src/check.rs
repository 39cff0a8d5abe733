//! Whether a file is what its entry says.

use crate::folder::Folder;
use crate::records::Found;
use crate::{Entry, Wrong};
use std::io::Read as _;

/// Reads a file to its end, tells each record, and compares all with what is listed.
pub(crate) fn check_file(
    folder: &Folder,
    listed: &Entry,
    each: impl FnMut(Found),
) -> Result<(), Wrong> {
    let (file, bytes) = folder.read(&listed.name)?;
    if bytes != listed.bytes {
        return Err(Wrong::Length {
            listed: listed.bytes,
            found: bytes,
        });
    }
    // A file that grows meanwhile has no end.
    let file = file.take(listed.bytes);
    let found = Entry::measure(&listed.name, listed.cut(), file, each)?;
    if found.sha256 != listed.sha256 {
        return Err(Wrong::Hash {
            listed: listed.sha256,
            found: found.sha256,
        });
    }
    if found.records != listed.records {
        return Err(Wrong::Records);
    }
    Ok(())
}
