//! Has files followed, and goes on when that failed, or when others are to be followed.

use super::config::Follow;
use super::pause::Patience;
use follow::{Counts, Error, Follower, Handle};
use ingest::Problem;
use journal::{Journal, Position};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is followed, and what came of it.
pub(crate) struct Followed {
    now: Mutex<Now>,
    is_stopped: AtomicBool,
}

#[derive(Default)]
struct Now {
    /// Paths, globs and folders.
    files: Vec<String>,
    /// Whether `files` are not those that are followed.
    is_new: bool,
    handle: Option<Handle>,
    /// What former followers counted.
    before: BTreeMap<PathBuf, Counts>,
}

impl Followed {
    /// Paths, globs and folders.
    pub(super) fn new(files: &[String]) -> Self {
        let now = Now {
            files: files.to_vec(),
            ..Now::default()
        };
        Followed {
            now: Mutex::new(now),
            is_stopped: AtomicBool::new(false),
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines of each log since the daemon began.
    pub(crate) fn counts(&self) -> BTreeMap<PathBuf, Counts> {
        let now = self.now();
        let mut counts = now.before.clone();
        if let Some(handle) = &now.handle {
            add(&mut counts, handle);
        }
        counts
    }

    /// The journal must not be cut behind this.
    pub(super) fn cut_before(&self) -> Option<Position> {
        let now = self.now();
        match &now.handle {
            Some(handle) => Some(handle.cut_before()),
            None if now.files.is_empty() => None,
            // It is read when the follower is opened.
            None => Some(Position::ZERO),
        }
    }

    /// Problems that arose since the last call.
    pub(super) fn take_problems(&self) -> Vec<Problem> {
        let now = self.now();
        now.handle
            .as_ref()
            .map_or_else(Vec::new, Handle::take_problems)
    }

    /// Has these files followed from now on.
    pub(super) fn set_files(&self, files: &[String]) {
        let mut now = self.now();
        if now.files == files {
            return;
        }
        now.files = files.to_vec();
        now.is_new = true;
        now.stop();
    }

    /// Has [`run`] return, when what was read is durable.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.now().stop();
    }

    fn is_to_go_on(&self) -> bool {
        !self.is_stopped.load(Ordering::Relaxed)
    }
}

impl Now {
    /// Puts a follower in the place of the one before, whose counts stay.
    fn put(&mut self, handle: Option<Handle>) {
        if let Some(before) = std::mem::replace(&mut self.handle, handle) {
            add(&mut self.before, &before);
        }
    }

    fn stop(&self) {
        if let Some(handle) = &self.handle {
            handle.stop();
        }
    }
}

fn add(counts: &mut BTreeMap<PathBuf, Counts>, handle: &Handle) {
    for (path, more) in handle.counts() {
        let of = counts.entry(path).or_default();
        of.lines += more.lines;
        of.bytes += more.bytes;
        of.cut += more.cut;
        of.replaced += more.replaced;
        of.problems += more.problems;
        of.last_ns = of.last_ns.max(more.last_ns);
    }
}

/// How often is looked for files to follow where there are none.
const LOOK: Duration = Duration::from_millis(200);

/// What is told when it fails, and when it works again.
const WHAT: &str = "log files are followed";

/// Follows until [`Followed::stop`]. Errs where trying again is of no use.
pub(super) fn run(
    followed: &Followed,
    folder: &Path,
    journal: &Arc<dyn Journal>,
    how: &Follow,
) -> Result<(), Error> {
    let mut patience = Patience::default();
    while followed.is_to_go_on() {
        let ran = match open(followed, folder, journal, how) {
            Ok(Some(follower)) => {
                patience.is_well(WHAT);
                follower.run()
            }
            Ok(None) => {
                std::thread::park_timeout(LOOK);
                Ok(())
            }
            Err(error) => Err(error),
        };
        if let Err(error) = ran {
            patience.failed(WHAT, error, &followed.is_stopped)?;
        }
    }
    Ok(())
}

/// A follower of what is to be followed; `None` where nothing is.
fn open(
    followed: &Followed,
    folder: &Path,
    journal: &Arc<dyn Journal>,
    how: &Follow,
) -> Result<Option<Follower>, Error> {
    let files = {
        let mut now = followed.now();
        now.is_new = false;
        now.files.clone()
    };
    if files.is_empty() {
        followed.now().put(None);
        return Ok(None);
    }
    let patterns = files.iter().map(Into::into).collect();
    let settings = follow::Settings {
        history: how.history,
        ..follow::Settings::default()
    };
    let journal = Arc::clone(journal);
    let follower = Follower::open(folder, journal, patterns, settings, super::now_ns)?;
    let mut now = followed.now();
    now.put(Some(follower.handle()));
    if now.is_new || !followed.is_to_go_on() {
        now.stop();
    }
    Ok(Some(follower))
}
