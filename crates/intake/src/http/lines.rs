//! Lines of one request, on their way into the journal.

use super::held::{Held, room};
use super::refusal::Refusal;
use crate::limits::HTTP_LINES_BYTES_MAX;
use journal::{Batch, LINE_BYTES_MAX, Record};

/// Lines of one request, in as many batches as they need.
pub(super) struct Lines {
    source: String,
    received_ns: i64,
    /// Full but for the last.
    batches: Vec<Batch>,
    bytes: usize,
    /// Lines that were cut, for they were too long.
    pub(super) cut: u64,
    held: Held,
}

impl Lines {
    pub(super) fn new(source: String, received_ns: i64, held: Held) -> Self {
        Lines {
            source,
            received_ns,
            batches: vec![Batch::new()],
            bytes: 0,
            cut: 0,
            held,
        }
    }

    /// Lines that do not share memory with other requests.
    pub(super) fn apart() -> Self {
        Lines::new("apart".to_owned(), 0, Held::none(&room()))
    }

    /// When they were received, nanoseconds since 1970-01-01T00:00:00Z.
    pub(super) fn received_ns(&self) -> i64 {
        self.received_ns
    }

    /// Takes memory for something that lives as long as the lines.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.held.grow(bytes)
    }

    /// Adds a line; what is too long is cut, and an empty one is none.
    pub(super) fn push(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return Ok(());
        }
        let cut = &line[..line.len().min(LINE_BYTES_MAX)];
        self.cut += u64::from(cut.len() < line.len());
        let more = cut.len() + HEAD_BYTES;
        self.bytes += more;
        if self.bytes > HTTP_LINES_BYTES_MAX {
            return Err(Refusal::TooLarge(HTTP_LINES_BYTES_MAX));
        }
        self.held.grow(more)?;
        let record = Record {
            received_ns: self.received_ns,
            source: self.source.as_bytes(),
            line: cut,
        };
        if let Some(last) = self.batches.last_mut()
            && last.push(record).is_ok()
        {
            return Ok(());
        }
        let mut batch = Batch::new();
        batch
            .push(record)
            .expect("a batch holds a line of any length");
        self.batches.push(batch);
        Ok(())
    }

    /// Batches in order, none empty, and the memory that they need until they are durable.
    pub(super) fn into_batches(mut self) -> (Vec<Batch>, Held) {
        self.batches.retain(|batch| !batch.is_empty());
        (self.batches, self.held)
    }
}

/// Bytes that a batch needs beside a line.
const HEAD_BYTES: usize = 16;
