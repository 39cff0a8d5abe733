//! Writes to an archive: files, then a commit that names them.

use super::files::Stats;
use super::{APPLICATION, Archive, UPKEEP, state_path};
use crate::class::Classes;
use crate::error::Result;
use crate::file::write::{FileWriter, Written};
use crate::gather::Gathered;
use crate::hot::{self, Hot};
use crate::limits::IMPORTED;
use crate::sorted::{Sorted, date};
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake_core::kernel::{Action, Add, Transaction};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use object_store::ObjectStoreExt;
use object_store::path::Path;
use std::fs::File;
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// An archive, open for writing; reading goes on beside it.
pub struct Writer {
    pub(super) archive: Archive,
    pub(super) sequence: i64,
    upkeep: i64,
    classes: Classes,
    pub(super) written: Vec<Add>,
    _lock: File,
}

/// Where a file goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partition<'a> {
    pub(super) day: &'a str,
    pub(super) class: &'a str,
}

impl Writer {
    pub(super) fn new(archive: Archive, lock: File) -> Result<Self> {
        Ok(Writer {
            sequence: archive.sequence(APPLICATION)?,
            upkeep: archive.sequence(UPKEEP)?,
            archive,
            classes: Classes::default(),
            written: Vec::new(),
            _lock: lock,
        })
    }

    /// Puts rows into these retention classes from now on.
    pub fn set_classes(&mut self, classes: Classes) {
        self.classes = classes;
    }

    /// The retention classes that rows are put into.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// The archive that it writes to, as of the last commit.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// Writes rows to files of their own; they are part of the archive from the next commit on. Gives
    /// bytes written.
    pub fn write(&mut self, rows: Gathered) -> Result<u64> {
        self.write_as("part", rows)
    }

    /// The same of rows that were asked until now.
    pub fn write_hot(&mut self, rows: &[Arc<Hot>]) -> Result<u64> {
        self.write_sorted("part", &hot::sorted(rows, &self.classes))
    }

    fn write_as(&mut self, name: &str, rows: Gathered) -> Result<u64> {
        let (sorted, _) = rows.sorted(&self.classes)?;
        self.write_sorted(name, &sorted)
    }

    fn write_sorted(&mut self, name: &str, sorted: &Sorted) -> Result<u64> {
        let mut bytes = 0;
        let of_long_stays = sorted.of_long_stays();
        for (part, range) in sorted.parts() {
            let mut file = FileWriter::new(IMPORTED)?;
            let blocks = sorted.blocks(range.clone(), IMPORTED.block_rows);
            file.blocks(
                blocks,
                |places, row| sorted.lines(places[row]),
                |places, row| of_long_stays.has(places[row]),
            )?;
            let (day, class) = (date(part.day), self.classes.name(part.class).to_owned());
            let to = Partition {
                day: &day,
                class: &class,
            };
            bytes += self.add(name, to, file.finish()?)?;
        }
        Ok(bytes)
    }

    /// Stores a file that the next commit adds; gives its bytes.
    pub(super) fn add(&mut self, name: &str, to: Partition<'_>, written: Written) -> Result<u64> {
        let Partition { day, class } = to;
        let (next, number) = (self.sequence + 1, self.written.len());
        let hash = XxHash3_64::oneshot(&written.bytes);
        let path =
            format!("day={day}/class={class}/{name}-{next:09}-{number:03}-{hash:016x}.parquet");
        let size = written.bytes.len() as u64;
        let stats = Stats {
            rows: written.rows,
            at: written.at,
        };
        self.put(&Path::from(path.as_str()), written.bytes)?;
        let partition = [("day", day), ("class", class)]
            .map(|(name, value)| (name.to_owned(), Some(value.to_owned())));
        self.written.push(Add {
            path,
            partition_values: partition.into_iter().collect(),
            size: size as i64,
            modification_time: written.at.1.div_euclid(1_000),
            data_change: true,
            stats: Some(stats.to_json()),
            ..Add::default()
        });
        Ok(size)
    }

    /// Makes what was written part of the archive, together with what stands for what is not complete
    /// and the state to go on from.
    pub fn commit(&mut self, open: Gathered, state: Vec<u8>) -> Result<()> {
        let replaced = self.archive.files().iter().filter(|file| file.is_open());
        let replaced: Vec<_> = replaced.map(|file| file.path.clone()).collect();
        self.write_as("open", open)?;
        let next = self.sequence + 1;
        self.put(&state_path(next), state)?;
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: None,
            predicate: None,
        };
        self.log(&replaced, Transaction::new(APPLICATION, next), operation)?;
        let last = std::mem::replace(&mut self.sequence, next);
        // Whoever reads the version before does not need its state; if it stays, nothing is wrong.
        let store = Arc::clone(&self.archive.store);
        let _ = self
            .archive
            .runtime
            .block_on(async { store.delete(&state_path(last)).await });
        Ok(())
    }

    /// Forgets what was written since the last commit, for whatever was to be done with it was not.
    /// [`Writer::vacuum`] removes it.
    pub fn forget_written(&mut self) {
        self.written.clear();
    }

    /// Replaces files by what was written since the last commit, and says what was done; whether rows
    /// go or are only written anew.
    pub(super) fn commit_upkeep(
        &mut self,
        replaced: &[Path],
        said: Vec<u8>,
        goes: bool,
    ) -> Result<()> {
        let next = self.upkeep + 1;
        self.put(&upkeep_path(next), said)?;
        let operation = match goes {
            true => DeltaOperation::Delete { predicate: None },
            false => DeltaOperation::Optimize {
                predicate: None,
                target_size: 0,
            },
        };
        self.written.iter_mut().for_each(|it| it.data_change = goes);
        self.log(replaced, Transaction::new(UPKEEP, next), operation)?;
        self.upkeep = next;
        Ok(())
    }

    /// Adds a version to the table's log, and goes on to it.
    fn log(
        &mut self,
        replaced: &[Path],
        transaction: Transaction,
        operation: DeltaOperation,
    ) -> Result<()> {
        let snapshot = self.archive.table.snapshot()?;
        let log = snapshot.snapshot().log_data();
        let changes = operation.changes_data();
        let mut adds = std::mem::take(&mut self.written);
        // What was written anew as it was has the name that it had: it would be removed by that.
        let path_of = |add: &Add| Path::from(add.path.as_str());
        let stays = |path: &Path| adds.iter().any(|add| path_of(add) == *path);
        let (stay, replaced): (Vec<_>, Vec<_>) = replaced.iter().partition(|path| stays(path));
        adds.retain(|add| !stay.contains(&&path_of(add)));
        let removes = log.iter().filter_map(|file| {
            let is_replaced = replaced.contains(&&file.object_store_path());
            is_replaced.then(|| Action::Remove(file.remove_action(changes)))
        });
        let adds = adds.into_iter().map(Action::Add);
        let commit: CommitBuilder = CommitProperties::default()
            .with_application_transaction(transaction)
            // Done by `Writer::vacuum`, which knows who reads.
            .with_cleanup_expired_logs(Some(false))
            .into();
        let commit = commit.with_actions(removes.chain(adds).collect()).build(
            Some(snapshot as &dyn TableReference),
            self.archive.table.log_store(),
            operation,
        );
        self.archive.runtime.block_on(commit.into_future())?;
        self.archive.refresh()
    }

    /// Stores bytes so that they outlast a loss of power.
    fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<()> {
        let put = self.archive.store.put(path, bytes.into());
        self.archive.runtime.block_on(put)?;
        Ok(())
    }
}

/// Where it is said what an upkeep did.
pub(super) fn upkeep_path(number: i64) -> Path {
    Path::from(format!("_upkeep/{number:09}"))
}
