//! What others see of a follower that runs, and how they stop it.

use crate::limits::PROBLEMS_MAX;
use ingest::Problem;
use journal::Position;
use std::collections::{BTreeMap, VecDeque};
use std::io::{PipeWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What was taken of one log, by the path under which it is written, since the follower was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that are durable.
    pub lines: u64,
    /// Their bytes, without newlines.
    pub bytes: u64,
    /// When the last of them was taken, nanoseconds since 1970-01-01T00:00:00Z; 0 before the first.
    pub last_ns: i64,
    /// Lines that were cut, for they were longer than [`ingest::LINE_BYTES_MAX`].
    pub cut: u64,
    /// Times that a file of it was truncated, or replaced by others in its place.
    pub replaced: u64,
    /// Problems, also those that were not told again.
    pub problems: u64,
}

/// A follower from outside; all of its clones are the same.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
    stop: Arc<PipeWriter>,
}

#[derive(Default)]
pub(crate) struct Shared {
    counts: Mutex<BTreeMap<PathBuf, Counts>>,
    problems: Mutex<VecDeque<Problem>>,
    saved: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is whole before anything could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handle {
    pub(crate) fn new(shared: Arc<Shared>, stop: PipeWriter) -> Self {
        let stop = Arc::new(stop);
        Handle { shared, stop }
    }

    /// Lets [`Follower::run`](crate::Follower::run) end, when what it has read is durable or the journal is full.
    pub fn stop(&self) {
        // A pipe that is full was told often enough.
        let _ = (&*self.stop).write(&[0]);
    }

    /// All logs of which lines were taken or that had problems, by path.
    pub fn counts(&self) -> Vec<(PathBuf, Counts)> {
        let counts = lock(&self.shared.counts);
        let all = counts.iter().map(|(path, counts)| (path.clone(), *counts));
        all.collect()
    }

    /// Takes the problems that arose since the last call. One that lasts is told once, with what can be done.
    pub fn take_problems(&self) -> Vec<Problem> {
        lock(&self.shared.problems).drain(..).collect()
    }

    /// The journal may be cut before this position, and no further: behind it stands how far files were read.
    ///
    /// It moves up to the journal's end every ten seconds, and at once when the journal is full.
    pub fn cut_before(&self) -> Position {
        Position::from_u64(self.shared.saved.load(Ordering::Acquire))
    }
}

impl Shared {
    pub(crate) fn count(&self, path: &Path, count: impl FnOnce(&mut Counts)) {
        let mut counts = lock(&self.counts);
        match counts.get_mut(path) {
            Some(counts) => count(counts),
            None => count(counts.entry(path.to_owned()).or_default()),
        }
    }

    pub(crate) fn tell(&self, problem: Problem) {
        let mut problems = lock(&self.problems);
        if problems.len() == PROBLEMS_MAX {
            problems.pop_front();
        }
        problems.push_back(problem);
    }

    pub(crate) fn saved(&self, position: Position) {
        self.saved.store(position.as_u64(), Ordering::Release);
    }
}
