//! A block of whole lines, cut but not copied.

use std::iter::FusedIterator;

/// Holds some [`BATCH_BYTES`](crate::BATCH_BYTES) of whole lines of one file.
///
/// Hand it back to [`SetReader::next_batch`](crate::SetReader::next_batch) when done: its memory is used again.
#[derive(Debug, Default)]
pub struct Batch {
    /// Which file of the set, as index into [`LogSet::files`](crate::LogSet::files).
    pub file: usize,
    /// Number of the first line in its file, 1-based.
    pub first_line: u64,
    /// How many lines of the file are in batches before this one; as `first_line`, but a record of several lines
    /// counts once.
    pub first_index: u64,
    /// Where the batch begins in the file on disk, in bytes; `None` if the file is packed or a stream, or its lines
    /// are not simply one behind the other.
    pub offset: Option<u64>,
    /// The last line ends with the file and not with a newline.
    pub torn: bool,
    /// Bytes of the file, of which the first `raw_len` are this batch's; behind them lies room for the next read.
    pub(crate) bytes: Vec<u8>,
    pub(crate) raw_len: usize,
    /// Where each line ends in `bytes`, its newline excluded; it begins one after the end of the former.
    pub(crate) ends: Vec<u32>,
    /// Number of each line; empty if they follow on `first_line` without a gap.
    pub(crate) numbers: Vec<u64>,
    /// Canonical text of lines that were wrapped.
    pub(crate) text: Vec<u8>,
    /// The lines whose readable bytes are not their raw bytes, in order.
    pub(crate) rewritten: Vec<Rewritten>,
}

#[derive(Debug)]
pub(crate) struct Rewritten {
    /// Index in `Batch::ends`.
    pub(crate) line: u32,
    pub(crate) place: Place,
}

#[derive(Debug)]
pub(crate) enum Place {
    /// A part of the raw bytes.
    Raw { start: u32, end: u32 },
    /// In `Batch::text`.
    Text { start: u32, end: u32 },
}

/// One line, as it was and as it is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawLine<'a> {
    /// Number in its file, 1-based; of a record of several lines the number of the first.
    pub number: u64,
    /// The original bytes without the final newline; a carriage return is kept, a record of journald's export
    /// format keeps the newlines of all its fields.
    pub raw: &'a [u8],
    /// What a parser reads: `raw` without carriage return, or the canonical form of a line that was wrapped by
    /// journald, Docker or a Kubernetes runtime.
    pub readable: &'a [u8],
}

impl Batch {
    /// Number of lines.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Tells whether there is no line; never so for a batch that a reader gave.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All lines in order.
    pub fn lines(&self) -> Lines<'_> {
        Lines {
            batch: self,
            next: 0,
            start: 0,
            rewritten: &self.rewritten,
        }
    }

    /// The line with this index, counted from 0.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    pub fn line(&self, index: usize) -> RawLine<'_> {
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1] as usize + 1,
        };
        let place = self
            .rewritten
            .binary_search_by_key(&index, |rewritten| rewritten.line as usize)
            .ok()
            .map(|at| &self.rewritten[at].place);
        self.assemble(index, start, place)
    }

    /// The number and the original bytes of the line with this index, counted from 0; less work than
    /// [`line`](Self::line), for it does not look at the bytes.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[inline]
    pub fn original(&self, index: usize) -> (u64, &[u8]) {
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize + 1);
        let number = self.numbers.get(index).copied();
        let number = number.unwrap_or(self.first_line + index as u64);
        (number, &self.bytes[start..self.ends[index] as usize])
    }

    /// The bytes of all lines with their newlines, exactly as in the (unpacked) file; only of a line longer than
    /// [`LINE_BYTES_MAX`](crate::LINE_BYTES_MAX) the end is missing, with its newline.
    pub fn raw_bytes(&self) -> &[u8] {
        &self.bytes[..self.raw_len]
    }

    /// Index of the line that holds the byte at `offset` of [`raw_bytes`](Self::raw_bytes); a newline belongs to
    /// the line that it ends. An offset beyond the block gives the last line.
    pub fn line_at(&self, offset: usize) -> usize {
        let index = self.ends.partition_point(|&end| (end as usize) < offset);
        index.min(self.ends.len().saturating_sub(1))
    }

    pub(crate) fn clear(&mut self, file: usize, first_line: u64) {
        self.file = file;
        self.first_line = first_line;
        self.offset = None;
        self.torn = false;
        self.raw_len = 0;
        self.ends.clear();
        self.numbers.clear();
        self.text.clear();
        self.rewritten.clear();
    }

    #[inline]
    fn assemble(&self, index: usize, start: usize, place: Option<&Place>) -> RawLine<'_> {
        let raw = &self.bytes[start..self.ends[index] as usize];
        let readable = match place {
            None => raw.strip_suffix(b"\r").unwrap_or(raw),
            Some(&Place::Raw { start, end }) => &self.bytes[start as usize..end as usize],
            Some(&Place::Text { start, end }) => &self.text[start as usize..end as usize],
        };
        let number = match self.numbers.get(index) {
            Some(&number) => number,
            None => self.first_line + index as u64,
        };
        RawLine {
            number,
            raw,
            readable,
        }
    }
}

/// The lines of a [`Batch`], in order.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    batch: &'a Batch,
    next: usize,
    start: usize,
    rewritten: &'a [Rewritten],
}

impl<'a> Iterator for Lines<'a> {
    type Item = RawLine<'a>;

    #[inline]
    fn next(&mut self) -> Option<RawLine<'a>> {
        let index = self.next;
        let end = *self.batch.ends.get(index)? as usize;
        let place = match self.rewritten {
            [first, rest @ ..] if first.line as usize == index => {
                self.rewritten = rest;
                Some(&first.place)
            }
            _ => None,
        };
        let line = self.batch.assemble(index, self.start, place);
        self.next = index + 1;
        self.start = end + 1;
        Some(line)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.batch.ends.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Lines<'_> {}
impl FusedIterator for Lines<'_> {}

impl<'a> IntoIterator for &'a Batch {
    type Item = RawLine<'a>;
    type IntoIter = Lines<'a>;

    fn into_iter(self) -> Lines<'a> {
        self.lines()
    }
}
