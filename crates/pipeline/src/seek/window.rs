//! The surroundings of the lines found first, read once and kept while passes go over them.

use super::Hit;
use super::piece::Piece;
use crate::Place;
use ingest::LogSet;
use memchr::{memchr, memchr_iter, memrchr};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// How far around a line to read: many minutes of a busy log.
const AROUND_BYTES: u64 = 8 << 20;
/// More than this is not kept in memory; then everything is gone through again.
const WINDOWS_BYTES_MAX: u64 = 192 << 20;

/// A piece of a plain file, of whole lines.
pub(super) struct Window {
    file: usize,
    /// Number of the first line in the file.
    first_line: u64,
    /// Where it begins in the file.
    offset: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Its lines, as those of a set.
    pub(super) fn piece(&self, set: usize) -> Piece<'_> {
        Piece {
            first: Place {
                set,
                file: self.file,
                line: self.first_line,
            },
            offset: self.offset,
            bytes: &self.bytes,
        }
    }
}

/// The windows around hits, of each set that has hits; `None` where they would be too large, or
/// where the lines are not simply in a file.
pub(super) fn around(sets: &[LogSet], hits: &[Hit]) -> Option<Vec<Option<Vec<Window>>>> {
    let mut places: Vec<(usize, usize, u64, u64)> = hits
        .iter()
        .map(|hit| Some((hit.place.set, hit.place.file, hit.offset?, hit.place.line)))
        .collect::<Option<_>>()?;
    places.sort_unstable();
    let mut windows: Vec<Option<Vec<Window>>> = sets.iter().map(|_| None).collect();
    let mut left = WINDOWS_BYTES_MAX;
    let mut rest = &places[..];
    while let Some(&(set, file, first, line)) = rest.first() {
        let near = |pair: &[(usize, usize, u64, u64)]| {
            pair[0].0 == pair[1].0
                && pair[0].1 == pair[1].1
                && pair[1].2 - pair[0].2 <= 2 * AROUND_BYTES
        };
        let count = 1 + rest.windows(2).take_while(|pair| near(pair)).count();
        let last = rest[count - 1].2;
        left = left.checked_sub(last - first + 2 * AROUND_BYTES)?;
        let window = read(&sets[set].files[file].path, file, first, last, line)?;
        windows[set].get_or_insert_default().push(window);
        rest = &rest[count..];
    }
    Some(windows)
}

/// Reads from before `first` to behind `last`; the byte at `first` is in the line of that number.
fn read(path: &std::path::Path, file: usize, first: u64, last: u64, line: u64) -> Option<Window> {
    let from = first.saturating_sub(AROUND_BYTES);
    let mut opened = File::open(path).ok()?;
    opened.seek(SeekFrom::Start(from)).ok()?;
    let mut bytes = Vec::new();
    opened
        .take(last + AROUND_BYTES - from)
        .read_to_end(&mut bytes)
        .ok()?;
    let skipped = if from == 0 {
        0
    } else {
        memchr(b'\n', &bytes)? + 1
    };
    bytes.drain(..skipped);
    let end = memrchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1);
    // What is behind the last line end belongs to a line that goes on, unless the file ends here.
    if last + AROUND_BYTES < path.metadata().ok()?.len() {
        bytes.truncate(end);
    }
    let offset = from + skipped as u64;
    let before = bytes.get(..usize::try_from(first.checked_sub(offset)?).ok()?)?;
    let first_line = line.checked_sub(memchr_iter(b'\n', before).count() as u64)?;
    Some(Window {
        file,
        first_line,
        offset,
        bytes,
    })
}
