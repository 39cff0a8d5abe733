//! Lines that are appended or read together.

use crate::limits::{BATCH_BYTES_MAX, BATCH_LINES_MAX, LINE_BYTES_MAX, SOURCE_BYTES_MAX};
use crate::{Error, line};
use std::collections::HashMap;
use std::sync::Arc;

/// A line as it came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// When it was received: nanoseconds since 1970-01-01T00:00:00Z.
    pub received_ns: i64,
    /// Where it came from, such as `syslog tcp 192.0.2.1` or a path. Empty if that is lost by damage.
    pub source: &'a [u8],
    /// The line's bytes, any, without what framed them.
    pub line: &'a [u8],
}

/// Lines in order, of any sources; made by pushing, or read from a journal.
///
/// At most [`BATCH_BYTES_MAX`](crate::BATCH_BYTES_MAX) bytes and [`BATCH_LINES_MAX`](crate::BATCH_LINES_MAX) lines.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Lines as [`line::put`] writes them; their source is an index of `sources`.
    lines: Vec<u8>,
    count: usize,
    sources: Arc<Vec<Source>>,
    source_bytes: usize,
    /// Indices of `sources` by text, of those that were pushed.
    ids: HashMap<Source, u32>,
}

/// Bytes before the text of a source in a frame: its length.
pub(crate) const SOURCE_HEAD_BYTES: usize = 2;

/// The text of a source, as all who need it share it.
pub(crate) type Source = Arc<[u8]>;

impl Batch {
    /// A batch without lines.
    pub fn new() -> Self {
        Batch::default()
    }

    /// Adds a line at the end.
    ///
    /// Errs if the line or the text of its source is too long, or if the batch is full; the batch is then as before.
    pub fn push(&mut self, record: Record<'_>) -> Result<(), Error> {
        let (source, bytes) = (record.source, record.line);
        if bytes.len() > LINE_BYTES_MAX {
            return Err(Error::LineTooLong(bytes.len()));
        }
        if source.len() > SOURCE_BYTES_MAX {
            return Err(Error::SourceTooLong(source.len()));
        }
        let more = line::HEAD_BYTES + bytes.len() + SOURCE_HEAD_BYTES + source.len();
        if self.count >= BATCH_LINES_MAX || self.bytes() + more > BATCH_BYTES_MAX {
            return Err(Error::BatchFull);
        }
        let source = self.register(source);
        line::put(&mut self.lines, record.received_ns, source, bytes);
        self.count += 1;
        Ok(())
    }

    fn register(&mut self, source: &[u8]) -> u32 {
        if let Some(&id) = self.ids.get(source) {
            return id;
        }
        let id = self.sources.len() as u32;
        let text = Source::from(source);
        Arc::make_mut(&mut self.sources).push(text.clone());
        self.source_bytes += SOURCE_HEAD_BYTES + source.len();
        self.ids.insert(text, id);
        id
    }

    /// Lines in it.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it has no lines.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes that it needs at most in a journal, but for fixed heads.
    pub fn bytes(&self) -> usize {
        self.lines.len() + self.source_bytes
    }

    /// The lines in order.
    pub fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        line::each(&self.lines).map(|line| Record {
            received_ns: line.received_ns,
            source: self.source(line.source),
            line: line.bytes,
        })
    }

    fn source(&self, id: u32) -> &[u8] {
        self.sources.get(id as usize).map_or(&[], |text| text)
    }

    /// How many texts it may register in a segment.
    pub(crate) fn source_count(&self) -> usize {
        self.sources.len()
    }

    /// The lines with what `number` gives for the text of each source, which it is asked once, into `to`.
    pub(crate) fn put_lines(&self, to: &mut Vec<u8>, mut number: impl FnMut(&[u8]) -> u32) {
        let mut known = vec![None; self.sources.len()];
        for line in line::each(&self.lines) {
            let source = *known[line.source as usize]
                .get_or_insert_with(|| number(self.source(line.source)));
            line::put(to, line.received_ns, source, line.bytes);
        }
    }

    /// Lines that were read, whose sources are indices of `sources`.
    pub(crate) fn of_read(lines: Vec<u8>, count: usize, sources: Arc<Vec<Source>>) -> Self {
        let lengths = sources.iter().map(|text| SOURCE_HEAD_BYTES + text.len());
        Batch {
            lines,
            count,
            source_bytes: lengths.sum(),
            sources,
            ids: HashMap::new(),
        }
    }
}
