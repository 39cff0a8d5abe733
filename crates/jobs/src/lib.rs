//! Long exports: the rows of a question, written to a file in the background, which is kept for a while.
//!
//! What is asked for, whose it is and how far it is stands in `tenancy`. Not for who may ask for a file or fetch it;
//! it knows no HTTP.
//!
//! - Rows are read through the [`Sight`] of who asked, as it was then; that he may still see all of it is asked anew
//!   with each day of the archive.
//! - After each day the file is on disk and its length noted. After a crash it is cut there and goes on with the next
//!   day; Parquet begins anew.
//! - A block of rows is in memory, and of Parquet a group of them.
//! - Who asks a question goes first: between two blocks a job waits until questions are answered, for a while.

mod file;
mod format;
mod limits;
mod write;

pub use format::{Format, file_name};

use crate::limits::{AT_A_TIME, LOOK_EVERY};
use jiff::{SignedDuration, Timestamp};
use query::Sight;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tenancy::{Job, JobId, Reach, Tenancy};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// Where rows come from.
pub trait Source: Send + Sync + 'static {
    /// The newest version of the archive, as this reach shows it.
    fn sight(&self, reach: &Reach) -> Sight;

    /// Bytes that are free where files are; `None` where nobody knows.
    fn free_bytes(&self) -> Option<u64>;

    /// The time.
    fn now(&self) -> Timestamp;
}

/// Where files are, and how many.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which archive it is, where several servers share one database.
    pub archive: String,
    /// The folder of files, which is made.
    pub folder: PathBuf,
    /// For how many days they are kept.
    pub keep_days: u32,
    /// Bytes of one, at the most.
    pub file_bytes_max: u64,
    /// Bytes of all together, at the most.
    pub bytes_max: u64,
}

/// Files of jobs, and what else goes on beside them.
pub struct Jobs {
    settings: Settings,
    changed: Notify,
    questions: AtomicUsize,
}

/// A question that is being answered.
pub struct Asking<'j>(&'j AtomicUsize);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Jobs {
    /// Makes the folder.
    pub fn new(settings: Settings) -> io::Result<Self> {
        fs::create_dir_all(&settings.folder)?;
        Ok(Jobs {
            settings,
            changed: Notify::new(),
            questions: AtomicUsize::new(0),
        })
    }

    /// Jobs give way as long as this is held: somebody waits for an answer.
    pub fn asking(&self) -> Asking<'_> {
        self.questions.fetch_add(1, Ordering::Relaxed);
        Asking(&self.questions)
    }

    /// Is to be told when a job was asked for or removed.
    pub fn changed(&self) {
        self.changed.notify_one();
    }

    /// Which archive it is.
    pub fn archive(&self) -> &str {
        &self.settings.archive
    }

    /// Where the file of a job is.
    pub fn path(&self, job: &Job) -> PathBuf {
        let name = format!("{}.{}", job.id, job.wanted.format);
        self.settings.folder.join(name)
    }

    /// Until when a job is kept that ends now.
    pub fn expires(&self, now: Timestamp) -> Timestamp {
        let kept = SignedDuration::from_hours(24 * i64::from(self.settings.keep_days));
        now.checked_add(kept).unwrap_or(Timestamp::MAX)
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.questions.load(Ordering::Relaxed) > 0
    }

    /// The files that are there, with the jobs they are of, and their bytes.
    fn files(&self) -> io::Result<Vec<(JobId, PathBuf, u64)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.settings.folder)? {
            let entry = entry?;
            let path = entry.path();
            let id = path.file_stem().and_then(|it| it.to_str()?.parse().ok());
            // It may go meanwhile.
            if let (Some(id), Ok(about)) = (id, entry.metadata()) {
                files.push((JobId(id), path, about.len()));
            }
        }
        Ok(files)
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> io::Result<u64> {
        Ok(self.files()?.iter().map(|(_, _, bytes)| bytes).sum())
    }

    /// Bytes that all files may have together.
    pub fn bytes_max(&self) -> u64 {
        self.settings.bytes_max
    }
}

/// What jobs share.
pub(crate) struct Shared {
    jobs: Arc<Jobs>,
    source: Arc<dyn Source>,
    tenancy: Arc<Tenancy>,
    stop: watch::Receiver<bool>,
}

/// Writes what is asked for, and removes what has expired, until it is told to stop.
pub async fn run(
    jobs: Arc<Jobs>,
    source: Arc<dyn Source>,
    tenancy: Arc<Tenancy>,
    stop: watch::Receiver<bool>,
) {
    let mut stopped = stop.clone();
    let shared = Arc::new(Shared {
        jobs,
        source,
        tenancy,
        stop,
    });
    let archive = shared.jobs.archive();
    let mut writing: JoinSet<()> = JoinSet::new();
    let mut is_begun = false;
    loop {
        if !is_begun {
            is_begun = told(shared.tenancy.put_jobs_back(archive).await).is_some();
        }
        told(shared.sweep().await);
        while is_begun && writing.len() < AT_A_TIME {
            let next = shared.tenancy.begin_job(archive, shared.source.now()).await;
            let Some(Some(job)) = told(next) else {
                break;
            };
            let shared = Arc::clone(&shared);
            writing.spawn(async move { write::write(&shared, job).await });
        }
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            () = shared.jobs.changed.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            Some(ended) = writing.join_next(), if !writing.is_empty() => {
                if let Err(error) = ended {
                    // It stays as it is until the daemon begins again.
                    tracing::error!(%error, "an export failed");
                }
            }
        }
    }
    while writing.join_next().await.is_some() {}
}

impl Shared {
    /// Removes the files of jobs that are not there any more, have expired, failed or were cancelled.
    async fn sweep(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        // Listed first: what is begun meanwhile is not among them.
        let files = self.jobs.files()?;
        let kept = self.tenancy.jobs_with_files(self.source.now()).await?;
        let kept: HashSet<JobId> = kept.into_iter().collect();
        for (_, path, _) in files.into_iter().filter(|(id, _, _)| !kept.contains(id)) {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                Err(_) | Ok(()) => {}
            }
        }
        Ok(())
    }
}

/// What went well; else says so, and it is tried again.
fn told<T, E: std::fmt::Display>(done: Result<T, E>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(%error, "exports cannot be seen to"))
        .ok()
}
