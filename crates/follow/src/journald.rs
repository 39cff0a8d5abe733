//! The journal of this machine, read through `journalctl`, each entry once.
//!
//! `journalctl` is there wherever journald is, and knows every version of its files. What it writes in the export
//! format is reduced to what a log needs ([`ingest::journald`]) and appended; the cursor of an entry is part of its
//! line, so the last line in the journal says where to go on. What was passed over since, for nobody wants it, is told
//! by the state alone: after a crash it is passed over again.
//!
//! `journalctl` is asked for the entries from the cursor on, and the first is left out if it is that of the cursor: so
//! nothing is missed where journald has meanwhile deleted it. If it ends it is started again, after a second, and
//! after up to a minute if it goes on like that.

mod child;
mod state;

use crate::Error;
use crate::limits::{
    JOURNALD_BATCH_BYTES, JOURNALD_PAUSE, JOURNALD_PAUSE_MAX, PROBLEMS_MAX, RETRY, SAVE,
};
use child::{Child, Said};
use ingest::journald::{Entries, Wanted, cursor, reduced};
use journal::{Batch, Journal, Position, Record};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use state::State;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The source of entries of this machine.
pub const JOURNALD: &str = "journald";

/// How the journal of this machine is read.
#[derive(Clone, Debug)]
pub struct JournaldSettings {
    /// The program, `journalctl` by default.
    pub program: OsString,
    /// What it is given besides: `--directory=DIR` for another journal. Nothing by default.
    pub arguments: Vec<OsString>,
    /// Which entries are taken; all by default.
    pub wanted: Wanted,
}

impl Default for JournaldSettings {
    fn default() -> Self {
        JournaldSettings {
            program: "journalctl".into(),
            arguments: Vec::new(),
            wanted: Wanted::default(),
        }
    }
}

/// What was taken since the reader was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournaldCounts {
    /// Lines that are durable.
    pub lines: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Lines that were cut, for they were longer than [`ingest::LINE_BYTES_MAX`].
    pub cut: u64,
    /// Entries that nobody wants, or without a message.
    pub passed: u64,
}

/// The reader from outside; all of its clones are the same.
#[derive(Clone)]
pub struct JournaldHandle {
    shared: Arc<Shared>,
    stop: Arc<PipeWriter>,
}

#[derive(Default)]
struct Shared {
    counts: Mutex<JournaldCounts>,
    problems: Mutex<VecDeque<String>>,
    saved: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is whole before anything could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl JournaldHandle {
    /// Lets [`Journald::run`] end, when what it has read is durable or the journal is full.
    pub fn stop(&self) {
        // A pipe that is full was told often enough.
        let _ = (&*self.stop).write(&[0]);
    }

    /// What was taken.
    pub fn counts(&self) -> JournaldCounts {
        *lock(&self.shared.counts)
    }

    /// Takes what went wrong since the last call, in words.
    pub fn take_problems(&self) -> Vec<String> {
        lock(&self.shared.problems).drain(..).collect()
    }

    /// The journal may be cut before this position, and no further: see [`Handle::cut_before`](crate::Handle::cut_before).
    pub fn cut_before(&self) -> Position {
        Position::from_u64(self.shared.saved.load(Ordering::Acquire))
    }
}

/// Reads the journal of this machine into ours, each entry once.
pub struct Journald {
    folder: PathBuf,
    journal: Arc<dyn Journal>,
    settings: JournaldSettings,
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    clock: fn() -> i64,
    shared: Arc<Shared>,
    handle: JournaldHandle,
    stop: PipeReader,

    /// What is in the journal.
    state: State,
    saved_ns: i64,
    /// The cursor of the last entry that was looked at; empty before the first.
    seen: String,
    batch: Batch,
    /// What the batch will add.
    pending: JournaldCounts,
}

impl Journald {
    /// Reads into a journal, from where the last one ended. At first all that there is is read.
    ///
    /// How far it was read is kept in `folder`, which is made if it is not there, and in the journal itself, so both
    /// must go together. A journal has one such reader.
    pub fn open(
        folder: &Path,
        journal: Arc<dyn Journal>,
        settings: JournaldSettings,
        clock: fn() -> i64,
    ) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::io("make folder", folder))?;
        let mut state = State::load(folder)?;
        state.replay(&*journal)?;
        let (stop, writer) = pipe().map_err(Error::io("open pipe for", folder))?;
        let shared = Arc::new(Shared::default());
        let handle = JournaldHandle {
            shared: Arc::clone(&shared),
            stop: Arc::new(writer),
        };
        let mut journald = Journald {
            folder: folder.to_owned(),
            journal,
            settings,
            clock,
            shared,
            handle,
            stop,
            seen: state.cursor.clone(),
            state,
            saved_ns: 0,
            batch: Batch::new(),
            pending: JournaldCounts::default(),
        };
        journald.save()?;
        Ok(journald)
    }

    /// The reader from outside.
    pub fn handle(&self) -> JournaldHandle {
        self.handle.clone()
    }

    /// Takes entries as they are written, until it is stopped.
    ///
    /// While the journal is full it waits. Errs if the journal fails for good or the state cannot be saved; what was
    /// acknowledged stays, and a new reader goes on.
    pub fn run(mut self) -> Result<(), Error> {
        if let Some(hint) = child::hint(&self.settings) {
            self.tell(format!("journalctl says: {hint}"));
        }
        let mut pause = JOURNALD_PAUSE;
        while !self.is_stopped(Duration::ZERO) {
            let before = self.seen.clone();
            let why = self.read()?;
            if self.is_stopped(Duration::ZERO) {
                break;
            }
            if self.seen != before {
                pause = JOURNALD_PAUSE;
            }
            self.tell(format!("journalctl is started again: {why}"));
            self.is_stopped(pause);
            pause = (2 * pause).min(JOURNALD_PAUSE_MAX);
        }
        self.save()
    }

    /// Reads until `journalctl` ends, and tells why it did, or until it is to stop.
    fn read(&mut self) -> Result<String, Error> {
        let mut child = match Child::start(&self.settings, &self.seen) {
            Ok(child) => child,
            Err(error) => return Ok(format!("it cannot be run: {error}")),
        };
        let mut entries = Entries::default();
        // Where the reading before has ended; that entry comes again.
        let mut known = Some(self.seen.clone());
        loop {
            let patience = if self.batch.is_empty() {
                SAVE
            } else {
                Duration::ZERO
            };
            match child.said(&self.stop, patience) {
                Said::Entries(bytes) => entries.push(bytes, |entry, is_cut| {
                    let is_known = known.take().is_some_and(|it| cursor(entry) == Some(&it));
                    if !is_known {
                        self.take(entry, is_cut);
                    }
                }),
                Said::Nothing => {
                    self.flush()?;
                    self.save_if_due()?;
                }
                Said::Words(words) => self.tell(format!("journalctl says: {words}")),
                Said::Stop => {
                    self.flush()?;
                    return Ok(String::new());
                }
                Said::End(why) => {
                    self.flush()?;
                    return Ok(why);
                }
            }
            if self.batch.bytes() >= JOURNALD_BATCH_BYTES {
                self.flush()?;
            }
        }
    }

    /// Adds an entry to the batch, if it is wanted. A read of the child always finds room behind what is flushed.
    fn take(&mut self, entry: &[u8], is_cut: bool) {
        let wanted = self.settings.wanted.takes(entry);
        if let Some(line) = wanted.then(|| reduced(entry)).flatten() {
            let record = Record {
                received_ns: (self.clock)(),
                source: JOURNALD.as_bytes(),
                line: &line,
            };
            let pushed = self.batch.push(record);
            debug_assert!(pushed.is_ok());
            self.pending.lines += 1;
            self.pending.bytes += line.len() as u64;
            self.pending.cut += u64::from(is_cut);
        } else {
            self.pending.passed += 1;
        }
        if let Some(cursor) = cursor(entry) {
            self.seen.clear();
            self.seen.push_str(cursor);
        }
    }

    /// Makes the batch durable, and waits while there is no room for it; leaves it if it is stopped meanwhile.
    fn flush(&mut self) -> Result<(), Error> {
        while !self.batch.is_empty() {
            match self.journal.append(&self.batch) {
                Ok(_) => self.batch = Batch::new(),
                Err(journal::Error::Full(_)) => {
                    // What keeps the journal from being cut may be this state.
                    if self.journal.end() != self.state.position {
                        self.save()?;
                    }
                    self.journal.wait_for_room(&self.batch, RETRY);
                }
                Err(journal::Error::NoSpace { .. }) => thread::park_timeout(RETRY),
                Err(error) => return Err(error.into()),
            }
            if !self.batch.is_empty() && self.is_stopped(Duration::ZERO) {
                return Ok(());
            }
        }
        self.state.cursor.clone_from(&self.seen);
        let more = std::mem::take(&mut self.pending);
        let mut counts = lock(&self.shared.counts);
        counts.lines += more.lines;
        counts.bytes += more.bytes;
        counts.cut += more.cut;
        counts.passed += more.passed;
        Ok(())
    }

    fn save_if_due(&mut self) -> Result<(), Error> {
        let since_ns = u128::from((self.clock)().abs_diff(self.saved_ns));
        if self.journal.end() != self.state.position && since_ns >= SAVE.as_nanos() {
            self.save()?;
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), Error> {
        // Each append of ours has returned, so all of its lines stand before the end.
        self.state.position = self.journal.end();
        self.state.save(&self.folder)?;
        let position = self.state.position.as_u64();
        self.shared.saved.store(position, Ordering::Release);
        self.saved_ns = (self.clock)();
        Ok(())
    }

    fn tell(&self, problem: String) {
        let mut problems = lock(&self.shared.problems);
        if problems.len() == PROBLEMS_MAX {
            problems.pop_front();
        }
        problems.push_back(problem);
    }

    /// Waits until it is to stop, for a time at most; whether it is.
    fn is_stopped(&self, patience: Duration) -> bool {
        let timeout = Timespec {
            tv_sec: patience.as_secs() as i64,
            tv_nsec: patience.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(&self.stop, PollFlags::IN)];
        poll(&mut fds, Some(&timeout)).is_ok_and(|ready| ready > 0)
    }
}
