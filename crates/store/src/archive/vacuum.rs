//! Removes files that no version names which somebody reads.

use super::{Writer, files, readers};
use crate::error::{Error, Result};
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::HashSet;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vacuumed {
    /// Files that were removed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are still read in an older version.
    pub files_in_use: u64,
}

impl Writer {
    /// Removes what replaced files and failed commits left; what another reader is at stays.
    pub fn vacuum(&mut self) -> Result<Vacuumed> {
        let read = readers::versions(&self.archive.root).map_err(|source| Error::Io {
            path: self.archive.root.clone(),
            source,
        })?;
        let version = self.archive.version()?;
        let live: HashSet<_> = self
            .archive
            .files
            .iter()
            .map(|it| it.path.clone())
            .collect();
        let mut in_use = HashSet::new();
        for older in read.iter().flatten().filter(|&&it| it != version) {
            in_use.extend(self.files_at(*older)?);
        }
        let store = &self.archive.store;
        self.archive.wait(async {
            let mut vacuumed = Vacuumed::default();
            let listed: Vec<_> = store.list(None).try_collect().await?;
            for found in listed {
                let is_data = found.location.extension() == Some("parquet")
                    && found.location.as_ref().starts_with("day=");
                if !is_data || live.contains(&found.location) {
                    continue;
                }
                if read.is_none() || in_use.contains(&found.location) {
                    vacuumed.files_in_use += 1;
                    continue;
                }
                store.delete(&found.location).await?;
                vacuumed.files += 1;
                vacuumed.bytes += found.size;
            }
            Ok(vacuumed)
        })
    }

    /// The paths of an older version's files.
    fn files_at(&self, version: u64) -> Result<Vec<object_store::path::Path>> {
        let mut table = self.archive.table.clone();
        self.archive.wait(table.load_version(version))?;
        Ok(files::of(&table)?.into_iter().map(|it| it.path).collect())
    }
}
