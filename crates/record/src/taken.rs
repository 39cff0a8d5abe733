//! Lines as soon as they are durable, to whoever follows: beside all that is made of them, so that they come while a
//! commit is made, and when none can be made.

use crate::followers::Followers;
use crate::limits::{FOLLOWER_LINE_LOTS_MAX, WAIT_MS};
use journal::{Batch, Journal, Position, Reader};
use model::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// A line as it was taken into the journal, before anything is joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// When it was received.
    pub received: Timestamp,
    /// Where it came from.
    pub source: Box<[u8]>,
    /// Its bytes.
    pub line: Box<[u8]>,
}

/// Those who follow lines.
pub struct TakenLines(Followers<[Taken]>);

impl Default for TakenLines {
    fn default() -> Self {
        TakenLines(Followers::new(FOLLOWER_LINE_LOTS_MAX))
    }
}

impl TakenLines {
    /// Lines from now on, in the order in which they came. Ends for a follower who does not keep up.
    pub fn follow(&self) -> Receiver<Arc<[Taken]>> {
        self.0.follow()
    }

    /// Tells lines of a journal from its end on until `stop`, and then what is left in it. `name` gives the part of a
    /// source's text that names it. Lines that cannot be read are passed over: `live` tells of them.
    pub fn tell(&self, journal: &dyn Journal, name: fn(&[u8]) -> &[u8], stop: &AtomicBool) {
        let wait = Duration::from_millis(WAIT_MS);
        let (mut from, mut lines) = (journal.end(), None);
        loop {
            let is_stopping = stop.load(Ordering::Relaxed);
            if self.0.is_empty() {
                (from, lines) = (journal.end(), None);
                std::thread::park_timeout(wait);
            } else {
                match next(&mut lines, from, journal) {
                    Ok(Some((position, batch))) => {
                        from = position.plus(batch.len());
                        self.0.tell(&taken(&batch, name));
                        continue;
                    }
                    Ok(None) => {
                        journal.wait_for_lines(from, wait);
                    }
                    Err(error) => {
                        if !matches!(error, journal::Error::Io { .. }) {
                            from = behind(&error, journal);
                        }
                        lines = None;
                        std::thread::park_timeout(wait);
                    }
                }
            }
            if is_stopping {
                return;
            }
        }
    }
}

fn next(
    lines: &mut Option<Box<dyn Reader>>,
    from: Position,
    journal: &dyn Journal,
) -> Result<Option<(Position, Batch)>, journal::Error> {
    let lines = match lines {
        Some(lines) => lines,
        None => lines.insert(journal.reader(from)?),
    };
    lines.next()
}

fn taken(batch: &Batch, name: fn(&[u8]) -> &[u8]) -> Arc<[Taken]> {
    let lines = batch.iter().map(|line| Taken {
        received: Timestamp::from_nanos(line.received_ns),
        source: name(line.source).into(),
        line: line.line.into(),
    });
    lines.collect()
}

/// Where lines can be read again after an error.
pub(crate) fn behind(error: &journal::Error, journal: &dyn Journal) -> Position {
    match error {
        journal::Error::Damaged { lost, .. } => lost.end,
        journal::Error::Cut { first } => *first,
        // Another journal, nothing of which is in the archive.
        journal::Error::Beyond { .. } if journal.start() == Position::ZERO => Position::ZERO,
        _ => journal.end(),
    }
}
