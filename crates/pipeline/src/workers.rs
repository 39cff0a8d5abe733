//! Threads that read and parse ahead.
//!
//! A task is "the next batch of set S": a worker takes the set's reader, reads, gives the reader
//! back for the next task, then parses. Batches of a set may be done out of order; they are handed
//! on in order.

use crate::parsed::ParsedBatch;
use ingest::{Batch, LogSet, Problem, SetReader};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Batches in work for the set that is read: enough that no worker waits while one is taken.
const AHEAD: usize = 4;

/// A reader and the number of its next batch.
struct Reading {
    reader: SetReader,
    next: u64,
    done: bool,
}

struct Task {
    set: usize,
    reading: Arc<Mutex<Reading>>,
    reuse: Option<Batch>,
}

/// What became of a task: a batch of a set with its number, or none where the set has ended.
struct Done {
    set: usize,
    batch: Option<(u64, ParsedBatch)>,
}

struct SetState {
    reading: Option<Arc<Mutex<Reading>>>,
    asked: usize,
    next: u64,
    early: BTreeMap<u64, ParsedBatch>,
    ended: bool,
}

pub(crate) struct Workers<'s> {
    sets: &'s [LogSet],
    progress: Arc<AtomicU64>,
    states: Vec<SetState>,
    tasks: Option<SyncSender<Task>>,
    done: Receiver<Done>,
    threads: Vec<JoinHandle<()>>,
    spare: VecDeque<Batch>,
    problems: Vec<Problem>,
}

impl<'s> Workers<'s> {
    pub(crate) fn start(sets: &'s [LogSet], count: usize, progress: &Arc<AtomicU64>) -> Self {
        // No set has more tasks in work, so that neither end ever waits for room.
        let most = sets.len() * AHEAD;
        let (tasks, to_do) = sync_channel::<Task>(most);
        let (finished, done) = sync_channel(most);
        let to_do = Arc::new(Mutex::new(to_do));
        let work = || {
            let (to_do, finished) = (Arc::clone(&to_do), finished.clone());
            std::thread::spawn(move || work(&to_do, &finished))
        };
        let state = |_| SetState {
            reading: None,
            asked: 0,
            next: 0,
            early: BTreeMap::new(),
            ended: false,
        };
        Workers {
            sets,
            progress: Arc::clone(progress),
            states: sets.iter().map(state).collect(),
            tasks: Some(tasks),
            done,
            threads: std::iter::repeat_with(work).take(count).collect(),
            spare: VecDeque::new(),
            problems: Vec::new(),
        }
    }

    /// The next batch of a set, in order; `None` when there are no more.
    pub(crate) fn next_batch(&mut self, set: usize) -> Option<ParsedBatch> {
        loop {
            let state = &mut self.states[set];
            if let Some(batch) = state.early.remove(&state.next) {
                state.next += 1;
                self.ask(set);
                return Some(batch);
            }
            if state.ended && state.asked == 0 {
                self.close(set);
                return None;
            }
            self.ask(set);
            let Done { set, batch } = self.done.recv().ok()?;
            let state = &mut self.states[set];
            state.asked -= 1;
            match batch {
                Some((number, batch)) => {
                    state.early.insert(number, batch);
                }
                None => state.ended = true,
            }
        }
    }

    /// Sees to it that enough batches of a set are in work.
    fn ask(&mut self, set: usize) {
        let open_sets = self
            .states
            .iter()
            .filter(|state| state.reading.is_some())
            .count();
        let ahead = if open_sets > AHEAD { 1 } else { AHEAD };
        let state = &mut self.states[set];
        while !state.ended && state.asked + state.early.len() < ahead {
            let reading = state.reading.get_or_insert_with(|| {
                let reader = self.sets[set].reader_counting(Arc::clone(&self.progress));
                Arc::new(Mutex::new(Reading {
                    reader,
                    next: 0,
                    done: false,
                }))
            });
            let task = Task {
                set,
                reading: Arc::clone(reading),
                reuse: self.spare.pop_front(),
            };
            if let Some(tasks) = &self.tasks
                && tasks.send(task).is_err()
            {
                state.ended = true;
            }
            state.asked += 1;
        }
    }

    /// A set is read to its end: its file is closed, its problems are kept.
    fn close(&mut self, set: usize) {
        if let Some(reading) = self.states[set].reading.take() {
            let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
            self.problems.extend(reading.reader.take_problems());
        }
    }

    /// Takes batches back, to be filled again.
    pub(crate) fn recycle(&mut self, spent: impl Iterator<Item = ParsedBatch>) {
        for batch in spent {
            if self.spare.len() < 2 * AHEAD {
                self.spare.push_back(batch.into_batch());
            }
        }
    }

    /// Ends all threads; what could not be read.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.tasks = None;
        for set in 0..self.states.len() {
            self.close(set);
        }
        for thread in self.threads.drain(..) {
            // A worker that panicked has lost its batches: the caller must not take that for the end.
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
        self.problems
    }
}

fn work(to_do: &Mutex<Receiver<Task>>, finished: &SyncSender<Done>) {
    loop {
        let task = to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Task {
            set,
            reading,
            reuse,
        }) = task
        else {
            return;
        };
        let batch = next_batch(&reading, reuse)
            .map(|(number, batch)| (number, ParsedBatch::new(set, batch)));
        if finished.send(Done { set, batch }).is_err() {
            return;
        }
    }
}

fn next_batch(reading: &Mutex<Reading>, reuse: Option<Batch>) -> Option<(u64, Batch)> {
    let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
    if reading.done {
        return None;
    }
    let Some(batch) = reading.reader.next_batch(reuse) else {
        reading.done = true;
        return None;
    };
    let number = reading.next;
    reading.next += 1;
    Some((number, batch))
}
