//! The files of the table's log, as far as others do not look at them.

use super::TABLE;
use crate::error::Error;
use deltalake_core::DeltaTableError;
use deltalake_core::kernel::Action;
use parquet::file::metadata::ParquetMetaDataReader;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The files, by name; the newest last.
fn files(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join(TABLE).join("_delta_log"));
    let entries = entries.into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}

/// Where the entry of a version is, or was.
pub(super) fn entry(root: &Path, version: u64) -> String {
    let folder = root.join(TABLE).join("_delta_log");
    folder
        .join(format!("{version:020}.json"))
        .display()
        .to_string()
}

fn is_entry(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "json")
}

/// Whether there is an archive, and not just the folders that one that was never made has left.
pub(super) fn is_there(root: &Path) -> bool {
    files(root).iter().any(|path| is_entry(path))
}

/// Names the file that is damaged, where one is; else what the table said.
pub(super) fn blamed(root: &Path, error: DeltaTableError) -> Error {
    let damaged = files(root).into_iter().rev().find(|path| !is_whole(path));
    damaged.map_or(error.into(), |path| Error::Damaged {
        what: "table log",
        path: path.display().to_string(),
    })
}

fn is_whole(path: &Path) -> bool {
    if is_entry(path) {
        let text = fs::read(path).unwrap_or_default();
        let mut lines = text
            .split(|it| *it == b'\n')
            .filter(|it| !it.is_empty())
            .peekable();
        let is_action = |line| serde_json::from_slice::<Action>(line).is_ok();
        return lines.peek().is_some() && lines.all(is_action);
    }
    let is_checkpoint = path.extension().is_some_and(|it| it == "parquet");
    let read = || -> parquet::errors::Result<_> {
        ParquetMetaDataReader::new().parse_and_finish(&File::open(path)?)
    };
    !is_checkpoint || read().is_ok()
}
