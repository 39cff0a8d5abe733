//! What comes from journald: the journal of this machine, and those that other hosts upload.

use super::Daemon;
use super::config::Config;
use super::pause::Patience;
use anyhow::Context;
use follow::{Error, Journald, JournaldCounts, JournaldHandle, JournaldSettings};
use intake::http::Uploads;
use journal::{Journal, Position};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The journal of this machine as it is read.
#[derive(Default)]
pub(crate) struct Read {
    handle: Mutex<Option<JournaldHandle>>,
    is_stopped: AtomicBool,
}

impl Read {
    fn of<T>(&self, what: impl Fn(&JournaldHandle) -> T) -> Option<T> {
        let handle = self.handle.lock();
        handle
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(what)
    }

    /// What was read since it was opened last; `None` if it is not read.
    pub(crate) fn counts(&self) -> Option<JournaldCounts> {
        self.of(JournaldHandle::counts)
    }

    /// The journal must not be cut behind this.
    pub(super) fn cut_before(&self) -> Option<Position> {
        self.of(JournaldHandle::cut_before)
    }

    /// Problems that arose since the last call.
    pub(super) fn take_problems(&self) -> Vec<String> {
        self.of(JournaldHandle::take_problems).unwrap_or_default()
    }

    /// Has [`run`] return, when what was read is durable.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.of(JournaldHandle::stop);
    }

    pub(super) fn put(&self, handle: JournaldHandle) {
        if self.is_stopped.load(Ordering::Relaxed) {
            handle.stop();
        }
        let mut current = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some(handle);
    }
}

/// What is told when it fails, and when it works again.
const WHAT: &str = "the journal of this machine is read";

/// What is told where it ends.
pub(super) const CANNOT: &str = "the journal of this machine cannot be read";

/// Reads until [`Read::stop`], beginning with a reader that is open. Errs where trying again is of no use.
pub(super) fn run(mut reader: Journald, config: &Config, daemon: &Daemon) -> Result<(), Error> {
    let read = &daemon.read;
    let mut patience = Patience::default();
    loop {
        read.put(reader.handle());
        if let Err(error) = reader.run() {
            patience.failed(WHAT, error, &read.is_stopped)?;
        }
        if read.is_stopped.load(Ordering::Relaxed) {
            return Ok(());
        }
        reader = loop {
            match open(&daemon.folder, config, &daemon.journal) {
                Ok(reader) => break reader,
                Err(error) => patience.failed(WHAT, error, &read.is_stopped)?,
            }
        };
        patience.is_well(WHAT);
    }
}

/// Opens the journal of this machine.
pub(super) fn open(
    folder: &Path,
    config: &Config,
    journal: &Arc<dyn Journal>,
) -> Result<Journald, Error> {
    let directory = &config.journald.directory;
    let directory = (directory != Path::new("")).then(|| {
        let mut argument = std::ffi::OsString::from("--directory=");
        argument.push(directory);
        argument
    });
    let settings = JournaldSettings {
        arguments: directory.into_iter().collect(),
        wanted: config
            .journald
            .wanted()
            .expect("it was checked when it was loaded"),
        ..JournaldSettings::default()
    };
    let state = folder.join("follow");
    Journald::open(&state, Arc::clone(journal), settings, super::now_ns)
}

/// How far the journals of other hosts were taken.
pub(super) fn uploads(folder: &Path, journal: &Arc<dyn Journal>) -> anyhow::Result<Arc<Uploads>> {
    let path = folder.join("journald.uploads");
    let uploads = Uploads::open(&path, &**journal);
    let uploads = uploads.with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Arc::new(uploads))
}
