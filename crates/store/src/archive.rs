//! The archive as a whole: a Delta table, and what goes with each of its versions.
//!
//! ```text
//! DIR/waybill.lock                          who writes holds a lock on it
//! DIR/events/_delta_log/                    the table's log (Delta protocol: reader 1, writer 2)
//! DIR/events/_state/N                       what the writer goes on from after commit N
//! DIR/events/_upkeep/N                      what was done to stored rows by the upkeep of number N
//! DIR/events/day=2026-11-01/class=standard/part-N-I-HASH.parquet
//! DIR/readers/                              which version each reader is at
//! ```
//!
//! A file's name holds the XXH3-64 of its bytes: a file of the same name is the same file.
//!
//! A commit is one entry in the table's log: files added, files removed, and the number N of the
//! commit as application transaction `waybill`. The state of that number was stored before, so rows
//! and state are committed together or not at all. What a failed commit left behind is named by no
//! version; [`Writer::vacuum`] removes it. Upkeep (compaction, expiry, erasure) is numbered in the
//! same way, as `waybill-upkeep`.
//!
//! Between two commits of a writer that goes on, what is not complete yet (open sessions, messages
//! of which more is to come) stands in files of its own, `open-N-I.parquet`, that the next commit
//! replaces: each version of the table holds every line that was read.

mod check;
mod files;
mod keep;
mod log;
mod readers;
mod vacuum;
mod writer;

pub use check::Checked;
pub use files::FileOf;
pub use keep::{Kept, Replaced, Upkeep};
pub use vacuum::Vacuumed;
pub use writer::Writer;

use crate::columns::schema;
use crate::disk::{self, Disk};
use crate::error::{Error, Result};
use crate::file::read::DataFile;
use crate::hot::Hot;
use crate::lately::{Kept as Lasting, Lately};
use crate::limits::FILES_KEPT_BYTES_MAX;
use crate::part::Part;
use deltalake_core::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake_core::kernel::{DataType, StructField, StructType};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::SaveMode;
use deltalake_core::{DeltaTable, DeltaTableBuilder};
use futures::FutureExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use readers::Registration;
use std::fs::{OpenOptions, TryLockError};
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;
use twox_hash::XxHash3_64;
use url::Url;

/// Name of the application transaction that numbers the commits of rows.
const APPLICATION: &str = "waybill";
/// Name of the application transaction that numbers the commits of upkeep.
const UPKEEP: &str = "waybill-upkeep";
/// Folder of the table in that of the archive, and its name.
const TABLE: &str = "events";

/// A version of an archive, open for reading; [`Archive::writer`] makes one that writes.
///
/// A clone is the same version, and shares what was read of its files.
#[derive(Clone)]
pub struct Archive {
    root: PathBuf,
    store: Arc<dyn ObjectStore>,
    table: DeltaTable,
    runtime: Arc<Runs>,
    files: Arc<[FileOf]>,
    /// What questions read, where that is not just the files.
    beside: Option<Arc<[FileOf]>>,
    /// Files that are open, by the hashes of their paths.
    open: Arc<Lasting<u64, Arc<DataFile>>>,
    lately: Arc<Lately>,
    reading: Arc<Registration>,
}

impl Archive {
    /// Opens the archive in a folder.
    pub fn open(root: &FsPath) -> Result<Self> {
        if !log::is_there(root) {
            return Err(Error::Absent(root.to_owned()));
        }
        // Before the table is looked at: what it names must stay.
        let reading = Registration::new(root);
        let (store, mut table, runtime) = connect(root)?;
        let loaded = runtime.block_on(table.load());
        loaded.map_err(|error| log::blamed(root, error))?;
        let mut archive = Archive {
            root: root.to_owned(),
            store,
            table,
            runtime,
            files: Arc::default(),
            beside: None,
            open: Arc::new(Lasting::new(FILES_KEPT_BYTES_MAX)),
            lately: Arc::default(),
            reading: Arc::new(reading),
        };
        archive.look()?;
        Ok(archive)
    }

    /// Opens the archive in a folder, or makes one there.
    pub fn open_or_create(root: &FsPath) -> Result<Self> {
        if log::is_there(root) {
            return Self::open(root);
        }
        let io = |source| Error::Io {
            path: root.to_owned(),
            source,
        };
        std::fs::create_dir_all(root.join(TABLE)).map_err(io)?;
        // Its own folder may be one that only others may change.
        let _ = root.parent().map(disk::sync);
        disk::sync(root).map_err(io)?;
        let (_, table, runtime) = connect(root)?;
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
        runtime.block_on(create.into_future())?;
        Self::open(root)
    }

    /// Runs what is asked of the archive to its end.
    pub fn wait<T>(&self, asked: impl Future<Output = T>) -> T {
        self.runtime.block_on(asked)
    }

    /// Goes on to the newest version.
    pub fn refresh(&mut self) -> Result<()> {
        self.runtime.block_on(self.table.update_state())?;
        self.look()
    }

    /// Reads what the version at hand consists of.
    fn look(&mut self) -> Result<()> {
        self.files = files::of(&self.table)?.into();
        self.beside = None;
        let version = self.version()?;
        if Arc::get_mut(&mut self.reading).is_none() {
            // Somebody reads the version before.
            self.reading = Arc::new(Registration::new(&self.root));
        }
        if let Some(reading) = Arc::get_mut(&mut self.reading) {
            reading.at(version);
        }
        Ok(())
    }

    /// Number of the version at hand in the table's log.
    fn version(&self) -> Result<u64> {
        Ok(self.table.snapshot()?.version())
    }

    /// The folder.
    pub fn root(&self) -> &FsPath {
        &self.root
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

    /// The files of the version at hand, in the order of their paths.
    pub fn files(&self) -> &[FileOf] {
        &self.files
    }

    /// What questions read: the files, or what stands for them.
    pub fn parts(&self) -> &[FileOf] {
        self.beside.as_ref().unwrap_or(&self.files)
    }

    /// The same version with rows that were not committed yet, in place of what stands for what was
    /// not complete at the commit.
    pub fn with_hot(&self, hot: &[Arc<Hot>]) -> Self {
        let complete = self.files.iter().filter(|file| !file.is_open()).cloned();
        let hot = hot.iter().map(FileOf::hot);
        Archive {
            beside: Some(complete.chain(hot).collect()),
            ..self.clone()
        }
    }

    /// A part as questions read it.
    pub async fn part(&self, of: &FileOf) -> Result<Part> {
        Ok(match &of.hot {
            Some(hot) => Part::Hot(Arc::clone(hot)),
            None => Part::File(self.file(of).await?),
        })
    }

    /// A data file; kept open for who asks again.
    pub async fn file(&self, file: &FileOf) -> Result<Arc<DataFile>> {
        let key = XxHash3_64::oneshot(file.path.as_ref().as_bytes());
        if let Some(open) = self.open.get(key) {
            return Ok(open);
        }
        let opened = self.open_anew(file).await?;
        self.open
            .put(key, Arc::clone(&opened), opened.memory_bytes());
        Ok(opened)
    }

    /// A data file, not kept open.
    async fn open_anew(&self, file: &FileOf) -> Result<Arc<DataFile>> {
        let (store, lately) = (Arc::clone(&self.store), Arc::clone(&self.lately));
        let place = (file.path.clone(), file.size);
        let open = AssertUnwindSafe(DataFile::open(store, place, lately));
        // Of a damaged footer its readers may panic.
        let opened = open.catch_unwind().await.unwrap_or_else(|_| {
            Err(Error::Damaged {
                what: "footer",
                path: file.path.to_string(),
            })
        });
        Ok(Arc::new(opened?))
    }

    /// Number of the last commit of an application; 0 where there was none.
    fn sequence(&self, application: &str) -> Result<i64> {
        let log = self.table.log_store();
        let state = self.table.snapshot()?;
        let number = state.transaction_version(log.as_ref(), application);
        Ok(self.runtime.block_on(number)?.unwrap_or(0))
    }

    /// What the last commit of rows left to go on from, and where that is; `None` where there was none.
    pub fn state(&self) -> Result<Option<(String, Vec<u8>)>> {
        let sequence = self.sequence(APPLICATION)?;
        if sequence == 0 {
            return Ok(None);
        }
        let path = state_path(sequence);
        match self.get(&path) {
            // It goes when the next commit is made.
            Err(Error::ObjectStore(object_store::Error::NotFound { .. }))
                if self.has(&state_path(sequence + 1)) =>
            {
                Err(Error::Damaged {
                    what: "an entry at the end of the table's log is not there",
                    path: log::entry(&self.root, self.version()? + 1),
                })
            }
            got => Ok(Some((path.to_string(), got?))),
        }
    }

    fn has(&self, path: &Path) -> bool {
        self.wait(self.store.head(path)).is_ok()
    }

    fn get(&self, path: &Path) -> Result<Vec<u8>> {
        let got = self.runtime.block_on(async {
            let got = self.store.get(path).await?;
            got.bytes().await
        });
        Ok(got?.to_vec())
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
        disk::tidy(&self.root.join(TABLE)).map_err(io)?;
        // Another one may have written until just now.
        self.refresh()?;
        Writer::new(self, lock)
    }
}

/// A runtime whose last owner may be one of its own threads, which must not wait for it.
struct Runs(Option<Runtime>);

impl Deref for Runs {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn connect(root: &FsPath) -> Result<(Arc<dyn ObjectStore>, DeltaTable, Arc<Runs>)> {
    let io = |source| Error::Io {
        path: root.to_owned(),
        source,
    };
    let folder = std::fs::canonicalize(root.join(TABLE)).map_err(io)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(io)?;
    let disk = Disk::new(&folder)?;
    let url = Url::from_directory_path(&folder).map_err(|()| Error::Absent(root.to_owned()))?;
    let _entered = runtime.enter();
    let of_log = Arc::new(disk.by_full_path());
    let table = DeltaTableBuilder::from_url(url.clone())?
        .with_storage_backend(of_log, url)
        .build()?;
    Ok((Arc::new(disk), table, Arc::new(Runs(Some(runtime)))))
}

fn state_path(sequence: i64) -> Path {
    Path::from(format!("_state/{sequence:09}"))
}
