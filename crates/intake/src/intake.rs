//! What all listeners share: the way into the journal, and the counters.

use crate::error::Error;
use crate::limits::{RETRY_MS, WAITING_BYTES_MAX};
use crate::sources::{Counts, Source, Sources};
use journal::{Batch, Journal, Position};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout_at};

/// Takes lines that listeners have framed, and makes them durable.
pub struct Intake {
    journal: Arc<dyn Journal>,
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    clock: fn() -> i64,
    sources: Arc<Sources>,
    /// One permit a byte that may wait.
    room: Semaphore,
}

impl Intake {
    /// Lines go to `journal` and are received at what `clock` says.
    pub fn new(journal: Arc<dyn Journal>, clock: fn() -> i64) -> Self {
        Intake {
            journal,
            clock,
            sources: Arc::default(),
            room: Semaphore::new(WAITING_BYTES_MAX),
        }
    }

    /// The time for lines that are received now.
    pub fn now_ns(&self) -> i64 {
        (self.clock)()
    }

    /// What lines go to.
    pub(crate) fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    /// The counters of a source, by the name that its lines have in the journal.
    pub fn source(&self, name: &str) -> Arc<Source> {
        self.sources.named(name)
    }

    /// All sources so far, by name.
    pub fn sources(&self) -> Vec<(String, Counts)> {
        self.sources.all()
    }

    /// Makes a batch durable; when this returns its position, it may be acknowledged.
    ///
    /// While there is no room it waits, up to `patience`, and then errs with [`Error::Busy`]. Appends go on though
    /// the future is dropped, so a batch may be durable that nobody acknowledged. Who wants to try again keeps an `Arc`.
    pub async fn append(
        &self,
        batch: impl Into<Arc<Batch>>,
        patience: Duration,
    ) -> Result<Position, Error> {
        let batch = batch.into();
        let until = Instant::now() + patience;
        let bytes = u32::try_from(batch.bytes()).unwrap_or(u32::MAX);
        let room = timeout_at(until, self.room.acquire_many(bytes)).await;
        let _room = room.map_err(|_| Error::Busy)?;
        loop {
            let (journal, sources) = (Arc::clone(&self.journal), Arc::clone(&self.sources));
            let lines = Arc::clone(&batch);
            // Counted there too: what is durable counts, though nobody waits for it any more.
            let append = move || {
                let position = journal.append(&lines)?;
                sources.count(&lines);
                Ok(position)
            };
            match tokio::task::spawn_blocking(append).await {
                Ok(Ok(position)) => return Ok(position),
                Ok(Err(journal::Error::Full(_) | journal::Error::NoSpace { .. })) => {
                    if Instant::now() >= until {
                        return Err(Error::Busy);
                    }
                    sleep(Duration::from_millis(RETRY_MS)).await;
                }
                Ok(Err(error)) => return Err(error.into()),
                Err(stopped) => match stopped.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => return Err(Error::Busy),
                },
            }
        }
    }

    /// Counts lines that were dropped, and cannot come again.
    pub(crate) fn dropped(&self, source: &str, lines: u64) {
        let dropped = &self.source(source).dropped;
        dropped.fetch_add(lines, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journal::{LocalJournal, Record, Settings};

    fn batch(lines: &[&[u8]]) -> Batch {
        let mut batch = Batch::new();
        for line in lines {
            let record = Record {
                received_ns: 7,
                source: b"test",
                line,
            };
            batch.push(record).expect("there is room");
        }
        batch
    }

    #[tokio::test]
    async fn what_was_appended_is_counted_and_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = LocalJournal::open(folder.path(), Settings::default()).expect("a journal");
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let intake = Intake::new(Arc::clone(&journal), || 7);
        let patience = Duration::from_secs(1);
        let position = intake.append(batch(&[b"one", b"three"]), patience).await;
        assert_eq!(position.expect("durable"), Position::ZERO);
        intake.dropped("test", 2);
        let counts = Counts {
            lines: 2,
            bytes: 8,
            last_ns: 7,
            dropped: 2,
            ..Counts::default()
        };
        assert_eq!(intake.sources(), [("test".to_owned(), counts)]);
        let mut reader = journal.reader(Position::ZERO).expect("a reader");
        let (_, read) = reader.next().expect("whole").expect("there");
        let lines: Vec<_> = read.iter().map(|it| it.line.to_vec()).collect();
        assert_eq!(lines, [b"one".to_vec(), b"three".to_vec()]);
    }
}
