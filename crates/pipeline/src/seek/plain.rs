//! The search through a whole plain file: threads read it in chunks side by side, and nobody cuts it
//! into lines.
//!
//! A line belongs to the chunk in which it begins; the rest of it is read with that chunk. So each
//! chunk is searched as whole lines, and a text on the border of two is found once. Line ends are
//! counted while the chunk is in the cache: what line a hit is comes out when all chunks are counted.
//!
//! A file that turns out not to be so plain is given up, and left to the ordinary reader: lines that
//! may be JSON, lines too long, a file that shrinks or cannot be read.

use super::Hit;
use super::piece::Piece;
use super::texts::Texts;
use crate::Place;
use ingest::{LINE_BYTES_MAX, LogSet, Problem, ProblemKind, Severity};
use memchr::{memchr, memchr_iter};
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes that a thread reads at once: they stay in its second-level cache while they are searched.
pub(super) const CHUNK_BYTES: u64 = 256 << 10;
/// Smaller files are not worth threads of their own.
pub(super) const FILE_BYTES_MIN: u64 = 4 << 20;
/// Bytes read behind a chunk at first, for the rest of its last line.
const BEHIND_BYTES: u64 = 4 << 10;
/// Bytes read behind a chunk at the most. With those of the chunk no line is longer than may be.
const BEHIND_BYTES_MAX: u64 = (LINE_BYTES_MAX / 2) as u64;

const _: () = assert!(CHUNK_BYTES <= (LINE_BYTES_MAX / 2) as u64);

/// How a file is gone through.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) workers: usize,
    pub(super) chunk_bytes: u64,
    /// Counts bytes read.
    pub(super) progress: &'a AtomicU64,
}

/// What was found in a file.
pub(super) struct Searched {
    pub(super) hits: Vec<Hit>,
    pub(super) problem: Option<Problem>,
}

/// The large plain files of sets, by index of set and file.
pub(super) fn files(sets: &[LogSet]) -> Vec<(usize, usize)> {
    let all = sets.iter().enumerate().flat_map(|(at, set)| {
        let files = set.files.iter().enumerate();
        files.map(move |(index, file)| ((at, index), file))
    });
    all.filter(|(_, file)| file.bytes_on_disk >= FILE_BYTES_MIN && file.is_plain_lines())
        .map(|(at, _)| at)
        .collect()
}

/// The lines of a plain file that hold one of the texts; `None` if the file is not so plain.
pub(super) fn search(
    sets: &[LogSet],
    (set, file): (usize, usize),
    texts: &Texts,
    reading: Reading<'_>,
) -> Option<Searched> {
    let path = &sets[set].files[file].path;
    let counted = AtomicU64::new(0);
    let Some(chunks) = search_chunks(path, texts, reading, &counted) else {
        reading.progress.fetch_sub(counted.into_inner(), Relaxed);
        return None;
    };
    // Not always the last chunk: the line may have begun before.
    let torn = chunks.iter().any(|chunk| chunk.torn);
    let mut hits = Vec::new();
    let mut lines = 0;
    for chunk in chunks {
        hits.extend(chunk.hits.into_iter().map(|mut hit| {
            let line = hit.place.line + lines;
            hit.place = Place { set, file, line };
            hit
        }));
        lines += chunk.lines;
    }
    let problem = torn.then(|| Problem {
        path: path.clone(),
        line: Some(lines),
        what: ProblemKind::TornLine,
        severity: match file + 1 == sets[set].files.len() {
            true => Severity::Note,
            false => Severity::Warning,
        },
    });
    Some(Searched { hits, problem })
}

/// The lines that begin in a piece of the file.
struct Chunk {
    index: u64,
    lines: u64,
    /// The last line ends with the file.
    torn: bool,
    /// Their lines are counted from the first of the chunk, which is 1.
    hits: Vec<Hit>,
}

/// All chunks of a file, in order.
fn search_chunks(
    path: &std::path::Path,
    texts: &Texts,
    reading: Reading<'_>,
    counted: &AtomicU64,
) -> Option<Vec<Chunk>> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let count = length.div_ceil(reading.chunk_bytes);
    let next = AtomicU64::new(0);
    let work = || {
        let mut buffer = Vec::new();
        let mut chunks = Vec::new();
        loop {
            let index = next.fetch_add(1, Relaxed);
            if index >= count {
                return Some(chunks);
            }
            let from = index * reading.chunk_bytes;
            let range = from..(from + reading.chunk_bytes).min(length);
            let bytes = range.end - range.start;
            let Some(chunk) = search_chunk(&file, range, length, texts, &mut buffer) else {
                next.store(count, Relaxed);
                return None;
            };
            chunks.push(Chunk { index, ..chunk });
            counted.fetch_add(bytes, Relaxed);
            reading.progress.fetch_add(bytes, Relaxed);
        }
    };
    let mut chunks = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..reading.workers.max(1))
            .map(|_| scope.spawn(work))
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, Option<Vec<Chunk>>>| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let all: Option<Vec<Vec<Chunk>>> = threads.into_iter().map(join).collect();
        Some(all?.into_iter().flatten().collect::<Vec<_>>())
    })?;
    chunks.sort_unstable_by_key(|chunk| chunk.index);
    Some(chunks)
}

fn search_chunk(
    file: &File,
    range: Range<u64>,
    length: u64,
    texts: &Texts,
    buffer: &mut Vec<u8>,
) -> Option<Chunk> {
    let (offset, bytes) = read_lines(file, range, length, buffer)?;
    let first = Place {
        set: 0,
        file: 0,
        line: 1,
    };
    let piece = Piece {
        first,
        offset,
        bytes,
    };
    let mut hits = Vec::new();
    piece.find(texts, &mut hits);
    let may_be_json = hits.iter().any(|hit| hit.raw.starts_with(b"{"));
    let torn = bytes.last().is_some_and(|&last| last != b'\n');
    (!may_be_json).then_some(Chunk {
        index: 0,
        lines: memchr_iter(b'\n', bytes).count() as u64 + u64::from(torn),
        torn,
        hits,
    })
}

/// The lines that begin within a range of the file, and where the first does.
fn read_lines<'b>(
    file: &File,
    range: Range<u64>,
    length: u64,
    buffer: &'b mut Vec<u8>,
) -> Option<(u64, &'b [u8])> {
    // From the byte before on, which tells whether a line begins with the range.
    let start = range.start.saturating_sub(1);
    let last = usize::try_from(range.end - 1 - start).ok()?;
    let mut behind = BEHIND_BYTES;
    let mut filled = 0;
    let end = loop {
        let until = (range.end + behind).min(length);
        let wanted = usize::try_from(until - start).ok()?;
        buffer.resize(buffer.len().max(wanted), 0);
        file.read_exact_at(&mut buffer[filled..wanted], start + filled as u64)
            .ok()?;
        filled = wanted;
        if let Some(end) = memchr(b'\n', &buffer[last..filled]) {
            break last + end + 1;
        }
        if until == length {
            break filled;
        }
        behind *= 2;
        if behind > BEHIND_BYTES_MAX {
            return None;
        }
    };
    let begin = match range.start {
        0 => 0,
        _ => memchr(b'\n', &buffer[..end]).map_or(end, |before| before + 1),
    };
    Some((start + begin as u64, &buffer[begin..end]))
}

#[cfg(test)]
mod tests;
