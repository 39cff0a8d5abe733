//! Follows logs into the journal.

mod read;
mod scan;

use crate::Error;
use crate::handle::{Handle, Shared};
use crate::limits::{RETRY, SAVE, SAVE_BYTES};
use crate::log::Log;
use crate::mark::{FileId, Mark};
use crate::recognise::Copied;
use crate::state::{Known, Stamp, State};
use crate::wake::Wake;
use ingest::{Problem, ProblemKind, Severity};
use journal::{Batch, Journal};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::mem::{self, Discriminant};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How files are followed.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Rotated files that are there when a pattern is followed for the first time are read too, the oldest first; if
    /// not, only those that the pattern itself names. `false` by default.
    pub history: bool,
    /// How long a line without newline waits in a file that was rotated away. Five seconds by default.
    pub torn_wait: Duration,
    /// How often files are looked at where the kernel tells of no changes. One second by default.
    pub poll: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            history: false,
            torn_wait: Duration::from_secs(5),
            poll: Duration::from_secs(1),
        }
    }
}

/// Follows logs into the journal, each line once.
pub struct Follower {
    folder: PathBuf,
    journal: Arc<dyn Journal>,
    patterns: Vec<OsString>,
    settings: Settings,
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    clock: fn() -> i64,
    shared: Arc<Shared>,
    handle: Handle,
    wake: Wake,

    /// What is in the journal.
    state: State,
    /// By number.
    logs: BTreeMap<u64, Log>,
    /// Files whose content is another file's.
    copies: HashMap<FileId, (Stamp, Copied)>,
    next_id: u64,
    told: HashSet<(PathBuf, Discriminant<ProblemKind>)>,
    /// Files must be looked for before anything is read.
    is_scan_due: bool,
    scanned_ns: i64,

    batch: Batch,
    /// How far logs were read with the lines in the batch.
    pending: Vec<(u64, Taking)>,
    /// What is read of a file, kept for its room.
    bytes: Vec<u8>,
    is_state_changed: bool,
    saved_ns: i64,
    unsaved_bytes: u64,
}

/// Lines of one log in a batch.
struct Taking {
    mark: Mark,
    lines: u64,
    bytes: u64,
    cut: u64,
}

impl Follower {
    /// Follows what `patterns` name (paths, also of files that are not there yet, globs, directories) into a journal.
    ///
    /// How far files were read is kept in `folder`, which is made if it is not there, and in the journal itself, so
    /// both must go together. A journal has one follower.
    pub fn open(
        folder: &Path,
        journal: Arc<dyn Journal>,
        patterns: Vec<OsString>,
        settings: Settings,
        clock: fn() -> i64,
    ) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::io("make folder", folder))?;
        let mut state = State::load(folder)?;
        state.replay(&*journal)?;
        let (wake, stop) = Wake::new().map_err(Error::io("open pipe for", folder))?;
        let shared = Arc::new(Shared::default());
        let logs = state.logs.iter();
        let logs = logs.map(|(&id, known)| (id, Log::of_known(known.clone())));
        let mut follower = Follower {
            folder: folder.to_owned(),
            journal,
            patterns,
            settings,
            clock,
            handle: Handle::new(shared.clone(), stop),
            shared,
            wake,
            logs: logs.collect(),
            copies: HashMap::new(),
            next_id: state.next_id,
            state,
            told: HashSet::new(),
            is_scan_due: true,
            scanned_ns: 0,
            batch: Batch::new(),
            pending: Vec::new(),
            bytes: Vec::new(),
            is_state_changed: true,
            saved_ns: 0,
            unsaved_bytes: 0,
        };
        follower.save()?;
        Ok(follower)
    }

    /// The follower from outside.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Takes lines as they are written, until it is stopped.
    ///
    /// While the journal is full it waits. Errs if the journal fails for good or the state cannot be saved; what was
    /// acknowledged stays, and a new follower goes on.
    pub fn run(mut self) -> Result<(), Error> {
        loop {
            while !self.wake.is_stopped() && self.turn()? {}
            self.save_if_due()?;
            let woken = self.wake.wait(self.settings.poll);
            if woken.by_stop {
                break;
            }
            let since_ns = u128::from(self.now_ns().abs_diff(self.scanned_ns));
            self.is_scan_due |= woken.by_names || since_ns >= self.settings.poll.as_nanos();
        }
        self.flush()?;
        self.save()
    }

    /// Takes all that there is now.
    pub fn catch_up(&mut self) -> Result<(), Error> {
        self.is_scan_due = true;
        while !self.wake.is_stopped() && self.turn()? {}
        self.save_if_due()
    }

    fn now_ns(&self) -> i64 {
        (self.clock)()
    }

    /// Looks for files if that is due, and takes something of each log; whether there was anything to do.
    fn turn(&mut self) -> Result<bool, Error> {
        if mem::take(&mut self.is_scan_due) {
            self.scan()?;
        }
        let mut behind = HashSet::new();
        let mut is_busy = false;
        // What was written first is read first.
        let mut order: Vec<_> = self.logs.iter().map(|(&id, log)| (log.place, id)).collect();
        order.sort_unstable();
        for (_, id) in order {
            let is_first = |log: &Log| !behind.contains(&log.path);
            if self.logs.get(&id).is_some_and(is_first) {
                is_busy |= self.read(id)?;
            }
            if let Some(log) = self.logs.get(&id).filter(|it| !it.is_ended) {
                behind.insert(log.path.clone());
            }
            // Another log of the path, an older one, may go on.
            if self.is_scan_due {
                break;
            }
        }
        self.flush()?;
        Ok(is_busy || self.is_scan_due)
    }

    /// Makes the batch durable, and waits while there is no room for it; does nothing if it is stopped meanwhile.
    fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        loop {
            match self.journal.append(&self.batch) {
                Ok(_) => break,
                Err(journal::Error::Full(_)) => {
                    // What keeps the journal from being cut may be this state.
                    if self.journal.end() != self.state.position {
                        self.save_state()?;
                    }
                    self.journal.wait_for_room(&self.batch, RETRY);
                }
                Err(journal::Error::NoSpace { .. }) => thread::park_timeout(RETRY),
                Err(error) => return Err(error.into()),
            }
            if self.wake.is_stopped() {
                return Ok(());
            }
        }
        self.unsaved_bytes += self.batch.bytes() as u64;
        self.batch = Batch::new();
        let now_ns = self.now_ns();
        for (id, taking) in mem::take(&mut self.pending) {
            let Some(Log { path, .. }) = self.logs.get(&id) else {
                continue;
            };
            self.state.note(path, &taking.mark, now_ns);
            self.shared.count(path, |counts| {
                counts.lines += taking.lines;
                counts.bytes += taking.bytes;
                counts.cut += taking.cut;
                counts.last_ns = now_ns;
            });
        }
        if self.unsaved_bytes >= SAVE_BYTES {
            self.save()?;
        }
        Ok(())
    }

    fn save_if_due(&mut self) -> Result<(), Error> {
        let since_ns = u128::from(self.now_ns().abs_diff(self.saved_ns));
        let is_behind = self.is_state_changed || self.journal.end() != self.state.position;
        if is_behind && since_ns >= SAVE.as_nanos() {
            self.save()?;
        }
        Ok(())
    }

    /// Saves what is known of all logs; only when no lines are pending may a log count as closed.
    fn save(&mut self) -> Result<(), Error> {
        if self.pending.is_empty() {
            self.state.next_id = self.next_id;
            let logs = self.logs.iter();
            let taken = logs.filter(|(_, log)| log.mark.taken.bytes > 0);
            let known = taken.map(|(&id, log)| {
                let known = Known {
                    path: log.path.clone(),
                    mark: log.mark.clone(),
                    seen_ns: log.seen_ns,
                    closed: log.closed,
                };
                (id, known)
            });
            self.state.logs = known.collect();
        }
        self.save_state()
    }

    fn save_state(&mut self) -> Result<(), Error> {
        // Each append of ours has returned and is noted, so all of its lines stand before the end.
        self.state.position = self.journal.end();
        self.state.save(&self.folder)?;
        self.shared.saved(self.state.position);
        self.saved_ns = self.now_ns();
        self.unsaved_bytes = 0;
        self.is_state_changed = false;
        Ok(())
    }

    /// Tells of a problem, once for as long as it lasts.
    fn tell(&mut self, problem: Problem) {
        self.shared.count(&problem.path, |it| it.problems += 1);
        let key = (problem.path.clone(), mem::discriminant(&problem.what));
        if self.told.insert(key) {
            self.shared.tell(problem);
        }
    }

    fn tell_of(&mut self, path: &Path, what: ProblemKind) {
        self.tell(Problem {
            path: path.to_owned(),
            line: None,
            what,
            severity: Severity::Warning,
        });
    }
}
