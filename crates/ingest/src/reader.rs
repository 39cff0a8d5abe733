//! One set read from its oldest line to its newest, in batches of whole lines.

use std::{
    collections::HashSet,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    batch::{Batch, Place, Rewritten},
    envelope::{self, export},
    limits::{BATCH_BYTES, LINE_BYTES_MAX, SKIP_BYTES, SNIFF_BYTES},
    problem::{Problem, ProblemKind, Severity},
    set::{LogFile, LogSet},
    sniff::{self, Kind},
    unpack::{Content, Counters},
};

impl LogSet {
    /// A reader over all lines of the set. It owns what it needs and can go to another thread.
    ///
    /// Any number of readers may read the same set, if [`is_rereadable`](Self::is_rereadable); of the others only
    /// the first gets the lines.
    pub fn reader(&self) -> SetReader {
        SetReader::new(self.files.clone(), Counters::default())
    }

    /// As [`reader`](Self::reader), and adds the bytes read from disk to `total` too, which several readers may
    /// share.
    pub fn reader_counting(&self, total: Arc<AtomicU64>) -> SetReader {
        SetReader::new(
            self.files.clone(),
            Counters {
                shared: Some(total),
                ..Counters::default()
            },
        )
    }
}

/// Reads a [`LogSet`].
pub struct SetReader {
    files: Vec<LogFile>,
    /// Indexes of files that are left to others.
    passed_over: HashSet<usize>,
    next_file: usize,
    open: Option<OpenFile>,
    problems: Vec<Problem>,
    counters: Counters,
    batch_bytes: usize,
}

impl SetReader {
    fn new(files: Vec<LogFile>, counters: Counters) -> Self {
        let problems = Vec::new();
        Self {
            files,
            passed_over: HashSet::new(),
            next_file: 0,
            open: None,
            problems,
            counters,
            batch_bytes: BATCH_BYTES,
        }
    }

    /// Leaves out a file, by its index in [`LogSet::files`], that somebody else reads: nothing of it is read, counted
    /// or reported.
    pub fn pass_over(&mut self, file: usize) {
        self.passed_over.insert(file);
    }

    /// The next lines, or `None` after the last of the last file. `reuse` gives the memory of a batch that is no
    /// longer needed; its content is lost.
    ///
    /// What cannot be read is left out and becomes a [`Problem`].
    pub fn next_batch(&mut self, reuse: Option<Batch>) -> Option<Batch> {
        let mut batch = reuse.unwrap_or_default();
        loop {
            let mut file = match self.open.take() {
                Some(file) => file,
                None if self.next_file == self.files.len() => return None,
                None => match self.open_next() {
                    Some(file) => file,
                    None => continue,
                },
            };
            if file.fill(&mut batch, self.batch_bytes, &mut self.problems) {
                self.open = Some(file);
                return Some(batch);
            }
            self.close(file);
        }
    }

    /// Takes the problems that arose since the last call. Those of a file are complete when a batch of a later
    /// file, or `None`, was given.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Bytes read from disk so far, compressed where the files are; of files that are passed over all bytes count.
    /// May exceed [`LogSet::bytes_on_disk`] if a file grows.
    pub fn bytes_read_on_disk(&self) -> u64 {
        self.counters.own.load(Ordering::Relaxed)
    }

    /// The counter behind [`bytes_read_on_disk`](Self::bytes_read_on_disk), for another thread to look at.
    pub fn progress(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.counters.own)
    }

    fn open_next(&mut self) -> Option<OpenFile> {
        let index = self.next_file;
        self.next_file += 1;
        if self.passed_over.contains(&index) {
            return None;
        }
        let opened_at = self.bytes_read_on_disk();
        let file = &self.files[index];
        let content = match Content::open(file, self.counters.clone()) {
            Ok(content) => content,
            Err(cause) => {
                self.report(
                    index,
                    None,
                    ProblemKind::Unreadable { cause },
                    Severity::Error,
                );
                self.count_rest(index, opened_at);
                return None;
            }
        };
        let mut file = OpenFile {
            index,
            path: file.path.clone(),
            opened_at,
            content,
            kind: Kind::Lines,
            offset: None,
            carry: vec![0; SNIFF_BYTES],
            next_line: 1,
            next_index: 0,
            ended: false,
            torn: false,
            failure: None,
        };
        let mut head = std::mem::take(&mut file.carry);
        let filled = file.read(&mut head);
        head.truncate(filled);
        file.kind = sniff::kind(&head);
        let simple = file.kind == Kind::Lines && file.content.format.is_none();
        file.offset = (simple && !self.files[index].stream).then_some(0);
        file.carry = head;
        if let Kind::Binary(looks_like) = file.kind {
            self.report(
                index,
                None,
                ProblemKind::Binary { looks_like },
                Severity::Error,
            );
            self.count_rest(index, opened_at);
            return None;
        }
        Some(file)
    }

    fn close(&mut self, file: OpenFile) {
        let OpenFile {
            index,
            opened_at,
            content,
            next_line,
            torn,
            failure,
            ..
        } = file;
        let last_line = Some(next_line - 1).filter(|&line| line > 0);
        let newest = index + 1 == self.files.len();
        if let Some(cause) = failure {
            let what = match content.format {
                None => ProblemKind::ReadFailed { cause },
                Some(format) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                    ProblemKind::TruncatedArchive { format, cause }
                }
                Some(format) => ProblemKind::CorruptArchive { format, cause },
            };
            let severity = if last_line.is_some() {
                Severity::Warning
            } else {
                Severity::Error
            };
            self.report(index, last_line, what, severity);
        } else if torn {
            let severity = if newest {
                Severity::Note
            } else {
                Severity::Warning
            };
            self.report(index, last_line, ProblemKind::TornLine, severity);
        }
        self.count_rest(index, opened_at);
    }

    /// Counts what was not read of a file, so that a display of progress comes to its end.
    fn count_rest(&self, index: usize, opened_at: u64) {
        let read = self.bytes_read_on_disk() - opened_at;
        self.counters
            .add(self.files[index].bytes_on_disk.saturating_sub(read));
    }

    fn report(&mut self, index: usize, line: Option<u64>, what: ProblemKind, severity: Severity) {
        let path = self.files[index].path.clone();
        self.problems.push(Problem {
            path,
            line,
            what,
            severity,
        });
    }
}

impl std::fmt::Debug for SetReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetReader")
            .field("files", &self.files)
            .field("next_file", &self.next_file)
            .finish_non_exhaustive()
    }
}

/// The file that is being read.
struct OpenFile {
    index: usize,
    path: PathBuf,
    /// Bytes read on disk, by this reader, before this file.
    opened_at: u64,
    content: Content,
    kind: Kind,
    /// Where on disk the next batch begins, if that can be told.
    offset: Option<u64>,
    /// What was read behind the last whole line.
    carry: Vec<u8>,
    /// Number of the line with which `carry` begins.
    next_line: u64,
    /// How many lines were given out.
    next_index: u64,
    /// The content is at its end, or cannot be read further.
    ended: bool,
    torn: bool,
    failure: Option<io::Error>,
}

impl OpenFile {
    /// Fills a batch with whole lines; `false` if there are no more.
    fn fill(&mut self, batch: &mut Batch, batch_bytes: usize, problems: &mut Vec<Problem>) -> bool {
        let is_filled = self.fill_with_lines(batch, batch_bytes, problems);
        batch.first_index = self.next_index;
        self.next_index += batch.len() as u64;
        is_filled
    }

    fn fill_with_lines(
        &mut self,
        batch: &mut Batch,
        batch_bytes: usize,
        problems: &mut Vec<Problem>,
    ) -> bool {
        batch.clear(self.index, self.next_line);
        let filled = self.load(&mut batch.bytes, batch_bytes);
        if filled == 0 {
            return false;
        }
        let (mut complete, mut wrapped) = self.cut(&batch.bytes[..filled], &mut batch.ends);
        if complete == 0 && filled > LINE_BYTES_MAX {
            self.offset = None;
            self.cut_long_line(batch, filled, problems);
            return true;
        }
        if self.ended && complete < filled {
            wrapped |= batch.bytes[complete] == b'{';
            complete = filled;
            batch.ends.push(filled as u32);
            // The last record of an export may lack its empty line, and is whole all the same.
            self.torn = self.kind != Kind::Export || batch.bytes[filled - 1] != b'\n';
            batch.torn = self.torn;
        }
        if self.next_line == 1 && batch.bytes[..filled].starts_with(BYTE_ORDER_MARK) {
            pass_over_mark(batch);
        }

        let cri = self.kind == Kind::Cri;
        let mut lines = batch.ends.len() as u64;
        if self.kind == Kind::Export {
            lines = envelope::unwrap_records(batch, complete);
        } else if wrapped || cri {
            let kept = envelope::unwrap_lines(batch, complete, cri, !self.ended);
            (complete, lines) = (kept.bytes, kept.lines);
        }
        batch.raw_len = complete;
        batch.offset = self.offset;
        self.offset = self.offset.map(|offset| offset + complete as u64);
        self.carry.extend_from_slice(&batch.bytes[complete..filled]);
        self.next_line += lines;
        true
    }

    /// Reads behind what was carried over until there is a whole line, the greatest line is exceeded or the
    /// content ends. Gives the bytes that are filled; those behind stay, so that they need not be cleared again
    /// for the next read.
    fn load(&mut self, bytes: &mut Vec<u8>, batch_bytes: usize) -> usize {
        let mut filled = self.carry.len();
        let mut room = batch_bytes.max(filled);
        if bytes.len() < room {
            bytes.resize(room, 0);
        }
        bytes[..filled].copy_from_slice(&self.carry);
        self.carry.clear();
        loop {
            filled += self.read(&mut bytes[filled..room]);
            if self.ended || filled > LINE_BYTES_MAX || self.has_end(&bytes[..filled]) {
                return filled;
            }
            // At last one byte more than the greatest line: its newline fits, and no longer line does.
            room = (room * 2).min(LINE_BYTES_MAX + 1);
            if bytes.len() < room {
                bytes.resize(room, 0);
            }
        }
    }

    fn read(&mut self, into: &mut [u8]) -> usize {
        if self.ended || into.is_empty() {
            return 0;
        }
        let (filled, result) = self.content.fill(into);
        self.ended = filled < into.len();
        self.failure = result.err();
        filled
    }

    fn has_end(&self, bytes: &[u8]) -> bool {
        match self.kind {
            Kind::Export => export::Scan::default().end(bytes).is_some(),
            Kind::Lines | Kind::Cri | Kind::Binary(_) => memchr::memchr(b'\n', bytes).is_some(),
        }
    }

    /// Finds the ends of all whole lines. Gives the bytes that they take with their newlines, and whether one of
    /// them may be JSON.
    fn cut(&self, bytes: &[u8], ends: &mut Vec<u32>) -> (usize, bool) {
        let mut start = 0;
        if self.kind == Kind::Export {
            while let Some(length) = export::Scan::default().end(&bytes[start..]) {
                ends.push((start + length) as u32);
                start += length + 1;
            }
            return (start, false);
        }
        let mut wrapped = false;
        for end in memchr::memchr_iter(b'\n', bytes) {
            wrapped |= bytes[start] == b'{';
            ends.push(end as u32);
            start = end + 1;
        }
        (start, wrapped)
    }

    /// Makes a batch of the beginning of a line that is too long, passes over the rest of it and reports it.
    fn cut_long_line(&mut self, batch: &mut Batch, filled: usize, problems: &mut Vec<Problem>) {
        let mut scan = export::Scan::default();
        if self.kind == Kind::Export {
            // To have its place in the record; that it does not end here is known.
            scan.end(&batch.bytes[..filled]);
        }
        let mut dropped = filled - LINE_BYTES_MAX;
        let mut newlines = 0;
        let mut chunk = vec![0; SKIP_BYTES];
        loop {
            let read = self.read(&mut chunk);
            if read == 0 {
                batch.torn = true;
                self.torn = true;
                break;
            }
            let end = match self.kind {
                Kind::Export => scan.end(&chunk[..read]),
                Kind::Lines | Kind::Cri | Kind::Binary(_) => memchr::memchr(b'\n', &chunk[..read]),
            };
            let taken = end.map_or(read, |end| end + 1);
            newlines += memchr::memchr_iter(b'\n', &chunk[..taken]).count() as u64;
            dropped += end.unwrap_or(read);
            if end.is_some() {
                self.carry.extend_from_slice(&chunk[taken..read]);
                break;
            }
        }
        let what = ProblemKind::LineTooLong {
            bytes: (LINE_BYTES_MAX + dropped) as u64,
        };
        let (line, severity) = (Some(self.next_line), Severity::Warning);
        problems.push(Problem {
            path: self.path.clone(),
            line,
            what,
            severity,
        });

        batch.ends.push(LINE_BYTES_MAX as u32);
        batch.raw_len = LINE_BYTES_MAX;
        if self.kind == Kind::Export {
            newlines +=
                memchr::memchr_iter(b'\n', &batch.bytes[LINE_BYTES_MAX..filled]).count() as u64;
            self.next_line += envelope::unwrap_records(batch, LINE_BYTES_MAX) + newlines;
        } else {
            self.next_line += 1;
        }
    }
}

/// What Windows programs put before UTF-8 text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn pass_over_mark(batch: &mut Batch) {
    let first = &batch.bytes[..batch.ends[0] as usize];
    let end = first.strip_suffix(b"\r").unwrap_or(first).len() as u32;
    let place = Place::Raw {
        start: BYTE_ORDER_MARK.len() as u32,
        end,
    };
    batch.rewritten.push(Rewritten { line: 0, place });
}

#[cfg(test)]
mod tests;
