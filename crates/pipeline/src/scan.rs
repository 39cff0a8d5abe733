//! Looks through all lines for a few of them, without taking each apart.

use ingest::{Batch, LogSet, Problem, SetReader};
use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

/// The sets still to be read, and the reader of the one that is.
struct Reading<'s> {
    sets: &'s [LogSet],
    passed_over: &'s HashSet<(usize, usize)>,
    next_set: usize,
    reader: Option<SetReader>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    /// The next batch of any set, with the set's index.
    fn next(
        &mut self,
        mut reuse: Option<Batch>,
        progress: &Arc<AtomicU64>,
    ) -> Option<(usize, Batch)> {
        loop {
            if self.reader.is_none() {
                let set = self.sets.get(self.next_set)?;
                let mut reader = set.reader_counting(Arc::clone(progress));
                for &(_, file) in self.passed_over.iter().filter(|at| at.0 == self.next_set) {
                    reader.pass_over(file);
                }
                self.next_set += 1;
                self.reader = Some(reader);
            }
            let reader = self.reader.as_mut()?;
            if let Some(batch) = reader.next_batch(reuse.take()) {
                return Some((self.next_set - 1, batch));
            }
            self.problems.extend(reader.take_problems());
            self.reader = None;
        }
    }
}

/// Shows each batch to `look`, on several threads and in no order; gives all that it found.
///
/// `look` gets the index of the set and the batch, whose `file` is the index in the set. Files are
/// passed over by the indexes of set and file.
pub fn scan<Found: Send>(
    sets: &[LogSet],
    passed_over: &HashSet<(usize, usize)>,
    workers: usize,
    progress: &Arc<AtomicU64>,
    look: impl Fn(usize, &Batch, &mut Vec<Found>) + Sync,
) -> (Vec<Found>, Vec<Problem>) {
    let reading = Mutex::new(Reading {
        sets,
        passed_over,
        next_set: 0,
        reader: None,
        problems: Vec::new(),
    });
    let work = || {
        let mut found = Vec::new();
        let mut reuse = None;
        loop {
            let next = reading
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next(reuse.take(), progress);
            let Some((set, batch)) = next else {
                return found;
            };
            look(set, &batch, &mut found);
            reuse = Some(batch);
        }
    };
    let found = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.max(1)).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    });
    let reading = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
    (found, reading.problems)
}
