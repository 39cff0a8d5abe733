//! The files of the table's log, as far as others do not look at them.

use super::TABLE;
use std::fs;
use std::path::{Path, PathBuf};

/// The files, by name; the newest last.
fn files(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join(TABLE).join("_delta_log"));
    let entries = entries.into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn is_entry(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json")
}

/// Whether there is an archive, and not just the folders that one that was never made has left.
pub(super) fn is_there(root: &Path) -> bool {
    files(root).iter().any(|path| is_entry(path))
}
