//! Removes files that no version names which somebody reads.

use super::{Writer, files, readers, state_path};
use crate::error::{Error, Result};
use deltalake_core::protocol::checkpoints::cleanup_expired_logs_for;
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::HashSet;

/// Versions between two checkpoints (`delta.checkpointInterval`).
const VERSIONS_KEPT: u64 = 100;

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
    /// Removes what replaced files and failed commits left, and what the table's log says of versions
    /// that nobody reads; what another reader is at stays.
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
        self.forget_versions(read.as_deref(), version)?;
        let state = state_path(self.sequence);
        let store = &self.archive.store;
        self.archive.wait(async {
            let mut vacuumed = Vacuumed::default();
            let listed: Vec<_> = store.list(None).try_collect().await?;
            for found in listed {
                let path = found.location.as_ref();
                if path.starts_with("_state/") && found.location != state {
                    store.delete(&found.location).await?;
                }
                let is_data = path.starts_with("day=") && path.ends_with(".parquet");
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

    /// Removes entries of the table's log before a checkpoint from which each version that is read can
    /// be made. There is one every hundred versions; two are kept, so that the older can stand for the
    /// newer.
    fn forget_versions(&mut self, read: Option<&[u64]>, version: u64) -> Result<()> {
        let Some(read) = read else { return Ok(()) };
        let oldest = read.iter().copied().fold(version, u64::min);
        let log = self.archive.table.log_store();
        let forgotten = cleanup_expired_logs_for(
            oldest.saturating_sub(VERSIONS_KEPT),
            log.as_ref(),
            i64::MAX,
            None,
        );
        if self.archive.wait(forgotten)? > 0 {
            // What is in memory was made of them.
            self.archive.runtime.block_on(self.archive.table.load())?;
        }
        Ok(())
    }

    /// The paths of an older version's files.
    fn files_at(&self, version: u64) -> Result<Vec<object_store::path::Path>> {
        let mut table = self.archive.table.clone();
        self.archive.wait(table.load_version(version))?;
        Ok(files::of(&table)?.into_iter().map(|it| it.path).collect())
    }
}
