//! Writes the lines of a file's rows.

use crate::hole::{TEXT, fill};
use crate::limits::{LINE_BYTES_SPLIT_MAX, ZSTD_LEVEL};
use crate::rows::{Line, Rows};
use crate::split::{Parts, Splitter};
use crate::streams;
use crate::template::{self, NO_STAMP, Templates};
use crate::{Error, varint};
use zstd::bulk::Compressor;

/// Writes the lines of one file: rows into blocks, and the templates of all of them into the
/// dictionary.
pub struct Encoder {
    splitter: Splitter,
    templates: Templates,
    rows: Rows,
    counts: Counts,
    compressor: Compressor<'static>,
    rebuilt: Vec<u8>,
    template: Vec<u8>,
}

/// What an encoder has taken and given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows taken.
    pub rows: u64,
    /// Lines taken.
    pub lines: u64,
    /// Their bytes.
    pub line_bytes: u64,
    /// Lines that are kept as they are, since they are too long or what was rebuilt was not equal.
    pub lines_whole: u64,
    /// Lines whose template is not in the dictionary but with its block; those kept whole are among
    /// them.
    pub lines_rare: u64,
    /// Bytes of all blocks that were ended.
    pub block_bytes: u64,
}

impl Default for Encoder {
    fn default() -> Self {
        Encoder::new()
    }
}

impl Encoder {
    /// Begins a file.
    pub fn new() -> Self {
        Encoder::with_level(ZSTD_LEVEL)
    }

    /// Begins a file whose streams are packed by this level of zstd, 1 to 22: what each costs and
    /// saves is told at the top of this crate.
    pub fn with_level(level: i32) -> Self {
        Encoder {
            splitter: Splitter::new(),
            templates: Templates::default(),
            rows: Rows::default(),
            counts: Counts::default(),
            compressor: streams::compressor(level),
            rebuilt: Vec::new(),
            template: Vec::new(),
        }
    }

    /// Adds a row: its time, the texts of its columns by slot, and its lines, each with its time.
    ///
    /// Times are nanoseconds since 1970 in UTC; a line's time comes back exactly, whatever it is.
    /// The row's time and texts must be those that [`Block::lines`](crate::Block::lines) will be
    /// given: as read back, so in the precision of its column. An empty text is an absent one. A
    /// slot means the same column in all rows of a file; only the first 4,096 are looked at. A line
    /// may have any bytes and any length.
    pub fn row<'a>(
        &mut self,
        at: i64,
        known: &[&[u8]],
        lines: impl IntoIterator<Item = (i64, &'a [u8])>,
    ) {
        self.splitter.known.set(known);
        for (time, line) in lines {
            self.line(time, known, line);
        }
        self.rows.end_row(at);
        self.counts.rows += 1;
    }

    fn line(&mut self, time: i64, known: &[&[u8]], line: &[u8]) {
        self.counts.lines += 1;
        self.counts.line_bytes += line.len() as u64;
        let first_hole = self.rows.holes.len();
        let first_text = self.rows.texts.len();
        self.template.clear();
        if line.len() <= LINE_BYTES_SPLIT_MAX {
            let mut parts = Parts {
                template: &mut self.template,
                holes: &mut self.rows.holes,
                texts: &mut self.rows.texts,
            };
            self.splitter.split(line, time, known, &mut parts);
        }
        if !self.is_rebuilt(time, known, line, first_hole) {
            self.counts.lines_whole += 1;
            self.rows.holes.truncate(first_hole);
            self.rows.texts.truncate(first_text);
            self.template.clear();
            self.template.push(NO_STAMP);
            varint::put_bytes(line, &mut self.template);
        }
        let template = self.rows.template(&self.template, &self.templates);
        self.rows.lines.push(Line {
            template,
            first_hole,
            time,
        });
    }

    /// Whether the parts give the line again.
    fn is_rebuilt(&mut self, time: i64, known: &[&[u8]], line: &[u8], first_hole: usize) -> bool {
        let mut holes = self.rows.holes[first_hole..].iter();
        let texts = &self.rows.texts;
        let sources = &self.splitter.sources;
        self.rebuilt.clear();
        let done = template::render(&self.template, time, &mut self.rebuilt, |out| {
            let hole = holes.next().ok_or(Error::Damaged)?;
            if hole.kind == TEXT {
                out.extend_from_slice(&texts[hole.value as usize..][..hole.len as usize]);
                return Ok(());
            }
            fill(hole.kind, hole.value, sources, known, out)
        });
        done.is_ok() && self.rebuilt == line
    }

    /// Ends the block of the rows added since the last one: its bytes, for [`Decoder::block`].
    ///
    /// Until then its lines are in memory, so it should be ended after some thousand rows or some
    /// hundred megabytes of lines. One without rows is a block too.
    ///
    /// [`Decoder::block`]: crate::Decoder::block
    pub fn finish_block(&mut self) -> Vec<u8> {
        let streams = self
            .rows
            .streams(&mut self.templates, &self.splitter.sources);
        let packed = streams::pack(&streams, &mut self.compressor);
        self.counts.lines_rare += self.rows.lines_rare();
        self.counts.block_bytes += packed.len() as u64;
        self.rows.clear();
        packed
    }

    /// The dictionary of all blocks, for [`Decoder::open`].
    ///
    /// [`Decoder::open`]: crate::Decoder::open
    pub fn finish(mut self) -> Vec<u8> {
        let mut streams = [const { Vec::new() }; streams::IN_DICTIONARY];
        let sources = &self.splitter.sources;
        sources.put(sources.len(), &mut streams[0]);
        for template in self.templates.iter() {
            varint::put_bytes(template, &mut streams[1]);
        }
        streams::pack(&streams, &mut self.compressor)
    }

    /// What was taken and given by now.
    pub fn counts(&self) -> Counts {
        self.counts
    }
}
