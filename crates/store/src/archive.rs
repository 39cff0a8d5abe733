//! The archive as a whole: a Delta table, and what goes with each of its versions.
//!
//! ```text
//! DIR/waybill.lock                          who writes holds a lock on it
//! DIR/events/_delta_log/                    the table's log (Delta protocol: reader 1, writer 2)
//! DIR/events/_state/N                       what the writer goes on from after commit N
//! DIR/events/day=2026-11-01/class=standard/part-N-I.parquet
//! ```
//!
//! A commit is one entry in the table's log: files added, files removed, and the number N of the
//! commit as application transaction `waybill`. The state of that number was stored before, so rows
//! and state are committed together or not at all. What a failed commit left behind is named by no
//! version, and is written over by the next one, which has the same number.
//!
//! Between two commits of a writer that goes on, what is not complete yet (open sessions, messages
//! of which more is to come) stands in files of its own, `open-N-I.parquet`, that the next commit
//! replaces: each version of the table holds every line that was read.

use crate::columns::schema;
use crate::error::{Error, Result};
use crate::file::read::DataFile;
use crate::file::write::{FileWriter, Written};
use crate::gather::Gathered;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake_core::kernel::{Action, Add, DataType, StructField, StructType, Transaction};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use jiff::civil::Date;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Runtime;
use url::Url;

/// Name of the application transaction that numbers the commits.
const APPLICATION: &str = "waybill";
/// Retention class of rows to which no rule gives another.
pub const CLASS: &str = "standard";
/// Folder of the table in that of the archive, and its name.
const TABLE: &str = "events";

/// An archive, open for reading; [`Archive::writer`] makes one that writes.
pub struct Archive {
    root: PathBuf,
    store: Arc<dyn ObjectStore>,
    table: DeltaTable,
    runtime: Arc<Runtime>,
    open: Mutex<HashMap<Path, Arc<DataFile>>>,
}

/// A data file of a version of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOf {
    /// Where, from the root of the table.
    pub path: Path,
    /// Bytes.
    pub size: u64,
    /// Rows.
    pub rows: u64,
    /// Its day, as `2026-11-01`.
    pub day: String,
    /// Its retention class.
    pub class: String,
    /// Times of the first and the last row, microseconds, at least as wide as the rows are.
    pub at: (i64, i64),
}

impl FileOf {
    /// Whether it stands for what was not complete yet.
    pub fn is_open(&self) -> bool {
        self.path
            .filename()
            .is_some_and(|name| name.starts_with("open-"))
    }
}

impl Archive {
    /// Opens the archive in a folder.
    pub fn open(root: &FsPath) -> Result<Self> {
        if !root.join(TABLE).join("_delta_log").is_dir() {
            return Err(Error::Absent(root.to_owned()));
        }
        let (store, mut table, runtime) = connect(root)?;
        runtime.block_on(table.load())?;
        Ok(Archive {
            root: root.to_owned(),
            store,
            table,
            runtime,
            open: Mutex::default(),
        })
    }

    /// Opens the archive in a folder, or makes one there.
    pub fn open_or_create(root: &FsPath) -> Result<Self> {
        if root.join(TABLE).join("_delta_log").is_dir() {
            return Self::open(root);
        }
        let io = |source| Error::Io {
            path: root.to_owned(),
            source,
        };
        std::fs::create_dir_all(root.join(TABLE)).map_err(io)?;
        let (store, table, runtime) = connect(root)?;
        let columns: StructType = schema().as_ref().try_into_kernel()?;
        let partitions = [("day", DataType::DATE), ("class", DataType::STRING)]
            .map(|(name, holds)| StructField::new(name, holds, true));
        let create = CreateBuilder::new()
            .with_log_store(table.log_store())
            .with_table_name(TABLE)
            .with_comment("what happened to mail; made by Waybill")
            .with_columns(columns.fields().cloned().chain(partitions))
            .with_partition_columns(["day", "class"])
            .with_save_mode(SaveMode::Ignore);
        let table = runtime.block_on(create.into_future())?;
        Ok(Archive {
            root: root.to_owned(),
            store,
            table,
            runtime,
            open: Mutex::default(),
        })
    }

    /// Runs what is asked of the archive to its end.
    pub fn wait<T>(&self, asked: impl Future<Output = T>) -> T {
        self.runtime.block_on(asked)
    }

    /// Goes on to the newest version.
    pub fn refresh(&mut self) -> Result<()> {
        Ok(self.runtime.block_on(self.table.update_state())?)
    }

    /// What names the archive and its version: the same for the same content.
    pub fn identity(&self) -> Result<String> {
        let snapshot = self.table.snapshot()?;
        Ok(format!(
            "{}@{}",
            snapshot.metadata().id(),
            snapshot.version()
        ))
    }

    /// The files of the version at hand.
    pub fn files(&self) -> Result<Vec<FileOf>> {
        let snapshot = self.table.snapshot()?.snapshot();
        let log = snapshot.log_data();
        let files = log.iter().map(|file| {
            let mut partition = file.partition_values_map();
            let mut value = |name| partition.remove(name).flatten().unwrap_or_default();
            let stats = file.stats().and_then(|stats| Stats::parse(&stats));
            let stats = stats.unwrap_or_default();
            FileOf {
                path: file.object_store_path(),
                size: file.size().max(0) as u64,
                rows: stats.rows,
                day: value("day"),
                class: value("class"),
                at: stats.at,
            }
        });
        let mut files: Vec<_> = files.collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(files)
    }

    /// A data file; opened once, then kept.
    pub async fn file(&self, file: &FileOf) -> Result<Arc<DataFile>> {
        if let Some(open) = self.opened().get(&file.path) {
            return Ok(Arc::clone(open));
        }
        let store = Arc::clone(&self.store);
        let opened = Arc::new(DataFile::open(store, file.path.clone(), file.size).await?);
        self.opened().insert(file.path.clone(), Arc::clone(&opened));
        Ok(opened)
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<Path, Arc<DataFile>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of the last commit of rows; 0 where there was none.
    fn sequence(&self) -> Result<i64> {
        let log = self.table.log_store();
        let state = self.table.snapshot()?;
        let number = state.transaction_version(log.as_ref(), APPLICATION);
        Ok(self.runtime.block_on(number)?.unwrap_or(0))
    }

    /// Makes it one that writes; there is one at a time.
    pub fn writer(mut self) -> Result<Writer> {
        let path = self.root.join("waybill.lock");
        let io = |source| Error::Io {
            path: path.clone(),
            source,
        };
        let lock = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked(self.root)),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        // Another one may have written until just now.
        self.refresh()?;
        Ok(Writer {
            sequence: self.sequence()?,
            archive: self,
            written: Vec::new(),
            _lock: lock,
        })
    }
}

/// An archive, open for writing; reading goes on beside it.
pub struct Writer {
    archive: Archive,
    sequence: i64,
    written: Vec<Add>,
    _lock: File,
}

impl Writer {
    /// The archive that it writes to, as of the last commit.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// What the last commit left to go on from; `None` where there was none.
    pub fn state(&self) -> Result<Option<Vec<u8>>> {
        if self.sequence == 0 {
            return Ok(None);
        }
        let path = state_path(self.sequence);
        let got = self.archive.runtime.block_on(async {
            let got = self.archive.store.get(&path).await?;
            got.bytes().await
        });
        Ok(Some(got?.to_vec()))
    }

    /// Writes rows to files of their own; they are part of the archive from the next commit on. Gives
    /// bytes written.
    pub fn write(&mut self, rows: Gathered) -> Result<u64> {
        self.write_as("part", rows)
    }

    fn write_as(&mut self, name: &str, rows: Gathered) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        let sorted = rows.sorted()?;
        let mut bytes = 0;
        for (day, range) in sorted.days() {
            let mut file = FileWriter::new()?;
            for block in sorted.blocks(range) {
                let (rows, numbers) = block?;
                file.block(&rows, |row| sorted.lines(numbers[row]))?;
            }
            bytes += self.add(name, day, file.finish()?)?;
        }
        Ok(bytes)
    }

    /// Stores a file that the next commit adds.
    fn add(&mut self, name: &str, day: i32, written: Written) -> Result<u64> {
        let day = date(day);
        let (next, number) = (self.sequence + 1, self.written.len());
        let path = format!("day={day}/class={CLASS}/{name}-{next:09}-{number:03}.parquet");
        let size = written.bytes.len() as u64;
        let stats = Stats {
            rows: written.rows,
            at: written.at,
        };
        self.put(&Path::from(path.as_str()), written.bytes)?;
        let partition = [("day", day), ("class", CLASS.to_owned())]
            .map(|(name, value)| (name.to_owned(), Some(value)));
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
        let replaced = self.archive.files()?.into_iter().filter(FileOf::is_open);
        let replaced: Vec<_> = replaced.map(|file| file.path).collect();
        self.write_as("open", open)?;
        let next = self.sequence + 1;
        self.put(&state_path(next), state)?;
        let snapshot = self.archive.table.snapshot()?;
        let log = snapshot.snapshot().log_data();
        let removes = log.iter().filter_map(|file| {
            let is_replaced = replaced.contains(&file.object_store_path());
            is_replaced.then(|| Action::Remove(file.remove_action(true)))
        });
        let adds = std::mem::take(&mut self.written)
            .into_iter()
            .map(Action::Add);
        let commit: CommitBuilder = CommitProperties::default()
            .with_application_transaction(Transaction::new(APPLICATION, next))
            .into();
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: None,
            predicate: None,
        };
        let commit = commit.with_actions(removes.chain(adds).collect()).build(
            Some(snapshot as &dyn TableReference),
            self.archive.table.log_store(),
            operation,
        );
        self.archive.runtime.block_on(commit.into_future())?;
        self.archive.refresh()?;
        let last = std::mem::replace(&mut self.sequence, next);
        // Whoever reads the version before does not need its state; if it stays, nothing is wrong.
        let store = Arc::clone(&self.archive.store);
        let _ = self
            .archive
            .runtime
            .block_on(async { store.delete(&state_path(last)).await });
        Ok(())
    }

    /// Stores bytes so that they outlast a loss of power.
    fn put(&self, path: &Path, bytes: Vec<u8>) -> Result<()> {
        self.archive
            .runtime
            .block_on(self.archive.store.put(path, bytes.into()))?;
        let mut on_disk = self.archive.root.join(TABLE);
        on_disk.extend(path.parts().map(|part| part.as_ref().to_owned()));
        let folder = on_disk.parent().map(FsPath::to_owned);
        for path in [Some(on_disk), folder].into_iter().flatten() {
            let synced = File::open(&path).and_then(|file| file.sync_all());
            synced.map_err(|source| Error::Io { path, source })?;
        }
        Ok(())
    }
}

fn connect(root: &FsPath) -> Result<(Arc<dyn ObjectStore>, DeltaTable, Arc<Runtime>)> {
    let io = |source| Error::Io {
        path: root.to_owned(),
        source,
    };
    let folder = std::fs::canonicalize(root.join(TABLE)).map_err(io)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(io)?;
    let store = LocalFileSystem::new_with_prefix(&folder)?;
    let url = Url::from_directory_path(&folder).map_err(|()| Error::Absent(root.to_owned()))?;
    let _entered = runtime.enter();
    let table = DeltaTableBuilder::from_url(url)?.build()?;
    Ok((Arc::new(store), table, Arc::new(runtime)))
}

fn state_path(sequence: i64) -> Path {
    Path::from(format!("_state/{sequence:09}"))
}

/// A day, counted from 1970-01-01, as `2026-11-01`.
fn date(day: i32) -> String {
    let epoch = Date::constant(1970, 1, 1);
    let day = jiff::Span::new()
        .try_days(day)
        .and_then(|days| epoch.checked_add(days));
    day.unwrap_or(epoch).to_string()
}

/// Statistics of a file as the table's log holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stats {
    rows: u64,
    at: (i64, i64),
}

impl Default for Stats {
    fn default() -> Self {
        Stats {
            rows: 0,
            at: (i64::MIN, i64::MAX),
        }
    }
}

impl Stats {
    /// Times are of milliseconds there: the last one is rounded up.
    fn to_json(self) -> String {
        let time = |micros: i64| {
            let at = jiff::Timestamp::from_microsecond(micros).unwrap_or_default();
            format!("{at:.3}")
        };
        let (first, last) = self.at;
        let last = last.saturating_add(999);
        serde_json::json!({
            "numRecords": self.rows,
            "minValues": {"at": time(first)},
            "maxValues": {"at": time(last)},
        })
        .to_string()
    }

    fn parse(json: &str) -> Option<Self> {
        let stats: serde_json::Value = serde_json::from_str(json).ok()?;
        let time = |which: &str| {
            let at: jiff::Timestamp = stats[which]["at"].as_str()?.parse().ok()?;
            Some(at.as_microsecond())
        };
        Some(Stats {
            rows: stats["numRecords"].as_u64()?,
            at: (
                time("minValues").unwrap_or(i64::MIN),
                time("maxValues").unwrap_or(i64::MAX),
            ),
        })
    }
}
