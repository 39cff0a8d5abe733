//! Has lines taken into the archive, and tries again when that failed, until it works.
//!
//! Meanwhile lines wait in the journal, and questions are answered from what is stored and in memory.

use super::Daemon;
use super::pause::Pause;
use ::upkeep::Rules;
use journal::Position;
use record::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use store::{Archive, Classes, Writer};
use tracing::{error, info, warn};

/// How it goes, for those who watch.
#[derive(Default)]
pub(crate) struct Storing {
    /// Why lines cannot be taken into the archive.
    trouble: Mutex<Option<String>>,
    failures: AtomicU64,
    turns: AtomicU64,
}

impl Storing {
    /// Why lines cannot be taken into the archive; `None` as long as they can.
    pub(crate) fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock();
        trouble.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sets it; gives what it was.
    fn set_trouble(&self, trouble: Option<String>) -> Option<String> {
        let mut current = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut current, trouble)
    }

    /// Times that it failed.
    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Grows for as long as the thread that takes lines is not stuck.
    pub(super) fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes lines until `stop`. Errs where trying again is of no use: something is damaged, or it is to end.
pub(super) fn run(
    mut writer: Writer,
    daemon: &Daemon,
    settings: &record::Settings,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let mut pause = Pause::default();
    loop {
        let mut classes = writer.classes().clone();
        let mut listener = Cutting(daemon);
        let (journal, view) = (&*daemon.journal, &daemon.view);
        let error = match record::live(
            writer,
            journal,
            settings,
            view,
            super::CLOCKS,
            stop,
            &mut listener,
        ) {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        if daemon.storing.trouble().is_none() {
            // It worked until now.
            pause = Pause::default();
        }
        failed(daemon, error, stop)?;
        writer = loop {
            pause.wait(stop, || daemon.storing.turn());
            match open(&daemon.folder, &mut classes) {
                Ok(writer) => break writer,
                Err(error) => failed(daemon, error, stop)?,
            }
        };
    }
}

/// Tells why it failed, once until it works again. Errs if it is not to be tried again.
fn failed(daemon: &Daemon, error: Error, stop: &AtomicBool) -> Result<(), Error> {
    daemon.storing.failures.fetch_add(1, Ordering::Relaxed);
    let free = daemon.free_bytes().map_or_else(String::new, |free| {
        format!(", where {} MB are free", free / 1_000_000)
    });
    let (folder, why) = (daemon.folder.display(), super::chain(&error));
    let trouble = format!("lines cannot be taken into the archive in `{folder}`{free}: {why}");
    let is_over = stop.load(Ordering::Relaxed) || !error.passes();
    let before = daemon.storing.set_trouble(Some(trouble.clone()));
    if before.is_none() && !is_over {
        error!(
            "{trouble}; they wait in the journal, and it is tried again; \
             free space in `{folder}`, or see that it can be written"
        );
    }
    match is_over {
        true => Err(error),
        false => Ok(()),
    }
}

/// Opens the archive anew. Never makes one: where there was one, it may only be away.
fn open(folder: &Path, classes: &mut Classes) -> Result<Writer, Error> {
    let mut writer = Archive::open(folder)?.writer()?;
    if let Ok(rules) = Rules::load(folder) {
        *classes = rules.classes();
    }
    writer.set_classes(classes.clone());
    // What failed commits left takes the room that the next one needs.
    let _ = writer.vacuum();
    Ok(writer)
}

/// Cuts the journal behind what the archive has, and tells what was lost.
struct Cutting<'a>(&'a Daemon);

impl record::Listener for Cutting<'_> {
    fn committed(&mut self, before: Position) {
        if self.0.storing.set_trouble(None).is_some() {
            info!("lines are taken into the archive again");
        }
        let followed = self.0.followed.cut_before();
        let read = self.0.read.cut_before();
        let before = followed.into_iter().chain(read).fold(before, Position::min);
        if let Err(error) = self.0.uploads.save() {
            return warn!(%error, "the journal is not cut: how far journals were uploaded cannot be saved");
        }
        if let Err(error) = self.0.journal.cut(before) {
            warn!(%error, "the journal cannot be cut");
        }
    }

    fn lost(&mut self, problem: &journal::Error) {
        error!(%problem, "lines of the journal cannot be read and are passed over");
    }

    fn alive(&mut self) {
        self.0.storing.turn();
    }
}
