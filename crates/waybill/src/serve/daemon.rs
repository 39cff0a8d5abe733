//! What the daemon consists of, for those who answer or watch.

use super::following::Followed;
use super::journald::Read;
use super::storing::Storing;
use intake::http::Uploads;
use intake::{Counts, Intake};
use journal::Journal;
use model::Timestamp;
use places::Places;
use record::{TakenLines, View};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Notify;

/// Folder of the journal in that of the archive.
pub(super) const JOURNAL: &str = "journal";

pub(crate) struct Daemon {
    /// Folder of the archive.
    pub(crate) folder: PathBuf,
    pub(crate) view: View,
    /// Lines for those who want each at once.
    pub(crate) taken: TakenLines,
    pub(crate) intake: Arc<Intake>,
    pub(crate) journal: Arc<dyn Journal>,
    /// How large the journal may grow.
    pub(crate) journal_bytes_max: u64,
    pub(crate) followed: Followed,
    /// The journal of this machine.
    pub(crate) read: Read,
    /// Journals that others upload.
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) storing: Storing,
    /// Where addresses are.
    pub(super) places: RwLock<Arc<Places>>,
    /// Clients of PostgreSQL.
    pub(crate) postgres: Arc<postgres::Counts>,
    /// Told when customers or their domains are changed here.
    pub(super) customers_changed: Notify,
    /// When it began.
    pub(crate) began: Timestamp,
}

impl Daemon {
    /// Where addresses are, as far as it is known now.
    pub(super) fn places(&self) -> Arc<Places> {
        Arc::clone(&self.places.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has others hold from now on.
    pub(super) fn set_places(&self, places: Places) {
        *self.places.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(places);
    }

    /// What was counted by source, but for files.
    pub(crate) fn counted(&self) -> Vec<(String, Counts)> {
        let mut all = self.intake.sources();
        if let Some(of) = self.read.counts() {
            let counts = Counts {
                lines: of.lines,
                bytes: of.bytes,
                cut: of.cut,
                ..Counts::default()
            };
            all.push((follow::JOURNALD.to_owned(), counts));
        }
        all
    }

    /// Lines that the journal holds.
    pub(crate) fn journal_lines(&self) -> u64 {
        self.journal.end().as_u64() - self.journal.start().as_u64()
    }

    /// Bytes of the journal's files.
    pub(crate) fn journal_bytes(&self) -> u64 {
        let entries = std::fs::read_dir(self.folder.join(JOURNAL));
        let entries = entries.into_iter().flatten().flatten();
        // What goes meanwhile does not count.
        let lengths = entries.filter_map(|entry| Some(entry.metadata().ok()?.len()));
        lengths.sum()
    }

    /// Rows that are in memory only.
    pub(crate) fn hot_rows(&self) -> u64 {
        let archive = self.view.archive();
        let hot = archive.parts().iter().filter(|part| part.is_hot());
        hot.map(|part| part.rows).sum()
    }

    /// Bytes that are free where the archive is; `None` where nobody knows.
    pub(crate) fn free_bytes(&self) -> Option<u64> {
        free_bytes(&self.folder)
    }

    /// How it does.
    pub(super) fn in_a_line(&self) -> String {
        let waiting = self.journal_lines();
        let taking = || format!("taking lines; {waiting} are in the journal");
        self.storing.trouble().unwrap_or_else(taking)
    }
}

/// Bytes of the folder's disk that may be used.
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}
