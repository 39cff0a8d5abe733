//! A folder with logs, a journal, and a follower between them, whose clock stands still.

use follow::{Follower, Handle, Settings, source_name};
use journal::{Journal, LocalJournal, Position};
use std::cell::Cell;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

thread_local! {
    static NOW_NS: Cell<i64> = const { Cell::new(1_700_000_000_000_000_000) };
}

pub(crate) fn clock() -> i64 {
    NOW_NS.get()
}

pub(crate) fn advance(time: Duration) {
    NOW_NS.set(NOW_NS.get() + time.as_nanos() as i64);
}

/// A line that differs from all others within its first 64 bytes.
pub(crate) fn line(number: u64) -> String {
    format!("2026-11-22T08:00:00.{number:09}+00:00 mx1 postfix/qmgr[7]: {number:08X}: removed")
}

pub(crate) struct World {
    logs: TempDir,
    /// In memory where there is one: a sync costs nothing there.
    pub(crate) data: TempDir,
    patterns: Vec<OsString>,
    pub(crate) settings: Settings,
    pub(crate) clock: fn() -> i64,
    pub(crate) journal_settings: journal::Settings,
    pub(crate) journal: Option<Arc<dyn Journal>>,
    pub(crate) follower: Option<Follower>,
}

impl World {
    /// A follower of `mail.log`.
    pub(crate) fn new() -> Self {
        Self::following(&["mail.log"], Settings::default())
    }

    pub(crate) fn following(patterns: &[&str], settings: Settings) -> Self {
        // On a disk: its inodes are used again.
        let logs = tempfile::tempdir().unwrap();
        let data = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let patterns = patterns.iter().map(|it| logs.path().join(it).into());
        World {
            patterns: patterns.collect(),
            logs,
            data: data.unwrap(),
            settings,
            clock,
            journal_settings: journal::Settings {
                segment_bytes: 4_000,
                ..journal::Settings::default()
            },
            journal: None,
            follower: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.logs.path().join(name)
    }

    /// The journal, opened if it is not.
    pub(crate) fn journal(&mut self) -> Arc<dyn Journal> {
        let (data, settings) = (self.data.path().join("journal"), self.journal_settings);
        let open = || Arc::new(LocalJournal::open(&data, settings).unwrap());
        self.journal.get_or_insert_with(|| open()).clone()
    }

    pub(crate) fn open(&mut self) -> Follower {
        let state = self.data.path().join("follow");
        let (patterns, settings) = (self.patterns.clone(), self.settings);
        Follower::open(&state, self.journal(), patterns, settings, self.clock).unwrap()
    }

    /// The follower, opened if it is not.
    pub(crate) fn follower(&mut self) -> &mut Follower {
        if self.follower.is_none() {
            self.follower = Some(self.open());
        }
        self.follower.as_mut().unwrap()
    }

    pub(crate) fn handle(&mut self) -> Handle {
        self.follower().handle()
    }

    pub(crate) fn turn(&mut self) {
        self.follower().catch_up().unwrap();
    }

    /// Leaves follower and journal as a killed process does: what was not saved is gone.
    pub(crate) fn crash(&mut self) {
        self.follower = None;
        self.journal = None;
    }

    pub(crate) fn append(&self, name: &str, text: &str) {
        append(&self.path(name), text.as_bytes());
    }

    pub(crate) fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// All lines that are in the journal, each with the name of its source.
    pub(crate) fn sourced(&mut self) -> Vec<(String, String)> {
        lines_from(&*self.journal(), Position::ZERO).0
    }

    pub(crate) fn lines(&mut self) -> Vec<String> {
        self.sourced().into_iter().map(|it| it.1).collect()
    }

    /// What is in the journal after a turn.
    #[track_caller]
    pub(crate) fn check(&mut self, expected: &[&str]) {
        self.turn();
        assert_eq!(self.lines(), expected);
    }
}

pub(crate) fn append(path: &Path, text: &[u8]) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.unwrap().write_all(text).unwrap();
}

/// Sources' names and lines from a position on, and where they end.
pub(crate) fn lines_from(
    journal: &dyn Journal,
    from: Position,
) -> (Vec<(String, String)>, Position) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut reader = journal.reader(from).unwrap();
    let mut all = Vec::new();
    let mut end = from;
    while let Some((first, batch)) = reader.next().unwrap() {
        let lines = batch.iter();
        all.extend(lines.map(|it| (text(source_name(it.source)), text(it.line))));
        end = first.plus(batch.len());
    }
    (all, end)
}

/// Bytes as a program packs them, by the ending of its files.
pub(crate) fn packed(ending: &str, bytes: &[u8]) -> Vec<u8> {
    match ending {
        "gz" => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        "bz2" => {
            let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        "xz" => {
            let mut packer = liblzma::write::XzEncoder::new(Vec::new(), 0);
            packer.write_all(bytes).unwrap();
            packer.finish().unwrap()
        }
        _ => zstd::encode_all(bytes, 1).unwrap(),
    }
}

/// Packs a file as logrotate does: the packed one beside it first, with its time; then the file goes.
pub(crate) fn pack(path: &Path, ending: &str) -> PathBuf {
    let to = PathBuf::from(format!("{}.{ending}", path.display()));
    fs::write(&to, packed(ending, &fs::read(path).unwrap())).unwrap();
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    let file = File::options().append(true).open(&to).unwrap();
    file.set_modified(modified).unwrap();
    fs::remove_file(path).unwrap();
    to
}

/// Whether a program is there.
pub(crate) fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}
