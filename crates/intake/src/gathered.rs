//! Lines of one client that are appended together.

use crate::error::Error;
use crate::intake::Intake;
use crate::limits::{GATHERED_BYTES_MAX, GATHERED_LINES_MAX, ROOM_SECS};
use crate::seldom::Seldom;
use crate::sources::Source;
use crate::stop::Stop;
use journal::{Batch, Record};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Lines of one client on their way into the journal.
pub(crate) struct Gathered {
    intake: Arc<Intake>,
    name: String,
    source: Arc<Source>,
    batch: Batch,
}

impl Gathered {
    /// Nothing yet from the client of this name.
    pub(crate) fn new(intake: Arc<Intake>, name: String) -> Self {
        Gathered {
            source: intake.source(&name),
            intake,
            name,
            batch: Batch::new(),
        }
    }

    /// Adds a line. Whoever adds those of a read to what is not [full](Self::is_full) always finds room.
    pub(crate) fn push(&mut self, line: &[u8], is_cut: bool) {
        let record = Record {
            received_ns: self.intake.now_ns(),
            source: self.name.as_bytes(),
            line,
        };
        self.source
            .cut
            .fetch_add(u64::from(is_cut), Ordering::Relaxed);
        if let Err(error) = self.batch.push(record) {
            debug_assert!(false, "{error}");
            self.dropped(1);
        }
    }

    /// Whether it should be appended before more is read.
    pub(crate) fn is_full(&self) -> bool {
        self.batch.len() >= GATHERED_LINES_MAX || self.batch.bytes() >= GATHERED_BYTES_MAX
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Bytes of memory.
    pub(crate) fn bytes(&self) -> usize {
        self.batch.bytes()
    }

    /// Makes all lines durable, however long there is no room. Errs with the number of lines if that cannot be, or
    /// not before a stop.
    pub(crate) async fn append(&mut self, stop: &Stop) -> Result<(), u64> {
        let batch = Arc::new(std::mem::take(&mut self.batch));
        let lines = batch.len() as u64;
        let waits = || {
            self.source.refused.fetch_add(1, Ordering::Relaxed);
        };
        let appended = append(&self.intake, batch, stop, waits).await;
        appended.map_err(|_| lines)
    }

    /// Counts and tells a client that is turned away.
    pub(crate) fn refused(&self, why: &io::Error) {
        self.source.refused.fetch_add(1, Ordering::Relaxed);
        if let Some(times) = REFUSED.count(1) {
            tracing::warn!(last = self.name, %why, times, "clients turned away");
        }
    }

    /// Counts lines that cannot come again.
    pub(crate) fn dropped(&self, lines: u64) {
        self.intake.dropped(&self.name, lines);
    }
}

static REFUSED: Seldom = Seldom::new();
static WAITS: Seldom = Seldom::new();
static FAILED: Seldom = Seldom::new();

/// Makes a batch durable, however long there is no room; `waits` is called now and then while there is none.
///
/// Errs if the journal cannot be written, or if there is no room when a stop was asked for.
pub(crate) async fn append(
    intake: &Intake,
    batch: Arc<Batch>,
    stop: &Stop,
    waits: impl Fn(),
) -> Result<(), Error> {
    loop {
        let patience = Duration::from_secs(ROOM_SECS);
        match intake.append(Arc::clone(&batch), patience).await {
            Ok(_) => return Ok(()),
            Err(Error::Busy) if !stop.is_asked() => {
                waits();
                if let Some(times) = WAITS.count(1) {
                    tracing::warn!(times, "no room in the journal: clients wait");
                }
            }
            Err(error) => {
                if let Some(batches) = FAILED.count(1) {
                    tracing::error!(%error, batches, "lines could not be appended");
                }
                return Err(error);
            }
        }
    }
}
